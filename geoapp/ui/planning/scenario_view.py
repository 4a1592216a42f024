"""What if a boundary ran otherwise: drawn on the map, measured, kept, laid side by side."""

from typing import Any, Final

import shapely
import streamlit as st

from geoapp.access.policy import decide, require
from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.errors import InputError
from geoapp.planning.scenario import Scenario
from geoapp.reports.scenario_content import compare_table
from geoapp.ui.case_state import attempt, show_reply
from geoapp.ui.check_map import MapReply, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.planning.asking import draw_closed, offer_forms
from geoapp.ui.planning.scenario_source import (
    Boundary,
    draw_sources,
    held_boundary,
    take_drawing,
    take_picked,
    take_restored,
)
from geoapp.ui.session import choose_unit, chosen_unit, current_lang, say, wording

_COMPARED: Final = "scenario-compare"
_REPLACED: Final = {
    "opacity": 1,
    "color": "#1f4fa3",
    "weight": 2,
    "dashArray": "6 4",
    "fillColor": "#1f4fa3",
    "fillOpacity": 0,
}


def draw_scenarios(workspace: Workspace) -> None:
    """Draw the map to draw on, and the scenarios that are kept."""
    require(workspace.principal, "view_scenarios")
    show_reply()
    if decide(workspace.principal, "edit_scenarios").allowed:
        _draw_new(workspace)
    _draw_kept(workspace)


def _draw_new(workspace: Workspace) -> None:
    draw_sources(workspace)
    unit = choose_unit(width=150)
    held = held_boundary()
    shapes = _replaced_shapes(held)
    values: dict[str, Any] = {
        "parcel": held.to_map() if held else None,
        "origin": (held.origin_to_map()) if held else None,
        "replaces": held.against() if held else None,
        "shapes": shapes,
        "legend": [{"title": say("scenario.replaced"), "style": _REPLACED}] if shapes else [],
        "view": _view(held),
        "fresh": held is None,
    }
    reply = draw_shape_map(
        workspace, values, editable=True, key=f"scenario-{current_lang()}", live=unit
    )
    if reply.drawn:
        _take(workspace, reply)
        st.rerun()
    if reply.pick is not None:
        take_picked(workspace, reply.pick)
        st.rerun()
    if held is not None and held.replaces is not None:
        title = workspace.library.require(held.replaces.layer).title[current_lang()]
        st.info(say("scenario.moves", layer=title, feature=held.replaces.feature))
    if held is not None and held.edits is not None:
        st.info(say("scenario.edits", scenario=held.edits.label))
    with st.form("scenario-new"):
        st.text_input(say("scenario.name"), key="scenario-name")
        st.text_input(say("scenario.note"), key="scenario-note")
        st.form_submit_button(
            say("planning_page.scenario_save"), type="primary", on_click=_save, args=(workspace,)
        )


def _take(workspace: Workspace, reply: MapReply) -> None:
    drawn = reply.geometry
    if held_boundary() is not None or drawn is None or reply.replaces is None:
        take_drawing(drawn)
        return

    def act() -> str:
        take_restored(workspace, drawn, reply.replaces)
        return say("scenario.restored")

    attempt(act)


def _replaced_shapes(held: Boundary | None) -> list[dict[str, Any]]:
    """Give the boundary that is replaced, to lie under the new one."""
    if held is None or held.replaced is None:
        return []
    if shapely.equals_exact(
        shapely.normalize(held.geometry), shapely.normalize(held.replaced), 0.0
    ):
        return []
    return [{"geometry": to_geojson(held.replaced), "style": _REPLACED, "label": ""}]


def _view(held: Boundary | None) -> dict[str, Any] | None:
    if held is None or not held.brought:
        return None
    return {"bounds": bounds_of([held.geometry]), "key": held.brought}


def _save(workspace: Workspace) -> None:
    def act() -> str:
        held = held_boundary()
        if held is None:
            raise InputError("scenario-not-drawn")
        made = workspace.scenarios.save(
            st.session_state["scenario-name"],
            held.geometry,
            note=st.session_state["scenario-note"],
            replaces=held.replaces,
        )
        _add_to_comparison(workspace, made)
        return say("scenario.saved", scenario=made.label)

    attempt(act)


def _add_to_comparison(workspace: Workspace, made: Scenario) -> None:
    """Put what was just saved beside what is compared; beside its last version if nothing is."""
    chosen = list(st.session_state.get(_COMPARED) or ())
    if not chosen:
        older = [one.label for one in workspace.scenarios.all() if one.label != made.label]
        own = [label for label in older if label == f"{made.name} v{made.version - 1}"]
        chosen = (own or older)[:1]
    st.session_state[_COMPARED] = [*chosen, made.label]


def _draw_kept(workspace: Workspace) -> None:
    kept = {one.label: one for one in workspace.scenarios.all()}
    if not kept:
        st.info(say("planning_page.no_scenarios"))
        return
    asked = st.session_state.setdefault(_COMPARED, list(kept)[:1])
    if gone := [label for label in asked if label not in kept]:  # somebody removed it
        st.session_state[_COMPARED] = [label for label in asked if label not in gone]
    chosen = st.multiselect(
        say("planning_page.scenario_compare"),
        list(kept),
        key=_COMPARED,
        help=say("scenario.compare_help"),
    )
    if not chosen:
        return
    words = wording(workspace, chosen_unit())
    found = workspace.scenarios.compare([kept[label] for label in chosen])
    draw_closed(compare_table(found, workspace.library, words, changes=False))
    if any(one.result.moved for one in found):
        st.markdown(f"**{say('scenario.changes')}**")
        draw_closed(compare_table(found, workspace.library, words, changes=True))
    offer_forms(workspace, lambda form: workspace.write_scenarios(found, form, words), "scenarios")
