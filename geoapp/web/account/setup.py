"""The first administrator, made by whoever holds the token that the server printed once."""

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request
from starlette.responses import Response

from geoapp.bootstrap import shared_workspace
from geoapp.i18n import text
from geoapp.web.account.answer import asked_of, page, refused, welcome
from geoapp.web.account.form import Field, draw_form, read_form
from geoapp.web.account.password import require_same

if TYPE_CHECKING:
    from geoapp.access.account import SignedIn

PATH = "/account/setup"
_TITLE = "setup_title"


async def show(request: Request) -> Response:
    """Show the form; only the token opens it, so nothing is told about accounts here."""
    return page(request, _TITLE, _draw(request, request.query_params.get("token", "")))


async def found(request: Request) -> Response:
    """Make the first administrator and sign them in."""
    form = await read_form(request)
    token = form.get("token", "")
    try:
        password = require_same(form.get("new", ""), form.get("again", ""))
        work = partial(_found, token, form.get("name", "").strip(), password)
        signed_in = await anyio.to_thread.run_sync(work)
    except Exception as error:  # noqa: BLE001  the edge: no trace may reach the page
        return refused(request, _TITLE, error, _draw(request, token, form.get("name", "")))
    return welcome(request, signed_in, "/")


def _found(token: str, name: str, password: str) -> "SignedIn":
    return shared_workspace().accounts.found_administrator(token, name, password)


def _draw(request: Request, token: str, name: str = "") -> str:
    lang = asked_of(request).lang
    fields = [
        Field("token", "hidden", value=token) if token else Field("token"),
        Field("name", fill="username", value=name),
        Field("new", "password", "new-password"),
        Field("again", "password", "new-password"),
    ]
    note = f'<p class="note">{escape(text(lang, "sign_in.setup_note"))}</p>'
    return note + draw_form(lang, f"{PATH}?lang={lang}", fields, "setup_save")
