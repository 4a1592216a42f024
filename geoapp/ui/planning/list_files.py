"""Taking lists from files, and handing on what a view shows."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.errors import InputError
from geoapp.planning.ledger import Written
from geoapp.reports.content import Table
from geoapp.ui.case_state import attempt
from geoapp.ui.check_input import saved_files
from geoapp.ui.session import current_lang, say

_TABLES: Final = ("xlsx", "csv")
_MIMES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
Take = Callable[..., Written]


def may_edit(workspace: Workspace) -> bool:
    """Tell whether whoever looks may change the planner's lists."""
    return decide(workspace.principal, "edit_planning").allowed


def word_written(written: Written) -> str:
    """Say what became of the entries."""
    return say(
        "planning_page.written",
        added=written.added,
        changed=written.changed,
        unchanged=written.unchanged,
        removed=written.removed,
    )


def draw_import(take: Take, key: str, *, suffixes: Sequence[str] = _TABLES, **given: Any) -> None:
    """Draw the form that takes a list from a file: all of it, or nothing.

    Args:
        take: Takes a path, ``reason`` and ``whole``.
        key: Names the form.
        suffixes: Of files that are taken.
        **given: What else it takes.
    """
    with st.expander(say("planning_page.from_file")):
        st.caption(say("planning_page.from_file_how"))
        files = st.file_uploader(
            say("planning_page.file"), type=list(suffixes), key=f"{key}-file",
            accept_multiple_files=True,
        )  # fmt: skip
        with st.form(f"{key}-import", border=False):
            st.text_input(say("planning_page.reason"), key=f"{key}-import-reason")
            st.checkbox(say("planning_page.whole"), key=f"{key}-whole")

            def act() -> str:
                with saved_files(files) as paths:
                    if len(paths) != 1:  # pieces of a shapefile are one
                        names = ", ".join(path.name for path in paths)
                        raise InputError("upload-not-one", files=names or "—")
                    written = take(
                        paths[0],
                        reason=st.session_state[f"{key}-import-reason"],
                        whole=st.session_state[f"{key}-whole"],
                        **given,
                    )
                return word_written(written)

            st.form_submit_button(
                say("planning_page.take_file"),
                on_click=_attempt,
                args=(act,),
                disabled=not files,
            )


def offer_tables(workspace: Workspace, tables: Sequence[Table], name: str) -> None:
    """Offer tables as they stand on the screen."""
    lang = current_lang()
    with st.container(horizontal=True):
        for form in ("xlsx", "docx"):
            st.download_button(
                say(f"planning_page.form_{form}"),
                data=lambda form=form: workspace.write_planning_tables(tables, form, lang),  # type: ignore[misc]
                file_name=f"{name}.{form}",
                mime=_MIMES[form],
                icon=":material/download:",
                on_click="ignore",
                key=f"tables-{name}-{form}",
            )


def _attempt(act: Callable[[], str]) -> None:
    attempt(act)
