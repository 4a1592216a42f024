"""The route that makes maps to print."""

import re
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError
from geoapp.i18n import require_lang, text
from geoapp.reports.sheet_request import MapSheetRequest, read_sheet_request
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error, problem

_AT_ONCE: Final = 1  # a sheet of the whole city takes seconds and much memory
_MOST_BYTES: Final = 256 * 1024
_MEDIA_TYPES: Final = {"pdf": "application/pdf", "png": "image/png"}
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')  # for file names on any system
_LONGEST_NAME: Final = 80
_limiters: dict[str, CapacityLimiter] = {}


async def sheet(request: Request) -> Response:
    """Answer with a sheet as a file to download; the body is a ``MapSheetRequest`` as JSON."""
    # A form of another site can post plain text without asking the browser first, JSON not.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return _refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        asked = read_sheet_request(bytes(body))
        workspace = await anyio.to_thread.run_sync(workspace_of, request)
        limiter = _limiters.setdefault("sheet", CapacityLimiter(_AT_ONCE))
        content = await anyio.to_thread.run_sync(
            partial(workspace.map_sheet, asked), limiter=limiter
        )
    except GeoAppError as error:
        return await answer_error(request, error)
    headers = {
        "Content-Disposition": _disposition(_file_name(asked, workspace), asked.format),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=_MEDIA_TYPES[asked.format], headers=headers)


def _file_name(asked: MapSheetRequest, workspace: Workspace) -> str:
    lang = require_lang(asked.lang)
    place = workspace.name_unit(asked.within or workspace.city.code, lang)
    title = asked.title.strip() or text(lang, "sheet.file_title", place=place)
    return _UNFIT.sub(" ", title).strip(" .")[:_LONGEST_NAME] or "map"


def _disposition(name: str, suffix: str) -> str:
    """Name a file twice: for all, and in full for those who read RFC 5987."""
    return (
        f"attachment; filename=\"map.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}.{suffix}"
    )


def _refuse(status: HTTPStatus) -> Response:
    return problem(status, status.phrase.lower().replace(" ", "-"), status.description)


SHEET: Final = Route("/sheet", sheet, methods=["POST"])
