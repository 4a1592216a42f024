"""Whether the drawing accuracy of a layer's edges could turn a conclusion.

An edge may lie anywhere in a band around where it is drawn. A conclusion is certain when it
stands with the edges moved by the half-width of the band either way.
"""

from typing import Final

import numpy as np
import shapely

from geoapp.compliance.ground_pieces import inside_pieces
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.source import Mask, Meeting, Source
from geoapp.compliance.zone import unite_near
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.workers import in_threads

_MARGIN_M: Final = 1.0
_ROUND: Final = 1.05  # a polygon drawn for a circle is a little smaller


class Accuracy:
    """The features that a rule reads, with the half-width of the band around their edges."""

    def __init__(self, source: Source, rows: Mask | None, parcels: Parcels, band_m: float) -> None:
        self._source = source
        self._rows = rows
        self._parcels = parcels
        self._band_m = band_m

    def still_occupied(self, meeting: Meeting, rows: Integers, least_m2: Floats) -> Mask:
        """Tell which of ``(k,)`` parcels still share more than their least area if edges recede.

        Args:
            meeting: What the parcels share with the features.
            rows: Parcels that share more than their least area.
            least_m2: ``(k,)`` that area.
        """
        if len(rows) == 0:
            return np.zeros(0, dtype=np.bool_)
        certain = self._surely_deep(meeting, rows, least_m2)
        rest = np.flatnonzero(~certain)

        def test(k: int) -> bool:
            ground = self._parcels.gauss[rows[k]]
            shrunk = shapely.buffer(self._zone(int(rows[k])), -self._band_m)
            left = float(shapely.area(shapely.intersection(ground, shrunk)))
            return left > float(least_m2[k])

        certain[rest] = list(in_threads(test, rest.tolist()))
        return certain

    def still_outside(self, rows: Integers, least_m2: Floats) -> Mask:
        """Tell which still have more than their least area outside if edges advance."""
        return self._with_rest(rows, least_m2, self._band_m)

    def still_inside(self, rows: Integers, least_m2: Floats) -> Mask:
        """Tell which have no more than their least area outside if edges recede."""
        return ~self._with_rest(rows, least_m2, -self._band_m)

    def _with_rest(self, rows: Integers, least_m2: Floats, by_m: float) -> Mask:
        def test(k: int) -> bool:
            ground = self._parcels.gauss[rows[k]]
            moved = shapely.buffer(self._zone(int(rows[k])), by_m)
            rest = float(shapely.area(shapely.difference(ground, moved)))
            return rest > float(least_m2[k])

        found = list(in_threads(test, range(len(rows))))
        return np.array(found, dtype=np.bool_)

    def _surely_deep(self, meeting: Meeting, rows: Integers, least_m2: Floats) -> Mask:
        """Find parcels that share a circle of their least area beyond the band: soon told."""
        order = np.lexsort((-meeting.area_m2, meeting.parcel))
        largest = meeting.pick(order[np.searchsorted(meeting.parcel[order], rows)])
        pieces = inside_pieces(self._source, largest, self._parcels, rows)
        inner = shapely.point_on_surface(pieces)
        radius = _ROUND * np.sqrt(least_m2 / np.pi)
        shapes = self._source.shapes(largest.row)
        depth = shapely.distance(shapely.boundary(shapes), inner)
        room = shapely.distance(self._parcels.borders[rows], inner)
        deep: Mask = (depth >= self._band_m + radius) & (room >= radius)
        return deep

    def _zone(self, parcel: int) -> shapely.Geometry:
        """Unite the features near a parcel: the frame is too far off to be felt there."""
        reach = 3 * self._band_m + _MARGIN_M
        return unite_near(self._source, self._rows, self._parcels, parcel, reach)
