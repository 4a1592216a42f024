"""The page about who one is, and signing out."""

from html import escape

import anyio
from starlette.requests import Request
from starlette.responses import Response

from geoapp.bootstrap import shared_workspace
from geoapp.i18n import Lang, text
from geoapp.web.account.answer import address_of, asked_of, farewell, lead, next_of, page
from geoapp.web.account.form import draw_form
from geoapp.web.guard.caller import Caller, caller_of


async def show(request: Request) -> Response:
    """Show who is signed in and what one can do about it."""
    caller, lang = caller_of(request), asked_of(request).lang
    if not caller.signed_in:
        return lead(address_of("/account/sign-in", lang, next_of(request)))
    return page(request, "own_title", f"{_who(caller, lang)}{_ways(caller, lang)}")


async def ask_sign_out(request: Request) -> Response:
    """Ask once more: only a form of ours may end a session."""
    caller, lang = caller_of(request), asked_of(request).lang
    if caller.session is None:
        return lead("/")
    form = draw_form(lang, address_of("/account/sign-out", lang), [], "sign_out")
    return page(request, "sign_out_title", f"{_who(caller, lang)}{form}")


async def sign_out(request: Request) -> Response:
    """End the session."""
    caller, lang = caller_of(request), asked_of(request).lang
    if caller.session is not None:
        await anyio.to_thread.run_sync(_end, caller.token)
    return farewell(request, f"/?lang={lang}")


def _end(token: str) -> None:
    shared_workspace().accounts.sign_out(token)


def _who(caller: Caller, lang: Lang) -> str:
    person = caller.principal if caller.session is None else caller.session.principal
    facts = [("who", person.name), ("role", text(lang, f"access.role_{person.role}"))]
    if person.unit:
        place = shared_workspace().name_unit(person.unit, lang)
        facts.append(("unit", place))
    rows = "".join(
        f"<dt>{escape(text(lang, f'sign_in.{key}'))}</dt><dd>{escape(words)}</dd>"
        for key, words in facts
    )
    return f"<dl>{rows}</dl>"


def _ways(caller: Caller, lang: Lang) -> str:
    if caller.session is None:
        return f"<p>{escape(text(lang, 'sign_in.off'))}</p>"
    links = [
        (address_of("/account/password", lang), "password_title"),
        (address_of("/account/tokens", lang), "tokens_title"),
        (address_of("/account/sign-out", lang), "sign_out"),
        (f"/?lang={lang}", "to_app"),
    ]
    items = "".join(
        f'<li><a href="{escape(href, quote=True)}">{escape(text(lang, f"sign_in.{key}"))}</a></li>'
        for href, key in links
    )
    return f'<ul class="ways">{items}</ul>'
