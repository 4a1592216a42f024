"""Answers of the account pages: a page, a way on, or what went wrong in one sentence."""

import logging
import secrets
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geoapp.errors import GeoAppError
from geoapp.i18n import Lang, text, word_error
from geoapp.web.account.onward import HOME, safe_next
from geoapp.web.guard.asked import Asked, read_asked
from geoapp.web.guard.cookie import drop_cookie, set_cookie
from geoapp.web.page import draw_page
from geoapp.web.problems import status_of

if TYPE_CHECKING:
    from geoapp.access.account import SignedIn

PASSWORD: Final = "/account/password"  # noqa: S105  a path
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
}
_STATUS: Final = {
    "signin-wrong": HTTPStatus.UNAUTHORIZED,
    "signin-wait": HTTPStatus.TOO_MANY_REQUESTS,
    "signin-busy": HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_S: Final = 2
_LOG: Final = logging.getLogger("geoapp.web")


def asked_of(request: Request) -> Asked:
    """Give what the guard read, or read it."""
    found = request.scope.get("asked")
    return found if isinstance(found, Asked) else read_asked(request.scope)


def next_of(request: Request) -> str:
    """Give where to go on, from the address."""
    return safe_next(request.query_params.get("next", HOME))


def address_of(path: str, lang: Lang, onward: str = HOME) -> str:
    """Give the address of an account page that remembers language and the way on."""
    values = {"lang": lang} | ({"next": onward} if onward != HOME else {})
    return f"{path}?{urlencode(values, quote_via=quote, safe='')}"


def page(request: Request, title: str, body: str, status: int = 200) -> HTMLResponse:
    """Answer with a page; ``title`` is a key below ``sign_in``."""
    lang = asked_of(request).lang
    query = dict(request.query_params) | {"lang": "en" if lang == "zh" else "zh"}
    other = f"{request.url.path}?{urlencode(query)}"
    content = draw_page(lang, text(lang, f"sign_in.{title}"), body, other=other)
    return HTMLResponse(content, status, headers=_HEADERS)


def refused(request: Request, title: str, error: Exception, body: str) -> Response:
    """Answer with the same page again and above it what was wrong."""
    lang = asked_of(request).lang
    if not isinstance(error, GeoAppError) or status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reference = secrets.token_hex(4)
        _LOG.error("reference %s", reference, exc_info=error)
        words = text(lang, "page.failed", reference=reference)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    else:
        words = word_error(error, lang)
        status = _STATUS.get(error.code, status_of(error))
    answer = page(request, title, f'<p class="refused" role="alert">{escape(words)}</p>{body}')
    answer.status_code = status
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        wait = error.facts.get("seconds", _RETRY_S) if isinstance(error, GeoAppError) else _RETRY_S
        answer.headers["Retry-After"] = str(wait)
    return answer


def lead(place: str) -> RedirectResponse:
    """Lead a person on, by a plain request for the page."""
    return RedirectResponse(place, HTTPStatus.SEE_OTHER, headers=_HEADERS)


def welcome(request: Request, signed_in: "SignedIn", onward: str) -> RedirectResponse:
    """Hand over the session and lead on; first to a new password where one is due."""
    asked = asked_of(request)
    place = address_of(PASSWORD, asked.lang, onward) if signed_in.must_change else onward
    answer = lead(place)
    answer.headers.append("set-cookie", set_cookie(signed_in.token, secure=asked.secure))
    return answer


def farewell(request: Request, place: str) -> RedirectResponse:
    """Take the session from the browser, and what it has kept of it."""
    answer = lead(place)
    answer.headers.append("set-cookie", drop_cookie(secure=asked_of(request).secure))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
