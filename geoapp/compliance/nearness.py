"""How far it is from parcels to the nearest feature, metres in the Gauss plane."""

from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geoapp.compliance.edges import LARGE_VERTICES
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.source import Mask, Source
from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.workers import in_threads

_FIRST_REACH_M: Final = 400.0
_FARTHER: Final = 5.0
_BOUND: Final = 0.98  # boxes of the measure plane bound distances in the Gauss plane this well
_PORTION: Final = 500
_TURNS: Final = (0, 1, 3, 8, 20, 80, 400, 1 << 40)


def find_nearest(
    source: Source, rows: Mask | None, parcels: Parcels, asked: Mask, most_m: float
) -> Floats:
    """Find the distance to the nearest feature.

    Args:
        source: The layer.
        rows: Features that count; ``None`` for all.
        parcels: The parcels.
        asked: ``(n,)`` which of them are asked for.
        most_m: How far to search.

    Returns:
        ``(n,)`` metres, infinite where there is none so near or it was not asked for.
    """
    nearest: Floats = np.full(len(parcels), np.inf)
    left = np.flatnonzero(asked)
    reach = min(_FIRST_REACH_M, most_m)
    while len(left):
        found, row = source.find_near(parcels.boxes_around(reach)[left])
        if rows is not None:
            counts = rows[row]
            found, row = found[counts], row[counts]
        nearest[left] = _measure(source, parcels, left, found, row)
        left = left[nearest[left] > reach]
        if reach >= most_m:
            break
        reach = min(reach * _FARTHER, most_m)
    nearest[nearest > most_m] = np.inf
    return nearest


def _measure(
    source: Source, parcels: Parcels, left: Integers, found: Integers, row: Integers
) -> Floats:
    """Measure pairs, those with near boxes first, until none can be nearer."""
    nearest = np.full(len(left), np.inf)
    if len(found) == 0:
        return nearest
    bound = _box_distances(source.boxes[row], parcels, left[found])
    order = np.lexsort((bound, found))
    found, row, bound = found[order], row[order], bound[order]
    turn = np.arange(len(found)) - np.searchsorted(found, found)
    for begin, end in pairwise(_TURNS):
        now = (turn >= begin) & (turn < end) & (bound < nearest[found])
        if not now.any():
            break
        grounds = parcels.gauss[left[found[now]]]
        metres = _distances(source, row[now], grounds)
        np.fmin.at(nearest, found[now], metres)
    return nearest


def _distances(source: Source, rows: Integers, grounds: Geometries) -> Floats:
    """Measure ``(k,)`` pairs on all cores; large features by the pieces of their border."""
    shapes = source.shapes(rows)
    large = shapely.get_num_coordinates(shapes) > LARGE_VERTICES
    metres: Floats = np.zeros(len(shapes))
    small = np.flatnonzero(~large)
    spans = [small[low : low + _PORTION] for low in range(0, len(small), _PORTION)]
    spans += [np.flatnonzero(large & (rows == row)) for row in np.unique(rows[large])]
    found = in_threads(lambda span: _measure_span(source, rows, shapes, grounds, span), spans)
    for span, part in zip(spans, found, strict=True):
        metres[span] = part
    return metres


def _measure_span(
    source: Source, rows: Integers, shapes: Geometries, grounds: Geometries, span: Integers
) -> Floats:
    """Measure some pairs: small features, or all pairs of one large feature."""
    first = span[0]
    if shapely.get_num_coordinates(shapes[first]) > LARGE_VERTICES:
        return source.edges(int(rows[first])).distances(grounds[span])
    found: Floats = shapely.distance(shapes[span], grounds[span])
    return found


def _box_distances(boxes: Floats, parcels: Parcels, rows: Integers) -> Floats:
    """Bound distances from below by those of boxes, turned into metres of the ground."""
    others, cosines = parcels.batch.bounds[rows], parcels.cosines[rows]
    east = np.maximum(boxes[:, 0] - others[:, 2], others[:, 0] - boxes[:, 2])
    north = np.maximum(boxes[:, 1] - others[:, 3], others[:, 1] - boxes[:, 3])
    distances: Floats = _BOUND * np.hypot(
        np.maximum(east, 0.0) * cosines, np.maximum(north, 0.0) / cosines
    )
    return distances
