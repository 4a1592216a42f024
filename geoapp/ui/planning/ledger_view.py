"""What a report, targets and plans say, each as a table with its notes."""

from dataclasses import replace

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.planning.target import read_indicators
from geoapp.reports.content import Table
from geoapp.reports.planning_content import coverage_table, targets_table
from geoapp.reports.reconcile_content import report_table
from geoapp.reports.report_prose import write_report_prose
from geoapp.ui.case_state import show_reply
from geoapp.ui.paragraph import draw_paragraph
from geoapp.ui.planning.asking import choose_level, choose_within, draw_closed
from geoapp.ui.planning.behind_view import draw_behind
from geoapp.ui.planning.list_edit import edit_plan, edit_target
from geoapp.ui.planning.list_files import draw_import, may_edit, offer_tables
from geoapp.ui.planning.list_map import draw_plan_map
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
    table = report_table(result, wording(workspace, AreaUnit.M2))
    draw_noted(table)
    offer_tables(workspace, [table], table.title)
    draw_behind(workspace, result)
    words = wording(workspace, AreaUnit.M2)
    draw_paragraph(lambda: write_report_prose(result, words), words, key="report")


def draw_targets(workspace: Workspace) -> None:
    """Draw targets beside actual values, and where none was entered."""
    show_reply()
    indicators, lang = read_indicators(), current_lang()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.multiselect(
            say("target.which"),
            list(indicators),
            format_func=lambda name: indicators[name].title[lang],
            placeholder=say("target.all"),
            key="targets-indicators",
            width=420,
        )
        level = choose_level("targets")
        within = choose_within(workspace, "targets")
    state = workspace.targets.show(level, chosen)
    if within:
        rows = tuple(row for row in state.rows if row.unit_code.startswith(within))
        state = replace(state, rows=rows)
    table = targets_table(state, wording(workspace, AreaUnit.M2))
    draw_noted(table)
    offer_tables(workspace, [table], table.title)
    if may_edit(workspace):
        with st.expander(say("planning_page.edit")):
            edit_target(workspace)
        draw_import(workspace.targets.import_targets, "targets")


def draw_plan_coverage(workspace: Workspace) -> None:
    """Draw which units plans cover."""
    show_reply()
    state = workspace.plans.show()
    if state.plans:
        table = coverage_table(state, wording(workspace, AreaUnit.M2))
        draw_noted(table)
        draw_plan_map(workspace, state)
        offer_tables(workspace, [table], table.title)
    else:  # nothing entered is not nothing planned
        st.info(say("planning_page.no_plans"))
    if may_edit(workspace):
        with st.expander(say("planning_page.edit")):
            edit_plan(workspace)
        draw_import(workspace.plans.import_plans, "plans")


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
