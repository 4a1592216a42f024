"""The middleware before everything: asks its questions in order, then lets a request through."""

from collections.abc import Collection
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoapp.access.headers import ADDRESS, SESSION, TOKEN
from geoapp.access.whence import remember_address
from geoapp.errors import AccessError
from geoapp.settings import Settings, read_settings
from geoapp.web.guard.asked import Asked, Header, read_asked, without_cookie
from geoapp.web.guard.bearer import find_presented, for_software
from geoapp.web.guard.body import (
    BodyTooLargeError,
    BodyTooSlowError,
    declared_too_large,
    limit_body,
)
from geoapp.web.guard.caller import Caller, find_caller
from geoapp.web.guard.cookie import cookie_name, drop_cookie
from geoapp.web.guard.doors import find_closed_door
from geoapp.web.guard.headers import add_headers
from geoapp.web.guard.holdings import Holdings, media_id, upload_session
from geoapp.web.guard.limits import SOCKETS_OF_ACCOUNT, Turnstile, kind_of
from geoapp.web.guard.origin import Origin, find_origin, host_known
from geoapp.web.guard.pictures import basemap_origins
from geoapp.web.guard.programs import find_program, refuse_misuse
from geoapp.web.guard.refusal import WORTH_A_LINE, note, refuse
from geoapp.web.guard.tags import made_for_somebody, mark_answer, unmark_question
from geoapp.web.guard.trail import keep_refusal
from geoapp.web.guard.uploads import UploadDesk

_POLICY_VIOLATION: Final = 1008


class Guard:
    """Lets nothing pass of which it is not known who asks, from where and how often.

    Args:
        app: What stands behind.
        holdings: What the pages hold in memory for whom.
        scripts: Hashes of scripts that stand in the pages themselves.
    """

    def __init__(
        self, app: ASGIApp, holdings: Holdings | None = None, scripts: Collection[str] = ()
    ) -> None:
        self._app = app
        self._scripts = scripts
        self._turnstile = Turnstile()
        self._holdings = holdings
        self._uploads = UploadDesk(holdings) if holdings else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        asked, settings = read_asked(scope), read_settings()
        remember_address(asked.address)
        if refusal := _refuse_stranger(asked, settings):
            await _answer(asked, refusal, scope, receive, send)
            return
        origin = find_origin(asked, settings)
        if origin == "foreign" and (asked.changes or asked.kind == "websocket"):
            refusal = refuse(asked, HTTPStatus.FORBIDDEN, "origin-foreign")
            await _answer(asked, refusal, scope, receive, send)
            return
        caller = await self._identify(asked, settings, origin)
        if isinstance(caller, Response):
            await _answer(asked, caller, scope, receive, send)
            return
        scope = _named(scope, asked, caller)
        if asked.kind == "websocket":
            await self._open_socket(asked, caller, scope, receive, send)
        else:
            await self._pass(asked, caller, scope, receive, send)

    async def _identify(
        self, asked: Asked, settings: Settings, origin: Origin
    ) -> Caller | Response:
        """Find who asks, by the cookie of a browser or the token of a program."""
        if settings.sign_in:
            presented = find_presented(asked)
            cookie = bool(asked.cookie(cookie_name(secure=asked.secure)))
            if refusal := refuse_misuse(asked, presented, cookie=cookie):
                return refusal
            # What a proxy's own sign-in adds to the requests of browsers is no matter of ours.
            if presented and for_software(asked) and not cookie:
                found = await find_program(asked, presented)
                turned_away = isinstance(found, Response)
                return (turned_away and self._refuse_excess(asked, _at_home(asked))) or found
        safe = not asked.changes and asked.kind == "http"
        return await find_caller(asked, settings, trusted=safe or origin == "own")

    async def _pass(
        self, asked: Asked, caller: Caller, scope: Scope, receive: Receive, send: Send
    ) -> None:
        who = _counted_as(asked, caller)
        kind = kind_of(asked.path, changes=asked.changes)
        refusal = self._refuse_excess(asked, who) or self._refuse_door(asked, caller)
        if refusal:
            if refusal.status_code == HTTPStatus.FORBIDDEN:
                await keep_refusal(caller, AccessError("door-closed", place=asked.path[:200]))
            await _answer(asked, refusal, scope, receive, send, caller)
            return
        with ExitStack() as held:
            held.enter_context(self._turnstile.passing(kind, who))
            if self._uploads and upload_session(asked.path) and asked.method == "PUT":
                slot = await self._uploads.admit(asked, caller)
                if isinstance(slot, Response):
                    await _answer(asked, slot, scope, receive, send, caller)
                    return
                held.enter_context(slot)
            await self._serve(asked, caller, scope, receive, send)

    async def _serve(
        self, asked: Asked, caller: Caller, scope: Scope, receive: Receive, send: Send
    ) -> None:
        started = False
        pictures_from = await basemap_origins(asked.path)
        outgoing = _Outgoing(asked, caller, send, (pictures_from, self._scripts))

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await outgoing(message)

        try:
            await self._app(scope, limit_body(asked, receive), watched)
        except BodyTooLargeError as error:
            if started:
                raise
            refusal = refuse(
                asked, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", most=error.most
            )
            await refusal(scope, receive, outgoing)
        except BodyTooSlowError:
            if started:
                raise
            refusal = refuse(asked, HTTPStatus.REQUEST_TIMEOUT, "body-too-slow")
            refusal.headers["Connection"] = "close"  # or it could go on dripping
            await refusal(scope, receive, outgoing)

    def _refuse_excess(self, asked: Asked, who: str) -> Response | None:
        kind = kind_of(asked.path, changes=asked.changes)
        excess = self._turnstile.find_excess(kind, who)
        if excess is None:
            return None
        busy = excess.code == "busy"
        status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.TOO_MANY_REQUESTS
        return refuse(asked, status, excess.code, retry_s=excess.seconds, seconds=excess.seconds)

    def _refuse_door(self, asked: Asked, caller: Caller) -> Response | None:
        if most := declared_too_large(asked):
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return refuse(asked, status, "body-too-large", most=most)
        if self._elsewhere(asked, caller):
            return refuse(asked, HTTPStatus.FORBIDDEN, "upload-elsewhere")
        offered = media_id(asked.path)
        if offered is not None and self._holdings:
            if self._holdings.may_read(offered, caller.handle):
                return None
            return refuse(asked, HTTPStatus.NOT_FOUND, "file-gone")
        return find_closed_door(asked, caller)

    def _elsewhere(self, asked: Asked, caller: Caller) -> bool:
        """Tell whether somebody signed in puts a file into a page of somebody else."""
        session = upload_session(asked.path) if asked.changes and caller.signed_in else None
        if session is None or self._holdings is None:
            return False
        return self._holdings.owner(session) != caller.handle

    async def _open_socket(
        self, asked: Asked, caller: Caller, scope: Scope, receive: Receive, send: Send
    ) -> None:
        who = _counted_as(asked, caller)
        at_once = SOCKETS_OF_ACCOUNT if caller.session else None
        excess = self._turnstile.find_excess("socket", who, at_once=at_once)
        if excess:
            note(asked, HTTPStatus.TOO_MANY_REQUESTS, excess.code, caller)
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        with self._turnstile.passing("socket", who):
            await self._app(scope, receive, send)


class _Outgoing:
    """Adds to an answer what every answer carries."""

    def __init__(
        self, asked: Asked, caller: Caller, send: Send, allowed: tuple[Collection[str], ...] = ()
    ) -> None:
        self._asked, self._caller, self._send = asked, caller, send
        self._allowed = allowed  # pictures from where, which scripts

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Header] = list(message.get("headers", []))
            status = message["status"]
            if self._caller.stale and self._asked.navigates:
                gone = drop_cookie(secure=self._asked.secure).encode()
                headers.append((b"set-cookie", gone))
            if made_for_somebody(self._asked):
                headers = mark_answer(headers, self._caller.principal)
            headers = add_headers(headers, self._asked, *self._allowed)
            message = {**message, "headers": headers}
            if status in WORTH_A_LINE:
                note(self._asked, status, "", self._caller)
        await self._send(message)


def _refuse_stranger(asked: Asked, settings: Settings) -> Response | None:
    if not host_known(asked, settings):
        status = HTTPStatus.MISDIRECTED_REQUEST
        return refuse(asked, status, "host-unknown", host=asked.host[:80] or "-")
    if not settings.sign_in and not asked.here:
        return refuse(asked, HTTPStatus.FORBIDDEN, "only-here")
    return None


def _named(scope: Scope, asked: Asked, caller: Caller) -> Scope:
    """Tell those behind who asks; the cookie itself does not reach them."""
    headers = without_cookie(asked.headers, cookie_name(secure=asked.secure))
    if made_for_somebody(asked):
        headers = unmark_question(headers, caller.principal)
    headers.append((SESSION.encode(), caller.handle.encode()))
    if asked.kind == "websocket":
        headers.append((TOKEN.encode(), caller.token.encode()))
        headers.append((ADDRESS.encode(), asked.address.encode("latin-1", "replace")))
    told = {"caller": caller, "asked": asked, "keep_refusal": partial(keep_refusal, caller)}
    return {**scope, "headers": headers, **told}


def _counted_as(asked: Asked, caller: Caller) -> str:
    known = caller.session is not None or caller.by_token
    return f"account {caller.principal.name}" if known else _at_home(asked)


def _at_home(asked: Asked) -> str:
    return f"address {asked.home}"


async def _answer(
    asked: Asked,
    answer: Response,
    scope: Scope,
    receive: Receive,
    send: Send,
    caller: Caller | None = None,
) -> None:
    caller = caller or Caller()
    if asked.kind == "websocket":
        note(asked, answer.status_code, "", caller)
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    if isinstance(answer, RedirectResponse):
        answer.headers["Cache-Control"] = "no-store"
    await answer(scope, receive, _Outgoing(asked, caller, send))
