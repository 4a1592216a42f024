"""Time statistics on the cores of this machine and by worker processes, and compare the bits.

    python benchmarks/scale_out.py WORKSPACE [WORKERS]

Figures that the workspace keeps are dropped before each run, so work on a copy
(``cp -al WORKSPACE COPY``); zones and the measure index are kept.
"""

import sys
import time

import distributed

from geoapp.bootstrap import Workspace
from geoapp.overlay.result import StatsRequest
from geoapp.overlay.scale_out import Cluster
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.workers import THREADS, Pool

QUESTIONS = (
    StatsRequest("landuse", by="village", class_field="dlbm"),
    StatsRequest("landuse", by="village", class_field="dlbm", inside="permanent_farmland"),
)
RUNS = 3


def main() -> None:
    """Print the table."""
    workspace = Workspace.open(sys.argv[1])
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    for request in QUESTIONS:  # prepares zones
        answer(workspace, request, THREADS)
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as machines:
        cluster = Cluster(machines.scheduler_address)
        print(f"{'question':50} {'threads s':>10} {f'{workers} workers s':>12}  same bits")
        for request in QUESTIONS:
            here = [answer(workspace, request, THREADS) for _ in range(RUNS)]
            there = [answer(workspace, request, cluster) for _ in range(RUNS)]
            name = " x ".join(
                filter(None, (request.layer, request.inside, request.by, request.class_field))
            )
            same = len({figures for _, figures in here + there}) == 1
            print(f"{name:50} {min(here)[0]:10.2f} {min(there)[0]:12.2f}  {same}")
        print("tasks by worker:", sorted(cluster.done.values()))
        cluster.close()


def answer(workspace: Workspace, request: StatsRequest, pool: Pool) -> tuple[float, str]:
    """Answer as a new process would; give seconds and all figures."""
    for kept in (workspace.folder / "layers").glob("*/*/measure/v*-*.parquet"):
        if "-overlaps-" not in kept.name:
            kept.unlink()
    tabulator = Tabulator(workspace.city, workspace.library, workspace.store, pool)
    start = time.perf_counter()
    result = tabulator.tabulate(request)
    return time.perf_counter() - start, repr(result)


if __name__ == "__main__":
    main()
