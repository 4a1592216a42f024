"""What the demolition page looks at, in its address; and the outcome of what was just done."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.ui.session import current_lang, say

TABS: Final = ("list", "map", "progress", "patches", "visits", "statement", "new")
_CASE: Final = "case"
_TAB: Final = "tab"
_REPLY: Final = "case-reply"


def asked_case() -> str:
    """Give the number of the case that the address asks for, ``""`` for none."""
    return st.query_params.get(_CASE, "")


def open_case(number: str) -> None:
    """Look at a case; the address leads back to it."""
    st.query_params[_CASE] = number


def leave_case() -> None:
    """Look at all cases again."""
    st.query_params.pop(_CASE, None)


def choose_tab() -> str:
    """Draw the choice between the views of the register; the address keeps it."""
    asked = st.query_params.get(_TAB, TABS[0])
    chosen = st.segmented_control(
        say("case_page.tabs"),
        TABS,
        default=asked if asked in TABS else TABS[0],
        format_func=lambda tab: say(f"case_page.tab_{tab}"),
        label_visibility="collapsed",
        required=True,
        key="case-tab",
    )
    tab = str(chosen or TABS[0])
    if st.query_params.get(_TAB, TABS[0]) != tab:
        st.query_params[_TAB] = tab
    return tab


def attempt(act: Callable[[], str]) -> bool:
    """Do what a form asks for, and keep the outcome for the page that is drawn next.

    It runs in a callback, with the version that was on the screen: what somebody else wrote
    in between is found, not overwritten.

    Args:
        act: Does it, and says what was done.

    Returns:
        Whether it was done.
    """
    try:
        words = act()
    except GeoAppError as error:
        st.session_state[_REPLY] = (False, word_error(error, current_lang()))
        return False
    st.session_state[_REPLY] = (True, words)
    return True


def show_reply() -> None:
    """Show the outcome of what was just done, once."""
    place = st.container()  # always there: what follows keeps its place when the words go
    reply = st.session_state.pop(_REPLY, None)
    if reply is None:
        return
    done, words = reply
    if done:
        place.success(words, icon=":material/check:")
    else:
        place.error(words, icon=":material/block:")
