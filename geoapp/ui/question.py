"""The question of the statistics page: what to measure, by what, where."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.overlay.result import LEVELS, Level
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.values import AreaUnit

CHOICE_WIDTH_PX: Final = 168  # two stand side by side on a phone
_DEFAULT_LAYER: Final = "landuse"
_PENDING: Final = "statistics-pending"
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


def choose(workspace: Workspace) -> Question | None:
    """Draw the choices; ``None`` while there is no data."""
    _apply_pending()
    lang = current_lang()
    states = {state.definition.id: state for state in workspace.layers() if state.snapshot}
    if "district" not in states:
        return None
    with st.container(horizontal=True, gap="small"):
        layers = [name for name in states if name not in UNIT_LEVELS] + list(UNIT_LEVELS)
        layers = [name for name in layers if name in states]
        layer = st.selectbox(
            say("statistics.layer"),
            layers,
            index=layers.index(_DEFAULT_LAYER) if _DEFAULT_LAYER in layers else 0,
            format_func=lambda name: states[name].definition.title[lang],
            key="stats_layer",
            persist_state="session",
            width=CHOICE_WIDTH_PX,
        )
        definition = states[layer].definition
        by = _choose_level(states)
        class_field = _choose_class(definition)
        inside = _choose_inside(states, layer)
        within = _choose_within(workspace, by)
        unit = choose_unit(width=CHOICE_WIDTH_PX)
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
        width=CHOICE_WIDTH_PX,
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
        width=CHOICE_WIDTH_PX,
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
        width=CHOICE_WIDTH_PX,
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
        width=CHOICE_WIDTH_PX,
    )


def _apply_pending() -> None:
    """Put a choice made on the map into the widgets, before they are drawn."""
    for key, value in st.session_state.pop(_PENDING, {}).items():
        st.session_state[key] = value


def go_to(by: Level, within: str) -> None:
    """Look into a unit: takes effect on the next run, before the choices are drawn."""
    st.session_state[_PENDING] = {"stats_by": by, f"stats_within_{by}": within}
