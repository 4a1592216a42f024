"""The route that measures what somebody draws on the map: official area, true length."""

from functools import partial
from typing import Any, Final

import anyio
import shapely
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import Workspace
from geoapp.errors import GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import official_areas, total_length
from geoapp.i18n import Lang, text
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up, to_kilometres
from geoapp.web.drawing import read_body, read_drawing
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error

NEAR_DEGREES: Final = 3.0  # farther off, the city's plane says nothing any more
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
        geometry, unit = read_drawing(await read_body(request))
        limiter = _limiters.setdefault("measure", CapacityLimiter(_AT_ONCE))
        work = partial(_measure, request, geometry, unit, lang)
        document = await anyio.to_thread.run_sync(work, limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        return await answer_error(request, error)
    return JSONResponse(document, headers=_HEADERS)


def _measure(request: Request, geometry: Geometries, unit: AreaUnit, lang: Lang) -> dict[str, Any]:
    workspace = workspace_of(request)
    _require_near(geometry, workspace)
    gauss = workspace.city.crs
    if shapely.get_dimensions(geometry[0]) == 2:
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
