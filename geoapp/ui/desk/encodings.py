"""In which encoding the text of a file is; the fields below show what it reads."""

from typing import Final

import streamlit as st

from geoapp.importers.reading import AUTO
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import say

_OFFERED: Final = ("gbk", "utf-8", "gb18030", "big5")


def choose_encoding(source: ChosenSource, found: str) -> str:
    """Draw the choice of the encoding.

    Args:
        source: The file.
        found: How it was read; ``""`` for a file that states its encoding itself.
    """
    slot = f"desk-codec-{source.key}"
    if not found and slot not in st.session_state:
        return AUTO

    def word(codec: str) -> str:
        if codec != AUTO:
            return codec.upper()
        kept = st.session_state.get(slot, AUTO)
        known = found.upper() if kept == AUTO and found else ""
        return say("desk.encoding_found", codec=known) if known else say("desk.encoding_auto")

    codec = st.selectbox(
        say("data.encoding"),
        [AUTO, *_OFFERED],
        format_func=word,
        help=say("desk.encoding_help"),
        key=f"{slot}-choice",
    )
    if codec != st.session_state.get(slot, AUTO):
        st.session_state[slot] = codec
        st.rerun()
    return codec
