"""Slope of cultivated land, unit by unit."""

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.reports.terrain_content import slope_table
from geoapp.ui.planning.asking import choose_level, choose_within, choose_wording, draw_closed
from geoapp.ui.session import current_lang, say


def draw_slope(workspace: Workspace) -> None:
    """Draw the question and its answer."""
    lang = current_lang()
    if not decide(workspace.principal, "view_rasters").allowed:
        return
    models = {
        name: raster.title[lang]
        for name, raster in workspace.rasters.catalogue().rasters.items()
        if raster.kind == "dem"
    }
    if not models:
        st.info(say("error.height-model-none"))
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        raster = st.selectbox(
            say("terrain.raster"),
            list(models),
            format_func=lambda name: models[name],
            key="slope-raster",
            width=220,
        )
        level = choose_level("slope")
        within = choose_within(workspace, "slope")
        words = choose_wording(workspace)
    table = slope_table(workspace.slope(by=level, within=within, raster=raster), words)
    draw_closed(table)
    for label, note in table.notes:
        st.caption(say("page.labelled", label=label, value=note))
