"""The question of the statistics page: what to measure, by what, where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.overlay.result import LEVELS, Level
from geoapp.ui.address import asked_by_address, ignore, keep_address, take_unit
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.values import AreaUnit

CHOICE_WIDTH_PX: Final = 168  # two stand side by side on a phone
_DEFAULT_LAYER: Final = "landuse"
_DEFAULT_LEVEL: Final = "district"
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
    layers = _offered_layers(states)
    _apply_address(workspace, states, layers)
    with st.container(horizontal=True, gap="small"):
        layer = st.selectbox(
            say("statistics.layer"),
            layers,
            index=layers.index(_default_layer(layers)),
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
    question = Question(definition, by, class_field, inside, within, unit)
    keep_address(_address(question, layers))
    return question


def _offered_layers(states: dict[str, LayerState]) -> list[str]:
    layers = [name for name in states if name not in UNIT_LEVELS] + list(UNIT_LEVELS)
    return [name for name in layers if name in states]


def _default_layer(layers: list[str]) -> str:
    return _DEFAULT_LAYER if _DEFAULT_LAYER in layers else layers[0]


def _offered_levels(states: dict[str, LayerState]) -> list[Level]:
    return [level for level in LEVELS if level == "city" or level in states]


def _choose_level(states: dict[str, LayerState]) -> Level:
    levels = _offered_levels(states)
    return st.selectbox(
        say("statistics.level"),
        levels,
        index=levels.index(_DEFAULT_LEVEL),
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
    offered = {name: states[name].definition.title[lang] for name in _offered_inside(states, layer)}
    return st.selectbox(
        say("statistics.inside"),
        ["", *offered],
        format_func=lambda name: offered.get(name, say("statistics.inside_none")),
        key="stats_inside",
        persist_state="session",
        width=CHOICE_WIDTH_PX,
    )


def _offered_inside(states: dict[str, LayerState], layer: str) -> list[str]:
    return [
        name
        for name, state in states.items()
        if state.definition.geometry == "polygon"
        and state.definition.group in {"control", "protected", "rural"}
        and name != layer
    ]


def _offered_within(workspace: Workspace, by: str) -> list[str]:
    longest = _PARENT_LENGTHS.get(by, 0)
    return sorted(name.code for name in workspace.unit_names if len(name.code) <= longest)


def _choose_within(workspace: Workspace, by: Level) -> str:
    """Choose the unit to look into: any district, or any township for villages."""
    lang = current_lang()
    if by not in _PARENT_LENGTHS:
        return ""
    codes = _offered_within(workspace, by)

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


def _apply_address(workspace: Workspace, states: dict[str, LayerState], layers: list[str]) -> None:
    """Put what the address asks for into the widgets; what is not offered is ignored and said."""
    asked = asked_by_address()
    if not asked:
        return
    ignored = []

    def take(name: str, offered: Sequence[str], default: str) -> str:
        value = asked.get(name, default)
        if value in {*offered, default}:
            return value
        ignored.append(name)
        return default

    layer = take("layer", layers, _default_layer(layers))
    by = take("by", _offered_levels(states), _DEFAULT_LEVEL)
    fields = [rule.name for rule in states[layer].definition.class_fields]
    st.session_state["stats_layer"] = layer
    st.session_state["stats_by"] = by
    st.session_state["stats_inside"] = take("inside", _offered_inside(states, layer), "")
    class_field = take("class", fields, "")
    if fields:
        st.session_state[f"stats_class_{layer}"] = class_field
    within = take("within", _offered_within(workspace, by), "")
    if by in _PARENT_LENGTHS:
        st.session_state[f"stats_within_{by}"] = within
    if "unit" in asked and not take_unit(asked["unit"]):
        ignored.append("unit")
    ignore(ignored)


def _address(question: Question, layers: list[str]) -> dict[str, str]:
    """Write a question as parameters; what stands for itself is left out."""
    values = {
        "layer": (question.definition.id, _default_layer(layers)),
        "by": (question.by, _DEFAULT_LEVEL),
        "class": (question.class_field, ""),
        "inside": (question.inside, ""),
        "within": (question.within, ""),
        "unit": (question.unit.value, AreaUnit.HA.value),
    }
    return {name: value for name, (value, default) in values.items() if value != default}


def go_to(by: Level, within: str) -> None:
    """Look into a unit: takes effect on the next run, before the choices are drawn."""
    st.session_state[_PENDING] = {"stats_by": by, f"stats_within_{by}": within}
