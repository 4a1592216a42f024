"""Time checks of parcels in a workspace that exists: one at a time, and a batch.

``python benchmarks/check.py WORKSPACE [PARCELS]``: percentiles of single checks against every
layer after one that opens everything, then a batch of all parcels. Processor time stands
beside the wall time, which says little on a machine that does other work.
"""

import resource
import sys
import time
from collections import Counter

import numpy as np
import shapely

from geoapp.bootstrap import Workspace

_SINGLE = 400
_WARM = 50
_METRES_A_DEGREE = 111_000.0


def draw_parcels(workspace: Workspace, count: int) -> list[shapely.Geometry]:
    """Draw plots of some 0.1 to 0.6 ha with twelve corners all over the city."""
    rng = np.random.default_rng(3)
    city = shapely.union_all(np.asarray(workspace.layer("district").geometry))
    shapely.prepare(city)
    west, south, east, north = shapely.bounds(city)
    found: list[shapely.Geometry] = []
    while len(found) < count:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
        far = rng.uniform(17, 45) / _METRES_A_DEGREE
        corners = [x + far * np.cos(angles) / np.cos(np.radians(y)), y + far * np.sin(angles)]
        shape = shapely.Polygon(np.column_stack(corners))
        if shapely.is_valid(shape) and shapely.contains(city, shape):
            found.append(shape)
    return found


def main() -> None:
    """Time the checks."""
    workspace = Workspace.open(sys.argv[1])
    parcels = draw_parcels(workspace, int(sys.argv[2]) if len(sys.argv) > 2 else 5_000)
    start = time.perf_counter()
    workspace.check(parcels[0])
    print(f"first check: {time.perf_counter() - start:.2f} s")
    for parcel in parcels[:_WARM]:
        workspace.check(parcel)
    walls, begin = [], time.process_time()
    for parcel in parcels[_WARM : _WARM + _SINGLE]:
        start = time.perf_counter()
        workspace.check(parcel)
        walls.append((time.perf_counter() - start) * 1e3)
    cpu = (time.process_time() - begin) * 1e3 / max(1, len(walls))
    p50, p95, worst = np.percentile(walls, [50, 95, 100])
    print(f"single: p50 {p50:.1f} ms, p95 {p95:.1f}, max {worst:.1f}; processor {cpu:.1f} ms")
    start, begin = time.perf_counter(), time.process_time()
    result = workspace.check(parcels)
    wall, cpu = time.perf_counter() - start, time.process_time() - begin
    print(f"batch of {len(parcels)}: {wall:.1f} s; processor {cpu:.1f} s")
    print(dict(Counter(parcel.verdict for parcel in result.parcels)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"resident at most: {peak:.0f} MB, most of it mapped")


if __name__ == "__main__":
    main()
