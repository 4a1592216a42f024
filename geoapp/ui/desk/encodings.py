"""In which encoding the text of a file is, with what it would read."""

from typing import Final

import pandas as pd
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError
from geoapp.importers.encoding import EncodingCandidate
from geoapp.importers.reading import AUTO
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import say

_FOUND: Final = "desk-encodings"


def choose_encoding(workspace: Workspace, source: ChosenSource, sublayer: str) -> str:
    """Draw the choice of the encoding with a preview; ``auto`` for files that state it."""
    candidates = _candidates(workspace, source, sublayer)
    if not candidates:
        return AUTO
    chosen = next((one.codec for one in candidates if one.chosen), candidates[0].codec)
    by_codec = {one.codec: one for one in candidates}
    slot = f"desk-codec-{source.key}"
    codec = st.segmented_control(
        say("data.encoding"),
        list(by_codec),
        default=chosen,
        required=True,
        format_func=lambda name: _word(by_codec[name]),
        wrap=True,
        help=say("desk.encoding_help"),
        key=f"{slot}-choice",
    )
    shown = by_codec[codec]
    if shown.rows:
        st.dataframe(
            pd.DataFrame(shown.rows, columns=_told_apart(shown.fields)),
            hide_index=True,
            width="stretch",
        )
    stated = AUTO if codec == chosen else codec
    if stated != st.session_state.get(slot, AUTO):
        st.session_state[slot] = stated
        st.rerun()
    return stated


def _candidates(
    workspace: Workspace, source: ChosenSource, sublayer: str
) -> list[EncodingCandidate]:
    question = (source.key, sublayer)
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] != question:
        try:
            found = workspace.find_encodings(source.path, sublayer=sublayer)
        except GeoAppError:  # reading the file says what is wrong with it
            found = []
        kept = (question, found)
        st.session_state[_FOUND] = kept
    candidates: list[EncodingCandidate] = kept[1]
    return candidates


def _word(candidate: EncodingCandidate) -> str:
    name = candidate.codec.upper()
    if candidate.chosen:
        return f"{name} · {say('desk.encoding_chosen')}"
    return name if candidate.fits else f"{name} · {say('desk.encoding_misfit')}"


def _told_apart(names: tuple[str, ...]) -> list[str]:
    """Number names that stand twice: a table on a page needs each once."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told
