"""Shared areas of polygons given in pairs."""

from typing import Final

import numpy as np

from geoapp.errors import GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.overlay.index import make_batch
from geoapp.overlay.selfjoin import share_rows
from geoapp.overlay.shares import Areas
from geoapp.overlay.workers import in_threads

_PORTION: Final = 4096


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
    first, second = make_batch(one), make_batch(other)
    spans = [np.arange(low, min(low + _PORTION, len(one))) for low in range(0, len(one), _PORTION)]
    found = in_threads(lambda rows: share_rows(first, rows, second, rows), spans)
    return np.concatenate([np.zeros(0), *found])
