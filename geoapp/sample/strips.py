"""Rivers and roads as strips of cells: parcels that are lines."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.sample.grid import Flags, Floats, Grid, Ints, Shape
from geoapp.sample.growth import components
from geoapp.sample.hierarchy import burn

RIVER, HIGHWAY, LANE = 1, 2, 3
CELL_SHARE = 0.03  # of a district's cells may lie in strips: coarse nets show only the main lines
LEAST_CELLS = 4


@dataclass(frozen=True, slots=True)
class Course:
    """A river or road.

    Attributes:
        line: LineString, projected CRS.
        kind: ``RIVER``, ``HIGHWAY`` or ``LANE``.
        width_m: Real width.
    """

    line: Shape
    kind: int
    width_m: float


@dataclass(frozen=True, slots=True)
class Strips:
    """Strip parcels of one district; label 0 = no strip.

    Attributes:
        label: ``(rows, columns)``, 1 to n, each connected.
        kind: ``(n + 1,)`` kind of course per label.
        narrow: ``(rows, columns)`` how far the vertices of a strip's cells move in.
    """

    label: NDArray[np.int32]
    kind: Ints
    narrow: NDArray[np.float32]


def _cut(line: Shape, length_m: float) -> list[Shape]:
    """Cut a line into equal parts of about ``length_m``."""
    parts = max(1, round(line.length / length_m))
    stations = np.linspace(0, line.length, 8 * parts + 1)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, stations))
    return [shapely.linestrings(points[8 * k : 8 * k + 9]) for k in range(parts)]


def _within_budget(courses: list[Course], outline: Shape, grid: Grid) -> list[Course]:
    """Keep the leading courses as far as the district can show them, cut to its surroundings."""
    around = outline.buffer(4 * grid.step)
    shapely.prepare(around)
    left_m = CELL_SHARE * outline.area / grid.step
    kept = []
    for course in courses:
        if left_m <= 0 or not around.intersects(course.line):
            continue
        for part in shapely.get_parts(shapely.intersection(course.line, around)):
            if part.length > LEAST_CELLS * grid.step:
                kept.append(Course(part, course.kind, course.width_m))
                left_m -= part.length * max(1.0, course.width_m / grid.step)
    return kept


def lay_strips(
    courses: list[Course],
    outline: Shape,
    grid: Grid,
    village: Ints,
    deep: Flags,
    most: int,
) -> Strips:
    """Turn courses into strip parcels, cut where the village changes.

    Args:
        courses: Most important first.
        outline: The district.
        grid: Frame of the fine cells.
        village: Village of every cell, 0 outside.
        deep: Cells well inside the district; each strip has at least two of them.
        most: Number of strips at most.
    """
    kept = _within_budget(courses, outline, grid)
    length_m = sum(course.line.length for course in kept)
    piece_m = max(10 * grid.step, 1.3 * length_m / max(most, 1), 600.0)
    shapes: list[tuple[Shape, int]] = []
    kind, narrow = [0], [0.0]
    for course in reversed(kept):
        shown = max(course.width_m, 0.32 * grid.step)
        for part in _cut(course.line, piece_m):
            kind.append(course.kind)
            narrow.append(float(np.clip(1 - shown / grid.step, 0, 0.68)))
            if course.width_m > 1.2 * grid.step:
                wide = part.buffer(course.width_m / 2, cap_style="flat")
                shapes.append((wide, len(kind) - 1))
            shapes.append((part, len(kind) - 1))
    segment = burn(grid, shapes, touched=True) if most > 0 else np.zeros(grid.shape, np.int32)
    key = np.where(village > 0, segment.astype(np.int64) * (int(village.max()) + 1) + village, 0)
    key[segment == 0] = 0
    return _keep_largest(components(key), segment, deep, most, np.array(kind), np.array(narrow))


def _keep_largest(
    label: NDArray[np.int32],
    segment: Ints,
    deep: Flags,
    most: int,
    kind: Ints,
    narrow: Floats,
) -> Strips:
    """Drop the strips that are too short or too many, and number the rest again.

    Rivers come first and may be short: a gap in a river catches the eye, one in a lane not.
    """
    count = int(label.max())
    size = np.bincount(label[deep], minlength=count + 1)
    size[0] = 0
    river = np.zeros(count + 1, np.bool_)
    river[label.ravel()] = kind[segment.ravel()] == RIVER
    order = np.lexsort((-size, ~river))
    order = order[size[order] >= np.where(river[order], 1, LEAST_CELLS)]
    keep = np.sort(order[:most])
    renumber = np.zeros(count + 1, np.int32)
    renumber[keep] = np.arange(1, keep.size + 1)
    kept = renumber[label]
    segment_of = np.zeros(keep.size + 1, np.int64)
    segment_of[kept.ravel()] = np.where(kept > 0, segment, 0).ravel()
    segment_of[0] = 0
    return Strips(
        label=kept,
        kind=kind[segment_of],
        narrow=np.where(kept > 0, narrow[segment], 0).astype(np.float32),
    )
