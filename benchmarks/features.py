"""Time pages of features: ``python benchmarks/features.py WORKSPACE [LAYER]``.

Boxes lie at random places of the layer, of random size; each is asked for once, so that
neither its answer nor, mostly, its row groups are kept. Processor time stands beside the time
that passes: on a machine that does other things it is the truer one.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np

from geoapp.bootstrap import Workspace
from geoapp.features.pages import PageRequest

BOXES = 60
SEED = 1
SIZES = ((0.001, 0.01), (0.01, 0.1), (0.1, 1.0))  # degrees
LIMITS = (10, 100, 1000, 10_000)


def main() -> None:
    """Print the tables."""
    workspace = Workspace.open(Path(sys.argv[1]))
    layer = sys.argv[2] if len(sys.argv) > 2 else "landuse"
    start = time.perf_counter()
    whole = workspace.feature_page(PageRequest(layer, box=(-180, -90, 180, 90)))
    opened = (time.perf_counter() - start) * 1000
    print(f"{layer}: {whole.matched} features; first page after opening {opened:.0f} ms")
    bounds = whole.snapshot.manifest.bounds or (0.0, 0.0, 1.0, 1.0)
    for limit in LIMITS:
        for size in SIZES:
            measure(workspace, layer, bounds, size, limit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"peak {peak:.0f} MB")


def measure(
    workspace: Workspace,
    layer: str,
    bounds: tuple[float, float, float, float],
    size: tuple[float, float],
    limit: int,
) -> None:
    """Time pages of boxes of one size."""
    chance = np.random.default_rng(SEED)
    west, south, east, north = bounds
    passed, worked, matched = [], [], []
    for _ in range(BOXES):
        side = float(10 ** chance.uniform(*np.log10(size)))
        x, y = float(chance.uniform(west, east)), float(chance.uniform(south, north))
        box = (x, y, min(x + side, 180.0), min(y + side, 90.0))
        wall, cpu = time.perf_counter(), time.process_time()
        page = workspace.feature_page(PageRequest(layer, box=box, limit=limit))
        passed.append((time.perf_counter() - wall) * 1000)
        worked.append((time.process_time() - cpu) * 1000)
        matched.append(page.matched)
    wall_ms, cpu_ms = (np.percentile(times, [50, 95]) for times in (passed, worked))
    print(
        f"limit {limit:5}, boxes of {size[0]:5}–{size[1]:<4}°, {np.median(matched):8.0f} features"
        f" matched: p50 {wall_ms[0]:5.0f} ms, p95 {wall_ms[1]:5.0f} ms"
        f" (processor {cpu_ms[0]:5.0f}, {cpu_ms[1]:5.0f})"
    )


if __name__ == "__main__":
    main()
