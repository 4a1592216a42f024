"""The routes of map tiles: vector tiles, class pictures, and what a layer offers of them.

A tile never changes under its address when that names a snapshot (``v=``). ``e=`` names the
edition of rules and colours; it is there to make the address change and is not read.
"""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, TypeVar

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError, ConflictError, NotFoundError
from geoapp.finding.territory import Shown
from geoapp.i18n import Lang, text, word_error
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.service import TileLayer, TileService, edition, scope_key
from geoapp.tiles.vector import KEYS
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error, problem

VECTOR_TYPE: Final = "application/vnd.mapbox-vector-tile"
PATIENCE_S: Final = 5.0  # how long a request waits for a layer that is being prepared
_RETRY_S: Final = 3
_FOREVER: Final = "private, max-age=31536000, immutable"
_NUMBER: Final = re.compile("[0-9]{1,10}")
_SHOWN: Final = 20
_MOST_CLASSES: Final = 100
_LOOKUPS_AT_ONCE: Final = 4

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for, checked as far as that goes without the tiles.

    Attributes:
        shown: The features that the acting person may see; ``None``: all.
    """

    snapshot: Snapshot
    definition: LayerDefinition
    lang: Lang
    fixed: bool
    shown: Shown | None


@lru_cache(maxsize=1)
def tile_service() -> TileService:
    """Give the tiles of this process."""
    return TileService()


def build_tile_routes() -> list[BaseRoute]:
    """Give the routes below ``/tiles``."""
    return [
        Route("/{layer}.json", _worded(describe)),
        Route("/{layer}/{z}/{x}/{y}.mvt", _worded(vector)),
        Route("/{layer}/{z}/{x}/{y}.png", _worded(picture)),
    ]


async def describe(request: Request) -> Response:
    """Tell which tiles a layer has, in the manner of TileJSON 3."""
    asked = await _find(request)
    known = f"{asked.snapshot.name}-{edition(asked.definition)}-{scope_key(asked.shown)}"
    tag = f'"{known}-{asked.lang}"'
    headers = _headers(asked, tag)
    if _unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    layer = await _open(asked)
    if isinstance(layer, Response):
        return layer
    return _without_body(request, JSONResponse(_describe(asked, layer), headers=headers))


async def vector(request: Request) -> Response:
    """Answer with a vector tile; 204 where it is empty."""
    address = _address(request)
    asked = await _find(request)
    zipped = _takes_gzip(request)
    tag = _tag(asked, address, "mvt-gzip" if zipped else "mvt")
    headers = _headers(asked, tag) | {"Vary": "Accept-Encoding"}
    if _unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    layer = await _open(asked)
    if isinstance(layer, Response):
        return layer
    _require(address, layer.vector_zooms, asked)
    content = await _arrive(tile_service().vector_tile(layer, address, asked.shown))
    if not content:
        return Response(status_code=204, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return _without_body(request, Response(content, media_type=VECTOR_TYPE, headers=headers))


async def picture(request: Request) -> Response:
    """Answer with a class picture: ``field=`` names the class field, ``only=`` the classes."""
    address = _address(request)
    asked = await _find(request)
    field = request.query_params.get("field") or _coloured_by(asked.definition)
    codes = [code for code in request.query_params.get("only", "").split(",") if code]
    if len(codes) > _MOST_CLASSES:
        raise ChoiceError("tile-class-unknown", field=field[:_SHOWN], value=f"({len(codes)})")
    only = frozenset(codes)
    variant = hashlib.sha256("\n".join([field, *sorted(only)]).encode()).hexdigest()[:16]
    tag = _tag(asked, address, f"png-{variant}")
    headers = _headers(asked, tag)
    if _unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    layer = await _open(asked)
    if isinstance(layer, Response):
        return layer
    _require(address, layer.picture_zooms, asked)
    made = tile_service().picture_tile(layer, address, field, only, asked.shown)
    content = await _arrive(made)
    return _without_body(request, Response(content, media_type="image/png", headers=headers))


def _worded(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Any]:
    """Let a route answer with problem documents, whatever goes wrong."""

    async def guarded(request: Request) -> Response:
        try:
            return await answer(request)
        except ChoiceError as error:
            if error.code != "tile-address-wrong":
                return await answer_error(request, error)
            return problem(HTTPStatus.BAD_REQUEST, error.code, word_error(error, _lang(request)))
        except Exception as error:  # noqa: BLE001  what is not ours becomes a reference number
            return await answer_error(request, error)

    return guarded


def _lang(request: Request) -> Lang:
    return "en" if request.query_params.get("lang") == "en" else "zh"


def _address(request: Request) -> TileAddress:
    written = [request.path_params[name] for name in ("z", "x", "y")]
    if not all(_NUMBER.fullmatch(part) for part in written):
        shown = (part[:_SHOWN] for part in written)
        raise ChoiceError("tile-address-wrong", address="/".join(shown))
    return TileAddress(*map(int, written))


def _require(address: TileAddress, zooms: range, asked: _Asked) -> None:
    """Stop unless the layer has such a tile."""
    if address.exists and address.zoom in zooms:
        return
    raise NotFoundError(
        "tile-outside",
        layer=asked.definition.title,
        zoom=address.zoom,
        x=address.x,
        y=address.y,
        least=zooms.start if zooms else "-",
        most=zooms.stop - 1 if zooms else "-",
    )


async def _find(request: Request) -> _Asked:
    """Find layer and snapshot, on a thread, if the acting person may see them."""
    named = request.query_params.get("v", "")
    layer, lang = request.path_params["layer"], _lang(request)

    def find() -> _Asked:
        workspace = workspace_of(request)
        snapshot = workspace.snapshot(layer, named=named)
        definition, shown = workspace.library.require(layer), workspace.shown_rows(snapshot)
        return _Asked(snapshot, definition, lang, bool(named), shown)

    return await anyio.to_thread.run_sync(find, limiter=_lookups())


@lru_cache(maxsize=1)
def _lookups() -> CapacityLimiter:
    return CapacityLimiter(_LOOKUPS_AT_ONCE)


async def _open(asked: _Asked) -> TileLayer | Response:
    """Open a layer; when it is being prepared for longer than that, ask to come again."""
    future = tile_service().layer(asked.snapshot, asked.definition)
    if not await _wait(future, PATIENCE_S):
        error = ConflictError("tiles-building", layer=asked.definition.title, seconds=_RETRY_S)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        answer = problem(status, error.code, word_error(error, asked.lang))
        answer.headers["Retry-After"] = str(_RETRY_S)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    return future.result()


async def _arrive(future: Future[Value]) -> Value:
    await _wait(future, None)
    return future.result()


async def _wait(future: Future[Any], patience: float | None) -> bool:
    """Wait without a thread, and without taking the result from others when a client leaves."""
    if future.done():
        return True
    woken, loop = asyncio.Event(), asyncio.get_running_loop()

    def wake(_future: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(woken.set)

    future.add_done_callback(wake)
    with anyio.move_on_after(patience):
        await woken.wait()
    return future.done()


def _headers(asked: _Asked, tag: str) -> dict[str, str]:
    return {
        "ETag": tag,
        "Cache-Control": _FOREVER if asked.fixed else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def _tag(asked: _Asked, address: TileAddress, variant: str) -> str:
    place, scope = "-".join(map(str, address)), scope_key(asked.shown)
    return f'"{asked.snapshot.name}-{edition(asked.definition)}-{scope}-{place}-{variant}"'


def _unchanged(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return tag in {part.strip().removeprefix("W/") for part in known.split(",")}


def _takes_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in {"gzip", "*"}:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _without_body(request: Request, response: Response) -> Response:
    """Answer HEAD with the headers of GET."""
    if request.method != "HEAD":
        return response
    return Response(status_code=response.status_code, headers=dict(response.headers))


def _coloured_by(definition: LayerDefinition) -> str:
    style = definition.style
    return definition.class_field if style.by_class or style.draw == "picture" else ""


def _describe(asked: _Asked, layer: TileLayer) -> dict[str, Any]:
    manifest, definition = asked.snapshot.manifest, asked.definition
    query = f"?v={asked.snapshot.name}&e={edition(definition)}"
    base = f"/tiles/{definition.id}/{{z}}/{{x}}/{{y}}"
    unit = definition.group == "unit"
    fields = {key: text(asked.lang, f"tiles.{key}") for key in KEYS if unit or key not in _LABELS}
    note = manifest.source.note
    pictured = layer.picture_zooms
    return {
        "tilejson": "3.0.0",
        "name": definition.title[asked.lang],
        "geometry": definition.geometry,
        "tiles": [f"{base}.mvt{query}"],
        "minzoom": layer.vector_zooms.start,
        "maxzoom": MAX_ZOOM,
        "bounds": layer.drawn.bounds,
        "attribution": text(asked.lang, note) if note else definition.source[asked.lang],
        "vector_layers": [{"id": definition.id, "fields": fields}],
        "picture": {
            "url": f"{base}.png{query}",
            "minzoom": MIN_ZOOM,
            "maxzoom": pictured.stop - 1,
            "fields": [rule.name for rule in definition.class_fields],
        }
        if pictured
        else None,
        "snapshot": asked.snapshot.name,
        "as_of": manifest.as_of.isoformat(),
        "sample": manifest.sample,
        "count": int(asked.shown.mask.sum()) if asked.shown else manifest.feature_count,
    }


_LABELS: Final = frozenset({"code", "name"})
