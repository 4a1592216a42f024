"""What the views of the desk ask alike: level, unit of area; and how they offer files."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_papers import PLANNING_FORMS, PlanningForm
from geoapp.overlay.result import LEVELS, Level
from geoapp.reports.content import Table, Wording
from geoapp.ui.session import choose_unit, current_lang, say, wording
from geoapp.ui.table import Links, draw_table

_MIMES: Final[dict[PlanningForm, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gpkg": "application/geopackage+sqlite3",
}


_SIGNS: Final = ("+", "-")


def choose_level(key: str) -> Level:
    """Draw the choice of the unit level; districts first."""
    levels = [level for level in LEVELS if level != "city"]
    chosen: Level = st.selectbox(
        say("statistics.level"),
        levels,
        format_func=lambda level: say(f"level.{level}"),
        key=f"{key}-level",
        width=180,
    )
    return chosen


def choose_within(workspace: Workspace, key: str) -> str:
    """Draw the choice of a district to look into, ``""`` for the city."""
    lang = current_lang()
    districts = [unit.code for unit in workspace.unit_names if unit.level == "district"]
    return str(
        st.selectbox(
            say("case_page.filter_unit"),
            ["", *districts],
            format_func=lambda code: (
                workspace.name_unit(code, lang) if code else say("case_page.whole_city")
            ),
            key=f"{key}-within",
            width=200,
        )
    )


def choose_wording(workspace: Workspace) -> Wording:
    """Draw the choice of the unit of area, and give the words of tables in it."""
    return wording(workspace, choose_unit(width=150))


def draw_closed(table: Table, *, links: Links | None = None) -> None:
    """Draw a table with the lines that show how it adds up."""
    draw_table(table, links=links)
    draw_closing(table)


def draw_closing(table: Table) -> None:
    """Draw the lines that show how a table adds up."""
    lines = [
        say(
            "page.labelled",
            label=f"\\{label}" if label[:1] in _SIGNS else label,  # a sign, not a list
            value=f"**{cell if isinstance(cell, str) else f'{cell:,}'}**",
        )
        for label, cell in table.closing
    ]
    if lines:
        st.markdown(f"{say('statistics.closing')}  \n" + "  \n".join(lines))


def draw_notes(table: Table) -> None:
    """Offer by which method and from which data a table was made."""
    with st.expander(say("terrain.how")):
        for label, note in table.notes:
            st.markdown(f"- {say('page.labelled', label=label, value=note)}")


def offer_forms(
    workspace: Workspace,
    write: Callable[[PlanningForm], bytes],
    name: str,
    *,
    within: str = "",
    forms: Sequence[PlanningForm] = PLANNING_FORMS,
) -> None:
    """Offer a result in every form that the person may have; each is written when asked for.

    Args:
        workspace: The city.
        write: Writes it.
        name: Of the file.
        within: Code of the unit whose shapes a form with shapes holds.
        forms: Forms that there are.
    """
    shapes = workspace.may_export_shapes(within)
    with st.container(horizontal=True):
        for form in forms:
            if form == "gpkg" and not shapes:
                continue
            st.download_button(
                say(f"planning_page.form_{form}"),
                data=lambda form=form: write(form),  # type: ignore[misc]
                file_name=f"{name}.{form}",
                mime=_MIMES[form],
                icon=":material/download:",
                on_click="ignore",
                key=f"planning-{name}-{form}",
            )
