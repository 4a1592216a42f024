"""The route that answers while somebody draws: what the boundary holds of every layer."""

import time
from datetime import datetime
from functools import partial
from typing import Any, Final

import anyio
import shapely
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.access.policy import require
from geoapp.i18n import Lang
from geoapp.reports.content import Wording
from geoapp.reports.what_if_content import live_rows, word_area
from geoapp.values import AreaUnit
from geoapp.web.drawing import read_body, read_drawing
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error

_AT_ONCE: Final = 2
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_limiters: dict[str, CapacityLimiter] = {}


def what_if_routes() -> list[BaseRoute]:
    """Give the route, to be mounted beside those of the map."""
    return [Route("/what-if", what_if, methods=["POST"])]


async def what_if(request: Request) -> Response:
    """Measure every layer inside of a polygon given in CGCS2000 degrees."""
    lang: Lang = "en" if request.query_params.get("lang") == "en" else "zh"
    try:
        geometry, unit = read_drawing(await read_body(request), lines=False)
        limiter = _limiters.setdefault("what-if", CapacityLimiter(_AT_ONCE))
        work = partial(_answer, request, geometry[0], unit, lang)
        document = await anyio.to_thread.run_sync(work, limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        return await answer_error(request, error)
    return JSONResponse(document, headers=_HEADERS)


def _answer(
    request: Request, geometry: shapely.Geometry, unit: AreaUnit, lang: Lang
) -> dict[str, Any]:
    begun = time.perf_counter()
    workspace = workspace_of(request)
    require(workspace.principal, "view_scenarios")
    result = workspace.what_if(geometry)
    wording = Wording(
        lang,
        unit,
        lambda code, name: workspace.name_unit(code, lang, fallback=name),
        lambda layer: workspace.library.require(layer).title[lang],
        datetime.now().astimezone(),
    )
    rows = live_rows(result, workspace.library, wording)
    return {
        "area_m2": result.area_m2,
        "text": word_area(result.area_m2, wording),
        "rows": [
            {
                "title": row.title,
                "text": row.text,
                "share": row.share,
                "occupied": row.occupied,
                "known": row.known,
            }
            for row in rows
        ],
        "sample": result.sample,
        "ms": round(1000 * (time.perf_counter() - begun)),
    }
