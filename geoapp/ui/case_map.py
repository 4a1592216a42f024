"""Cases on the map: one footprint among the control lines, or all that the filter leaves."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case, CaseFilter
from geoapp.cases.track import read_stages
from geoapp.compliance.shape import to_geojson
from geoapp.ui.case_state import open_case
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_MOST_SHAPES: Final = 500
# By kind of stage; the words of the legend tell them apart too.
_COLOURS: Final = {
    "open": "#b3261e",
    "demolished": "#c77700",
    "closed": "#1c7c74",
    "exit": "#6b7280",
}


def draw_footprint(workspace: Workspace, case: Case) -> None:
    """Draw the footprint of a case over every layer that one may see."""
    kind = {stage.id: stage.kind for stage in read_stages()}[case.stage]
    style = _style(kind)
    bounds = bounds_of([case.footprint])
    values = {
        "parcel": None,
        "shapes": [_shape(case.footprint, style, case.case_no)],
        "legend": [{"title": say("case_page.footprint_of", case=case.case_no), "style": style}],
        "view": {"bounds": bounds, "key": f"case {case.id}"},
        "fresh": False,
    }
    draw_shape_map(workspace, values, editable=False, key=f"case-map-{case.id}-{current_lang()}")


def draw_case_map(workspace: Workspace, wanted: CaseFilter) -> None:
    """Draw the cases of the filter; where there are too many, the most urgent, and say so."""
    page = workspace.cases.register.select(wanted, sort="priority", limit=_MOST_SHAPES)
    if not page.cases:
        st.info(say("case_page.none_found"))
        return
    kinds = {stage.id: stage.kind for stage in read_stages()}
    if page.total > len(page.cases):
        st.info(say("case_page.map_limit", shown=len(page.cases), total=f"{page.total:,}"))
    shapes = [
        _shape(
            case.footprint,
            _style(kinds[case.stage]),
            f"{case.case_no} · {say(f'case.stage_{case.stage}')}",
        )
        for case in page.cases
    ]
    present = {kinds[case.stage] for case in page.cases}
    legend = [
        {"title": say(f"case_page.kind_{kind}"), "style": _style(kind)}
        for kind in _COLOURS
        if kind in present
    ]
    bounds = bounds_of([case.footprint for case in page.cases])
    view = {"bounds": bounds, "key": "cases " + " ".join(f"{value:.4f}" for value in bounds)}
    values = {"parcel": None, "shapes": shapes, "legend": legend, "view": view, "fresh": False}
    draw_shape_map(workspace, values, editable=False, key=f"cases-map-{current_lang()}")
    by_number = {case.case_no: case for case in page.cases}
    chosen = st.selectbox(
        say("case_page.open_one"),
        list(by_number),
        index=None,
        placeholder=say("case_page.open_hint"),
        key="case-map-open",
    )
    if chosen:
        st.button(say("case_page.open", case=plain(chosen)), on_click=open_case, args=(chosen,))


def _shape(geometry: shapely.Geometry, style: dict[str, Any], label: str) -> dict[str, Any]:
    return {"geometry": to_geojson(geometry), "style": style, "label": label}


def _style(kind: str) -> dict[str, Any]:
    colour = _COLOURS[kind]
    return {
        "opacity": 1,
        "color": colour,
        "weight": 3,
        "fillColor": colour,
        "fillOpacity": 0.35,
    }
