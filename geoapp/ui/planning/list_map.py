"""Lists of the planner on the map: what is left of a tracker, and what plans cover."""

from functools import lru_cache
from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.snapshot import Snapshot
from geoapp.compliance.shape import to_geojson
from geoapp.overlay.result import Level
from geoapp.planning.places import read_shape
from geoapp.planning.plan import STATUSES, PlanState
from geoapp.planning.tracker_desk import TrackerState
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.session import current_lang, say

_MOST_SHAPES: Final = 500
_LEFT: Final = {
    "opacity": 1,
    "color": "#b3261e",
    "weight": 2,
    "fillColor": "#b3261e",
    "fillOpacity": 0.45,
}
_STATUS_FILL: Final = {"drafting": "#f0c987", "complete": "#8fb9a8", "approved": "#1c5f63"}
_NONE_FILL: Final = "#ffffff"
_MAPPED: Final[tuple[Level, ...]] = ("district", "township", "village")


def draw_left_map(workspace: Workspace, state: TrackerState) -> None:
    """Draw where what is left lies; items without a shape are counted."""
    placed = [
        (one, shape) for one in state.left if (shape := read_shape(one.entry.geometry)) is not None
    ]
    without = len(state.left) - len(placed)
    if without:
        st.caption(say("planning_page.without_shape", count=without, total=len(state.left)))
    if not placed:
        return
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(shape),
            "style": _LEFT,
            "label": f"{one.item.number} {one.item.name}",
        }
        for one, shape in placed[:_MOST_SHAPES]
    ]
    bounds = bounds_of([shape for _, shape in placed])
    legend = [{"title": say("tracker.left"), "style": _LEFT}]
    _draw(workspace, shapes, legend, bounds, f"tracker-{state.definition.id}")


def draw_plan_map(workspace: Workspace, state: PlanState) -> None:
    """Draw the units of a level in the colour of the most advanced plan that covers them."""
    lang = current_lang()
    level: Level = st.selectbox(
        say("statistics.level"),
        _MAPPED,
        index=1,
        format_func=lambda one: say(f"level.{one}"),
        key="plans-level",
        width=180,
    )
    if workspace.store.find_current(level) is None:
        return
    best = {
        code: plan.status
        for status in STATUSES
        for plan in state.plans
        if plan.status == status and plan.level == level
        for code in plan.unit_codes
    }
    frame = _outlines(workspace.snapshot(level))
    shapes: list[dict[str, Any]] = []
    for code, shape in zip(frame["code"], frame.geometry, strict=True):
        status = best.get(code)
        words = say(f"plan.status_{status}") if status else say("planning_page.no_plan")
        label = f"{workspace.name_unit(code, lang)} · {words}"
        style = _style(_STATUS_FILL[status] if status else _NONE_FILL)
        shapes.append(
            {"geometry": to_geojson(shape), "style": style, "label": label, "plain": True}
        )
    legend = [
        {"title": say(f"plan.status_{status}"), "style": _style(_STATUS_FILL[status])}
        for status in STATUSES
    ] + [{"title": say("planning_page.no_plan"), "style": _style(_NONE_FILL)}]
    box = workspace.city.extent
    bounds = bounds_of([shapely.box(box.west, box.south, box.east, box.north)])
    _draw(workspace, shapes, legend, bounds, f"plans-{level}")


@lru_cache(maxsize=8)
def _outlines(snapshot: Snapshot) -> Any:
    """Give outlines coarse enough to be drawn whole; made once, not to be changed."""
    frame = snapshot.read()
    frame["geometry"] = shapely.coverage_simplify(frame.geometry.to_numpy(), 0.002)
    return frame


def _style(fill: str) -> dict[str, Any]:
    return {"opacity": 1, "color": "#43615f", "weight": 1, "fillColor": fill, "fillOpacity": 0.75}


def _draw(
    workspace: Workspace,
    shapes: list[dict[str, Any]],
    legend: list[dict[str, Any]],
    bounds: tuple[float, float, float, float],
    key: str,
) -> None:
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": legend,
        "view": {"bounds": bounds, "key": f"{key} {bounds[0]:.4f}"},
        "fresh": False,
    }
    draw_shape_map(workspace, values, editable=False, key=f"list-map-{key}-{current_lang()}")
