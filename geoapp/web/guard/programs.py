"""Programs at the door: whose token they bring, or the sentence why it opens nothing."""

from functools import partial
from http import HTTPStatus
from typing import Final

import anyio
from starlette.responses import Response

from geoapp.bootstrap import shared_workspace
from geoapp.errors import AccessError, GeoAppError
from geoapp.i18n import word_error
from geoapp.web.guard.asked import Asked
from geoapp.web.guard.bearer import Misuse, Presented, find_misuse
from geoapp.web.guard.caller import Caller, lookups
from geoapp.web.guard.refusal import refuse
from geoapp.web.problems import problem, status_of

_MISUSED: Final[dict[Misuse, HTTPStatus]] = {
    "token-in-address": HTTPStatus.BAD_REQUEST,
    "token-and-cookie": HTTPStatus.BAD_REQUEST,
    "token-not-here": HTTPStatus.FORBIDDEN,
    "token-reads": HTTPStatus.FORBIDDEN,
}


def refuse_misuse(asked: Asked, presented: Presented | None, *, cookie: bool) -> Response | None:
    """Refuse a token that is sent where or how it may not be, whoever it stands for."""
    misuse = find_misuse(asked, presented, cookie=cookie)
    return refuse(asked, _MISUSED[misuse], misuse) if misuse else None


async def find_program(asked: Asked, presented: Presented) -> Caller | Response:
    """Find whose program asks, or refuse it."""
    try:
        work = partial(_use, presented, asked.address)
        return await anyio.to_thread.run_sync(work, limiter=lookups())
    except GeoAppError as error:
        status = status_of(error)
        if isinstance(error, AccessError):
            waits = error.code == "token-wait"
            status = HTTPStatus.TOO_MANY_REQUESTS if waits else HTTPStatus.UNAUTHORIZED
        answer = problem(status, error.code, word_error(error, asked.lang))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            answer.headers["Retry-After"] = str(error.facts["seconds"])
    answer.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="geoapp"'  # a browser asks nobody
    return answer


def _use(presented: Presented, address: str) -> Caller:
    tokens = shared_workspace().tokens
    used = tokens.use(presented.secret, name=presented.name, address=address)
    return Caller(used.principal, by_token=True)
