"""Rings that cross themselves so often that repairing them would take minutes or hours."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries

MOST_CROSSINGS: Final = 1_000_000  # pairs of edges whose boxes meet; GEOS needs some seconds
_SURELY_FEW: Final = 1_000  # so few vertices cannot cross more often than that
_ASKED: Final = 1_000


def find_tangled(polygons: Geometries) -> NDArray[np.bool_]:
    """Tell which of ``(n,)`` polygons have too many edges that may cross.

    Counted for some edges, spread evenly, and taken for all.
    """
    tangled = np.zeros(len(polygons), dtype=np.bool_)
    for row in np.flatnonzero(shapely.get_num_coordinates(polygons) > _SURELY_FEW).tolist():
        boxes = _edge_boxes(polygons[row])
        asked = boxes[:: max(1, len(boxes) // _ASKED)]
        met = sum(_meeting(boxes, box) for box in asked)
        tangled[row] = met / len(asked) * len(boxes) / 2 > MOST_CROSSINGS
    return tangled


def _edge_boxes(polygon: shapely.Geometry) -> NDArray[np.float64]:
    rings = shapely.get_rings(polygon)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    first, second = xy[:-1][inside], xy[1:][inside]
    return np.column_stack([np.minimum(first, second), np.maximum(first, second)])


def _meeting(boxes: NDArray[np.float64], box: NDArray[np.float64]) -> int:
    meets = (boxes[:, 0] <= box[2]) & (boxes[:, 2] >= box[0])
    meets &= (boxes[:, 1] <= box[3]) & (boxes[:, 3] >= box[1])
    return int(np.count_nonzero(meets))
