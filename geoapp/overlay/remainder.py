"""What is left of features where the other ground has nothing.

It is measured by geometry and not found by subtracting figures, so that a pair that was
missed or measured wrongly shows in the closure. Large features are cut into fragments first,
and all is moved near the origin, where coordinates have more places: slivers a millimetre
wide are measured as well as parcels.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import flatten
from geoapp.overlay.compiling import read_only
from geoapp.overlay.fragment import Rows, cut_into_fragments, polygon_parts
from geoapp.overlay.index import describe
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.layout import Layout
from geoapp.overlay.meeting import Finder
from geoapp.overlay.share import Batch
from geoapp.overlay.workers import in_threads

_ROWS: Final = 500
_GRID_M: Final = 1024.0  # moving by whole multiples of it loses no digit


class Remainder(NamedTuple):
    """Polygons that are left.

    Attributes:
        batch: ``(k,)`` polygons in the measure plane.
        owner: ``(k,)`` row that each is a part of.
    """

    batch: Batch
    owner: Rows


def subtract_ground(
    one: Layout, rows: Integers, other: Layout, other_rows: Integers
) -> Iterator[Remainder]:
    """Subtract some features of a ground from some of another.

    Args:
        one: The ground.
        rows: ``(n,)`` rising rows of which something is left.
        other: The other ground.
        other_rows: ``(m,)`` rows of it that may meet the first ones.

    Returns:
        What is left, some at a time.
    """
    finder = Finder(other, other_rows)

    def subtract(some: Integers) -> Remainder:
        boxes = one.bounds[some]
        frame = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        origin = np.floor(frame[:2] / _GRID_M) * _GRID_M
        near = np.unique(finder.near(boxes)[1])
        shapes = _valid(_moved(one.geometries(some), -origin))
        others = _clipped(_valid(_moved(other.geometries(near), -origin)), frame, origin)
        parts, owner = cut_into_fragments(shapes, some)
        left, owner = polygon_parts(_subtract(parts, others), owner)
        return Remainder(_batch_at(left, origin), owner)

    return in_threads(subtract, [rows[low : low + _ROWS] for low in range(0, len(rows), _ROWS)])


def _subtract(parts: Geometries, others: Geometries) -> Geometries:
    """Subtract from small parts whatever meets them, one after another."""
    blades, _ = cut_into_fragments(others, np.arange(len(others)))
    part, blade = shapely.STRtree(blades).query(parts)
    left = parts.copy()
    turn = np.arange(len(part)) - np.searchsorted(part, part)
    for step in range(int(turn.max(initial=-1)) + 1):
        now = turn == step
        left[part[now]] = shapely.difference(left[part[now]], blades[blade[now]])
    return left


def _clipped(shapes: Geometries, frame: Floats, origin: Floats) -> Geometries:
    """Leave of large neighbours only what is near."""
    west, south, east, north = frame - np.tile(origin, 2)
    box = shapely.box(west - 1.0, south - 1.0, east + 1.0, north + 1.0)
    reaching = np.flatnonzero(~shapely.covered_by(shapely.envelope(shapes), box))
    clipped = shapes.copy()
    clipped[reaching] = shapely.intersection(shapes[reaching], box)
    return clipped


def _moved(shapes: Geometries, by: Floats) -> Geometries:
    moved: Geometries = shapely.transform(shapes, lambda xy: xy + by)
    return moved


def _batch_at(shapes: Geometries, origin: Floats) -> Batch:
    """Prepare polygons for the kernel where they belong.

    Rings are oriented and measured before they are moved: slivers may cross themselves after.
    """
    flat = flatten(shapes)
    bounds, areas, _ = describe(flat)
    return read_only(
        Batch(bounds + np.tile(origin, 2), areas, flat.xy + origin, flat.rings, flat.first_rings)
    )


def _valid(shapes: Geometries) -> Geometries:
    """Mend what became invalid by rounding on the way to the measure plane."""
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    return shapes
