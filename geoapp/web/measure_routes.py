"""The route that measures what somebody draws on the map: official area, true length."""

import json
from functools import partial
from typing import Any, Final

import anyio
import numpy as np
import shapely
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError, GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import official_areas, total_length
from geoapp.i18n import Lang, text
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up, to_kilometres
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error

MOST_VERTICES: Final = 10_000
MOST_BYTES: Final = 1_000_000
NEAR_DEGREES: Final = 3.0  # farther off, the city's plane says nothing any more
MOST_DEGREES: Final = 180
_KINDS: Final = ("Polygon", "LineString")
_AT_ONCE: Final = 2
_KILOMETRE_M: Final = 1000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_limiters: dict[str, CapacityLimiter] = {}


def measure_routes() -> list[BaseRoute]:
    """Give the route, to be mounted beside those of the map."""
    return [Route("/measure", measure, methods=["POST"])]


async def measure(request: Request) -> Response:
    """Measure one polygon or line given in CGCS2000 degrees."""
    lang: Lang = "en" if request.query_params.get("lang") == "en" else "zh"
    try:
        geometry, unit = _read(await _body(request))
        limiter = _limiters.setdefault("measure", CapacityLimiter(_AT_ONCE))
        work = partial(_measure, request, geometry, unit, lang)
        document = await anyio.to_thread.run_sync(work, limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        return await answer_error(request, error)
    return JSONResponse(document, headers=_HEADERS)


async def _body(request: Request) -> bytes:
    """Read the body, but never more of it than a drawing can have."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    return bytes(content)


def _read(content: bytes) -> tuple[Geometries, AreaUnit]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    geometry = document.get("geometry") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(geometry, dict):
        raise GeometryError("drawing-wrong")
    unit = document.get("unit") or AreaUnit.HA.value
    if unit not in list(AreaUnit):
        offered = ", ".join(AreaUnit)
        raise ChoiceError("unit-of-area-unknown", value=str(unit)[:20], offered=offered)
    return _shape(geometry), AreaUnit(unit)


def _shape(geometry: dict[str, Any]) -> Geometries:
    """Build the one geometry; every ring and line is checked before shapely sees it."""
    if geometry.get("type") not in _KINDS:
        raise GeometryError("drawing-wrong")
    paths = geometry.get("coordinates")
    filled = geometry["type"] == "Polygon"
    rings = paths if filled else [paths]
    if not isinstance(rings, list) or not rings:
        raise GeometryError("drawing-wrong")
    least = 4 if filled else 2
    arrays = [_path(ring, least) for ring in rings]
    if sum(map(len, arrays)) > MOST_VERTICES:
        raise GeometryError("drawing-too-large", most=MOST_VERTICES)
    if filled:
        if any((ring[0] != ring[-1]).any() for ring in arrays):
            raise GeometryError("drawing-wrong")
        shape = shapely.Polygon(arrays[0], arrays[1:])
        if not shape.is_valid:
            raise GeometryError("drawing-crosses")
        return np.array([shape], dtype=object)
    return np.array([shapely.LineString(arrays[0])], dtype=object)


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


def _measure(request: Request, geometry: Geometries, unit: AreaUnit, lang: Lang) -> dict[str, Any]:
    workspace = workspace_of(request)
    _require_near(geometry, workspace)
    gauss = workspace.city.crs
    if shapely.get_type_id(geometry[0]) == shapely.GeometryType.POLYGON.value:
        area = float(official_areas(geometry, gauss)[0])
        border = total_length(shapely.boundary(geometry), gauss)
        return {"area_m2": area, "length_m": border, "text": _word_area(area, border, unit, lang)}
    length = total_length(geometry, gauss)
    return {"area_m2": None, "length_m": length, "text": _word_length(length, lang)}


def _require_near(geometry: Geometries, workspace: Workspace) -> None:
    """Stop at what lies far from the city."""
    west, south, east, north = shapely.bounds(geometry)[0]
    box = workspace.city.extent
    reach = NEAR_DEGREES
    near = (
        west >= box.west - reach
        and east <= box.east + reach
        and south >= box.south - reach
        and north <= box.north + reach
    )
    if not near:
        raise GeometryError("drawing-outside")


def _word_area(area: float, border: float, unit: AreaUnit, lang: Lang) -> str:
    """Word an area in m² and mu, and in the unit of the page if that is another."""
    units = dict.fromkeys((AreaUnit.M2, AreaUnit.MU, unit))
    figures = (f"{convert_area(area, one):,} {text(lang, f'unit.{one}')}" for one in units)
    around = text(lang, "map.border", length=_word_length(border, lang))
    return " · ".join([*figures, around])


def _word_length(length: float, lang: Lang) -> str:
    if length < _KILOMETRE_M:
        return f"{round_half_up(length, METRE_DECIMALS):,} {text(lang, 'unit.m')}"
    return f"{to_kilometres(length):,} {text(lang, 'unit.km')}"
