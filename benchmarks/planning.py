"""Time what a planner asks of a workspace that exists: first answer, and the same again.

``python benchmarks/planning.py WORKSPACE [QUESTION ...]``: wall time and peak memory of each.
Answers that a page keeps are forgotten in between; tables derived from a snapshot stay.
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
    "inspection of land use, districts": lambda w: w.inspect_layers(["landuse"]),
    "inspection of farmland, districts": lambda w: w.inspect_layers(["permanent_farmland"]),
}


def _image(workspace: Workspace) -> str:
    rasters = workspace.rasters.catalogue().rasters
    return next(name for name, one in rasters.items() if one.kind == "imagery")


def main() -> None:
    """Print the table."""
    workspace = Workspace.open(Path(sys.argv[1]))
    wanted = sys.argv[2:]
    print(f"{'question':<44}{'first s':>9}{'again s':>9}{'peak MB':>9}")
    for name, ask in QUESTIONS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        times = []
        for _ in range(2):
            for kept in (workspace._answers, workspace._covers):  # noqa: SLF001
                kept.clear()
            start = time.perf_counter()
            ask(workspace)
            times.append(time.perf_counter() - start)
        print(f"{name:<44}{times[0]:>9.2f}{times[1]:>9.2f}{own_peak_mb():>9.0f}", flush=True)


if __name__ == "__main__":
    main()
