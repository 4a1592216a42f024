"""A polygon as somebody draws or hands it over: taken as it is or refused, never repaired."""

import numpy as np
import shapely

from geoapp.catalog.city import City
from geoapp.errors import GeometryError
from geoapp.geometry.crs import GEOGRAPHIC, require_inside, transform_points
from geoapp.geometry.measure import measure_plane, to_measure_plane


def take_polygon(geometry: object, city: City) -> shapely.Geometry:
    """Bring a polygon to the measure plane.

    Args:
        geometry: Shapely polygon or multipolygon in EPSG:4490 degrees, holes allowed; Z is
            ignored.
        city: The city that it must touch.

    Returns:
        The polygon in the city's measure plane, edges cut to 70 m in the Gauss plane.

    Raises:
        GeometryError: It is no polygon, is empty, has a coordinate that is not finite, or its
            boundary crosses itself.
        CrsError: It lies outside the city's rectangle.
    """
    if not isinstance(geometry, (shapely.Polygon, shapely.MultiPolygon)):
        raise GeometryError("polygon-wrong-kind", found=type(geometry).__name__)
    if geometry.is_empty:
        raise GeometryError("polygon-empty")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise GeometryError("polygon-not-finite")
    only = np.array([geometry], dtype=object)
    require_inside(only, GEOGRAPHIC, city.extent.to_extent(), city.zone)
    if not shapely.is_valid(geometry):
        raise _explain(geometry, "")
    measured: shapely.Geometry = to_measure_plane(only, city.crs)[0]
    if not shapely.is_valid(measured):  # edges that all but touch may cross once they are cut
        raise _explain(measured, measure_plane(city.crs))
    return measured


def _explain(geometry: shapely.Geometry, plane: str) -> GeometryError:
    """Say what is wrong, and where in degrees; ``plane`` is "" for degrees."""
    reason, _, place = str(shapely.is_valid_reason(geometry)).partition("[")
    found = np.array([[float(value) for value in place.rstrip("]").split()[:2]]])
    if plane:
        found = transform_points(found, plane, GEOGRAPHIC)
    longitude, latitude = found[0].round(6).tolist()
    return GeometryError("polygon-not-valid", reason=reason, longitude=longitude, latitude=latitude)
