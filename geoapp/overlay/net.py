"""Counting ground once where features of one layer overlap each other."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows


def subtract_overlaps(
    geometries: Geometries, pairs: tuple[Rows, Rows], classes: NDArray[np.object_] | None
) -> Geometries:
    """Give each feature only the ground that no earlier feature of its class has.

    Args:
        geometries: ``(n,)`` polygons.
        pairs: Rows of the first and of the second feature of each pair that shares area,
            first < second.
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
