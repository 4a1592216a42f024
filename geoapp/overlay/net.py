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
    for row in np.unique(second):
        earlier = geometries[first[second == row]]
        net[row] = shapely.difference(geometries[row], shapely.union_all(earlier))
    return net
