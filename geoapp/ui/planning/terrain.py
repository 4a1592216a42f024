"""Slope of cultivated land, unit by unit, and what of it lies above 25 degrees, by parcel."""

from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.planning.slope import SlopeResult
from geoapp.reports.content import Wording
from geoapp.reports.steep_content import steep_statement, steep_table
from geoapp.reports.terrain_content import slope_table
from geoapp.ui.planning.asking import (
    choose_level,
    choose_within,
    choose_wording,
    draw_closed,
    draw_notes,
    offer_forms,
)
from geoapp.ui.planning.parcel_map import MOST_SHAPES, draw_parcels
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import shown_progress
from geoapp.values import convert_area

# Lower bound of the share above 25 degrees in percent, and the colour; told apart by lightness.
_BANDS: Final = ((0, "#fbd9b5"), (10, "#f2994f"), (30, "#c94f1d"), (60, "#7a1f0c"))


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
    with st.spinner(say("planning_page.measuring")), shown_progress() as progress:
        result = workspace.slope(by=level, within=within, raster=raster, progress=progress)
    table = slope_table(result, words)
    st.markdown(f"- {steep_statement(result, words)}")
    draw_closed(table)
    _draw_steep(workspace, result, words)
    draw_notes(table)
    offer_forms(
        workspace,
        lambda form: workspace.write_terrain(result, form, words),
        table.title,
        within=within,
    )


def _draw_steep(workspace: Workspace, result: SlopeResult, words: Wording) -> None:
    """Draw the parcels above 25 degrees: what they are, on the map, one by one."""
    st.markdown(f"**{say('terrain.steep_list')}**")
    st.caption(say("terrain.steep_note"))
    total = len(result.steep)
    if not total:
        st.info(steep_statement(result, words))
        return
    if total > MOST_SHAPES:
        st.info(say("terrain.steep_largest", shown=MOST_SHAPES, total=f"{total:,}"))
    table = steep_table(result, workspace.library.require(LANDUSE), words)
    unit = say(f"unit.{words.unit}")
    shown = result.steep.head(MOST_SHAPES)
    marks = [
        (
            _colour(share * 100),
            " · ".join(
                (
                    words.name_unit(code, name),
                    parcel,
                    f"{convert_area(steep, words.unit):,} {unit}",
                    f"{share * 100:.2f}%",
                )
            ),
        )
        for code, name, parcel, steep, share in zip(
            shown["unit_code"],
            shown["unit_name"],
            shown["parcel"],
            shown["steep_m2"],
            shown["share"],
            strict=True,
        )
    ]
    draw_parcels(workspace, shown, marks, _legend(), "steep-map")
    with st.expander(say("planning_page.one_by_one", count=f"{total:,}")):
        draw_closed(table)


def _colour(percent: float) -> str:
    return next(colour for low, colour in reversed(_BANDS) if percent >= low)


def _legend() -> dict[str, str]:
    highs = [low for low, _ in _BANDS[1:]] + [100]
    return {
        say("terrain.share_band", low=low, high=high): colour
        for (low, colour), high in zip(_BANDS, highs, strict=True)
    }
