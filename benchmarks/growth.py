"""How the area engine grows: ``python benchmarks/growth.py WORKSPACE...``, smallest first.

In a copy of each workspace (hard links, gone afterwards) and a process of its own: the measure
index of land use built from the snapshot; then usual questions cold (the index is there, nothing
else that was prepared), and in another process warm (what a publication prepares is there).
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from watched import own_peak_mb

from geoapp.bootstrap import Workspace
from geoapp.catalog.snapshot import FEATURES
from geoapp.overlay.index import INDEX_FILE, build_index
from geoapp.overlay.result import Level
from geoapp.overlay.warming import warm_up

LAYER: Final = "landuse"
# name: (units, class field, inside)
QUESTIONS: Final[dict[str, tuple[Level, str, str]]] = {
    "townships": ("township", "", ""),
    "villages x classes": ("village", "dlbm", ""),
    "in redline x districts": ("district", "", "ecological_redline"),
    "in farmland x villages x classes": ("village", "dlbm", "permanent_farmland"),
}


def main() -> None:
    """Print the table, or do one part of it."""
    if sys.argv[1] in PARTS:
        PARTS[sys.argv[1]](Path(sys.argv[2]))
        return
    names = " ".join(f"{name + ' cold/warm s':>38}" for name in QUESTIONS)
    print(f"{'parcels':>9} {'index s':>8} {'MB':>6} {'index GB':>9} {names} {'MB':>6}")
    for place in sys.argv[1:]:
        print_line(Path(place))


def print_line(place: Path) -> None:
    """Measure one workspace and print it."""
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        copy = Path(folder) / "city"
        shutil.copytree(place, copy, copy_function=_link)
        told = [run(part, copy) for part in ("warm", "index", "cold")]
    warm, index, cold = told
    times = " ".join(
        f"{cold['seconds'][name]:>28.2f} / {warm['seconds'][name]:<7.2f}" for name in QUESTIONS
    )
    print(
        f"{index['parcels']:>9} {index['seconds']:>8.2f} {index['peak_mb']:>6.0f}"
        f" {index['bytes'] / 1e9:>9.3f} {times} {cold['peak_mb']:>6.0f}",
        flush=True,
    )


def run(part: str, copy: Path) -> dict:
    """Do a part in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, part, str(copy)], check=True, capture_output=True, text=True
    )
    answer: dict = json.loads(done.stdout.splitlines()[-1])
    return answer


def index(copy: Path) -> None:
    """Build the index again; leave nothing else that was prepared."""
    workspace = Workspace.open(copy)
    snapshot = workspace.snapshot(LAYER)
    warm_up()
    for derived in (copy / "layers").glob("*/*/measure"):
        for file in derived.iterdir():
            if file.name != INDEX_FILE:
                file.unlink()
    folder = Path(tempfile.mkdtemp(dir=copy))
    start = time.perf_counter()
    build_index(snapshot.folder / FEATURES, folder, workspace.city.crs)
    seconds = time.perf_counter() - start
    size = (folder / INDEX_FILE).stat().st_size
    count = snapshot.manifest.feature_count
    print(
        json.dumps({"parcels": count, "seconds": seconds, "bytes": size, "peak_mb": own_peak_mb()})
    )


def ask(copy: Path) -> None:
    """Ask every question once."""
    warm_up()
    workspace = Workspace.open(copy)
    workspace.stats("district", by="city")  # opens the register and the first units
    seconds = {}
    for name, (by, class_field, inside) in QUESTIONS.items():
        start = time.perf_counter()
        workspace.stats(LAYER, by=by, class_field=class_field, inside=inside)
        seconds[name] = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_mb": own_peak_mb()}))


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


PARTS: Final = {"index": index, "cold": ask, "warm": ask}

if __name__ == "__main__":
    main()
