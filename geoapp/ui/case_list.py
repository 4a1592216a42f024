"""The register as a board and a list: how many stand where, and which."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case, CaseFilter, SortKey
from geoapp.cases.guard import MoveRequest
from geoapp.cases.moving import MOST_MOVED
from geoapp.cases.track import read_stages
from geoapp.reports.case_content import ledger_table
from geoapp.reports.content import Table
from geoapp.ui.case_files import offer_table
from geoapp.ui.case_state import attempt, open_case
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import show_rows
from geoapp.values import AreaUnit

_SORTS: Final[tuple[SortKey, ...]] = ("due_on", "priority", "found_on", "stage_since", "case_no")
_PAGE: Final = 50
# On a phone the first four are seen without scrolling.
_SHOWN: Final = (
    "case_no", "stage", "due_on", "village", "township", "owner_kind", "cause", "households",
    "floor_area", "left_floor_area", "inspector", "priority",
)  # fmt: skip


def draw_board(workspace: Workspace, wanted: CaseFilter) -> None:
    """Draw how many cases stand at each stage, in the order of the work."""
    counts = {row.key: row for row in workspace.cases.progress.cases("stage", wanted)}
    whole = sum(row.cases for row in counts.values())
    late = sum(row.overdue for row in counts.values())
    with st.container(horizontal=True, gap="small"):
        st.metric(say("case_page.cases"), f"{whole:,}", width="content", border=True)
        st.metric(say("case_page.column_overdue"), f"{late:,}", width="content", border=True)
        for stage in read_stages():
            row = counts.get(stage.id)
            if row is not None or stage.kind != "exit":
                count = row.cases if row else 0
                st.metric(stage.title[current_lang()], f"{count:,}", width="content", border=True)


def draw_list(workspace: Workspace, wanted: CaseFilter) -> None:
    """Draw the cases of the filter, a page at a time; chosen ones open or move together."""
    draw_board(workspace, wanted)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        sort: SortKey = st.selectbox(
            say("case_page.sort"),
            _SORTS,
            format_func=lambda name: say(f"case_page.sort_{name}"),
            key="case-sort",
            width=190,
            persist_state="session",
        )
        place = st.number_input(
            say("case_page.page"), min_value=1, value=1, step=1, key="case-place", width=140
        )
    page = workspace.cases.register.select(
        wanted, sort=sort, offset=(int(place) - 1) * _PAGE, limit=_PAGE
    )
    words = wording(workspace, AreaUnit.M2)
    table = ledger_table(page.cases, page.total, words, sample=workspace.city.sample)
    if not page.cases:
        st.info(say("case_page.none_found" if page.total == 0 else "case_page.page_empty"))
        return
    first = (int(place) - 1) * _PAGE + 1
    last = first + len(page.cases) - 1
    st.caption(say("case_page.range", first=first, last=last, total=f"{page.total:,}"))
    keys = [column.key for column in table.columns]
    shown = [keys.index(key) for key in _SHOWN]
    rows = show_rows(
        [table.columns[i] for i in shown],
        [[row[i] for i in shown] for row in table.rows],
        choose=f"case-rows-{sort}-{place}-{current_lang()}",
    )
    chosen = [page.cases[row] for row in rows if row < len(page.cases)]
    _draw_chosen(workspace, chosen)
    offer_table(lambda: _whole_ledger(workspace, wanted, sort), say("case_page.table_ledger"))
    st.caption(say("case_page.ledger_whole", total=f"{page.total:,}"))


def _whole_ledger(workspace: Workspace, wanted: CaseFilter, sort: SortKey) -> Table:
    """Lay out every case of the filter, in the order of the screen."""
    page = workspace.cases.register.select_all(wanted, sort=sort)
    words = wording(workspace, AreaUnit.M2)
    return ledger_table(page.cases, page.total, words, sample=workspace.city.sample)


def _draw_chosen(workspace: Workspace, chosen: Sequence[Case]) -> None:
    if not chosen:
        st.caption(say("case_page.choose_hint"))
        return
    with st.container(horizontal=True, gap="small"):
        for case in chosen[:6]:
            st.button(
                say("case_page.open", case=case.case_no),
                key=f"open-{case.id}",
                icon=":material/folder_open:",
                on_click=open_case,
                args=(case.case_no,),
            )
    if len(chosen) > 1:
        _draw_bulk(workspace, chosen)


def _draw_bulk(workspace: Workspace, chosen: Sequence[Case]) -> None:
    """Offer the moves that all chosen cases have, with one reason for all."""
    stages, tracks = {case.stage for case in chosen}, {case.track for case in chosen}
    with st.expander(say("case_page.bulk", count=len(chosen)), icon=":material/done_all:"):
        if len(stages) > 1 or len(tracks) > 1:
            st.info(say("case_page.bulk_mixed"))
            return
        case = chosen[0]
        moves = {m.id: m for m in workspace.cases.office.track(case.track).moves_from(case.stage)}
        if not moves:
            st.info(say("case_page.no_moves"))
            return
        lang = current_lang()
        with st.form("case-bulk", border=False):
            st.selectbox(
                say("case_page.move"),
                list(moves),
                format_func=lambda name: moves[name].title[lang],
                key="bulk-move",
            )
            st.date_input(
                say("case_page.day"),
                key="bulk-on",
                max_value=workspace.cases.office.today,
                format="YYYY-MM-DD",
            )
            st.text_input(say("case_page.document_number"), key="bulk-document")
            st.text_input(say("case.reason"), key="bulk-reason")
            st.form_submit_button(
                say("case_page.bulk_do", count=len(chosen), most=MOST_MOVED),
                on_click=_move_all,
                args=(workspace, [(case.id, case.version) for case in chosen]),
            )


def _move_all(workspace: Workspace, cases: list[tuple[int | str, int]]) -> None:
    state = st.session_state
    request = MoveRequest(
        state["bulk-move"], state["bulk-on"], state["bulk-reason"], state["bulk-document"]
    )

    def act() -> str:
        moved = workspace.cases.mover.move_many(cases, request)
        return say("case_page.bulk_done", count=len(moved))

    attempt(act)
