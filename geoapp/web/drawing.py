"""Reading what somebody draws on the map: nothing of it is believed before it is checked."""

import json
from typing import Any, Final

import numpy as np
import shapely
from starlette.requests import Request

from geoapp.errors import ChoiceError, GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.values import AreaUnit

MOST_VERTICES: Final = 10_000
MOST_BYTES: Final = 1_000_000
MOST_DEGREES: Final = 180
MOST_PARTS: Final = 100
_KINDS: Final = ("Polygon", "MultiPolygon", "LineString")


async def read_body(request: Request) -> bytes:
    """Read the body, but never more of it than a drawing can have.

    Raises:
        GeometryError: It is longer.
    """
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    return bytes(content)


def read_document(content: bytes) -> dict[str, Any]:
    """Read the body of a request about a drawing.

    Raises:
        GeometryError: It holds none.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("geometry"), dict):
        raise GeometryError("drawing-wrong")
    return document


def read_drawing(content: bytes) -> tuple[Geometries, AreaUnit]:
    """Read one polygon, multipolygon or line in degrees, and the unit of areas asked for.

    Raises:
        GeometryError: It is none, crosses itself or is too large.
        ChoiceError: There is no such unit.
    """
    return take_drawing(read_document(content))


def take_drawing(document: dict[str, Any], *, lines: bool = True) -> tuple[Geometries, AreaUnit]:
    """Take the drawing out of a body that was read; see ``read_drawing``."""
    geometry = document["geometry"]
    unit = document.get("unit") or AreaUnit.HA.value
    if unit not in list(AreaUnit):
        offered = ", ".join(AreaUnit)
        raise ChoiceError("unit-of-area-unknown", value=str(unit)[:20], offered=offered)
    if not lines and geometry.get("type") == "LineString":
        raise GeometryError("drawing-wrong")
    return _shape(geometry), AreaUnit(unit)


def _shape(geometry: dict[str, Any]) -> Geometries:
    """Build the one geometry; every ring and line is checked before shapely sees it."""
    kind, paths = geometry.get("type"), geometry.get("coordinates")
    if kind not in _KINDS:
        raise GeometryError("drawing-wrong")
    if kind == "LineString":
        return np.array([shapely.LineString(_paths([paths], least=2)[0])], dtype=object)
    parts = paths if kind == "MultiPolygon" else [paths]
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST_PARTS:
        raise GeometryError("drawing-wrong")
    polygons = [_polygon(rings) for rings in parts]
    shape = polygons[0] if kind == "Polygon" else shapely.MultiPolygon(polygons)
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    if not shape.is_valid:
        raise GeometryError("drawing-crosses")
    return np.array([shape], dtype=object)


def _polygon(rings: object) -> shapely.Polygon:
    arrays = _paths(rings, least=4)
    if any((ring[0] != ring[-1]).any() for ring in arrays):
        raise GeometryError("drawing-wrong")
    return shapely.Polygon(arrays[0], arrays[1:])


def _paths(paths: object, *, least: int) -> list[np.ndarray]:
    if not isinstance(paths, list) or not paths:
        raise GeometryError("drawing-wrong")
    arrays = [_path(path, least) for path in paths]
    if sum(map(len, arrays)) > MOST_VERTICES:
        raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    return arrays


def _path(path: object, least: int) -> np.ndarray:
    """Give ``(n, 2)`` degrees."""
    if not isinstance(path, list) or len(path) < least:
        raise GeometryError("drawing-wrong")
    if len(path) > MOST_VERTICES:
        raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    for point in path:
        if not isinstance(point, list) or len(point) < 2:
            raise GeometryError("drawing-wrong")
        if any(type(number) not in (int, float) for number in point[:2]):
            raise GeometryError("drawing-wrong")
        if any(not -MOST_DEGREES <= number <= MOST_DEGREES for number in point[:2]):  # or no number
            raise GeometryError("drawing-wrong")
    return np.array([[float(x), float(y)] for x, y, *_ in path])
