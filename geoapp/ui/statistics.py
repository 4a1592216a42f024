"""The answer of the statistics page: figures, map, chart, files."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import Geometry
from geoapp.overlay.result import Level, StatsResult
from geoapp.reports.content import Table, stats_table
from geoapp.reports.spreadsheet import to_csv, to_xlsx
from geoapp.ui.chart import draw_class_chart, draw_unit_chart
from geoapp.ui.choropleth import Measure, units_choropleth
from geoapp.ui.map import draw_choropleth
from geoapp.ui.map_words import CHOROPLETH_WORDS
from geoapp.ui.paragraph import draw_paragraph
from geoapp.ui.question import Question, go_to
from geoapp.ui.session import current_lang, open_workspace, say, wording
from geoapp.values import convert_area, round_half_up, to_kilometres

_MEASURES: Final[dict[Geometry, tuple[Measure, ...]]] = {
    "polygon": ("area", "share", "count"),
    "line": ("length", "count"),
    "point": ("count",),
}
_NEXT_LEVEL: Final[dict[str, Level]] = {"district": "township", "township": "village"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A result and the table that is shown and downloaded."""

    question: Question
    result: StatsResult
    table: Table


def ask(workspace: Workspace, question: Question) -> Answer:
    """Compute the answer to a question."""
    result = workspace.stats(
        question.definition.id,
        by=question.by,
        class_field=question.class_field,
        inside=question.inside,
        within=question.within,
    )
    table = stats_table(result, question.definition, wording(workspace, question.unit))
    return Answer(question, result, table)


def draw_path(workspace: Workspace, question: Question | None) -> None:
    """Draw where one is, with a way back up for each step."""
    if question is None:
        return
    lang = current_lang()
    within = question.within
    steps = [""] + [within[:length] for length in (6, 9) if len(within) >= length]
    with st.container(horizontal=True, gap="small"):
        for step in steps:
            name = workspace.name_unit(step or workspace.city.code, lang)
            level: Level = {0: "district", 6: "township", 9: "village"}[len(step)]  # type: ignore[assignment]
            here = step == within
            parent = step[:6] if level == "village" and here else ""
            st.button(
                name,
                key=f"path-{step}",
                type="tertiary",
                disabled=here,
                icon=":material/chevron_right:" if step else ":material/home:",
                on_click=go_to,
                args=(level, parent or step),
            )


def draw_summary(answer: Answer) -> None:
    """Draw the figures that stand for the whole table."""
    result, question = answer.result, answer.question
    states = {total.coverage for total in result.units}
    coverage = states.pop() if len(states) == 1 else "partial"
    geometry = question.definition.geometry
    with st.container(horizontal=True, gap="medium"):
        if geometry == "polygon":
            area = sum(row.area_m2 or 0.0 for row in result.totals)
            title = f"{say('statistics.total_area')} ({say(f'unit.{question.unit}')})"
            st.metric(title, f"{convert_area(area, question.unit):,}", width="content")
        if geometry == "line":
            length = to_kilometres(sum(row.length_m or 0.0 for row in result.totals))
            title = f"{say('statistics.total_length')} ({say('unit.km')})"
            st.metric(title, f"{length:,}", width="content")
        count = sum(row.count for row in result.totals)
        counted = "table.count_lines" if geometry == "line" else "statistics.total_count"
        st.metric(say(counted), f"{count:,}", width="content")
        st.metric(say("statistics.coverage"), say(f"coverage.{coverage}"), width="content")
        if geometry == "polygon":
            closure = round_half_up(result.closure_m2, 2)
            st.metric(say("statistics.closure"), f"{closure}", width="content")
        if result.closure_m is not None:
            closure = round_half_up(result.closure_m, 3)
            st.metric(say("statistics.closure_length"), f"{closure}", width="content")
    missing = sum(1 for total in result.units if total.coverage == "no_data")
    note = st.empty()  # keeps its place: were it missing, the map below would be built anew
    if missing:
        note.warning(say("statistics.no_data_units", count=missing), icon=":material/help:")


def draw_pictures(workspace: Workspace, answer: Answer) -> None:
    """Draw map and chart side by side."""
    if answer.question.by == "city":
        _draw_chart(workspace, answer)
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _draw_map(workspace, answer)
    with right:
        _draw_chart(workspace, answer)


def _draw_map(workspace: Workspace, answer: Answer) -> None:
    question = answer.question
    level = question.by
    measure, class_code = _choose_shown(answer)
    choropleth = units_choropleth(
        answer.result,
        measure,
        class_code,
        question.unit,
        workspace.snapshot(level),
    )
    clicked = draw_choropleth(
        choropleth,
        extent=_extent(workspace, level, question.within),
        words={key: say(f"map.{key}") for key in CHOROPLETH_WORDS},
        key=f"stats-{level}-{question.within}-{current_lang()}",
        height=520,
        sample=answer.result.sample,
    )
    st.caption(say("statistics.drill_hint"))
    if clicked and level in _NEXT_LEVEL:
        go_to(_NEXT_LEVEL[level], clicked)
        st.rerun()


def _choose_shown(answer: Answer) -> tuple[Measure, str | None]:
    """Choose what colours the map: the measure and, with classes, one of them or all."""
    definition = answer.question.definition
    measures = _MEASURES[definition.geometry]
    titles = definition.class_titles(answer.question.class_field)
    codes = [row.class_code for row in answer.result.totals if row.class_code]
    left, right = st.columns(2)
    first = _first_measure(answer)
    measure = left.selectbox(
        say("statistics.measured"),
        measures,
        index=measures.index(first),
        format_func=lambda name: say(f"statistics.measure_{name}"),
        key=f"stats_measure_{definition.id}",
        persist_state="session",
    )
    if not codes:
        return measure, None
    lang = current_lang()
    code = right.selectbox(
        say("statistics.class"),
        [None, *codes],
        format_func=lambda value: (
            say("statistics.all_classes")
            if value is None
            else f"{value} {titles[value][lang] if value in titles else ''}".strip()
        ),
        key=f"stats_shown_class_{definition.id}_{answer.question.class_field}",
        persist_state="session",
    )
    return measure, code


def _first_measure(answer: Answer) -> Measure:
    """Choose what tells most: a layer that fills every unit has the same share everywhere."""
    statistics = answer.question.definition.statistics
    if statistics.measure == "count":
        return "count"
    if statistics.measure == "length":
        return "length"
    return "area" if statistics.coverage == "tiling" else "share"


def _draw_chart(workspace: Workspace, answer: Answer) -> None:
    question, result = answer.question, answer.result
    if not any(row.area_m2 or row.count for row in result.totals):
        st.info(say("statistics.all_zero"))
        return
    if question.class_field:
        st.markdown(f"**{say('statistics.chart_class')}**")
        draw_class_chart(result, question.definition, question.unit)
        return
    st.markdown(f"**{say('statistics.chart_unit')}**")
    lang = current_lang()
    names = {
        row.unit_code: workspace.name_unit(row.unit_code, lang, fallback=row.unit_name)
        for row in result.rows
    }
    draw_unit_chart(result, question.definition, question.unit, names)


def _extent(workspace: Workspace, level: Level, within: str) -> tuple[float, float, float, float]:
    if not within:
        box = workspace.city.extent
        return box.west, box.south, box.east, box.north
    return _unit_bounds(workspace.principal, workspace.snapshot(level).name, level, within)


@st.cache_data(max_entries=256, show_spinner=False)
def _unit_bounds(
    who: Principal, snapshot: str, level: Level, within: str
) -> tuple[float, float, float, float]:
    """Find the rectangle of a unit; who asks and ``snapshot`` only part the caches."""
    del who, snapshot
    frame = open_workspace().layer(level)
    inside = frame[frame["code"].str.startswith(within)]
    west, south, east, north = (float(value) for value in np.asarray(inside.total_bounds))
    return west, south, east, north


def draw_closing(answer: Answer) -> None:
    """Draw the lines that show how the table adds up."""
    lines = []
    for label, cell in answer.table.closing:
        figure = cell if isinstance(cell, str) else f"{cell:,}"
        lines.append(say("page.labelled", label=label, value=f"**{figure}**"))
    st.markdown(f"{say('statistics.closing')}  \n" + "  \n".join(lines))
    with st.expander(say("statistics.notes")):
        for label, note in answer.table.notes:
            line = say("page.labelled", label=f"**{label}**", value=note)
            st.markdown(f"- {line}")


def draw_downloads(answer: Answer) -> None:
    """Offer the table as it stands on the screen."""
    table, lang = answer.table, current_lang()
    name = table.title.replace(" · ", "_").replace("/", "-").replace(" ", "")
    with st.container(horizontal=True):
        st.download_button(
            say("statistics.download_xlsx"),
            data=lambda: to_xlsx(table, lang),
            file_name=f"{name}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            say("statistics.download_csv"),
            data=lambda: to_csv(table, lang),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def draw_text(workspace: Workspace, answer: Answer) -> None:
    """Offer the answer as an official paragraph."""
    asked, lang = answer.question, current_lang()
    draw_paragraph(
        lambda: workspace.prose(
            asked.definition.id,
            by=asked.by,
            class_field=asked.class_field,
            inside=asked.inside,
            within=asked.within,
            lang=lang,
            unit=asked.unit,
        ),
        wording(workspace, asked.unit),
        key="statistics",
    )
