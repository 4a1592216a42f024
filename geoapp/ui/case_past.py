"""Earlier steps of a case that came from a ledger: entered from the paper file."""

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case
from geoapp.cases.guard import MoveRequest
from geoapp.ui.case_state import attempt
from geoapp.ui.session import current_lang, say


def draw_past_steps(workspace: Workspace, case: Case) -> None:
    """Draw the form, where steps of the case are not known that periods of the law begin with."""
    if not decide(workspace.principal, "move_cases").allowed:
        return
    steps = {move.id: move for move in workspace.cases.past_steps(case.id)}
    if not steps:
        return
    lang, key = current_lang(), f"past-{case.id}"
    with (
        st.expander(say("case_page.past_steps"), icon=":material/history_edu:"),
        st.form(key, border=False),
    ):
        st.caption(say("case_page.past_steps_note"))
        st.selectbox(
            say("case_page.move"),
            list(steps),
            format_func=lambda name: steps[name].title[lang],
            key=f"{key}-move",
        )
        today = workspace.cases.office.today
        st.date_input(say("case_page.day"), key=f"{key}-on", max_value=today, format="YYYY-MM-DD")
        st.text_input(say("case_page.document_number"), key=f"{key}-document")
        st.date_input(
            say("case_page.term_optional"), value=None, key=f"{key}-term", format="YYYY-MM-DD"
        )
        st.text_input(say("case.reason"), key=f"{key}-reason")
        st.form_submit_button(
            say("case_page.past_do"), on_click=_state, args=(workspace, case, key)
        )


def _state(workspace: Workspace, case: Case, key: str) -> None:
    state = st.session_state
    request = MoveRequest(
        state[f"{key}-move"],
        state[f"{key}-on"],
        state[f"{key}-reason"],
        state[f"{key}-document"],
        state[f"{key}-term"],
    )

    def act() -> str:
        after = workspace.cases.state_past(case.id, case.version, request)
        return say("case_page.past_done", case=after.case_no)

    attempt(act)
