"""In which reference system a file is, and where that puts it."""

import re
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.inspection import FileInspection
from geoapp.catalog.definition import LayerDefinition
from geoapp.importers.locating import CrsCandidate
from geoapp.importers.reading import AUTO
from geoapp.ui.desk.map import Shown, draw_features, thin_out
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import show_refusal

_OTHER: Final = "other"
_MOST_DISTRICTS: Final = 4
_WKT_NAME: Final = re.compile(r'\s*[A-Z_]+\["([^"]+)"')


def choose_crs(workspace: Workspace, source: ChosenSource, found: FileInspection) -> str:
    """Draw the choice of the reference system."""
    slot = f"desk-crs-{source.key}"
    stated = st.session_state.get(slot, AUTO)
    if stated == AUTO:
        st.session_state[f"{slot}-unasked"] = (found.crs, found.candidates)
    # What was offered at first stays: were words or order to change, the choice would be lost.
    in_file, candidates = st.session_state.get(f"{slot}-unasked", ("", ()))
    offered = {AUTO: _word_auto(in_file)}
    for candidate in candidates:
        if candidate.how == "inferred":
            offered[_statement(candidate)] = _word_candidate(workspace, candidate)
    offered[_OTHER] = say("desk.crs_other")
    chosen = st.selectbox(
        say("data.crs"),
        list(offered),
        format_func=lambda name: offered[name],
        help=say("desk.crs_help"),
        key=f"{slot}-choice",
    )
    if chosen == _OTHER:
        chosen = st.text_input(
            say("desk.crs_name"), placeholder="EPSG:4525", key=f"{slot}-name"
        ).strip()
    if (chosen or AUTO) != stated:
        st.session_state[slot] = chosen or AUTO
        st.rerun()
    return chosen or AUTO


def draw_place(
    workspace: Workspace, definition: LayerDefinition, source: ChosenSource, found: FileInspection
) -> None:
    """Draw where the features of the file lie, or why that cannot be told."""
    refusal = found.refusal
    if refusal is not None and refusal.code == "crs-missing":
        like = ", ".join(_statement(one) for one in found.candidates) or say("desk.nothing_known")
        st.warning(say("desk.crs_missing", like=like), icon=":material/location_off:")
    elif refusal is not None:
        show_refusal(refusal, ":material/wrong_location:")
    if not len(found.preview):
        return
    frame = thin_out(found.preview)
    shown = Shown(
        id="file",
        title=source.name,
        frame=frame,
        kind=definition.geometry,
        facts={"row": say("desk.row")},
        fill="#c07f2a",
    )
    stated = st.session_state.get(f"desk-crs-{source.key}", AUTO)
    key = f"desk-place-{definition.id}-{source.key}-{found.sublayer}-{stated}"
    drawn = len(frame) - draw_features(workspace, [shown], key=key, height=340)
    if drawn < found.feature_count:
        facts = {"shown": f"{drawn:,}", "count": f"{found.feature_count:,}"}
        st.caption(say("desk.preview_of", **facts))


def _word_auto(in_file: str) -> str:
    if not in_file:
        return say("desk.crs_absent")
    return say("desk.crs_embedded", crs=shorten_crs(in_file))


def _statement(candidate: CrsCandidate) -> str:
    return f"{candidate.crs} (y, x)" if candidate.swapped else candidate.crs


def _word_candidate(workspace: Workspace, candidate: CrsCandidate) -> str:
    lang = current_lang()
    names = [workspace.name_unit(code, lang) for code in candidate.districts]
    place = say("desk.crs_between").join(names[:_MOST_DISTRICTS])
    if len(names) > _MOST_DISTRICTS:
        place += "…"
    share = f"{100 * candidate.share_inside:.0f}"
    key = "desk.crs_candidate_swapped" if candidate.swapped else "desk.crs_candidate"
    words = say(key, crs=candidate.crs, share=share)
    return f"{words} · {place}" if place else words


def shorten_crs(name: str) -> str:
    """Name a system: by its code, or by the name that stands first in its long form."""
    matched = _WKT_NAME.match(name)
    return matched[1] if matched else name
