"""Who answers for a place, beside what lies there; only for those who may see people."""

from collections.abc import Sequence

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case, Units
from geoapp.reports.answer_content import word_answer
from geoapp.ui.plain import plain
from geoapp.ui.session import say, wording
from geoapp.values import AreaUnit


def draw_case_answers(workspace: Workspace, case: Case) -> None:
    """Draw who answers for the ground of a case, theme by theme."""
    if not decide(workspace.principal, "view_contacts").allowed:
        return
    words, code = wording(workspace, AreaUnit.M2), case.units.finest
    st.markdown(f"**{say('answers.title')}**")
    for theme, found in workspace.contacts.nearest([code]).items():
        line = say(
            "answers.line",
            theme=f"**{say(f'contacts.theme_{theme}')}**",
            answer=plain(word_answer(found[code], words)),
        )
        st.markdown(f"- {line}")
    st.caption(say("answers.nearest"))


def word_field_chiefs(workspace: Workspace, places: Sequence[Units]) -> list[str] | None:
    """Say which field chief answers for each place, all in one look.

    Returns:
        One for each place; ``None`` for those who may not see people.
    """
    if not decide(workspace.principal, "view_contacts").allowed:
        return None
    words, codes = wording(workspace, AreaUnit.M2), [units.finest for units in places]
    found = workspace.contacts.nearest(codes, ("field",))["field"]
    named = {code: word_answer(answer, words) for code, answer in found.items()}
    return [named[code] for code in codes]
