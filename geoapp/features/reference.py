"""Reference systems in which features are given, under the names of the standard.

Everywhere else in the product x comes before y. Here alone coordinates leave and arrive in
the order that the register lays down for a system: north before east for all but CRS84.

Source: OGC 18-058r1 (OGC API - Features Part 2), 17-069r4 (Part 1).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyproj
import shapely

from geoapp.catalog.city import City
from geoapp.errors import ChoiceError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, gauss_crs, transform
from geoapp.settings import PACKAGE

_SHOWN: Final = 120


@cache
def ogc_names() -> dict[str, Any]:
    """Read the names that the standards give."""
    with (PACKAGE / "features" / "ogc.toml").open("rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True, slots=True)
class Reference:
    """A system as the outside names it.

    Attributes:
        uri: Its name in requests and answers.
        crs: The system, ``EPSG:n``; CRS84 is read as CGCS2000, which agrees with it to within
            decimetres.
        north_first: Whether the register puts north before east.
    """

    uri: str
    crs: str
    north_first: bool

    @property
    def geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return self.crs == GEOGRAPHIC

    def write(self, geometries: Geometries) -> Geometries:
        """Bring geographic geometries to this system, in its axis order."""
        moved = geometries if self.geographic else transform(geometries, GEOGRAPHIC, self.crs)
        return shapely.transform(moved, lambda xy: xy[:, ::-1]) if self.north_first else moved

    def swap(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Put the numbers of a box, in this system's order, east before north."""
        first, second, third, fourth = box
        return (second, first, fourth, third) if self.north_first else box


@cache
def offered_references(city: City) -> tuple[Reference, ...]:
    """List the systems that a city's features are offered in; the first is the default."""
    systems = (GEOGRAPHIC, gauss_crs(city.zone), gauss_crs(city.zone, prefixed=True))
    return (
        Reference(str(ogc_names()["crs84"]), GEOGRAPHIC, north_first=False),
        *(_registered(system) for system in systems),
    )


def stored_reference(city: City) -> Reference:
    """Give the system that features are stored in."""
    return offered_references(city)[1]


def require_reference(city: City, uri: str, option: str) -> Reference:
    """Find a system by its name; the default one without a name.

    Raises:
        ChoiceError: It is not offered.
    """
    offered = offered_references(city)
    if not uri:
        return offered[0]
    found = next((reference for reference in offered if reference.uri == uri), None)
    if found is None:
        names = ", ".join(reference.uri for reference in offered)
        raise ChoiceError("choice-unknown", option=option, value=uri[:_SHOWN], offered=names)
    return found


def _registered(system: str) -> Reference:
    code = system.removeprefix("EPSG:")
    directions = [axis.direction for axis in pyproj.CRS(system).axis_info]
    uri = str(ogc_names()["epsg"]).format(code=code)
    return Reference(uri, system, north_first=directions[0] == "north")


def write_geometries(geometries: Geometries, reference: Reference) -> list[str | None]:
    """Write geographic geometries as GeoJSON text in a system, every digit kept.

    Rings run as RFC 7946 wants them where x comes first.
    """
    shapes = reference.write(np.asarray(shapely.orient_polygons(geometries)))
    return [None if shape is None else str(shape) for shape in shapely.to_geojson(shapes)]
