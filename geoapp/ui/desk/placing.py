"""In which reference system a file is, and where that puts it."""

import re
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.inspection import FileInspection
from geoapp.catalog.definition import LayerDefinition
from geoapp.importers.reading import AUTO
from geoapp.ui.desk.map import Shown, draw_features
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import say
from geoapp.ui.waiting import show_refusal

_OTHER: Final = "other"
_WKT_NAME: Final = re.compile(r'\s*[A-Z_]+\["([^"]+)"')


def choose_crs(source: ChosenSource, found: FileInspection) -> str:
    """Draw the choice of the reference system."""
    slot = f"desk-crs-{source.key}"
    if st.session_state.get(slot, AUTO) == AUTO:
        st.session_state[f"{slot}-in-file"] = found.crs
    # Words and order stay as they are when a choice is made, or the choice would be lost.
    offered = {AUTO: _word_auto(st.session_state.get(f"{slot}-in-file", ""))}
    for offer in found.offers:
        share = f"{100 * offer.inside:.0f}"
        offered[offer.crs] = say("desk.crs_offer", crs=offer.crs, share=share)
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
    stated = chosen or AUTO
    if stated != st.session_state.get(slot, AUTO):
        st.session_state[slot] = stated
        st.rerun()
    return stated


def draw_place(
    workspace: Workspace, definition: LayerDefinition, source: ChosenSource, found: FileInspection
) -> None:
    """Draw where the features of the file lie, or why that cannot be told."""
    refusal = found.refusal
    if refusal is not None and refusal.code == "crs-missing":
        like = ", ".join(offer.crs for offer in found.offers) or say("desk.nothing_known")
        st.warning(say("desk.crs_missing", like=like), icon=":material/location_off:")
    elif refusal is not None:
        show_refusal(refusal, ":material/wrong_location:")
    if not len(found.preview):
        return
    shown = Shown(
        id="file",
        title=source.name,
        frame=found.preview,
        kind=definition.geometry,
        facts={"row": say("desk.row")},
        fill="#c07f2a",
    )
    stated = st.session_state.get(f"desk-crs-{source.key}", AUTO)
    key = f"desk-place-{definition.id}-{source.key}-{found.sublayer}-{stated}"
    draw_features(workspace, [shown], key=key, height=340)
    if len(found.preview) < found.feature_count:
        facts = {"shown": f"{len(found.preview):,}", "count": f"{found.feature_count:,}"}
        st.caption(say("desk.preview_of", **facts))


def _word_auto(in_file: str) -> str:
    if not in_file:
        return say("desk.crs_absent")
    return say("desk.crs_embedded", crs=shorten_crs(in_file))


def shorten_crs(name: str) -> str:
    """Name a system: by its code, or by the name that stands first in its long form."""
    matched = _WKT_NAME.match(name)
    return matched[1] if matched else name
