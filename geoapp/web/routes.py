"""The routes: browser assets, features for the maps, health."""

import gzip
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from geoapp.bootstrap import Workspace
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import GeoAppError, NotFoundError
from geoapp.settings import PACKAGE, find_folder
from geoapp.tiles.features import keep_rows, keep_units, overview_features
from geoapp.tiles.service import scope_key
from geoapp.web import raster_routes
from geoapp.web.account.routes import account_routes
from geoapp.web.api.routes import build_api_routes
from geoapp.web.check_routes import check_routes
from geoapp.web.finding_routes import finding_routes
from geoapp.web.guard.caller import workspace_of
from geoapp.web.measure_routes import measure_routes
from geoapp.web.problems import answer_error, problem
from geoapp.web.sheet_routes import SHEET
from geoapp.web.tiles import build_tile_routes
from geoapp.web.what_if_routes import what_if_routes

ASSETS: Final = PACKAGE / "ui" / "assets"
_GEOJSON: Final = "application/geo+json"
_AT_ONCE: Final = 4  # sync work in threads of its own, so that pages never wait for maps
_FOREVER: Final = "private, max-age=31536000, immutable"
_UNIT_CODE: Final = re.compile("[0-9]{1,12}")  # it stands in a header: nothing else may
_SHOWN: Final = 40
_HOME: Final = "overview"
_limiters: dict[str, CapacityLimiter] = {}


async def features(request: Request) -> Response:
    """Answer with the generalised features of a layer, gzip-compressed GeoJSON.

    ``within=CODE`` keeps, of a layer of units, those inside one unit.
    """
    make = partial(_features, request.query_params.get("within", ""))
    return await _answer(request, make)


async def health(request: Request) -> Response:
    """Tell that the server answers, and of which city."""
    try:
        workspace = await anyio.to_thread.run_sync(workspace_of, request)
    except GeoAppError as error:
        return JSONResponse({"status": "no-workspace", "code": error.code}, 503)
    return JSONResponse({"status": "ok", "city": workspace.city.code})


async def nothing_here(_request: Request) -> Response:
    """Answer for a path that does not exist; Streamlit would send its page instead."""
    return problem(HTTPStatus.NOT_FOUND, "not-found", HTTPStatus.NOT_FOUND.description)


def build_routes() -> list[BaseRoute]:
    """Give the routes that stand before Streamlit's own."""
    pages = [path.stem for path in sorted(find_folder("pages").glob("*.py"))]
    return [
        *(_below(page) for page in pages),
        Route(f"/{_HOME}", _home),
        Route("/healthz", health),
        *check_routes(),
        *account_routes(),
        Mount(
            "/map",
            routes=[
                Route("/features/{layer}.geojson", features),
                *finding_routes(),
                *raster_routes.CATALOGUES,
                SHEET,
                *measure_routes(),
                *what_if_routes(),
                Route("/{path:path}", nothing_here),
            ],
        ),
        *build_api_routes(Route("/{path:path}", nothing_here)),
        *raster_routes.TILES,
        Mount("/tiles", routes=[*build_tile_routes(), Route("/{path:path}", nothing_here)]),
        Mount("/assets/app", _assets("app")),
        Mount("/assets/vendor", _assets("vendor")),
    ]


async def _home(request: Request) -> Response:
    """Lead to the first page, which Streamlit knows under no name."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


def _below(page: str) -> Route:
    """Lead from below a page back to it: Streamlit would send a page that finds no scripts."""

    async def answer(request: Request) -> Response:
        if request.path_params["rest"].startswith("_stcore"):  # its own probes, not a person
            return await nothing_here(request)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{page}{query}")

    return Route(f"/{page}/{{rest:path}}", answer)


class _CachedFiles(StaticFiles):
    """Files whose addresses carry a version, or that only change with an installation."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=3600"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _assets(name: str) -> StaticFiles:
    return _CachedFiles(directory=ASSETS / name, check_dir=False)


async def _answer(request: Request, make: Callable[[Workspace, Snapshot], bytes]) -> Response:
    """Answer with zipped GeoJSON made from the current snapshot of a layer."""
    layer = request.path_params["layer"]
    within = request.query_params.get("within", "")
    try:
        if within and not _UNIT_CODE.fullmatch(within):
            raise NotFoundError("unit-unknown", unit=within[:_SHOWN])
        workspace = await anyio.to_thread.run_sync(workspace_of, request)
        snapshot = await anyio.to_thread.run_sync(partial(workspace.snapshot, layer))
        shown = await anyio.to_thread.run_sync(workspace.shown_rows, snapshot)
    except GeoAppError as error:
        return await answer_error(request, error)
    tag = f'"{snapshot.name}-{_GEOJSON}-{scope_key(shown)}-{within}"'
    fresh = request.query_params.get("v") == snapshot.name
    headers = {
        "ETag": tag,
        "Cache-Control": _FOREVER if fresh else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    try:
        limiter = _limiters.setdefault("map", CapacityLimiter(_AT_ONCE))
        content = await anyio.to_thread.run_sync(
            partial(make, workspace, snapshot), limiter=limiter
        )
    except GeoAppError as error:
        return await answer_error(request, error)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(content), media_type=_GEOJSON, headers=headers)
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(content, media_type=_GEOJSON, headers=headers)


def _features(within: str, workspace: Workspace, snapshot: Snapshot) -> bytes:
    definition = workspace.library.require(snapshot.layer)
    if definition.style.draw == "picture":
        raise NotFoundError("layer-unknown", layer=snapshot.layer, offered="-")
    content = overview_features(snapshot, definition, workspace.city.crs)
    shown = workspace.shown_rows(snapshot)
    if shown is not None:
        content = keep_rows(content, shown.mask)
    return keep_units(content, within) if within else content


def assets_installed() -> bool:
    """Tell whether the browser assets are there."""
    return (ASSETS / "vendor" / "urls.json").is_file()
