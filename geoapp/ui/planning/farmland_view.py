"""The ledger of cultivated land between two dates of the land-use layer."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.compliance.shape import to_geojson
from geoapp.planning.farmland_result import LedgerResult
from geoapp.reports.content import Wording
from geoapp.reports.farmland_content import (
    farmland_patch_table,
    flow_table,
    ledger_statement,
    ledger_table,
    ledger_title,
)
from geoapp.reports.ledger_prose import write_ledger_prose
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.paragraph import draw_paragraph
from geoapp.ui.planning.asking import (
    choose_level,
    choose_within,
    choose_wording,
    draw_closed,
    offer_forms,
)
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import draw_table
from geoapp.ui.waiting import shown_progress
from geoapp.values import convert_area

_MOST_SHAPES: Final = 300
# Told apart by lightness and by the words of the legend, not by hue alone.
_COLOURS: Final = {"in": "#1c7c74", "out": "#b3261e"}


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
    with st.spinner(say("planning_page.measuring")), shown_progress() as progress:
        result = workspace.farmland_ledger(
            before, after, by=level, within=within, progress=progress
        )
    st.markdown(ledger_statement(result, words))
    draw_closed(ledger_table(result, workspace.farmland, words))
    _draw_map(workspace, result, words)
    definition = workspace.library.require(LANDUSE)
    st.markdown(f"**{say('planning_page.flows')}**")
    draw_closed(flow_table(result, definition, words, workspace.farmland))
    with st.expander(say("planning_page.one_by_one", count=f"{len(result.patches):,}")):
        answers = workspace.find_ledger_answers(result)
        table = farmland_patch_table(result, definition, words, workspace.farmland, answers)
        draw_table(table)
    offer_forms(
        workspace,
        lambda form: workspace.write_ledger(result, form, words),
        ledger_title(result, words),
        within=within,
    )
    draw_paragraph(lambda: write_ledger_prose(result, words), words, key="ledger")


def _draw_map(workspace: Workspace, result: LedgerResult, words: Wording) -> None:
    """Draw what went in and out over the layers; of very many the largest, and say so."""
    patches = result.patches.head(_MOST_SHAPES)
    if patches.empty:
        st.info(say("planning_page.no_change"))
        return
    if len(result.patches) > _MOST_SHAPES:
        st.info(say("planning_page.largest", shown=_MOST_SHAPES, total=f"{len(result.patches):,}"))
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(shape),
            "style": _style(way),
            "label": f"{say(f'farmland.direction_{way}')} · {say(f'farmland.cause_{cause}')} · "
            f"{convert_area(area, words.unit):,} {say(f'unit.{words.unit}')}",
        }
        for shape, way, cause, area in zip(
            patches.geometry,
            patches["direction"],
            patches["cause"],
            patches["area_m2"],
            strict=True,
        )
    ]
    present = set(patches["direction"])
    legend = [
        {"title": say(f"farmland.direction_{way}"), "style": _style(way)}
        for way in _COLOURS
        if way in present
    ]
    bounds = bounds_of([shapely.box(*patches.total_bounds)])
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": legend,
        "view": {"bounds": bounds, "key": " ".join(f"{value:.4f}" for value in bounds)},
        "fresh": False,
    }
    draw_shape_map(
        workspace, values, editable=False, key=f"ledger-map-{current_lang()}", shown=OUTLINES
    )


def _style(way: str) -> dict[str, Any]:
    colour = _COLOURS[way]
    return {
        "opacity": 1,
        "color": colour,
        "weight": 2,
        "fillColor": colour,
        "fillOpacity": 0.45,
    }
