"""Which land fire engines reach in time, as table and on the map."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.fire_cover import FOREST
from geoapp.compliance.shape import to_geojson
from geoapp.planning.cover_result import CoverResult
from geoapp.reports.cover_content import cover_statement, cover_table, cover_title
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

_MINUTES: Final = (10, 15, 20, 30, 45, 60)
_LAND: Final[dict[str, tuple[str, ...]]] = {
    "forest": FOREST,
    "grass": ("04",),
    "cultivated": ("01",),
    "all_land": (),
}
_COARSE_DEG: Final = 0.0005  # of the drawing only; figures are those of the true ground
_GROUND: Final = {
    "opacity": 1,
    "color": "#a3360b",
    "weight": 1.5,
    "fillColor": "#f08c3a",
    "fillOpacity": 0.6,
}
_STATION: Final = {
    "opacity": 1,
    "color": "#5f1410",
    "weight": 2,
    "fillColor": "#b3261e",
    "fillOpacity": 1,
}
_DOT_DEG: Final = 0.004


def draw_cover(workspace: Workspace) -> None:
    """Draw the question and its answer."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        minutes = st.selectbox(
            say("cover.minutes"), _MINUTES, index=_MINUTES.index(30), key="cover-minutes", width=120
        )
        land = st.selectbox(
            say("cover.land_choice"),
            list(_LAND),
            format_func=lambda name: say(f"cover.{name}"),
            key="cover-land",
            width=150,
        )
        level = choose_level("cover")
        within = choose_within(workspace, "cover")
        words = choose_wording(workspace)
    with st.spinner(say("planning_page.measuring")):
        result = workspace.fire_cover(minutes, by=level, within=within, classes=_LAND[land])
    st.markdown(f"- {cover_statement(result, words)}")
    table = cover_table(result, words)
    _draw_map(workspace, result)
    draw_closed(table)
    with st.expander(say("cover.how")):
        for label, note in table.notes:
            st.markdown(f"- {say('page.labelled', label=label, value=note)}")
    offer_forms(
        workspace,
        lambda form: workspace.write_cover(result, form, words),
        cover_title(result, words),
        within=within,
    )


def _draw_map(workspace: Workspace, result: CoverResult) -> None:
    """Draw reached ground and stations."""
    box = workspace.city.extent
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(shapely.simplify(shape, _COARSE_DEG)),
            "style": _GROUND,
            "label": f"{area / 1e6:,.2f} km²",
            "plain": True,
        }
        for shape, area in zip(result.ground.geometry, result.ground["area_m2"], strict=True)
    ]
    for point, name, by_road in result.places[["geometry", "name", "by_road"]].to_numpy():
        label = name if by_road else say("cover.no_road", name=name)
        dot = shapely.buffer(point, _DOT_DEG, quad_segs=2)
        shapes.append(
            {"geometry": to_geojson(dot), "style": _STATION, "label": label, "plain": True}
        )
    bounds = bounds_of([shapely.box(box.west, box.south, box.east, box.north)])
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": [
            {"title": say("cover.legend_ground", minutes=result.request.minutes), "style": _GROUND},
            {"title": say("cover.legend_station"), "style": _STATION},
        ],
        "view": {"bounds": bounds, "key": "city"},
        "fresh": False,
    }
    draw_shape_map(
        workspace,
        values,
        editable=False,
        key=f"cover-map-{current_lang()}",
        shown=(*OUTLINES, "road"),
    )
