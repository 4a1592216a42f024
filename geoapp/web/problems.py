"""Errors as HTTP answers: one shape, RFC 9457 problem documents.

A server fault carries a reference number; the facts are in the log. No path and no query
leaves the process.
"""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from geoapp.errors import AccessError, ConflictError, GeoAppError, InputError, NotFoundError
from geoapp.i18n import Lang, word_error

STATUS: Final[Mapping[type[GeoAppError], HTTPStatus]] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    AccessError: HTTPStatus.FORBIDDEN,
    ConflictError: HTTPStatus.CONFLICT,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    GeoAppError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_LOG: Final = logging.getLogger("geoapp.web")


def status_of(error: GeoAppError) -> HTTPStatus:
    """Pick the status of the nearest listed ancestor."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: HTTPStatus, code: str, detail: str) -> JSONResponse:
    """Build a problem document."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value}
    content = body | {"code": code, "detail": detail}
    return JSONResponse(content, status.value, media_type="application/problem+json")


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Word one of our errors for the caller."""
    if not isinstance(error, GeoAppError):
        return _fault(error)
    keep = request.scope.get("keep_refusal")  # the guard's; see ``guard.trail``
    if isinstance(error, AccessError) and keep is not None:
        await keep(error)
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fault(error)
    return problem(status, error.code, word_error(error, lang_of(request)))


async def answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Word an error of the HTTP layer, such as a path that does not exist."""
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    return problem(status, status.phrase.lower().replace(" ", "-"), status.description)


def _fault(error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    _LOG.error("reference %s", reference, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", f"reference {reference}")


def lang_of(request: Request) -> Lang:
    """Tell in which language the caller wants words."""
    return "en" if request.query_params.get("lang") == "en" else "zh"


HANDLERS: Final[dict[Any, Any]] = {GeoAppError: answer_error}
