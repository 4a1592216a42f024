"""Import a million parcels: write the land use of a workspace as an office would, and stage it.

python -m importing write WORKSPACE FILE.gpkg     the land use in plane metres with zone prefix
python -m importing stage WORKSPACE FILE.gpkg     stage it and throw it away; time by step, memory
python -m importing publish WORKSPACE FILE.gpkg   stage and publish it, with tiles
"""

import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Final

import pyogrio

from geoapp.bootstrap import Workspace

LAYER: Final = "landuse"


def write(folder: Path, file: Path) -> None:
    """Write the current land use as a GeoPackage."""
    workspace = Workspace.open(folder)
    frame = workspace.layer(LAYER).to_crs(4488 + workspace.city.zone)
    pyogrio.write_dataframe(frame.drop(columns="bbox", errors="ignore"), file)


class Watch:
    """Tells when each step began, and how much memory of its own the process took by then."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()
        self._stage, self.peak_gb = "", 0.0
        threading.Thread(target=self._sample, daemon=True).start()

    def report(self, stage: str, _fraction: float) -> None:
        """Print a line when a step begins."""
        if stage != self._stage:
            wall, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
            print(f"{wall:7.1f} s  cpu {cpu:7.1f} s  peak {self.peak_gb:5.2f} GB  {stage}")
            self._stage = stage

    def _sample(self) -> None:
        while True:
            for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
                if line.startswith("RssAnon"):
                    self.peak_gb = max(self.peak_gb, int(line.split()[1]) * 1024 / 1e9)
            time.sleep(0.1)


def run(folder: Path, file: Path, *, publish: bool) -> None:
    """Stage a file, and publish or discard it."""
    workspace, watch = Workspace.open(folder), Watch()
    options = {"as_of": date(2030, 1, 1), "covers": ("all",)}
    staged = workspace.stage_import(LAYER, file, progress=watch.report, **options)
    watch.report("staged", 1.0)
    print(staged.report.feature_count, "features;", staged.report.problem_counts or "no findings")
    if publish:
        print(workspace.publish_import(staged.id, progress=watch.report).snapshot)
        watch.report("published", 1.0)
    else:
        workspace.discard_import(staged.id)


if __name__ == "__main__":
    what, place, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if what == "write":
        write(place, path)
    else:
        run(place, path, publish=what == "publish")
