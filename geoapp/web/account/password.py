"""Choosing another password; after the first sign-in one has to."""

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request
from starlette.responses import Response

from geoapp.bootstrap import shared_workspace
from geoapp.errors import ChoiceError
from geoapp.i18n import text
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

_PATH = "/account/password"
_TITLE = "password_title"


async def show(request: Request) -> Response:
    """Show the form."""
    if caller_of(request).session is None:
        return _sign_in_first(request)
    return page(request, _TITLE, _draw(request))


async def change(request: Request) -> Response:
    """Change the password; sessions elsewhere end, this one goes on under a new token."""
    caller = caller_of(request)
    if caller.session is None:
        return _sign_in_first(request)
    form = await read_form(request)
    try:
        new = require_same(form.get("new", ""), form.get("again", ""))
        work = partial(_change, caller.token, form.get("old", ""), new)
        signed_in = await anyio.to_thread.run_sync(work)
    except Exception as error:  # noqa: BLE001  the edge: no trace may reach the page
        return refused(request, _TITLE, error, _draw(request))
    return welcome(request, signed_in, next_of(request))


def require_same(new: str, again: str) -> str:
    """Check that a new password was typed alike twice.

    Raises:
        ChoiceError: It was not.
    """
    if new != again:
        raise ChoiceError("passwords-differ")
    return new


def _change(token: str, old: str, new: str) -> "SignedIn":
    return shared_workspace().accounts.change_password(token, old, new)


def _sign_in_first(request: Request) -> Response:
    return lead(address_of("/account/sign-in", asked_of(request).lang, _PATH))


def _draw(request: Request) -> str:
    lang = asked_of(request).lang
    fields = [
        Field("old", "password", "current-password"),
        Field("new", "password", "new-password"),
        Field("again", "password", "new-password"),
    ]
    due = caller_of(request).must_change
    note = escape(text(lang, "sign_in.password_due" if due else "sign_in.password_rules"))
    form = draw_form(lang, address_of(_PATH, lang, next_of(request)), fields, "password_save")
    return f'<p class="note">{note}</p>{form}'
