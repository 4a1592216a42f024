"""The routes of finding: what lies at a point, one feature, search; JSON documents."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import anyio
from anyio import CapacityLimiter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError
from geoapp.finding.identify import ObjectRequest, PointRequest
from geoapp.finding.search import SearchRequest
from geoapp.i18n import Lang, require_lang
from geoapp.values import AreaUnit
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error

Document = dict[str, Any]
Question = Callable[[Workspace], Document]

_AT_ONCE: Final = 4  # threads of its own: neither pages nor maps wait for it
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_COUNT: Final = re.compile(r"\d{1,9}", re.ASCII)
_SHOWN: Final = 40
_ZOOM: Final = "16"
_LIMIT: Final = "20"
_HEADERS: Final = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
_limiters: dict[str, CapacityLimiter] = {}


async def identify(request: Request) -> Response:
    """Answer what lies at a point."""
    return await _answer(request, _point)


async def describe(request: Request) -> Response:
    """Answer with one feature."""
    return await _answer(request, _object)


async def search(request: Request) -> Response:
    """Answer with what was found."""
    return await _answer(request, _search)


def finding_routes() -> list[BaseRoute]:
    """Give the routes, to be mounted beside those of the map."""
    return [
        Route("/identify", identify),
        Route("/object", describe),
        Route("/search", search),
    ]


def _point(query: QueryParams) -> Question:
    asked = PointRequest(
        longitude=_number(query, "lon"),
        latitude=_number(query, "lat"),
        zoom=_number(query, "z", _ZOOM),
        layers=_layers(query),
        also=_layers(query, "also"),
        lang=_lang(query),
        unit=_unit(query),
    )
    return lambda workspace: workspace.identify(asked)


def _object(query: QueryParams) -> Question:
    asked = ObjectRequest(
        layer=query.get("layer", "")[:_SHOWN],
        row=_count(query, "row"),
        snapshot=query.get("v", "")[:_SHOWN],
        zoom=_number(query, "z", _ZOOM),
        lang=_lang(query),
        unit=_unit(query),
    )
    return lambda workspace: workspace.describe_object(asked)


def _search(query: QueryParams) -> Question:
    asked = SearchRequest(
        query=query.get("q", ""),
        layers=_layers(query),
        limit=_count(query, "limit", _LIMIT),
        lang=_lang(query),
    )
    return lambda workspace: workspace.search(asked)


async def _answer(request: Request, read: Callable[[QueryParams], Question]) -> Response:
    try:
        question = read(request.query_params)
        limiter = _limiters.setdefault("finding", CapacityLimiter(_AT_ONCE))
        document = await anyio.to_thread.run_sync(partial(_ask, request, question), limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        refused = await answer_error(request, error)
        refused.headers.update(_HEADERS)
        return refused
    return JSONResponse(document, headers=_HEADERS)


def _ask(request: Request, question: Question) -> Document:
    return question(workspace_of(request))


def _number(query: QueryParams, name: str, default: str = "") -> float:
    value = query.get(name) or default
    if not value:
        raise ChoiceError("number-missing", option=name)
    if len(value) > _SHOWN or not _NUMBER.fullmatch(value):
        raise ChoiceError("number-wrong", option=name, value=value[:_SHOWN])
    return float(value)


def _count(query: QueryParams, name: str, default: str = "") -> int:
    value = query.get(name) or default
    if not value:
        raise ChoiceError("number-missing", option=name)
    if not _COUNT.fullmatch(value):
        raise ChoiceError("number-wrong", option=name, value=value[:_SHOWN])
    return int(value)


def _layers(query: QueryParams, name: str = "layers") -> tuple[str, ...]:
    names = query.get(name, "").split(",")
    return tuple(name.strip()[:_SHOWN] for name in names if name.strip())


def _lang(query: QueryParams) -> Lang:
    return require_lang((query.get("lang") or "zh")[:_SHOWN])


def _unit(query: QueryParams) -> AreaUnit:
    value = query.get("unit") or AreaUnit.HA.value
    if value not in list(AreaUnit):
        offered = ", ".join(AreaUnit)
        raise ChoiceError("choice-unknown", option="unit", value=value[:_SHOWN], offered=offered)
    return AreaUnit(value)
