"""A tracker by units: what is to be done, what is done, what is left, and where it lies."""

from collections.abc import Sequence
from typing import Final, cast
from urllib.parse import urlencode

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.planning.tracker_desk import TrackedItem, TrackerDesk, TrackerState, UnitLevel
from geoapp.reports.planning_content import items_table, tracker_table
from geoapp.ui.case_state import show_reply
from geoapp.ui.planning.asking import choose_level, draw_closed
from geoapp.ui.planning.ledger_view import draw_noted, make_readable
from geoapp.ui.planning.list_edit import edit_item
from geoapp.ui.planning.list_files import draw_import, may_edit, offer_tables
from geoapp.ui.planning.list_map import draw_items_map
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import Links
from geoapp.values import AreaUnit

_SHAPES: Final = ("gpkg", "geojson", "zip", "shp", "shx", "dbf", "prj", "cpg")
_PARTS: Final = ("left", "done", "all")
_TRACKER: Final = "tracker"
_PART: Final = "part"
_ITEM: Final = "item"


def draw_trackers(workspace: Workspace) -> None:
    """Draw a tracker by units, its items, and where they lie; the address leads back to it."""
    show_reply()
    lang, desk = current_lang(), workspace.trackers
    names = list(desk.trackers)
    asked = st.query_params.get(_TRACKER, "")
    name = st.selectbox(
        say("tracker.title"),
        names,
        index=names.index(asked) if asked in names else _first_with_items(desk),
        format_func=lambda one: desk.trackers[one].title[lang],
        key="trackers-name",
    )
    if asked not in {"", name}:  # another list was chosen: what was shown of the first is over
        st.query_params.pop(_ITEM, None)
        st.query_params[_TRACKER] = name
    level = cast("UnitLevel", choose_level("trackers"))  # it offers none but these
    state = desk.show(name, by=level)
    if state.items:
        _draw_state(workspace, state)
    else:
        st.info(say("reconcile.reason_no_entries"))
    if may_edit(workspace):
        with st.expander(say("planning_page.edit")):
            edit_item(workspace, state.definition)
        draw_import(
            desk.import_items, f"items-{name}", suffixes=("xlsx", "csv", *_SHAPES), tracker=name
        )


def _first_with_items(desk: TrackerDesk) -> int:
    """Give the place of the first tracker on which something stands."""
    filled = (place for place, name in enumerate(desk.trackers) if desk.show(name).items)
    return next(filled, 0)


def _draw_state(workspace: Workspace, state: TrackerState) -> None:
    """Draw a tracker that has items: by unit, item by item, and on the map."""
    words = wording(workspace, AreaUnit.M2)
    whole = tracker_table(state, words)
    draw_noted(whole)
    asked = st.query_params.get(_ITEM, "")
    part = _choose_part(state, asked)
    items = _items_of(state, part)
    title = say(f"tracker.{part}")
    listed = items_table(state, items, title, words)
    if items:
        draw_closed(make_readable(listed), links=_links(state, items))
    else:
        st.info(say("tracker.nothing"))
    draw_items_map(workspace, state, items, asked)
    offer_tables(workspace, [whole, listed], f"{whole.title} {title}")


def _choose_part(state: TrackerState, asked: str) -> str:
    """Draw the choice of items; an address that names one opens the list that it stands on."""
    wanted = st.query_params.get(_PART, "left")
    if asked and not any(one.entry.key == asked for one in _items_of(state, wanted)):
        wanted = "all"
    counts = {"left": len(state.left), "done": len(state.done), "all": len(state.items)}
    chosen = st.segmented_control(
        say("tracker.part"),
        _PARTS,
        default=wanted if wanted in _PARTS else "left",
        format_func=lambda one: f"{say(f'tracker.{one}')} {counts[one]:,}",
        label_visibility="collapsed",
        required=True,
        key=f"tracker-part-{state.definition.id}",
    )
    return str(chosen or "left")


def _items_of(state: TrackerState, part: str) -> tuple[TrackedItem, ...]:
    return {"left": state.left, "done": state.done}.get(part, state.items)


def _links(state: TrackerState, items: Sequence[TrackedItem]) -> Links:
    """Lead from each item that has a shape to the map at it."""
    lang = current_lang()
    return Links(
        say("tracker.map_column"),
        say("tracker.on_map"),
        [
            "/planning?"
            + urlencode(
                {
                    "view": "trackers",
                    _TRACKER: state.definition.id,
                    _ITEM: one.entry.key,
                    "lang": lang,
                }
            )
            if one.entry.geometry
            else None
            for one in items
        ],
    )
