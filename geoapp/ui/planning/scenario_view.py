"""What if a boundary ran otherwise: drawn on the map, measured, kept, laid side by side."""

from typing import Any, Final

import streamlit as st

from geoapp.access.policy import decide, require
from geoapp.bootstrap import Workspace
from geoapp.errors import InputError
from geoapp.reports.scenario_content import compare_table
from geoapp.ui.case_state import attempt, show_reply
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.planning.asking import choose_wording, draw_closed, offer_forms
from geoapp.ui.session import current_lang, say

_DRAWN: Final = "scenario-drawn"


def draw_scenarios(workspace: Workspace) -> None:
    """Draw the map to draw on, and the scenarios that are kept."""
    require(workspace.principal, "view_scenarios")
    show_reply()
    if decide(workspace.principal, "edit_scenarios").allowed:
        _draw_new(workspace)
    _draw_kept(workspace)


def _draw_new(workspace: Workspace) -> None:
    st.caption(say("planning_page.scenario_how"))
    values: dict[str, Any] = {
        "parcel": None,
        "shapes": [],
        "legend": [],
        "view": None,
        "fresh": True,
    }
    reply = draw_shape_map(workspace, values, editable=True, key=f"scenario-{current_lang()}")
    if reply.drawn:
        st.session_state[_DRAWN] = reply.geometry
    with st.form("scenario-new"):
        st.text_input(say("scenario.name"), key="scenario-name")
        st.text_input(say("scenario.note"), key="scenario-note")
        st.form_submit_button(
            say("planning_page.scenario_save"), type="primary", on_click=_save, args=(workspace,)
        )


def _save(workspace: Workspace) -> None:
    def act() -> str:
        drawn = st.session_state.get(_DRAWN)
        if drawn is None:
            raise InputError("scenario-not-drawn")
        made = workspace.scenarios.save(
            st.session_state["scenario-name"], drawn, note=st.session_state["scenario-note"]
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
    wording = choose_wording(workspace)
    found = workspace.scenarios.compare([kept[label] for label in chosen])
    draw_closed(compare_table(found, workspace.library, wording, changes=False))
    offer_forms(lambda form: workspace.write_scenarios(found, form, wording), "scenarios")
