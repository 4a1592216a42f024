"""In which order to visit places, the most pressing first; the pack for the field and back."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import CaseFilter
from geoapp.cases.track import stages_of_kind
from geoapp.cases.visit import Round
from geoapp.reports.content import Column
from geoapp.ui.case_state import attempt
from geoapp.ui.session import say
from geoapp.ui.table import show_rows

_MOST: Final = 60  # more than that is no day's round
_METRES: Final = 1000


def draw_visits(workspace: Workspace, wanted: CaseFilter) -> None:
    """Draw the round through the cases of the filter, then what goes out and comes back."""
    box = workspace.city.extent
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        east = st.number_input(
            say("case_page.start_east"), value=(box.west + box.east) / 2, format="%.6f", width=170
        )
        north = st.number_input(
            say("case_page.start_north"),
            value=(box.south + box.north) / 2,
            format="%.6f",
            width=170,
        )
        most = st.number_input(
            say("case_page.stops"), min_value=1, max_value=_MOST, value=15, width=140
        )
    if not wanted.stages:  # a round goes to what is worked on, or is to be checked
        wanted = replace(wanted, stages=stages_of_kind("open", "demolished"))
    page = workspace.cases.register.select(wanted, sort="due_on", limit=int(most))
    if not page.cases:
        st.info(say("case_page.none_found"))
        return
    ids = tuple(case.id for case in page.cases)
    found = workspace.cases.plan_round(replace(wanted, ids=ids), (float(east), float(north)))
    st.caption(say("case_page.round", count=len(found.stops), km=f"{found.length_m / _METRES:.1f}"))
    _draw_round(workspace, found)
    _draw_pack(workspace, replace(wanted, ids=ids))


def _draw_round(workspace: Workspace, found: Round) -> None:
    today = workspace.cases.office.today
    columns = [
        Column("order", say("case_page.order"), "integer"),
        Column("case_no", say("case.case_no"), "text"),
        Column("stage", say("case_page.column_stage"), "text"),
        Column("due_on", say("case_page.column_due_on"), "text"),
        Column("late", say("case_page.days_late"), "integer"),
        Column("leg", say("case_page.leg_m"), "integer"),
        Column("place", say("case_page.position"), "text"),
    ]
    rows = [
        (
            place,
            stop.case.case_no,
            say(f"case.stage_{stop.case.stage}"),
            stop.case.due_on.isoformat() if stop.case.due_on else "",
            max((today - stop.case.due_on).days, 0) if stop.case.due_on else None,
            round(stop.leg_m),
            f"{stop.case.longitude:.6f}, {stop.case.latitude:.6f}",
        )
        for place, stop in enumerate(found.stops, start=1)
    ]
    show_rows(columns, rows)


def _draw_pack(workspace: Workspace, wanted: CaseFilter) -> None:
    if not decide(workspace.principal, "edit_cases").allowed:
        return
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            say("case_page.pack"),
            data=lambda: _write_pack(workspace, wanted),
            file_name="field-pack.gpkg",
            mime="application/geopackage+sqlite3",
            icon=":material/backpack:",
            on_click="ignore",
        )
    with st.expander(say("case_page.take_back"), icon=":material/assignment_returned:"):
        st.file_uploader(say("case_page.pack_file"), type=["gpkg"], key="pack-file")
        st.file_uploader(
            say("case_page.pack_photos"),
            type=["jpg", "jpeg", "png", "webp"],
            accept_multiple_files=True,
            key="pack-photos",
        )
        st.button(say("case_page.do_take_back"), on_click=_take_back, args=(workspace,))


def _write_pack(workspace: Workspace, wanted: CaseFilter) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pack.gpkg"
        workspace.cases.write_field_pack(file, wanted)
        return file.read_bytes()


def _take_back(workspace: Workspace) -> None:
    state = st.session_state
    if state["pack-file"] is None:
        return

    def act() -> str:
        photos = {photo.name: photo.getvalue() for photo in state["pack-photos"]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pack.gpkg"
            file.write_bytes(state["pack-file"].getvalue())
            report = workspace.cases.take_back(file, photos)
        return say(
            "case_page.taken_back",
            visits=report.visits,
            repeated=report.repeated,
            changed=report.changed,
            conflicts=len(report.conflicts),
            photos=report.photos_found,
            named=report.photos_named,
            missing=", ".join((*report.photos_missing, *report.photos_refused)) or "-",
        )

    attempt(act)
