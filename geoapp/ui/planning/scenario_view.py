"""What if a boundary ran otherwise: drawn on the map, measured, kept, laid side by side."""

from typing import Any

import streamlit as st

from geoapp.access.policy import decide, require
from geoapp.bootstrap import Workspace
from geoapp.errors import InputError
from geoapp.reports.scenario_content import compare_table
from geoapp.ui.case_state import attempt, show_reply
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.planning.asking import draw_closed, offer_forms
from geoapp.ui.planning.scenario_source import (
    Boundary,
    draw_sources,
    held_boundary,
    take_drawing,
    take_picked,
)
from geoapp.ui.session import choose_unit, chosen_unit, current_lang, say, wording


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
    values: dict[str, Any] = {
        "parcel": held.to_map() if held else None,
        "shapes": [],
        "legend": [],
        "view": _view(held),
        "fresh": held is None,
    }
    reply = draw_shape_map(
        workspace, values, editable=True, key=f"scenario-{current_lang()}", live=unit
    )
    if reply.drawn:
        take_drawing(reply.geometry)
        st.rerun()
    if reply.pick is not None:
        take_picked(workspace, reply.pick)
        st.rerun()
    if held is not None and held.replaces is not None:
        title = workspace.library.require(held.replaces.layer).title[current_lang()]
        st.info(say("scenario.moves", layer=title, feature=held.replaces.feature))
    with st.form("scenario-new"):
        st.text_input(say("scenario.name"), key="scenario-name")
        st.text_input(say("scenario.note"), key="scenario-note")
        st.form_submit_button(
            say("planning_page.scenario_save"), type="primary", on_click=_save, args=(workspace,)
        )


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
        return say("scenario.saved", scenario=made.label)

    attempt(act)


def _draw_kept(workspace: Workspace) -> None:
    kept = {one.label: one for one in workspace.scenarios.all()}
    if not kept:
        st.info(say("planning_page.no_scenarios"))
        return
    chosen = st.multiselect(
        say("planning_page.scenario_compare"),
        list(kept),
        default=list(kept)[:1],
        key="scenario-compare",
    )
    if not chosen:
        return
    words = wording(workspace, chosen_unit())
    found = workspace.scenarios.compare([kept[label] for label in chosen])
    draw_closed(compare_table(found, workspace.library, words, changes=False))
    if any(one.result.moved for one in found):
        st.markdown(f"**{say('scenario.changes')}**")
        draw_closed(compare_table(found, workspace.library, words, changes=True))
    offer_forms(lambda form: workspace.write_scenarios(found, form, words), "scenarios")
