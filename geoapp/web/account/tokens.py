"""One's own tokens for other software: list, make, revoke."""

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

import anyio
from starlette.requests import Request
from starlette.responses import Response

from geoapp.access.token import LONGEST_LABEL, MOST_DAYS, USUAL_DAYS
from geoapp.errors import ChoiceError, GeoAppError, NotFoundError
from geoapp.i18n import Lang, text
from geoapp.web.account.answer import address_of, asked_of, lead, page, refused
from geoapp.web.account.form import read_form
from geoapp.web.guard.caller import Caller, caller_of, workspace_of
from geoapp.web.problems import status_of

if TYPE_CHECKING:
    from datetime import datetime

    from geoapp.access.token import NewToken, Token

PATH: Final = "/account/tokens"
_REVOKE: Final = "/account/tokens/revoke"
_TITLE: Final = "tokens_title"
_DAYS: Final = (30, USUAL_DAYS, 180, MOST_DAYS)
_SHOWN: Final = 20


async def show(request: Request) -> Response:
    """Show one's own tokens and the form for a new one."""
    if not _is_owner(caller_of(request)):
        return _sign_in_first(request)
    try:
        body = await anyio.to_thread.run_sync(_draw, request)
    except GeoAppError as error:
        return refused(request, _TITLE, error, "")
    return page(request, _TITLE, body)


async def make(request: Request) -> Response:
    """Make a token and show it, this once."""
    if not _is_owner(caller_of(request)):
        return _sign_in_first(request)
    form = await read_form(request)
    try:
        work = partial(_make, request, form.get("label", ""), form.get("days", ""))
        made = await anyio.to_thread.run_sync(work)
    except Exception as error:  # noqa: BLE001  the edge: no trace may reach the page
        return await _again(request, error)
    return page(request, _TITLE, _draw_made(asked_of(request).lang, made))


async def revoke(request: Request) -> Response:
    """Revoke one of one's own tokens."""
    if not _is_owner(caller_of(request)):
        return _sign_in_first(request)
    form = await read_form(request)
    try:
        await anyio.to_thread.run_sync(_revoke, request, form.get("number", ""))
    except Exception as error:  # noqa: BLE001  the edge
        return await _again(request, error)
    return lead(address_of(PATH, asked_of(request).lang))


def _is_owner(caller: Caller) -> bool:
    return caller.session is not None and not caller.must_change


def _sign_in_first(request: Request) -> Response:
    caller = caller_of(request)
    place = "/account/password" if caller.must_change else "/account/sign-in"
    return lead(address_of(place, asked_of(request).lang, PATH))


async def _again(request: Request, error: Exception) -> Response:
    known = isinstance(error, GeoAppError) and status_of(error) < 500
    body = await anyio.to_thread.run_sync(_draw, request) if known else ""
    return refused(request, _TITLE, error, body)


def _make(request: Request, label: str, days: str) -> "NewToken":
    workspace = workspace_of(request)
    return workspace.tokens.make(workspace.principal.name, label, days=_read_days(days))


def _revoke(request: Request, number: str) -> None:
    workspace = workspace_of(request)
    owned = {str(one.id) for one in workspace.tokens.list(workspace.principal.name)}
    if number not in owned:  # an administrator's page about those of others is another
        raise NotFoundError("token-unknown", number=number[:_SHOWN] or "-")
    workspace.tokens.revoke(int(number))


def _read_days(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < _SHOWN):
        raise ChoiceError("token-days-wrong", days=value[:_SHOWN] or "-", most=MOST_DAYS)
    return int(value)


def _draw(request: Request) -> str:
    lang, workspace = asked_of(request).lang, workspace_of(request)
    own = workspace.tokens.list(workspace.principal.name)
    now = workspace.tokens.desk.now()
    note = f'<p class="note">{escape(text(lang, "token.note"))}</p>'
    items = "".join(_draw_one(lang, token, now) for token in own)
    none = f'<p class="quiet">{escape(text(lang, "token.none"))}</p>'
    listed = f'<ul class="tokens">{items}</ul>' if items else none
    back = escape(address_of("/account", lang), quote=True)
    title = escape(text(lang, "sign_in.own_title"))
    return f'{note}{_draw_form(lang)}{listed}<p><a href="{back}">{title}</a></p>'


def _draw_form(lang: Lang) -> str:
    options = "".join(
        f'<option value="{days}"{" selected" if days == USUAL_DAYS else ""}>'
        f"{escape(text(lang, 'token.days_value', days=days))}</option>"
        for days in _DAYS
    )
    hint = escape(text(lang, "token.label_hint"), quote=True)
    return (
        f'<form method="post" action="{escape(address_of(PATH, lang), quote=True)}">'
        f'<label for="label">{escape(text(lang, "token.label"))}</label>'
        f'<input id="label" name="label" type="text" required maxlength="{LONGEST_LABEL}" '
        f'placeholder="{hint}" autocomplete="off">'
        f'<label for="days">{escape(text(lang, "token.days"))}</label>'
        f'<select id="days" name="days">{options}</select>'
        f'<button type="submit">{escape(text(lang, "token.make"))}</button></form>'
    )


def _draw_one(lang: Lang, token: "Token", now: "datetime") -> str:
    state = token.state(now)
    used = text(lang, "token.never")
    if token.used_at:
        facts = {"at": _local(token.used_at), "address": token.used_from or "-"}
        used = text(lang, "token.used_line", **facts)
    facts = {
        "made_at": _local(token.made_at),
        "expires_at": _local(token.expires_at),
        "used_at": used,
    }
    rows = "".join(
        f"<dt>{escape(text(lang, f'token.{key}'))}</dt><dd>{escape(words)}</dd>"
        for key, words in facts.items()
    )
    button = ""
    if state == "open":
        button = (
            f'<form method="post" action="{escape(address_of(_REVOKE, lang), quote=True)}">'
            f'<input type="hidden" name="number" value="{token.id}">'
            f'<button class="small" type="submit">{escape(text(lang, "token.revoke"))}</button>'
            "</form>"
        )
    return (
        f'<li class="{state}"><h2>{escape(token.label)} '
        f"<small>{escape(text(lang, f'token.state_{state}'))}</small></h2>"
        f"<dl>{rows}</dl>{button}</li>"
    )


def _draw_made(lang: Lang, made: "NewToken") -> str:
    token = made.token
    told = text(lang, "token.made", label=token.label, expires_at=_local(token.expires_at))
    how = text(lang, "token.how", name=token.account)
    back = escape(address_of(PATH, lang), quote=True)
    return (
        f'<p role="status">{escape(told)}</p><p class="secret"><code>{escape(made.secret)}</code></p>'
        f'<p class="note">{escape(how)}</p>'
        f'<p><a href="{back}">{escape(text(lang, "token.back"))}</a></p>'
    )


def _local(moment: "datetime") -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
