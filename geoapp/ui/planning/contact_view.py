"""Who answers for fields, forests and rivers, unit by unit."""

import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.planning.contact import THEMES, Contact, ContactReading, Theme
from geoapp.reports.contact_content import contact_table
from geoapp.reports.spreadsheet import to_xlsx
from geoapp.ui.case_state import attempt, show_reply
from geoapp.ui.plain import plain
from geoapp.ui.planning.asking import choose_within
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import draw_table
from geoapp.values import AreaUnit

_MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUFFIXES: Final = ("xlsx", "xls", "csv")
_MOST_PROBLEMS: Final = 50


def draw_contacts(workspace: Workspace) -> None:
    """Draw the people of a unit, how complete the list is, and the way to enter more."""
    show_reply()
    within = choose_within(workspace, "contacts")
    found = workspace.contacts.find(unit=within)
    if found:
        _draw_coverage(workspace)
        _draw_list(workspace, found, within)
    else:
        st.info(say("planning_page.no_contacts"))
    if decide(workspace.principal, "edit_contacts").allowed:
        _draw_import(workspace)


def _draw_coverage(workspace: Workspace) -> None:
    """Say in how many villages somebody answers: a missing name is not a complete list."""
    with st.container(horizontal=True, gap="medium"):
        for one in workspace.contacts.coverage():
            title = say("planning_page.contact_coverage", theme=say(f"contacts.theme_{one.theme}"))
            st.metric(title, f"{one.named:,} / {one.units:,}", width="content")


def _draw_list(workspace: Workspace, found: Sequence[Contact], within: str) -> None:
    lang = current_lang()
    place = workspace.name_unit(within or workspace.city.code, lang)
    table = contact_table(found, wording(workspace, AreaUnit.M2), place=place)
    draw_table(table)
    st.caption(say("contacts.private"))
    st.download_button(
        say("planning_page.form_xlsx"),
        data=lambda: to_xlsx(table, lang),
        file_name=f"{table.title}.xlsx",
        mime=_MIME,
        icon=":material/download:",
        on_click="ignore",
    )


def _draw_import(workspace: Workspace) -> None:
    """Read a table that is handed over, show what is wrong, and take it when all is right."""
    with st.expander(say("planning_page.contact_import"), icon=":material/upload_file:"):
        st.caption(say("planning_page.contact_how"))
        theme: Theme | None = st.selectbox(
            say("contacts.theme"),
            [None, *THEMES],
            format_func=lambda name: say(
                f"contacts.theme_{name}" if name else "planning_page.contact_in_table"
            ),
            key="contact-theme",
            width=240,
        )
        file = st.file_uploader(
            say("planning_page.contact_file"), type=list(_SUFFIXES), key="contact-file"
        )
        if file is None:
            return
        content, name = file.getvalue(), PurePath(file.name).name
        try:
            reading = _read(workspace, content, name, theme)
        except GeoAppError as error:
            st.error(plain(word_error(error, current_lang())))
            return
        if reading.problems:
            _draw_problems(reading)
            return
        st.button(
            say("planning_page.contact_take", count=len(reading.contacts)),
            type="primary",
            on_click=_take,
            args=(workspace, content, name, theme),
        )


def _draw_problems(reading: ContactReading) -> None:
    st.error(say("planning_page.contact_problems", count=len(reading.problems)))
    for problem in reading.problems[:_MOST_PROBLEMS]:
        st.markdown(f"- {plain(word_error(problem, current_lang()))}")
    if len(reading.problems) > _MOST_PROBLEMS:
        st.caption(
            say("planning_page.contact_rows_left", count=len(reading.problems) - _MOST_PROBLEMS)
        )


def _read(workspace: Workspace, content: bytes, name: str, theme: Theme | None) -> ContactReading:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return workspace.contacts.read(path, theme)


def _take(workspace: Workspace, content: bytes, name: str, theme: Theme | None) -> None:
    def act() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            reading, replaced = workspace.contacts.take(path, theme)
        return say("contacts.taken", count=len(reading.contacts), replaced=replaced)

    attempt(act)
