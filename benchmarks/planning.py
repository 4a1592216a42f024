"""Time what a planner asks of a workspace that exists: first answer, and the same again.

``python benchmarks/planning.py WORKSPACE [QUESTION ...]``: wall time and peak memory of each.
Answers that a page keeps are forgotten in between, tables derived from a snapshot stay; the third
column is what a page asks again at every touch, with the kept answers.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from watched import own_peak_mb

from geoapp.bootstrap import Workspace

Ask = Callable[[Workspace], object]
QUESTIONS: dict[str, Ask] = {
    "conflicts, three lines, townships": lambda w: w.conflicts(by="township"),
    "ledger, townships": lambda w: w.farmland_ledger(by="township"),
    "report": lambda w: w.reconcile(),
    "behind cultivated land": lambda w: w.behind("S14-cultivated"),
    "behind permanent farmland of a district": lambda w: w.behind("S4-farmland", unit="430802"),
    "behind the net change of cultivated land": lambda w: w.behind("S14-net"),
    "fire cover 30 min, districts": lambda w: w.fire_cover(30),
    "fire cover 60 min, townships": lambda w: w.fire_cover(60, by="township"),
    "slope, townships": lambda w: w.slope(by="township"),
    "slope, villages of a district": lambda w: w.slope(by="village", within="430802"),
    "targets": lambda w: w.targets.show("district"),
    "brightness by township": lambda w: w.zonal(_image(w), by="township"),
    "parcels whose brightness changed": lambda w: w.zonal_parcels(*_two_images(w)),
    "inspection of land use, districts": lambda w: w.inspect_layers(["landuse"]),
    "inspection of farmland, districts": lambda w: w.inspect_layers(["permanent_farmland"]),
}


def _image(workspace: Workspace) -> str:
    rasters = workspace.rasters.catalogue().rasters
    return next(name for name, one in rasters.items() if one.kind == "imagery")


def _two_images(workspace: Workspace) -> tuple[str, str]:
    rasters = workspace.rasters.catalogue().rasters
    later, earlier = [name for name, one in rasters.items() if one.kind == "imagery"][:2]
    return later, earlier


def main() -> None:
    """Print the table."""
    workspace = Workspace.open(Path(sys.argv[1]))
    wanted = sys.argv[2:]
    print(f"{'question':<44}{'first s':>9}{'again s':>9}{'kept s':>9}{'peak MB':>9}")
    for name, ask in QUESTIONS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        times = []
        for keep in (False, False, True):
            if not keep:
                workspace._answers.clear()  # noqa: SLF001
                workspace._comparer.forget()  # noqa: SLF001
            start = time.perf_counter()
            ask(workspace)
            times.append(time.perf_counter() - start)
        told = "".join(f"{seconds:>9.2f}" for seconds in times)
        print(f"{name:<44}{told}{own_peak_mb():>9.0f}", flush=True)


if __name__ == "__main__":
    main()
