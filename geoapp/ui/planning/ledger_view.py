"""What a report, targets, plans and layers say, each as a table with its notes."""

from dataclasses import replace

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.content import Table
from geoapp.reports.planning_content import (
    coverage_table,
    items_table,
    targets_table,
    tracker_table,
)
from geoapp.reports.reconcile_content import report_table
from geoapp.ui.planning.asking import choose_level, draw_closed
from geoapp.ui.session import current_lang, say, wording
from geoapp.values import AreaUnit


def draw_report(workspace: Workspace) -> None:
    """Draw every figure of a report beside the computed one."""
    reports = workspace.reports()
    if not reports:
        st.info(say("error.report-none", folder="reports"))
        return
    lang = current_lang()
    chosen = st.selectbox(
        say("planning_page.tab_report"),
        list(reports),
        format_func=lambda name: reports[name].title[lang],
    )
    result = workspace.reconcile(chosen)
    draw_noted(report_table(result, wording(workspace, AreaUnit.M2)))


def draw_targets(workspace: Workspace) -> None:
    """Draw targets beside actual values, and where none was entered."""
    level = choose_level("targets")
    draw_noted(targets_table(workspace.targets.show(level), wording(workspace, AreaUnit.M2)))


def draw_trackers(workspace: Workspace) -> None:
    """Draw a tracker by units, and what is left of it."""
    lang, desk = current_lang(), workspace.trackers
    name = st.selectbox(
        say("tracker.title"),
        list(desk.trackers),
        format_func=lambda one: desk.trackers[one].title[lang],
    )
    state, words = desk.show(name), wording(workspace, AreaUnit.M2)
    if not state.items:
        st.info(say("reconcile.reason_no_entries"))
        return
    draw_noted(tracker_table(state, words))
    title = say("tracker.left")
    st.markdown(f"**{title}**")
    draw_closed(make_readable(items_table(state, state.left, title, words)))


def draw_plan_coverage(workspace: Workspace) -> None:
    """Draw which units plans cover."""
    state = workspace.plans.show()
    if not state.plans:  # nothing entered is not nothing planned
        st.info(say("planning_page.no_plans"))
        return
    draw_noted(coverage_table(state, wording(workspace, AreaUnit.M2)))


def draw_noted(table: Table) -> None:
    """Draw a table with its closing lines and its notes."""
    draw_closed(make_readable(table))
    for label, note in table.notes:
        st.caption(say("page.labelled", label=label, value=note))


def make_readable(table: Table) -> Table:
    """Give a table whose columns that hold words beside figures are all words."""
    mixed = {place for row in table.rows for place, cell in enumerate(row) if isinstance(cell, str)}
    columns = tuple(
        replace(column, kind="text") if place in mixed else column
        for place, column in enumerate(table.columns)
    )
    rows = tuple(
        tuple(
            f"{cell:,}"
            if place in mixed and cell is not None and not isinstance(cell, str)
            else cell
            for place, cell in enumerate(row)
        )
        for row in table.rows
    )
    return replace(table, columns=columns, rows=rows)
