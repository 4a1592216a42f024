"""The parts of the statistics page: the question, its answer in figures, map, chart, files."""

from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
import streamlit as st

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.result import LEVELS, Level, StatsResult
from geoapp.reports.content import Table, stats_table
from geoapp.reports.spreadsheet import to_csv, to_xlsx
from geoapp.ui.chart import draw_class_chart, draw_unit_chart
from geoapp.ui.choropleth import Measure, units_choropleth
from geoapp.ui.map import WORDS, draw_choropleth
from geoapp.ui.map_layers import features_url
from geoapp.ui.session import choose_unit, current_lang, open_workspace, say, wording
from geoapp.values import AreaUnit, convert_area, round_half_up

_UNIT_LAYERS: Final = ("district", "township", "village")
_DEFAULT_LAYER: Final = "landuse"
_PENDING: Final = "statistics-pending"
_NEXT_LEVEL: Final[dict[str, Level]] = {"district": "township", "township": "village"}
_PARENT_LENGTHS: Final[dict[str, int]] = {"township": 6, "village": 9}


@dataclass(frozen=True, slots=True)
class Question:
    """What the person chose."""

    definition: LayerDefinition
    by: Level
    class_field: str
    inside: str
    within: str
    unit: AreaUnit

    def ask(self, workspace: Workspace) -> "Answer":
        """Compute the answer."""
        result = workspace.stats(
            self.definition.id,
            by=self.by,
            class_field=self.class_field,
            inside=self.inside,
            within=self.within,
        )
        table = stats_table(result, self.definition, wording(workspace, self.unit))
        return Answer(self, result, table)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result and the table that is shown and downloaded."""

    question: Question
    result: StatsResult
    table: Table


def choose(workspace: Workspace) -> Question | None:
    """Draw the choices; ``None`` while there is no data."""
    _apply_pending()
    lang = current_lang()
    states = {state.definition.id: state for state in workspace.layers() if state.snapshot}
    if "district" not in states:
        return None
    with st.sidebar:
        layers = [name for name in states if name not in _UNIT_LAYERS] + list(_UNIT_LAYERS)
        layers = [name for name in layers if name in states]
        layer = st.selectbox(
            say("statistics.layer"),
            layers,
            index=layers.index(_DEFAULT_LAYER) if _DEFAULT_LAYER in layers else 0,
            format_func=lambda name: states[name].definition.title[lang],
            key="stats_layer",
            persist_state="session",
        )
        definition = states[layer].definition
        by = _choose_level(states)
        class_field = _choose_class(definition)
        inside = _choose_inside(states, layer)
        within = _choose_within(workspace, by)
        unit = choose_unit()
    return Question(definition, by, class_field, inside, within, unit)


def _choose_level(states: dict[str, LayerState]) -> Level:
    levels = [level for level in LEVELS if level == "city" or level in states]
    return st.selectbox(
        say("statistics.level"),
        levels,
        index=1,
        format_func=lambda level: say(f"level.{level}"),
        key="stats_by",
        persist_state="session",
    )


def _choose_class(definition: LayerDefinition) -> str:
    lang = current_lang()
    fields = {rule.name: rule.title[lang] for rule in definition.class_fields}
    if not fields:
        return ""
    return st.selectbox(
        say("statistics.class"),
        ["", *fields],
        format_func=lambda name: fields.get(name, say("statistics.no_class")),
        key=f"stats_class_{definition.id}",
        persist_state="session",
    )


def _choose_inside(states: dict[str, LayerState], layer: str) -> str:
    lang = current_lang()
    offered = {
        name: state.definition.title[lang]
        for name, state in states.items()
        if state.definition.geometry == "polygon"
        and state.definition.group in {"control", "protected", "rural"}
        and name != layer
    }
    return st.selectbox(
        say("statistics.inside"),
        ["", *offered],
        format_func=lambda name: offered.get(name, say("statistics.inside_none")),
        key="stats_inside",
        persist_state="session",
    )


def _choose_within(workspace: Workspace, by: Level) -> str:
    """Choose the unit to look into: any district, or any township for villages."""
    lang = current_lang()
    if by not in _PARENT_LENGTHS:
        return ""
    longest = _PARENT_LENGTHS[by]
    codes = sorted(name.code for name in workspace.unit_names if len(name.code) <= longest)

    def show(code: str) -> str:
        if not code:
            return say("statistics.whole")
        indent = "　" if len(code) > 6 else ""
        return indent + workspace.name_unit(code, lang)

    return st.selectbox(
        say("statistics.within"),
        ["", *codes],
        format_func=show,
        key=f"stats_within_{by}",
        persist_state="session",
    )


def _apply_pending() -> None:
    """Put a choice made on the map into the widgets, before they are drawn."""
    for key, value in st.session_state.pop(_PENDING, {}).items():
        st.session_state[key] = value


def _go_to(by: Level, within: str) -> None:
    st.session_state[_PENDING] = {"stats_by": by, f"stats_within_{by}": within}


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
                on_click=_go_to,
                args=(level, parent or step),
            )


def draw_summary(answer: Answer) -> None:
    """Draw the figures that stand for the whole table."""
    result, question = answer.result, answer.question
    states = {total.coverage for total in result.units}
    coverage = states.pop() if len(states) == 1 else "partial"
    drawn = question.definition.geometry == "polygon"
    with st.container(horizontal=True, gap="large"):
        if drawn:
            area = sum(row.area_m2 or 0.0 for row in result.totals)
            title = f"{say('statistics.total_area')} ({say(f'unit.{question.unit}')})"
            st.metric(title, f"{convert_area(area, question.unit):,}", width="content")
        count = sum(row.count for row in result.totals)
        st.metric(say("statistics.total_count"), f"{count:,}", width="content")
        st.metric(say("statistics.coverage"), say(f"coverage.{coverage}"), width="content")
        if drawn:
            closure = round_half_up(result.closure_m2, 2)
            st.metric(say("statistics.closure"), f"{closure}", width="content")
    missing = sum(1 for total in result.units if total.coverage == "no_data")
    if missing:
        st.warning(say("statistics.no_data_units", count=missing), icon=":material/help:")


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
    snapshot = workspace.snapshot(level)
    measure, class_code = _choose_shown(answer)
    choropleth = units_choropleth(
        answer.result,
        measure,
        class_code,
        question.unit,
        features_url(snapshot, question.within),
    )
    clicked = draw_choropleth(
        choropleth,
        extent=_extent(workspace, level, question.within),
        words={key: say(f"map.{key}") for key in WORDS},
        key=f"stats-{level}-{question.within}-{current_lang()}",
        height=520,
        sample=answer.result.sample,
    )
    st.caption(say("statistics.drill_hint"))
    if clicked and level in _NEXT_LEVEL:
        _go_to(_NEXT_LEVEL[level], clicked)
        st.rerun()


def _choose_shown(answer: Answer) -> tuple[Measure, str | None]:
    """Choose what colours the map: the measure and, with classes, one of them or all."""
    definition = answer.question.definition
    measures = [m for m in get_args(Measure) if m == "count" or definition.geometry == "polygon"]
    titles = definition.class_titles(answer.question.class_field)
    codes = [row.class_code for row in answer.result.totals if row.class_code]
    left, right = st.columns(2)
    first = "count" if definition.statistics.measure == "count" else measures[0]
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
    return _unit_bounds(workspace.snapshot(level).name, level, within)


@st.cache_data(max_entries=256, show_spinner=False)
def _unit_bounds(snapshot: str, level: Level, within: str) -> tuple[float, float, float, float]:
    """Find the rectangle of a unit; ``snapshot`` is only part of the cache's key."""
    del snapshot
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
