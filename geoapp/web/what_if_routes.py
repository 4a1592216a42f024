"""The route that answers while somebody draws: what the boundary holds of every layer."""

import time
from dataclasses import asdict, dataclass
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
from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError
from geoapp.i18n import Lang
from geoapp.overlay.what_if_result import Earlier, Existing, MovedBoundary
from geoapp.reports.content import Wording
from geoapp.reports.what_if_content import live_rows, word_area, word_moved
from geoapp.values import AreaUnit
from geoapp.web.drawing import read_body, read_document, take_drawing
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error

_AT_ONCE: Final = 2
_LONGEST: Final = 400  # of a name or key
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_limiters: dict[str, CapacityLimiter] = {}


def what_if_routes() -> list[BaseRoute]:
    """Give the route, to be mounted beside those of the map."""
    return [Route("/what-if", what_if, methods=["POST"])]


async def what_if(request: Request) -> Response:
    """Measure every layer inside of a polygon given in CGCS2000 degrees.

    With ``replaces``, ``{"layer": …, "feature": …}`` or ``{"scenario": …, "version": …}``, what
    it gains and gives up against that boundary is told as well.
    """
    lang: Lang = "en" if request.query_params.get("lang") == "en" else "zh"
    try:
        document = read_document(await read_body(request))
        geometry, unit = take_drawing(document, lines=False)
        replaces = _read_replaces(document.get("replaces"))
        limiter = _limiters.setdefault("what-if", CapacityLimiter(_AT_ONCE))
        work = partial(_answer, request, geometry[0], replaces, unit, lang)
        answer = await anyio.to_thread.run_sync(work, limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        return await answer_error(request, error)
    return JSONResponse(answer, headers=_HEADERS)


@dataclass(frozen=True, slots=True)
class _Named:
    """A scenario by its name; the newest version unless one is named."""

    scenario: str
    version: int | None


def _read_replaces(asked: object) -> Existing | _Named | None:
    """Read which boundary is replaced.

    Raises:
        ChoiceError: It names none.
    """
    match asked:
        case None:
            return None
        case {"layer": str(layer), "feature": str(feature)} if len(layer + feature) <= _LONGEST:
            return Existing(layer, feature)
        case {"scenario": str(name), "version": int(version)} if len(name) <= _LONGEST:
            return _Named(name, version)
        case {"scenario": str(name), **rest} if not rest and len(name) <= _LONGEST:
            return _Named(name, None)
        case _:
            raise ChoiceError("what-if-replaces-wrong")


def _find_replaced(
    workspace: Workspace, named: Existing | _Named | None
) -> Existing | Earlier | None:
    if not isinstance(named, _Named):
        return named
    found = workspace.scenarios.require(named.scenario, named.version)
    return Earlier(found.label, found.geometry)


def _answer(
    request: Request,
    geometry: shapely.Geometry,
    named: Existing | _Named | None,
    unit: AreaUnit,
    lang: Lang,
) -> dict[str, Any]:
    begun = time.perf_counter()
    workspace = workspace_of(request)
    require(workspace.principal, "view_scenarios")
    result = workspace.what_if(geometry, replaces=_find_replaced(workspace, named))
    wording = Wording(
        lang,
        unit,
        lambda code, name: workspace.name_unit(code, lang, fallback=name),
        lambda layer: workspace.library.require(layer).title[lang],
        datetime.now().astimezone(),
    )
    return {
        "area_m2": result.area_m2,
        "text": word_area(result.area_m2, wording),
        "rows": [asdict(row) for row in live_rows(result, workspace.library, wording)],
        "moved": _moved(result.moved, workspace, wording),
        "sample": result.sample,
        "ms": round(1000 * (time.perf_counter() - begun)),
    }


def _moved(
    moved: MovedBoundary | None, workspace: Workspace, wording: Wording
) -> dict[str, Any] | None:
    if moved is None:
        return None
    return {
        "before_m2": moved.before_m2,
        "gained_m2": moved.gained_m2,
        "lost_m2": moved.lost_m2,
        "text": word_moved(moved, workspace.library, wording),
    }
