"""Saying no: one worded answer to who asked, one line to who keeps the server."""

import json
import sys
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from geoapp.access.token import PREFIX
from geoapp.i18n import text
from geoapp.web.guard.asked import Asked
from geoapp.web.guard.caller import NOBODY, Caller
from geoapp.web.page import draw_page
from geoapp.web.problems import problem

WORTH_A_LINE: Final = frozenset({401, 403, 408, 413, 421, 429, 503})
_LONGEST: Final = 200
_SIGNED_IN: Final = frozenset({"page-closed", "upload-elsewhere"})  # told to nobody else


def refuse(
    asked: Asked, status: HTTPStatus, code: str, *, retry_s: int | None = None, **facts: object
) -> Response:
    """Make the answer to a request that goes no farther; ``code`` is a key below ``guard``."""
    words = text(asked.lang, f"guard.{code}", **facts)
    if asked.navigates:
        body = f'<p class="refused">{escape(words)}</p>{_ways_on(asked, status, code)}'
        answer: Response = HTMLResponse(
            draw_page(asked.lang, text(asked.lang, "guard.title"), body), status.value
        )
    else:
        answer = problem(status, code, words)
    answer.headers["Cache-Control"] = "no-store"
    if retry_s is not None:
        answer.headers["Retry-After"] = str(retry_s)
    return answer


def note(asked: Asked, status: int, code: str = "", caller: Caller = NOBODY) -> None:
    """Write one line about a refused request; whatever stands in it cannot begin another."""
    entry: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": "refused",
        "status": status,
        "code": code,
        "method": asked.method if asked.kind == "http" else "WEBSOCKET",
        "path": asked.path.partition(PREFIX)[0][:_LONGEST],  # never a token
        "address": asked.address,
        "account": caller.principal.name if caller.named else "",
        "role": caller.principal.role,
    }
    sys.stderr.write(json.dumps(entry) + "\n")


def _ways_on(asked: Asked, status: HTTPStatus, code: str) -> str:
    links = [("/", text(asked.lang, "guard.to_start"))]
    if code in _SIGNED_IN:
        links.append(("/account", text(asked.lang, "sign_in.own_title")))
    elif status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        links.append(("/account/sign-in", text(asked.lang, "guard.to_sign_in")))
    parts = (f'<a href="{href}?lang={asked.lang}">{escape(words)}</a>' for href, words in links)
    return f"<p>{' · '.join(parts)}</p>"
