"""Lists of the planner on the map: items of a tracker, and what plans cover."""

from collections.abc import Mapping, Sequence
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
from geoapp.planning.tracker_desk import TrackedItem, TrackerState
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.session import current_lang, say

_MOST_SHAPES: Final = 500
# Told apart by lightness, width and the words of the label, not by hue alone.
_ITEM_STYLES: Final = {
    "asked": {"opacity": 1, "color": "#1f1f1f", "weight": 5, "fillColor": "#ffd54a",
              "fillOpacity": 0.6},
    "left": {"opacity": 1, "color": "#b3261e", "weight": 2, "fillColor": "#b3261e",
             "fillOpacity": 0.45},
    "done": {"opacity": 1, "color": "#1c7c74", "weight": 2, "fillColor": "#8fd3cb",
             "fillOpacity": 0.45},
}  # fmt: skip
_STATUS_FILL: Final = {"drafting": "#f0c987", "complete": "#8fb9a8", "approved": "#1c5f63"}
_NONE_FILL: Final = "#ffffff"
_MAPPED: Final[tuple[Level, ...]] = ("district", "township", "village")


def draw_items_map(
    workspace: Workspace, state: TrackerState, items: Sequence[TrackedItem], asked: str = ""
) -> None:
    """Draw where items lie, what is left apart from what is done.

    Args:
        workspace: The city.
        state: The tracker.
        items: Those that are listed; without a shape they are counted.
        asked: Key of the one that the map shows, ``""``: all of them.
    """
    placed = [
        (one, shape) for one in items if (shape := read_shape(one.entry.geometry)) is not None
    ]
    without = len(items) - len(placed)
    if without:
        st.caption(say("planning_page.without_shape", count=without, total=len(items)))
    if not placed:
        return
    if len(placed) > _MOST_SHAPES:
        st.info(say("planning_page.largest", shown=_MOST_SHAPES, total=f"{len(placed):,}"))
        # The one that was asked for is drawn whatever the size of others.
        placed.sort(key=lambda one: (one[0].entry.key != asked, -(one[0].item.area_m2 or 0)))
    drawn = placed[:_MOST_SHAPES]
    stages = {stage.id: stage.title[current_lang()] for stage in state.definition.stages}
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(shape),
            "style": _ITEM_STYLES[_kind(one, asked)],
            "label": _label(one, stages),
        }
        for one, shape in drawn
    ]
    present = [kind for kind in _ITEM_STYLES if kind in {_kind(one, asked) for one, _ in drawn}]
    legend = [{"title": say(f"tracker.{kind}"), "style": _ITEM_STYLES[kind]} for kind in present]
    only = [shape for one, shape in placed if one.entry.key == asked]
    bounds = bounds_of(only or [shape for _, shape in placed])
    _draw(workspace, shapes, legend, bounds, f"tracker-{state.definition.id}")


def _kind(one: TrackedItem, asked: str) -> str:
    return "asked" if one.entry.key == asked else "left" if one.item.left > 0 else "done"


def _label(one: TrackedItem, stages: Mapping[str, str]) -> str:
    item = one.item
    words = [f"{item.number} {item.name}", stages.get(item.stage, item.stage)]
    if item.area_m2 is not None:
        words.append(f"{item.area_m2:,} {say('unit.m2')}")
    return " · ".join(filter(None, words))


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
    draw_shape_map(
        workspace, values, editable=False, key=f"list-map-{key}-{current_lang()}", shown=OUTLINES
    )
