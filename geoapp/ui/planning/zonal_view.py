"""What rasters say of units, and which parcels changed most between two of them."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.result import LEVELS
from geoapp.planning.parcel_change import ParcelChanges
from geoapp.reports.content import Wording
from geoapp.reports.terrain_content import decimals_of_index, zonal_table
from geoapp.reports.zonal_content import change_statement, change_table
from geoapp.tiles.cell_grids import offered_indexes
from geoapp.tiles.raster_files import Raster
from geoapp.tiles.vegetation import Index
from geoapp.ui.planning.asking import (
    choose_level,
    choose_within,
    choose_wording,
    draw_closed,
    draw_notes,
    offer_forms,
)
from geoapp.ui.planning.parcel_map import draw_parcels
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.waiting import shown_progress
from geoapp.values import AreaUnit

_MOST: Final = 100
# Told apart by lightness and by the words of the legend, not by hue alone.
_MORE, _LESS = "#f6c445", "#2b3a67"


def draw_zonal(workspace: Workspace) -> None:
    """Draw the question and its answer."""
    if not decide(workspace.principal, "view_rasters").allowed:
        return
    rasters = workspace.rasters.catalogue().rasters
    if not rasters:
        st.info(say("terrain.no_rasters"))
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        raster, before = _choose_rasters(rasters)
        index = _choose_index(rasters[raster], rasters.get(before))
        level = choose_level("zonal")
        within = choose_within(workspace, "zonal")
        layer = _choose_parcels(workspace) if before else ""
        words = choose_wording(workspace) if layer else wording(workspace, AreaUnit.HA)
    with st.spinner(say("planning_page.measuring")):
        result = workspace.zonal(raster, before=before, by=level, within=within, of=index)
    if before:
        st.info(say("terrain.hint"))
    elif not _find_earlier(rasters, raster):
        st.caption(say("terrain.one_date"))
    table = zonal_table(result, words)
    draw_closed(table)
    draw_notes(table)
    name = f"{table.title} {raster}"
    offer_forms(
        workspace,
        lambda form: workspace.write_terrain(result, form, words),
        name,
        forms=("xlsx", "docx"),
    )
    if layer:
        with (
            st.spinner(say("planning_page.measuring")),
            shown_progress() as progress,
        ):
            changes = workspace.zonal_parcels(
                raster, before, layer=layer, within=within, most=_MOST, of=index, progress=progress
            )
        _draw_changes(workspace, changes, words, rasters[raster])


def _choose_rasters(rasters: Mapping[str, Raster]) -> tuple[str, str]:
    """Draw the choice of a raster, the latest picture first, and of an earlier one of its kind."""
    lang = current_lang()
    latest = sorted(rasters, key=lambda name: (rasters[name].date, name), reverse=True)
    raster = st.selectbox(
        say("terrain.raster_label"),
        latest,
        format_func=lambda name: rasters[name].title[lang],
        key="zonal-raster",
        width=220,
    )
    earlier = _find_earlier(rasters, raster)
    before = st.selectbox(
        say("terrain.before_label"),
        [*earlier, ""],
        format_func=lambda name: (
            rasters[name].title[lang] if name else say("terrain.nothing_before")
        ),
        key=f"zonal-before-{raster}",
        width=220,
    )
    return raster, before


def _choose_index(raster: Raster, earlier: Raster | None) -> Index:
    """Draw the choice of what to look at: what both pictures have the bands for."""
    offered = offered_indexes(raster)
    if earlier is not None:
        others = offered_indexes(earlier)
        offered = tuple(index for index in offered if index in others)
    if len(offered) == 1:
        return offered[0]
    chosen: Index = st.selectbox(
        say("terrain.index_label"),
        offered,
        format_func=lambda index: say(f"terrain.index_{index}"),
        key="zonal-index",
        help=None if "ndvi" in offered else say("terrain.no_infrared"),
        width=200,
    )
    return chosen


def _find_earlier(rasters: Mapping[str, Raster], chosen: str) -> list[str]:
    """Find the rasters of a kind before one, the latest first; of unknown dates all others."""
    later = rasters[chosen]
    found = [
        name
        for name, raster in rasters.items()
        if name != chosen
        and raster.kind == later.kind
        and (not raster.date or not later.date or raster.date < later.date)
    ]
    return sorted(found, key=lambda name: (rasters[name].date, name), reverse=True)


def _choose_parcels(workspace: Workspace) -> str:
    """Draw the choice of a layer whose parcels are compared; at first none, for it takes time."""
    lang = current_lang()
    offered = {
        state.definition.id: state.definition.title[lang]
        for state in workspace.layers()
        if state.snapshot and _is_offered(workspace, state.definition)
    }
    return str(
        st.selectbox(
            say("terrain.parcels_layer"),
            ["", *offered],
            format_func=lambda name: offered[name] if name else say("terrain.no_parcels"),
            key="zonal-parcels",
            width=220,
        )
    )


def _is_offered(workspace: Workspace, definition: LayerDefinition) -> bool:
    readable = decide(workspace.principal, "read_features", definition).allowed
    return definition.geometry == "polygon" and definition.id not in LEVELS and readable


def _draw_changes(
    workspace: Workspace, changes: ParcelChanges, words: Wording, raster: Raster
) -> None:
    """Draw the parcels that changed most, on the map and one by one."""
    table = change_table(changes, workspace.library.require(changes.layer), words)
    st.markdown(f"**{table.title}**")
    st.markdown(f"- {change_statement(changes, words)}")
    if changes.rows.empty:
        st.info(say("terrain.no_changed" if changes.known else "terrain.nothing_known"))
        return
    places = decimals_of_index(changes.of)
    marks = [
        (
            _MORE if change > 0 else _LESS,
            f"{words.name_unit(code, name)} · {parcel} · {change:+.{places}f}",
        )
        for code, name, parcel, change in zip(
            changes.rows["unit_code"],
            changes.rows["unit_name"],
            changes.rows["parcel"],
            changes.rows["change"],
            strict=True,
        )
    ]
    ways = ("brighter", "darker") if raster.kind == "imagery" else ("higher", "lower")
    if changes.of:
        ways = ("greener", "less_green")
    legend = dict(zip((say(f"terrain.{way}") for way in ways), (_MORE, _LESS), strict=True))
    draw_parcels(workspace, changes.rows, marks, legend, "change-map")
    draw_closed(table)
    offer_forms(
        workspace,
        lambda form: workspace.write_terrain(changes, form, words),
        table.title,
        within=changes.within,
    )
