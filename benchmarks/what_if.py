"""Time questions about single polygons in a workspace that exists: all layers at once.

``python benchmarks/what_if.py WORKSPACE [QUESTIONS]``: percentiles of the wall time per size
of polygon, after one question that opens everything, and how long that one took.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import shapely

from geoapp.bootstrap import Workspace
from geoapp.overlay.what_if_result import Existing, WhatIfResult

_METRES_A_DEGREE = 111_000.0
# name, radius in m, corners
_STARS = (
    ("field, 1 ha", 60, 12),
    ("pond to hamlet, 10 ha", 200, 30),
    ("hamlet, 1 km²", 650, 60),
    ("village, 10 km²", 2_000, 200),
    ("township, 150 km²", 8_000, 1_000),
)


def draw_star(
    rng: np.random.Generator, middle: shapely.Point, radius_m: float, corners: int
) -> shapely.Geometry:
    """Draw a polygon in degrees whose boundary wavers like a natural one."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = 1 + 0.2 * np.sin(3 * angles + rng.uniform(0, 6)) + 0.05 * rng.uniform(-1, 1, corners)
    far *= radius_m / _METRES_A_DEGREE
    east = far * np.cos(angles) / np.cos(np.radians(middle.y))
    return shapely.Polygon(np.column_stack([middle.x + east, middle.y + far * np.sin(angles)]))


def move_corner(rng: np.random.Generator, stored: shapely.Geometry) -> shapely.Geometry:
    """Bite a piece of some 100 m out of a boundary, and add one elsewhere."""
    corners = shapely.points(shapely.get_coordinates(stored))
    bite, bump = rng.choice(corners, 2)
    return stored.difference(bite.buffer(0.001)).union(bump.buffer(0.0005))


def questions(
    workspace: Workspace, count: int
) -> Iterator[tuple[str, list[Callable[[], WhatIfResult]]]]:
    """Give named lists of questions."""
    rng = np.random.default_rng(0)
    levels = {level: list(workspace.layer(level).geometry) for level in ("village", "township")}
    middles = rng.choice(shapely.point_on_surface(levels["village"]), count)
    for name, radius_m, corners in _STARS:
        stars = [draw_star(rng, middle, radius_m, corners) for middle in middles]
        yield name, [partial(workspace.what_if, star) for star in stars]
    for level, stored in levels.items():
        rows = rng.integers(0, len(stored), count).tolist()
        yield f"stored {level}", [partial(workspace.what_if, stored[row]) for row in rows]
        moved = [(Existing(level, row), move_corner(rng, stored[row])) for row in rows]
        yield (
            f"moved {level}",
            [partial(workspace.what_if, new, replaces=old) for old, new in moved if new.is_valid],
        )


def main() -> None:
    """Print the table."""
    workspace = Workspace.open(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    middle = shapely.box(*workspace.layer("district").total_bounds).centroid
    start = time.perf_counter()
    workspace.what_if(middle.buffer(0.05))
    print(f"first question: {time.perf_counter() - start:.2f} s")
    print(f"{'polygon':<24}{'n':>5}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'cpu ms':>9}")
    for name, asked in questions(workspace, count):
        asked[0]()
        walls, begin = [], time.process_time()
        for question in asked:
            start = time.perf_counter()
            question()
            walls.append((time.perf_counter() - start) * 1e3)
        cpu = (time.process_time() - begin) * 1e3 / len(asked)
        p50, p95, worst = np.percentile(walls, [50, 95, 100])
        print(f"{name:<24}{len(asked):>5}{p50:>9.1f}{p95:>9.1f}{worst:>9.1f}{cpu:>9.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"resident at most: {peak:.0f} MB, most of it the mapped index")


if __name__ == "__main__":
    main()
