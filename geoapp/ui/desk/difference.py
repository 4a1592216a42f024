"""What differs between two versions of a layer: counts, ground per district, a map."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.difference import SnapshotDifference
from geoapp.reports.content import Cell, Column
from geoapp.ui.desk.map import Shown, draw_features
from geoapp.ui.map import MapClass
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows
from geoapp.values import (
    DECIMALS,
    METRE_DECIMALS,
    AreaUnit,
    convert_area,
    round_half_up,
    to_kilometres,
)

# Told apart by lightness too: gained dark green, lost light red, the others between.
_FILLS: Final = {
    "added": "#1b7837",
    "removed": "#e08a78",
    "reshaped": "#6a51a3",
    "edited": "#e6b422",
}


def draw_difference(
    workspace: Workspace,
    definition: LayerDefinition,
    difference: SnapshotDifference,
    unit: AreaUnit,
    *,
    key: str,
) -> None:
    """Draw what differs.

    Args:
        workspace: The city.
        definition: The layer.
        difference: What differs.
        unit: Unit of area.
        key: Names the map.
    """
    _draw_counts(definition, difference, unit)
    if difference.empty:
        st.success(say("data.no_difference"), icon=":material/check_circle:")
        return
    if difference.districts:
        _draw_districts(workspace, difference, unit)
    _draw_map(workspace, definition, difference, key)
    matched = say(f"data.matched_by_{difference.matched_by}")
    st.caption(say("page.labelled", label=say("data.matched_by"), value=matched))


def _draw_counts(
    definition: LayerDefinition, difference: SnapshotDifference, unit: AreaUnit
) -> None:
    with st.container(horizontal=True, gap="medium"):
        for name in ("added", "removed", "reshaped", "edited", "unchanged"):
            count = f"{getattr(difference, name):,}"
            st.metric(say(f"data.change_{name}"), count, width="content")
        if definition.geometry == "polygon":
            after = convert_area(difference.after_m2, unit)
            change = convert_area(difference.after_m2 - difference.before_m2, unit)
            title = f"{say('data.net_area')} ({say(f'unit.{unit}')})"
            st.metric(title, f"{after:,}", delta=f"{change:+,}", delta_color="off", width="content")
        if definition.geometry == "line":
            after = to_kilometres(difference.after_m)
            change = to_kilometres(difference.after_m - difference.before_m)
            title = f"{say('statistics.total_length')} ({say('unit.km')})"
            st.metric(title, f"{after:,}", delta=f"{change:+,}", delta_color="off", width="content")


def _draw_districts(workspace: Workspace, difference: SnapshotDifference, unit: AreaUnit) -> None:
    lang = current_lang()
    figures = ("before", "after", "gained", "lost", "reclassified")
    suffix = f" ({say(f'unit.{unit}')})"
    columns = [Column("district", say("level.district"), "text")]
    columns += [
        Column(name, say(f"data.ground_{name}") + suffix, "number", DECIMALS[unit])
        for name in figures
    ]
    rows: list[tuple[Cell, ...]] = []
    for district in difference.districts:
        name = say("data.outside_districts")
        if district.code:
            name = workspace.name_unit(district.code, lang, fallback=district.name)
        areas = (getattr(district, f"{figure}_m2") for figure in figures)
        rows.append((name, *(convert_area(area, unit) for area in areas)))
    show_rows(columns, rows)
    closure = round_half_up(difference.closure_m2, METRE_DECIMALS)
    st.caption(say("data.difference_closure", closure=closure))


def _draw_map(
    workspace: Workspace, definition: LayerDefinition, difference: SnapshotDifference, key: str
) -> None:
    frame = difference.features
    if frame is None or not len(frame):
        return
    frame = frame.copy()
    frame["shown_area"] = [f"{convert_area(a or 0.0, AreaUnit.M2):,}" for a in frame["area_m2"]]
    frame["shown_side"] = [say(f"data.side_{side}") for side in frame["side"]]
    present = set(frame["change"])
    facts = {
        "key": say("data.feature_key"),
        "name": say("data.feature_name"),
        "shown_side": say("data.feature_side"),
    }
    if definition.geometry == "polygon":
        facts["shown_area"] = f"{say('data.feature_area')} ({say('unit.m2')})"
    frame = frame.sort_values("area_m2", ascending=False)
    shown = Shown(
        id="difference",
        title=definition.title[current_lang()],
        frame=frame,
        kind=definition.geometry,
        facts=facts,
        class_field="change",
        classes=tuple(
            MapClass(name, say(f"data.change_{name}"), fill)
            for name, fill in _FILLS.items()
            if name in present
        ),
    )
    left_out = draw_features(workspace, [shown], key=key) + difference.omitted
    if left_out:
        st.caption(say("data.map_left_out", count=f"{left_out:,}"))
