"""Cases on the map: one footprint among the control lines, or all that the filter leaves."""

import math
from collections.abc import Sequence
from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case, CaseFilter
from geoapp.cases.storage_cell import MapCell
from geoapp.cases.track import StageKind, read_stages
from geoapp.compliance.shape import to_geojson
from geoapp.ui.case_state import open_case
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_MOST_SHAPES: Final = 500
# Where there are more, places tell how many; so many across the map that their marks stand apart.
_ACROSS: Final = 14
_FEWEST_CELLS: Final = 12
_DEEPEST: Final = 14
# By kind of stage; the words of the legend tell them apart too.
_COLOURS: Final[dict[StageKind, str]] = {
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
    """Draw the cases of the filter; where there are too many, all by places and the most urgent."""
    page = workspace.cases.register.select(wanted, sort="priority", limit=_MOST_SHAPES)
    if not page.cases:
        st.info(say("case_page.none_found"))
        return
    kinds = {stage.id: stage.kind for stage in read_stages()}
    cells: Sequence[MapCell] = ()
    if page.total > len(page.cases):
        cells = _count(workspace, wanted)
        st.info(say("case_page.map_limit", shown=len(page.cases), total=f"{page.total:,}"))
    shapes = [
        _shape(
            case.footprint,
            _style(kinds[case.stage]),
            f"{case.case_no} · {say(f'case.stage_{case.stage}')}",
        )
        for case in page.cases
    ]
    present = {kinds[case.stage] for case in page.cases}.union(*(cell.by_kind for cell in cells))
    legend = [
        {"title": say(f"case_page.kind_{kind}"), "style": _style(kind)}
        for kind in _COLOURS
        if kind in present
    ]
    seen = [case.footprint for case in page.cases]
    bounds = bounds_of([*seen, *(shapely.Point(cell.longitude, cell.latitude) for cell in cells)])
    values = {
        "parcel": None,
        "shapes": shapes,
        "cells": [_cell(cell) for cell in cells],
        "legend": legend,
        "view": {"bounds": bounds, "key": "cases " + " ".join(f"{it:.4f}" for it in bounds)},
        "fresh": False,
    }
    key = f"cases-map-{current_lang()}"
    draw_shape_map(workspace, values, editable=False, key=key, shown=OUTLINES)
    _offer_cases(page.cases)


def _offer_cases(cases: Sequence[Case]) -> None:
    chosen = st.selectbox(
        say("case_page.open_one"),
        [case.case_no for case in cases],
        index=None,
        placeholder=say("case_page.open_hint"),
        key="case-map-open",
    )
    if chosen:
        st.button(say("case_page.open", case=plain(chosen)), on_click=open_case, args=(chosen,))


def _count(workspace: Workspace, wanted: CaseFilter) -> Sequence[MapCell]:
    """Count all cases by places, more finely where they lie close together."""
    box = workspace.city.extent
    extent = (box.west, box.south, box.east, box.north)
    side = (box.east - box.west) / _ACROSS
    zoom = math.floor(math.log2(360 / 16 / side))
    while True:
        cells = workspace.cases.register.map_cells(extent, zoom, wanted)
        if len(cells) >= _FEWEST_CELLS or zoom >= _DEEPEST:
            return cells
        zoom += 2


def _cell(cell: MapCell) -> dict[str, Any]:
    parts = [(kind, cell.by_kind[kind]) for kind in _COLOURS if kind in cell.by_kind]
    told = [f"{say(f'case_page.kind_{kind}')} {count:,}" for kind, count in parts]
    return {
        "at": (cell.longitude, cell.latitude),
        "number": cell.cases,
        "parts": [(_COLOURS[kind], count / cell.cases) for kind, count in parts],
        "label": " · ".join([say("case_page.cases_here", count=f"{cell.cases:,}"), *told]),
    }


def _shape(geometry: shapely.Geometry, style: dict[str, Any], label: str) -> dict[str, Any]:
    return {"geometry": to_geojson(geometry), "style": style, "label": label}


def _style(kind: StageKind) -> dict[str, Any]:
    colour = _COLOURS[kind]
    return {
        "opacity": 1,
        "color": colour,
        "weight": 3,
        "fillColor": colour,
        "fillOpacity": 0.35,
    }
