"""The official area of a polygon on the CGCS2000 ellipsoid.

The survey formula (国土调查办发〔2008〕32号) sums ellipsoid trapezoids below the edges of a
ring given in longitude and latitude, after edges longer than 70 m have been cut in the
Gauss plane. That sum equals, to 1e-13, the planar area in a cylindrical equal-area
projection of the same ellipsoid: this *measure plane* turns every official area into plain
planar geometry, so that areas of parts add up to the area of the whole.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.errors import CrsError, GeometryError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, central_meridian, gauss_zone, transform

Areas = NDArray[np.float64]

LONGEST_EDGE_M: Final = 70.0


def measure_plane(gauss: str) -> str:
    """Name the equal-area plane that belongs to a Gauss plane.

    The axis is the zone's central meridian, which keeps coordinates small; it does not
    change any area.

    Raises:
        CrsError: ``gauss`` is not an unprefixed CGCS2000 3-degree plane.
    """
    zone = gauss_zone(gauss)
    if zone is None:
        raise CrsError("crs-not-gauss", crs=gauss)
    return f"+proj=cea +lat_ts=0 +lon_0={central_meridian(zone)} +ellps=GRS80 +units=m +type=crs"


def to_measure_plane(geometries: Geometries, gauss: str) -> Geometries:
    """Bring geographic geometries to the measure plane, edges cut to 70 m first.

    Args:
        geometries: ``(n,)`` geometries in EPSG:4490; neighbours that share vertices keep
            sharing them.
        gauss: The Gauss plane in which edges are straight, for example ``EPSG:4546``.

    Returns:
        ``(n,)`` geometries whose planar area in m² is the official area.

    Raises:
        GeometryError: A coordinate is not finite.
    """
    _require_finite(geometries)
    plane = transform(shapely.force_2d(geometries), GEOGRAPHIC, gauss)
    cut = shapely.segmentize(plane, LONGEST_EDGE_M)
    return transform(cut, gauss, measure_plane(gauss))


def official_areas(geometries: Geometries, gauss: str) -> Areas:
    """Measure the official area of each geometry.

    Args:
        geometries: ``(n,)`` geometries in EPSG:4490; holes are subtracted, Z is ignored,
            lines, points and empty ones measure zero.
        gauss: The Gauss plane in which edges are straight.

    Returns:
        ``(n,)`` m², unrounded.

    Raises:
        GeometryError: A coordinate is not finite.
    """
    areas: Areas = shapely.area(to_measure_plane(geometries, gauss))
    return areas


def planar_areas(geometries: Geometries, gauss: str) -> Areas:
    """Measure the area in the Gauss plane, shown beside the official one."""
    _require_finite(geometries)
    areas: Areas = shapely.area(transform(shapely.force_2d(geometries), GEOGRAPHIC, gauss))
    return areas


def _require_finite(geometries: Geometries) -> None:
    coordinates, rows = shapely.get_coordinates(geometries, return_index=True)
    bad = ~np.isfinite(coordinates).all(axis=1)
    if bad.any():
        raise GeometryError("geometry-not-finite", row=int(rows[np.flatnonzero(bad)[0]]) + 1)
