"""The one filter bar that list, map, figures and rounds of the register obey."""

from datetime import date
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import MODES, OWNER_KINDS, SOURCES, TRACKS, CaseFilter
from geoapp.cases.storage_figures import CaseGrouping
from geoapp.cases.track import read_stages
from geoapp.ui.session import current_lang, say

ALERTS: Final = ("overdue", "rebuilt")


def choose_filter(workspace: Workspace) -> CaseFilter:
    """Draw the filter bar."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        text = st.text_input(
            say("case_page.filter_text"), key="case-text", width=190, persist_state="session"
        )
        unit = _choose_unit(workspace)
        stages = st.multiselect(
            say("case_page.filter_stage"),
            [stage.id for stage in read_stages()],
            format_func=lambda name: say(f"case.stage_{name}"),
            placeholder=say("case_page.all"),
            key="case-stages",
            width=230,
            persist_state="session",
        )
        alerts = st.multiselect(
            say("case_page.filter_alert"),
            ALERTS,
            format_func=lambda name: say(f"case_page.alert_{name}"),
            placeholder=say("case_page.all"),
            key="case-alerts",
            width=190,
            persist_state="session",
        )
        with st.popover(say("case_page.filter_more"), icon=":material/tune:"):
            tracks = st.multiselect(
                say("case.track"),
                TRACKS,
                format_func=lambda name: say(f"case_page.track_{name}"),
                placeholder=say("case_page.all"),
                key="case-tracks",
                persist_state="session",
            )
            sources = st.multiselect(
                say("case_page.filter_source"),
                SOURCES,
                format_func=lambda name: say(f"case.source_{name}"),
                placeholder=say("case_page.all"),
                key="case-sources",
                persist_state="session",
            )
            modes = st.multiselect(
                say("case_page.by_mode"),
                MODES,
                format_func=lambda name: say(f"case.mode_{name}"),
                placeholder=say("case_page.all"),
                key="case-modes",
                persist_state="session",
            )
            owners = st.multiselect(
                say("case.owner_kind"),
                OWNER_KINDS,
                format_func=lambda name: say(f"case.owner_{name}"),
                placeholder=say("case_page.all"),
                key="case-owners",
                persist_state="session",
            )
            office = _choose_present(workspace, "office")
            inspector = _choose_present(workspace, "inspector")
            cause = _choose_present(workspace, "cause")
            year = _choose_year(workspace)
    today = workspace.cases.office.today
    return CaseFilter(
        unit=unit,
        text=text.strip(),
        stages=tuple(stages),
        tracks=tuple(tracks),
        sources=tuple(sources),
        modes=tuple(modes),
        owner_kinds=tuple(owners),
        office=office,
        inspector=inspector,
        cause=cause,
        found_from=date(year, 1, 1) if year else None,
        found_to=date(year, 12, 31) if year else None,
        overdue_on=today if "overdue" in alerts else None,
        ids=_rebuilt(workspace) if "rebuilt" in alerts else None,
    )


def _rebuilt(workspace: Workspace) -> tuple[int, ...]:
    """Name the cases that stand on ground that was torn down before."""
    found = workspace.cases.conflicts.rebuilt()
    return tuple(one.case.id for one in found if one.case is not None)


def _choose_unit(workspace: Workspace) -> str:
    lang = current_lang()
    scope = workspace.cases.office.scope
    codes = [unit.code for unit in workspace.unit_names if len(unit.code) in {6, 9}]
    offered = ["", *(code for code in codes if code.startswith(scope))]
    return str(
        st.selectbox(
            say("case_page.filter_unit"),
            offered,
            format_func=lambda code: (
                ("– " if len(code) > len("439901") else "") + workspace.name_unit(code, lang)
                if code
                else say("case_page.whole_city")
            ),
            key="case-unit",
            width=190,
            persist_state="session",
        )
    )


def _choose_present(workspace: Workspace, by: CaseGrouping) -> str:
    """Offer the values that the register holds."""
    present = [row.key for row in workspace.cases.progress.cases(by) if row.key]
    return str(
        st.selectbox(
            say(f"case.{by}"),
            ["", *present],
            format_func=lambda value: value or say("case_page.all"),
            key=f"case-{by}",
            persist_state="session",
        )
    )


def _choose_year(workspace: Workspace) -> int:
    last = workspace.cases.office.today.year
    return int(
        st.selectbox(
            say("case_page.filter_year"),
            [0, *range(last, last - 15, -1)],
            format_func=lambda year: str(year) if year else say("case_page.all"),
            key="case-year",
            persist_state="session",
        )
    )
