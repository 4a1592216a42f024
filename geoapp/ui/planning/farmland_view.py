"""The ledger of cultivated land between two dates of the land-use layer."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.reports.farmland_content import (
    farmland_patch_table,
    flow_table,
    ledger_statement,
    ledger_table,
    ledger_title,
)
from geoapp.ui.planning.asking import (
    choose_level,
    choose_within,
    choose_wording,
    draw_closed,
    offer_forms,
)
from geoapp.ui.session import say
from geoapp.ui.table import draw_table


def draw_farmland(workspace: Workspace) -> None:
    """Draw the choice of dates, the statement with its arithmetic, and the tables."""
    names = [entry.name for entry in workspace.snapshots(LANDUSE)]
    if len(names) < 2:  # a ledger lies between two dates
        st.info(say("planning_page.two_dates"))
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        before = st.selectbox(say("planning_page.before"), names[1:], key="ledger-from", width=230)
        after = st.selectbox(say("planning_page.after"), names, key="ledger-to", width=230)
        level = choose_level("ledger")
        within = choose_within(workspace, "ledger")
        words = choose_wording(workspace)
    if before == after:
        st.info(say("planning_page.two_dates"))
        return
    with st.spinner(say("planning_page.measuring"), show_time=True):
        result = workspace.farmland_ledger(before, after, by=level, within=within)
    st.markdown(ledger_statement(result, words))
    draw_closed(ledger_table(result, workspace.farmland, words))
    definition = workspace.library.require(LANDUSE)
    st.markdown(f"**{say('planning_page.flows')}**")
    draw_closed(flow_table(result, definition, words, workspace.farmland))
    with st.expander(say("planning_page.one_by_one", count=f"{len(result.patches):,}")):
        draw_table(farmland_patch_table(result, definition, words, workspace.farmland))
    offer_forms(
        lambda form: workspace.write_ledger(result, form, words), ledger_title(result, words)
    )
