"""The corner of the header that says who looks at the page, and leads to signing in and out."""

from html import escape
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from geoapp.access.policy import PUBLIC
from geoapp.bootstrap import Workspace
from geoapp.settings import read_settings
from geoapp.ui.session import current_lang, say


def draw_account(workspace: Workspace) -> None:
    """Draw who looks at the page; nothing where nobody signs in."""
    if not read_settings().sign_in:
        return
    who = workspace.principal
    if who == PUBLIC:
        _link("/account/sign-in", say("sign_in.link"))
        return
    role = say(f"access.role_{who.role}")
    if who.unit:
        place = workspace.name_unit(who.unit, current_lang())
        words = say("sign_in.header_unit", who=who.name, role=role, unit=place)
    else:
        words = say("sign_in.header", who=who.name, role=role)
    _link("/account", words)


def draw_session_over() -> None:
    """Draw the way back in for somebody whose session is over."""
    st.warning(say("sign_in.ended"))
    _link("/account/sign-in", say("sign_in.again_link"))


def _link(path: str, words: str) -> None:
    """Draw a link that leaves the page: Streamlit's own open a new tab."""
    here = urlsplit(st.context.url or "/").path or "/"
    if asked := st.query_params.to_dict():
        here = f"{here}?{urlencode(asked)}"
    query = urlencode({"lang": current_lang(), "next": here}, quote_via=quote, safe="")
    href = escape(f"{path}?{query}", quote=True)
    st.html(
        f'<a href="{href}" target="_self" class="geoapp-account">{escape(words)}</a>',
        width="content",
    )
