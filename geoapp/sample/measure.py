"""Official areas and the ways between the projected plane and geographic coordinates.

The work is done in portions: a million parcels would otherwise stand in memory several times.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.geometry.measure import LONGEST_EDGE_M, measure_plane
from geoapp.sample.rings import Polygons

_PORTION: Final = 50_000


def to_geographic(geometries: Polygons, crs: str) -> Polygons:
    """Bring projected geometries to EPSG:4490; equal vertices stay equal."""
    return _in_portions(geometries, lambda part: transform(part, crs, GEOGRAPHIC))


def to_plane(geometries: Polygons, crs: str) -> Polygons:
    """Bring EPSG:4490 geometries to the projected CRS; equal vertices stay equal."""
    return _in_portions(geometries, lambda part: transform(part, GEOGRAPHIC, crs))


def official_areas(geometries: Polygons, crs: str) -> NDArray[np.float64]:
    """Measure official areas, m², rounded half-up to 0.01.

    Args:
        geometries: Polygons in ``crs``.
        crs: The city's Gauss plane.
    """
    areas = [
        shapely.area(transform(shapely.segmentize(part, LONGEST_EDGE_M), crs, measure_plane(crs)))
        for part in _portions(geometries)
    ]
    whole = np.concatenate(areas) if areas else np.zeros(0)
    rounded: NDArray[np.float64] = np.floor(whole * 100 + 0.5) / 100
    return rounded


def _in_portions(geometries: Polygons, move: Callable[[Polygons], Polygons]) -> Polygons:
    parts = [move(part) for part in _portions(geometries)]
    return np.concatenate(parts) if parts else geometries


def _portions(geometries: Polygons) -> list[Polygons]:
    return [geometries[low : low + _PORTION] for low in range(0, len(geometries), _PORTION)]
