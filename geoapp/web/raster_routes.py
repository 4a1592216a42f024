"""Routes of rasters and local basemaps: what there is, and its tiles."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError, GeoAppError
from geoapp.i18n import Lang, word_error
from geoapp.tiles.basemap import OfferedBasemap
from geoapp.tiles.colours import Format, legend
from geoapp.tiles.mercator import TileAddress
from geoapp.tiles.raster import require_style
from geoapp.tiles.raster_files import STYLES, Raster
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error, lang_of, problem

Answer = TypeVar("Answer")

# Not an empty answer: a browser takes a picture without content for a failed one.
CLEAR_PNG: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
_AT_ONCE: Final = 4  # tiles must never hold up the pages, nor the layers of the map
_FOREVER: Final = "private, max-age=31536000, immutable"
_FORMATS: Final[Mapping[str, Format]] = {"png": "png", "webp": "webp"}
_SHOWN: Final = 40
_limiters: dict[str, CapacityLimiter] = {}


async def rasters(request: Request) -> Response:
    """List the rasters that the caller may see, and the files that cannot be drawn."""
    return await _guarded(request, "rasters", partial(_list_rasters, lang_of(request)))


async def basemaps(request: Request) -> Response:
    """List the basemaps that can be drawn, and those that are refused."""
    return await _guarded(request, "basemaps", partial(_list_basemaps, lang_of(request)))


async def raster_tile(request: Request) -> Response:
    """Answer with a tile of a raster."""
    return await _guarded(request, "rasters", partial(_raster_tile, request))


async def basemap_tile(request: Request) -> Response:
    """Answer with a tile of a local basemap."""
    return await _guarded(request, "basemaps", partial(_basemap_tile, request))


async def nothing_here(_request: Request) -> Response:
    """Answer for a path that does not exist; Streamlit would send its page instead."""
    return problem(HTTPStatus.NOT_FOUND, "not-found", HTTPStatus.NOT_FOUND.description)


CATALOGUES: Final[list[BaseRoute]] = [
    Route("/rasters.json", rasters),
    Route("/basemaps.json", basemaps),
]
TILES: Final[list[BaseRoute]] = [
    Route("/rasters/{id}/{z}/{x}/{y}", raster_tile),
    Route("/basemaps/{id}/{z}/{x}/{y}", basemap_tile),
    Route("/rasters/{path:path}", nothing_here),
    Route("/basemaps/{path:path}", nothing_here),
]


async def _guarded(request: Request, queue: str, make: Callable[[Workspace], Response]) -> Response:
    """Answer from a thread of one of our own queues, or with a worded problem."""

    def work() -> Response:
        return make(workspace_of(request))

    limiter = _limiters.setdefault(queue, CapacityLimiter(_AT_ONCE))
    try:
        return await anyio.to_thread.run_sync(work, limiter=limiter)
    except GeoAppError as error:
        return await answer_error(request, error)


def _list_rasters(lang: Lang, workspace: Workspace) -> Response:
    catalogue = workspace.rasters.catalogue()
    return _json(
        {
            "rasters": [
                _raster(raster, sample=raster.sample or workspace.city.sample)
                for raster in catalogue.rasters.values()
            ],
            "unusable": [
                {"file": file, "reason": word_error(error, lang)}
                for file, error in catalogue.unusable
            ],
        }
    )


def _raster(raster: Raster, *, sample: bool) -> dict[str, object]:
    styles = STYLES[raster.kind]
    first = styles[0] if styles else ""
    query = f"style={first}&v={raster.version}" if first else f"v={raster.version}"
    return {
        "id": raster.id,
        "kind": raster.kind,
        "title": raster.title.model_dump(),
        "date": raster.date or None,
        "bounds": list(raster.bounds),
        "minzoom": raster.least_zoom[first],
        "maxzoom": raster.most_zoom,
        "styles": list(styles),
        "style_minzoom": {style: raster.least_zoom[style] for style in styles},
        "legend": {style: legend(style) for style in styles if legend(style)},
        "url": f"/rasters/{quote(raster.id, safe='')}/{{z}}/{{x}}/{{y}}.png?{query}",
        "sample": sample,
    }


def _list_basemaps(lang: Lang, workspace: Workspace) -> Response:
    catalogue = workspace.basemaps.catalogue()
    return _json(
        {
            "basemaps": [_basemap(base, lang) for base in catalogue.offered],
            "refused": [
                {"id": name, "reason": word_error(error, lang)} for name, error in catalogue.refused
            ],
        }
    )


def _basemap(base: OfferedBasemap, lang: Lang) -> dict[str, object]:
    return {
        "id": base.config.id,
        "title": base.config.title[lang],
        "url": base.url,
        "attribution": base.config.attribution,
        "minzoom": base.zooms[0],
        "maxzoom": base.zooms[1],
        "bounds": list(base.bounds) if base.bounds else None,
        "online": base.online,
        "review_number": base.config.review_number,
    }


def _raster_tile(request: Request, workspace: Workspace) -> Response:
    raster = workspace.rasters.raster(request.path_params["id"])
    row, _, suffix = request.path_params["y"].partition(".")
    kind = _FORMATS.get(suffix)
    if kind is None:
        raise ChoiceError(
            "choice-unknown", option="format", value=suffix[:_SHOWN], offered=", ".join(_FORMATS)
        )
    address = _address(request, row)
    style = require_style(raster, request.query_params.get("style", ""))
    tag = f'"{raster.version}-{style}-{address.z}-{address.x}-{address.y}-{kind}"'
    fresh = request.query_params.get("v") == raster.version
    if request.headers.get("if-none-match") == tag:
        return _picture(None, "", tag, fresh=fresh)
    content = workspace.rasters.tile(raster, address, style, kind)
    if content is None:
        return _picture(CLEAR_PNG, "image/png", tag, fresh=fresh)
    return _picture(content, f"image/{kind}", tag, fresh=fresh)


def _basemap_tile(request: Request, workspace: Workspace) -> Response:
    address = _address(request, request.path_params["y"])
    tile = workspace.basemaps.tile(request.path_params["id"], address)
    content = CLEAR_PNG if tile.content is None else tile.content
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    fresh = bool(tile.version) and request.query_params.get("v") == tile.version
    if request.headers.get("if-none-match") == tag:
        return _picture(None, "", tag, fresh=fresh)
    return _picture(content, tile.media_type or "image/png", tag, fresh=fresh)


def _address(request: Request, row: str) -> TileAddress:
    return TileAddress.parse(request.path_params["z"], request.path_params["x"], row)


def _picture(content: bytes | None, media_type: str, tag: str, *, fresh: bool) -> Response:
    headers = {
        "ETag": tag,
        "Cache-Control": _FOREVER if fresh else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if content is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _json(content: Any) -> Response:
    return JSONResponse(
        content, headers={"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    )
