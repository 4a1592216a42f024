"""Geometries as values of results: compared, written and read back without losing a bit."""

import json
from typing import Annotated, Any, Final

import shapely
from pydantic import PlainSerializer, PlainValidator

_DECIMALS: Final = 8  # of degrees in GeoJSON: about a millimetre


def to_hex(shape: shapely.Geometry) -> str:
    """Write a geometry exactly, as well-known binary in hexadecimal digits."""
    return str(shapely.to_wkb(shape, hex=True, byte_order=1, include_srid=False))


def from_hex(value: object) -> shapely.Geometry:
    """Read a geometry that ``to_hex`` wrote; a geometry is taken as it is."""
    if isinstance(value, shapely.Geometry):
        return value
    try:
        found: shapely.Geometry = shapely.from_wkb(str(value))
    except shapely.errors.GEOSException as error:
        message = "no well-known binary"
        raise ValueError(message) from error
    return found


# Any: pydantic knows nothing of shapely.
Shape = Annotated[Any, PlainValidator(from_hex), PlainSerializer(to_hex)]


def to_geojson(shape: shapely.Geometry) -> dict[str, Any]:
    """Give the GeoJSON geometry, to be drawn; positions are rounded to a millimetre."""
    rounded = shapely.transform(shape, lambda xy: xy.round(_DECIMALS))
    found: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return found
