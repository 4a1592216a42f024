"""Signing in with name and password."""

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request
from starlette.responses import Response

from geoapp.access.pages import PAGE_ACTIONS, page_open
from geoapp.access.policy import PUBLIC
from geoapp.bootstrap import Workspace, shared_workspace
from geoapp.errors import GeoAppError
from geoapp.i18n import Lang, text
from geoapp.settings import read_settings
from geoapp.web.account.answer import (
    address_of,
    asked_of,
    lead,
    next_of,
    page,
    refused,
    welcome,
)
from geoapp.web.account.form import Field, draw_form, read_form
from geoapp.web.guard.caller import caller_of

if TYPE_CHECKING:
    from geoapp.access.account import SignedIn

_PATH = "/account/sign-in"
_TITLE = "title"


async def show(request: Request) -> Response:
    """Show the form; who is signed in already is led on."""
    if caller_of(request).signed_in:
        return lead(next_of(request))
    try:
        body = await anyio.to_thread.run_sync(_draw, request, "")
    except GeoAppError as error:
        return refused(request, _TITLE, error, "")
    return page(request, _TITLE, body)


async def sign_in(request: Request) -> Response:
    """Sign in; an older session of this browser ends."""
    form, asked, caller = await read_form(request), asked_of(request), caller_of(request)
    name = form.get("name", "").strip()
    work = partial(_sign_in, name, form.get("password", ""), asked.address, caller.token)
    try:
        signed_in = await anyio.to_thread.run_sync(work)
    except Exception as error:  # noqa: BLE001  the edge: no trace may reach the page
        return refused(request, _TITLE, error, await anyio.to_thread.run_sync(_draw, request, name))
    return welcome(request, signed_in, next_of(request))


def _sign_in(name: str, password: str, address: str, older: str) -> "SignedIn":
    accounts = shared_workspace().accounts
    signed_in = accounts.sign_in(name, password, address=address)
    if older:
        accounts.sign_out(older)
    return signed_in


def _draw(request: Request, name: str) -> str:
    """Draw the form, the way by the provider, and what a sample city tells about itself."""
    lang, onward, workspace = asked_of(request).lang, next_of(request), shared_workspace()
    fields = [
        Field("name", fill="username", value=name),
        Field("password", "password", "current-password"),
    ]
    parts = []
    name = onward.partition("?")[0].strip("/")
    if name in PAGE_ACTIONS and not page_open(name, PUBLIC):
        parts.append(f'<p class="note">{escape(text(lang, "sign_in.onward"))}</p>')
    parts.append(draw_form(lang, address_of(_PATH, lang, onward), fields, "sign_in"))
    if read_settings().oidc_issuer:
        href = escape(address_of("/account/oidc", lang, onward), quote=True)
        words = escape(text(lang, "sign_in.by_provider"))
        parts.append(f'<p><a class="button" href="{href}">{words}</a></p>')
    parts.append(_samples(workspace, lang))
    return "".join(parts)


def _samples(workspace: Workspace, lang: Lang) -> str:
    accounts = workspace.accounts.sample_accounts()
    if not accounts:
        return f'<p class="note">{escape(text(lang, "sign_in.no_password"))}</p>'
    rows = "".join(
        f"<tr><td>{escape(account.name)}</td><td><code>{escape(account.password)}</code></td>"
        f"<td>{escape(text(lang, f'access.role_{account.role}'))}</td></tr>"
        for account in accounts
    )
    heads = "".join(
        f"<th>{escape(text(lang, f'sign_in.{key}'))}</th>" for key in ("name", "password", "role")
    )
    return (
        f'<section class="sample"><h2>{escape(text(lang, "sign_in.samples"))}</h2>'
        f"<table><tr>{heads}</tr>{rows}</table></section>"
    )
