"""Counting ground once where features of one layer overlap each other."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows

# Neighbours whose common edge was noded twice share some 1e-9 m² by rounding: no overlap.
_ROUNDING_M2: Final = 1e-6


def find_overlaps(geometries: Geometries) -> tuple[Rows, Rows]:
    """Find the pairs of polygons that share area.

    A coverage check singles out the features that do not fit their neighbours edge to edge;
    only those can overlap, and only they are intersected.

    Args:
        geometries: ``(n,)`` valid polygons or multipolygons in one plane.

    Returns:
        Rows of the first and of the second feature of each pair, first < second.
    """
    nothing = np.array([], dtype=np.intp)
    if len(geometries) < 2:
        return nothing, nothing
    misfits = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(geometries)))
    if len(misfits) == 0:
        return nothing, nothing
    one, other = shapely.STRtree(geometries).query(geometries[misfits])
    one = misfits[one]
    first, second = np.minimum(one, other), np.maximum(one, other)
    pairs = np.unique(np.column_stack([first, second])[first != second], axis=0)
    if len(pairs) == 0:
        return nothing, nothing
    shared = shapely.area(shapely.intersection(geometries[pairs[:, 0]], geometries[pairs[:, 1]]))
    pairs = pairs[shared > _ROUNDING_M2]
    return pairs[:, 0], pairs[:, 1]


def subtract_overlaps(
    geometries: Geometries, pairs: tuple[Rows, Rows], classes: NDArray[np.object_] | None
) -> Geometries:
    """Give each feature only the ground that no earlier feature of its class has.

    Args:
        geometries: ``(n,)`` polygons.
        pairs: From ``find_overlaps``.
        classes: ``(n,)`` class of each feature; ``None``: all are of one class.

    Returns:
        ``(n,)`` geometries, disjoint within a class, with the same union; some may be empty.
    """
    first, second = pairs
    if classes is not None:
        same = classes[first] == classes[second]
        first, second = first[same], second[same]
    net = geometries.copy()
    order = np.argsort(second, kind="stable")
    rows, begins = np.unique(second[order], return_index=True)
    for row, earlier in zip(rows, np.split(first[order], begins[1:]), strict=False):
        net[row] = shapely.difference(geometries[row], shapely.union_all(geometries[earlier]))
    return net
