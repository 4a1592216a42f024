"""Shared areas of polygons given in pairs."""

import numpy as np
from numpy.typing import NDArray

from geoapp.errors import GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import flatten
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers, count_edges, find_box, shared_area

Areas = NDArray[np.float64]


def shared_areas(left: Geometries, right: Geometries) -> Areas:
    """Measure what each polygon on the left shares with the one on the right.

    Args:
        left: ``(n,)`` shapely polygons or multipolygons; rings in any direction, with holes.
            Z is ignored; empty ones and ``None`` share nothing.
        right: ``(n,)`` likewise, in the same plane.

    Returns:
        ``(n,)`` planar areas in the square of the unit of the coordinates. No geometry is
        built, so nothing can fail on touching or nearly equal edges.

    Raises:
        GeometryError: The arrays differ in length, a coordinate is not finite, or something
            is no polygon.
    """
    one, other = (np.asarray(side, dtype=object).reshape(-1) for side in (left, right))
    if len(one) != len(other):
        raise GeometryError("geometry-lengths-differ", left=len(one), right=len(other))
    first, second = flatten(one), flatten(other)
    return _share_pairs(
        first.xy, first.rings, first.first_rings, second.xy, second.rings, second.first_rings
    )


@compiled
def _share_pairs(
    xy: Floats,
    rings: Integers,
    firsts: Integers,
    other_xy: Floats,
    other_rings: Integers,
    other_firsts: Integers,
) -> Areas:
    count = len(firsts) - 1
    areas = np.zeros(count)
    most, other_most = 1, 1
    for k in range(count):
        most = max(most, count_edges(rings, firsts[k], firsts[k + 1]))
        other_most = max(other_most, count_edges(other_rings, other_firsts[k], other_firsts[k + 1]))
    edges, other_edges = np.empty((2 * most, 6)), np.empty((2 * other_most, 6))
    box, other_box = np.empty(4), np.empty(4)
    for k in range(count):
        find_box(xy, rings, firsts[k], firsts[k + 1], box)
        find_box(other_xy, other_rings, other_firsts[k], other_firsts[k + 1], other_box)
        box[0], box[1] = max(box[0], other_box[0]), max(box[1], other_box[1])
        box[2], box[3] = min(box[2], other_box[2]), min(box[3], other_box[3])
        areas[k] = shared_area(
            xy,
            rings,
            firsts[k],
            firsts[k + 1],
            other_xy,
            other_rings,
            other_firsts[k],
            other_firsts[k + 1],
            box,
            edges,
            other_edges,
        )
    return areas
