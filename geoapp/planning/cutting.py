"""Cutting polygons with polygons, each result held against the kernel, which builds no geometry.

Edges that all but coincide can make an overlay of whole polygons come out as if they were apart.
Where the area of a result is not what the kernel measures, it is made again near the origin,
where coordinates have more places, and piece by piece. What is wrong even then is left as it
is: the closing law of the whole stops the answer.
"""

from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import intersect_pairs, polygon_parts
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.pairwise import shared_areas
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.workers import in_threads

_PORTION: Final = 256
_GRID_M: Final = 1024.0  # moving by whole multiples of it loses no digit


def intersect(one: Geometries, other: Geometries) -> Geometries:
    """Intersect ``(n,)`` pairs of polygons."""
    found = intersect_pairs(one, other)
    wrong = np.abs(shapely.area(found) - shared_areas(one, other)) > COUNTED_FROM_M2
    for row in np.flatnonzero(wrong).tolist():
        origin = _origin(one[row])
        near = shapely.intersection(_moved(one[row], -origin), _moved(other[row], -origin))
        found[row] = _moved(near, origin)
    return found


def subtract(shapes: Geometries, others: Geometries) -> tuple[Geometries, Integers]:
    """Take from each of some polygons whatever others have of it.

    Args:
        shapes: ``(n,)`` polygons.
        others: ``(m,)`` polygons that share no area with each other.

    Returns:
        ``(k,)`` polygons that are left, and the number of the one that each is of.
    """
    shape, other = shapely.STRtree(others).query(shapes, predicate="intersects")
    order = np.argsort(shape, kind="stable")
    shape, other = shape[order], other[order]
    asked, begins = np.unique(shape, return_index=True)
    near = np.split(other, begins[1:]) if len(asked) else []
    left = shapes.copy()

    def take(some: slice) -> Geometries:
        blades = [shapely.union_all(others[rows]) for rows in near[some]]
        rest: Geometries = shapely.difference(shapes[asked[some]], np.array(blades, dtype=object))
        return rest

    spans = [slice(low, low + _PORTION) for low in range(0, len(asked), _PORTION)]
    for span, rest in zip(spans, in_threads(take, spans), strict=True):
        left[asked[span]] = rest
    expected = _expected(shapes, shape, others[other])
    wrong = np.abs(shapely.area(left[asked]) - expected[asked]) > COUNTED_FROM_M2
    for number in np.flatnonzero(wrong).tolist():
        row = asked[number]
        left[row] = _take_one_by_one(shapes[row], others[near[number]])
    return polygon_parts(left, np.arange(len(left)))


def _expected(shapes: Geometries, shape: Integers, blades: Geometries) -> Floats:
    """Measure what is to be left of each polygon."""
    shared = np.bincount(shape, shared_areas(shapes[shape], blades), minlength=len(shapes))
    return np.asarray(shapely.area(shapes) - shared, dtype=np.float64)


def _take_one_by_one(shape: shapely.Geometry, others: Geometries) -> shapely.Geometry:
    origin = _origin(shape)
    left = _moved(shape, -origin)
    for other in others:
        left = shapely.difference(left, _moved(other, -origin))
    return _moved(left, origin)


def _origin(shape: shapely.Geometry) -> Floats:
    lower = np.array(shapely.bounds(shape)[:2], dtype=np.float64)
    return np.asarray(np.floor(lower / _GRID_M) * _GRID_M)


def _moved(shape: shapely.Geometry, by: Floats) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + by)
