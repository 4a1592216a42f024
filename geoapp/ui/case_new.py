"""Opening a case: the footprint is drawn or pasted, the rest is entered."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import OWNER_KINDS, SOURCES, TRACKS, NewCase
from geoapp.errors import InputError
from geoapp.importers.bundle import unbundled
from geoapp.ui.case_moves import read_area, read_count
from geoapp.ui.case_state import attempt, open_case
from geoapp.ui.check_input import SUFFIXES, saved_files
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.session import current_lang, say

_DRAWN: Final = "new-case-drawn"


def draw_new(workspace: Workspace) -> None:
    """Draw the form of a new case."""
    if not decide(workspace.principal, "edit_cases").allowed:
        st.caption(say("case_page.may_not_edit"))
        return
    st.caption(say("case_page.new_how"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        values: dict[str, Any] = {
            "parcel": None,
            "shapes": [],
            "legend": [],
            "view": None,
            "fresh": True,
        }
        reply = draw_shape_map(workspace, values, editable=True, key=f"new-case-{current_lang()}")
        if reply.drawn:
            st.session_state[_DRAWN] = reply.geometry
        _draw_upload(workspace)
        drawn = st.session_state.get(_DRAWN)
        st.caption(say("case_page.drawn_yes" if drawn is not None else "case_page.drawn_no"))
    with right:
        _draw_form(workspace)


def _draw_upload(workspace: Workspace) -> None:
    """Take the footprint from a file, in any form that a parcel check takes."""
    files = st.file_uploader(
        say("case_page.footprint_file"),
        type=list(SUFFIXES),
        accept_multiple_files=True,
        key="new-file",
    )
    if not files:
        return
    with saved_files(files) as saved, unbundled(saved) as paths:
        parcels = workspace.read_parcels(list(paths))
    place = 0
    if len(parcels) > 1:
        place = st.selectbox(
            say("check_page.which"),
            range(len(parcels)),
            format_func=lambda at: (
                " ".join(filter(None, (parcels[at].id, parcels[at].name))) or str(parcels[at].row)
            ),
            key="new-file-which",
        )
    st.session_state[_DRAWN] = parcels[place].geometry


def _draw_form(workspace: Workspace) -> None:
    with st.form("new-case"):
        st.text_area(say("case_page.footprint_wkt"), key="new-wkt", height=80)
        st.date_input(
            say("case_page.found_on"),
            key="new-found",
            max_value=workspace.cases.office.today,
            format="YYYY-MM-DD",
        )
        for key, options, prefix in (
            ("source", SOURCES, "case.source_"),
            ("track", TRACKS, "case_page.track_"),
            ("owner_kind", OWNER_KINDS, "case.owner_"),
        ):
            st.selectbox(
                say("case_page.filter_source" if key == "source" else f"case.{key}"),
                options,
                format_func=lambda name, prefix=prefix: say(prefix + name),
                key=f"new-{key}",
            )
        st.text_input(
            say("case.households"), key="new-households", help=say("case_page.empty_unknown")
        )
        st.text_input(
            say("case_page.floor_m2"), key="new-floor", help=say("case_page.empty_unknown")
        )
        for name in ("cause", "office", "inspector"):
            st.text_input(say(f"case.{name}"), key=f"new-{name}")
        st.text_input(say("case_page.keys"), key="new-keys")
        st.text_input(say("case_page.despite"), key="new-reason")
        st.form_submit_button(
            say("case_page.do_open"), type="primary", on_click=_open, args=(workspace,)
        )


def _open(workspace: Workspace) -> None:
    state = st.session_state

    def act() -> str:
        households, floor = state["new-households"].strip(), state["new-floor"].strip()
        new = NewCase(
            footprint=_footprint(),
            found_on=state["new-found"],
            source=state["new-source"],
            track=state["new-track"],
            households=read_count(households) if households else None,
            floor_area_m2=read_area(floor, "floor_area") if floor else None,
            household_keys=tuple(
                key.strip() for key in state["new-keys"].split(",") if key.strip()
            ),
            owner_kind=state["new-owner_kind"],
            cause=state["new-cause"],
            office=state["new-office"],
            inspector=state["new-inspector"],
        )
        reason = state["new-reason"]
        case = workspace.cases.register.open(
            new, reason=reason, despite_doubts=bool(reason.strip())
        )
        state.pop(_DRAWN, None)
        open_case(case.case_no)
        return say("case_page.opened", case=case.case_no)

    attempt(act)


def _footprint() -> shapely.Geometry:
    """Give the footprint that was pasted, else the one that was drawn."""
    pasted = st.session_state["new-wkt"].strip()
    if pasted:
        try:
            geometry: shapely.Geometry = shapely.from_wkt(pasted)
        except shapely.GEOSException as error:
            raise InputError("case-wkt-wrong") from error
        return geometry
    drawn: shapely.Geometry | None = st.session_state.get(_DRAWN)
    if drawn is None:
        raise InputError("case-no-footprint")
    return drawn
