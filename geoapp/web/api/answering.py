"""From a question to an answer: on a thread, few at once, unchanged ones not sent again."""

import gzip
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any, Final

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapp.bootstrap import Workspace
from geoapp.errors import InputError, NotFoundError
from geoapp.i18n import text, word_error
from geoapp.web.api.asked import FORMATS, LONGEST_QUERY, Asked, Format, read_asked
from geoapp.web.guard.caller import workspace_of
from geoapp.web.problems import answer_error, lang_of, problem

AT_ONCE: Final = 3  # threads of their own: neither pages nor tiles wait for programs
MOST_WAITING: Final = 48
_RETRY_S: Final = 2
_READING: Final = ("GET", "HEAD", "OPTIONS")
_ALLOW: Final = ", ".join(_READING)
_METHODS: Final = [*_READING, "POST", "PUT", "PATCH", "DELETE"]
_WORTH_ZIPPING: Final = 2000  # bytes
_ZIP_LEVEL: Final = 1
_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is written only when it has to be sent.

    Attributes:
        made_from: What its content depends on beside the address; nothing: it is always sent.
        write: Writes it.
    """

    media_type: str
    write: Callable[[], str]
    made_from: tuple[object, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


Resource = Callable[[Workspace, Asked], Reply]
Parameters = Callable[[Workspace, Request], Collection[str]]


def resource(
    path: str,
    answer: Resource,
    *,
    parameters: Parameters | Collection[str] = (),
    formats: Collection[Format] = FORMATS,
) -> Route:
    """Make the route of something that can be read.

    Args:
        path: Its path below the root.
        answer: Makes the answer, on a thread.
        parameters: Query parameters that it takes, or what tells them.
        formats: In which it is offered.
    """

    async def endpoint(request: Request) -> Response:
        turns = _turns()
        if early := _answer_early(request, turns):
            return early
        work = partial(_work, request, answer, parameters, formats)
        turns.under_way += 1
        try:
            response = await anyio.to_thread.run_sync(work, limiter=turns.limiter)
        except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
            return await _word(request, error)
        finally:
            turns.under_way -= 1
        if request.method == "HEAD":
            return Response(status_code=response.status_code, headers=dict(response.headers))
        return response

    return Route(path, endpoint, methods=_METHODS)


def _answer_early(request: Request, turns: "_Turns") -> Response | None:
    """Answer what needs no look at the data."""
    if request.method == "OPTIONS":
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": _ALLOW})
    if request.method not in _READING:
        return _refuse(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": _ALLOW})
    if len(request.url.query) > LONGEST_QUERY:
        return _refuse(HTTPStatus.REQUEST_URI_TOO_LONG, {})
    if turns.under_way >= AT_ONCE + MOST_WAITING:
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(_RETRY_S)})
    return None


def _work(
    request: Request,
    answer: Resource,
    parameters: Parameters | Collection[str],
    formats: Collection[Format],
) -> Response:
    workspace = workspace_of(request)
    allowed = parameters(workspace, request) if callable(parameters) else parameters
    asked = read_asked(request, allowed, formats)
    reply = answer(workspace, asked)
    zipped = "gzip" in request.headers.get("accept-encoding", "").lower()
    headers = _HEADERS | reply.headers
    if reply.made_from:
        headers["ETag"] = tag = _tag(asked, reply)
        if tag in {part.strip() for part in request.headers.get("if-none-match", "").split(",")}:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    content = reply.write().encode()
    if zipped and len(content) > _WORTH_ZIPPING:
        content = gzip.compress(content, _ZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=reply.media_type, headers=headers)


def _tag(asked: Asked, reply: Reply) -> str:
    """Name an answer by what it is made from; weakly, for it tells the time it was made."""
    facts: list[Any] = [asked.base, asked.path, sorted(asked.values.items()), asked.format]
    content = repr([*facts, asked.lang, reply.media_type, reply.made_from])
    return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


async def _word(request: Request, error: Exception) -> Response:
    """Word an error; a question that cannot be taken is a bad request, as the standard asks."""
    if isinstance(error, InputError) and not isinstance(error, NotFoundError):
        answer: Response = problem(
            HTTPStatus.BAD_REQUEST, error.code, word_error(error, lang_of(request))
        )
    else:
        answer = await answer_error(request, error)
    answer.headers.update(_HEADERS)
    return answer


def _refuse(status: HTTPStatus, headers: dict[str, str]) -> Response:
    answer = problem(status, status.phrase.lower().replace(" ", "-"), status.description)
    answer.headers.update(_HEADERS | headers)
    return answer


class _Turns:
    """Threads for questions, and how many questions there are.

    Counted on the loop's thread before anybody waits: a burst that comes in one turn of the loop
    keeps the bound, too.
    """

    def __init__(self) -> None:
        self.limiter = CapacityLimiter(AT_ONCE)
        self.under_way = 0


@lru_cache(maxsize=1)
def _turns() -> _Turns:
    return _Turns()


def sample_mark(workspace: Workspace, asked: Asked) -> dict[str, Any]:
    """Give what every document of a sample city says."""
    if not workspace.city.sample:
        return {"sample": False}
    return {"sample": True, "notice": text(asked.lang, "sample.banner")}
