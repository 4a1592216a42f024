"""Where control lines overlap: by unit, as a matrix, one by one and on the map."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.planning.conflict_result import MOST_LAYERS, THREE_LINES, ConflictResult
from geoapp.reports.conflict_content import (
    conflict_list,
    conflict_matrix,
    conflict_statements,
    conflict_table,
    conflict_title,
    name_set,
)
from geoapp.reports.content import Wording
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.planning.asking import (
    choose_level,
    choose_within,
    choose_wording,
    draw_closed,
    offer_forms,
)
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import draw_table

_MOST_SHAPES: Final = 300
_FEWEST: Final = 2
_STYLE: Final = {
    "opacity": 1,
    "color": "#b3261e",
    "weight": 3,
    "fillColor": "#b3261e",
    "fillOpacity": 0.45,
}


def draw_conflicts(workspace: Workspace) -> None:
    """Draw the question and its answer."""
    lang = current_lang()
    offered = {layer.id: layer.title[lang] for layer in workspace.conflict_layers()}
    layers = st.multiselect(
        say("planning_page.layers"),
        list(offered),
        default=[name for name in THREE_LINES if name in offered],
        format_func=lambda name: offered[name],
        max_selections=MOST_LAYERS,
        key="conflict-layers",
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        level = choose_level("conflict")
        within = choose_within(workspace, "conflict")
        words = choose_wording(workspace)
    if len(layers) < _FEWEST:
        st.info(say("planning_page.two_layers"))
        return
    with st.spinner(say("planning_page.measuring")):
        result = workspace.conflicts(tuple(layers), by=level, within=within)
    for line in conflict_statements(result, words):
        st.markdown(f"- {line}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_closed(conflict_table(result, words))
    with right:
        _draw_map(workspace, result, words)
    st.markdown(f"**{say('planning_page.matrix')}**")
    draw_closed(conflict_matrix(result, words))
    with st.expander(say("planning_page.one_by_one", count=f"{len(result.patches):,}")):
        draw_table(conflict_list(result, words))
    offer_forms(
        workspace,
        lambda form: workspace.write_conflicts(result, form, words),
        conflict_title(result, words),
        within=within,
    )


def _draw_map(workspace: Workspace, result: ConflictResult, words: Wording) -> None:
    """Draw the overlaps over the layers; of very many the largest, and say so."""
    patches = result.patches.head(_MOST_SHAPES)
    if patches.empty:
        st.success(say("planning_page.no_conflict"))
        return
    if len(result.patches) > _MOST_SHAPES:
        st.info(say("planning_page.largest", shown=_MOST_SHAPES, total=f"{len(result.patches):,}"))
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(shape),
            "style": _STYLE,
            "label": f"{name_set(int(bits), result.request, words)} · {area:,.2f} m²",
        }
        for shape, bits, area in zip(
            patches.geometry, patches["bits"], patches["area_m2"], strict=True
        )
    ]
    bounds = bounds_of([shapely.box(*patches.total_bounds)])
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": [{"title": say("planning_page.overlap"), "style": _STYLE}],
        "view": {"bounds": bounds, "key": " ".join(f"{value:.4f}" for value in bounds)},
        "fresh": False,
    }
    draw_shape_map(
        workspace,
        values,
        editable=False,
        key=f"conflict-map-{current_lang()}",
        shown=(*OUTLINES, *result.request.layers),
    )
