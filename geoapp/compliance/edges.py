"""The border of one large feature, cut into short pieces so that nearness need not read all of it."""

from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats

LARGE_VERTICES: Final = 400  # below this, cutting costs more than it saves
_PIECE_VERTICES: Final = 32


class Edges:
    """One polygon, held ready for questions of distance. Safe to be asked by many threads."""

    def __init__(self, shape: shapely.Geometry) -> None:
        self._shape = shape
        shapely.prepare(shape)
        self._tree = shapely.STRtree(_pieces(shape))

    def distances(self, grounds: Geometries) -> Floats:
        """Give how far ``(k,)`` geometries of the same plane are from the polygon, 0 inside."""
        metres: Floats = np.zeros(len(grounds))
        apart = np.flatnonzero(~shapely.intersects(self._shape, grounds))
        if len(apart):
            (place, _), found = self._tree.query_nearest(
                grounds[apart], return_distance=True, all_matches=False
            )
            metres[apart[place]] = found
        return metres


def _pieces(shape: shapely.Geometry) -> Geometries:
    """Cut the rings of a polygon into lines of few vertices; each begins where one ends."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    cut: list[object] = []
    for ring in rings:
        xy = shapely.get_coordinates(ring)
        cut += [
            shapely.linestrings(xy[begin : begin + _PIECE_VERTICES + 1])
            for begin in range(0, len(xy) - 1, _PIECE_VERTICES)
        ]
    return np.array([*cut, None], dtype=object)[:-1]
