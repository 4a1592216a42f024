"""Doing something about accounts, and saying once what was done, after the page is drawn anew."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from geoapp.access.account import NewAccount
from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_TOLD: Final = "account-told"
_MADE: Final = "account-made"  # a one-time password, shown once


def draw_told() -> None:
    """Draw what was done last, and a one-time password that it made."""
    told = st.session_state.pop(_TOLD, "")
    made: NewAccount | None = st.session_state.pop(_MADE, None)
    if told:
        st.success(plain(told))
    if made and made.password:
        st.warning(say("account.hand_over", name=plain(made.account.name)))
        st.code(made.password, language=None)


def do_and_tell(act: Callable[[], object], told: str) -> None:
    """Do something and draw the page anew; what is refused is said where it was asked."""
    try:
        done = act()
    except GeoAppError as error:
        st.error(plain(word_error(error, current_lang())))
        return
    st.session_state[_TOLD] = told
    if isinstance(done, NewAccount):
        st.session_state[_MADE] = done
    st.rerun()
