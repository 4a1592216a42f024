"""Correcting what is said of a case, and notes on visits."""

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import OWNER_KINDS, Case, CaseEdit
from geoapp.cases.track import stages_of_kind
from geoapp.ui.case_moves import read_area, read_count
from geoapp.ui.case_state import attempt
from geoapp.ui.session import say

_WORDS = ("cause", "office", "inspector", "permit", "note")


def draw_edit(workspace: Workspace, case: Case) -> None:
    """Draw the forms for facts and visits, for whoever may change them."""
    if not decide(workspace.principal, "edit_cases").allowed:
        return
    _draw_visit(workspace, case)
    if case.stage in stages_of_kind("closed", "exit"):
        return
    key = f"edit-{case.id}"
    with (
        st.expander(say("case_page.edit"), icon=":material/edit:"),
        st.form(key, border=False),
    ):
        households, floor = case.registered.households, case.registered.floor_area_m2
        st.text_input(
            say("case.households"), "" if households is None else str(households), key=f"{key}-hh"
        )
        st.text_input(
            say("case_page.floor_m2"), "" if floor is None else str(floor), key=f"{key}-floor"
        )
        st.selectbox(
            say("case.owner_kind"),
            OWNER_KINDS,
            index=OWNER_KINDS.index(case.owner_kind),
            format_func=lambda name: say(f"case.owner_{name}"),
            key=f"{key}-owner",
        )
        for name in _WORDS:
            st.text_input(say(f"case.{name}"), getattr(case, name), key=f"{key}-{name}")
        st.text_input(say("case_page.keys"), ", ".join(case.household_keys), key=f"{key}-keys")
        st.text_input(say("case.reason"), key=f"{key}-reason")
        st.form_submit_button(say("case_page.do_edit"), on_click=_edit, args=(workspace, case, key))


def _edit(workspace: Workspace, case: Case, key: str) -> None:
    state = st.session_state

    def act() -> str:
        households, floor = state[f"{key}-hh"].strip(), state[f"{key}-floor"].strip()
        keys = state[f"{key}-keys"].replace("，", ",").split(",")
        edit = CaseEdit(
            households=read_count(households) if households else None,
            floor_area_m2=read_area(floor, "floor_area") if floor else None,
            household_keys=tuple(name.strip() for name in keys if name.strip()),
            owner_kind=state[f"{key}-owner"],
            **{name: state[f"{key}-{name}"] for name in _WORDS},
        )
        workspace.cases.editor.edit(case.id, case.version, edit, state[f"{key}-reason"])
        return say("case_page.edited")

    attempt(act)


def _draw_visit(workspace: Workspace, case: Case) -> None:
    key = f"visit-{case.id}"
    with (
        st.expander(say("case_page.visit"), icon=":material/directions_walk:"),
        st.form(key, border=False, clear_on_submit=True),
    ):
        st.text_area(say("case_page.visit_words"), key=f"{key}-words", height=80)
        st.form_submit_button(
            say("case_page.do_visit"), on_click=_visit, args=(workspace, case, key)
        )


def _visit(workspace: Workspace, case: Case, key: str) -> None:
    words = st.session_state[f"{key}-words"]

    def act() -> str:
        workspace.cases.editor.note(case.id, case.version, words, kind="visited")
        return say("case_page.visited")

    attempt(act)
