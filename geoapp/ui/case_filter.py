"""The one filter bar that list, map, figures and rounds of the register obey."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, TypeVar

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import MODES, OWNER_KINDS, SOURCES, TRACKS, CaseFilter
from geoapp.cases.storage_figures import CaseGrouping
from geoapp.cases.track import read_stages
from geoapp.ui.session import current_lang, say

ALERTS: Final = ("overdue", "rebuilt")
STAGES: Final = tuple(stage.id for stage in read_stages())
Name = TypeVar("Name", bound=str)


def choose_filter(workspace: Workspace) -> CaseFilter:
    """Draw the filter bar."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        text = st.text_input(
            say("case_page.filter_text"), key="case-text", width=190, persist_state="session"
        )
        unit = _choose_unit(workspace)
        stages = _choose_many("stages", "case_page.filter_stage", STAGES, "case.stage_", 230)
        alerts = _choose_many("alerts", "case_page.filter_alert", ALERTS, "case_page.alert_", 190)
        with st.popover(say("case_page.filter_more"), icon=":material/tune:"):
            tracks = _choose_many("tracks", "case.track", TRACKS, "case_page.track_")
            sources = _choose_many("sources", "case_page.filter_source", SOURCES, "case.source_")
            modes = _choose_many("modes", "case_page.by_mode", MODES, "case.mode_")
            owners = _choose_many("owners", "case.owner_kind", OWNER_KINDS, "case.owner_")
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


def _choose_many(
    key: str,
    label: str,
    offered: Sequence[Name],
    words: str,
    width: int | Literal["stretch"] = "stretch",
) -> list[Name]:
    """Draw a choice of some values, none meaning all; kept from page to page.

    Args:
        key: Of the widget, after ``case-``.
        label: Key of its words.
        offered: The values.
        words: What the key of the words of a value begins with.
        width: Pixels.
    """
    return st.multiselect(
        say(label),
        offered,
        format_func=lambda name: say(words + name),
        placeholder=say("case_page.all"),
        key=f"case-{key}",
        width=width,
        persist_state="session",
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
    present = workspace.cases.progress.groups(by)
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
