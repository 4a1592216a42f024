"""Tab *Layers*: what is there of each layer, how well it is known, and its download."""

from itertools import groupby
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.manifest import Coverage, Manifest
from geoapp.ui.desk.download import offer_download
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.ui.waiting import plain
from geoapp.values import AreaUnit, convert_area, to_kilometres

_COLOURS: Final[dict[Coverage, str]] = {
    "complete": "green",
    "partial": "orange",
    "no_data": "gray",
}
_ICONS: Final[dict[Coverage, str]] = {
    "complete": "check_circle",
    "partial": "incomplete_circle",
    "no_data": "help",
}


def draw_layers(workspace: Workspace) -> None:
    """Draw every layer that the principal may see, by groups."""
    states = workspace.layers()
    there = sum(state.snapshot is not None for state in states)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.markdown(say("data.layers_intro", there=there, count=len(states)))
    with right:
        unit = choose_unit()
    for group, members in groupby(states, key=lambda state: state.definition.group):
        st.markdown(f"**{say(f'group.{group}')}**")
        with st.container(border=True, gap="small"):
            for state in members:
                _draw_layer(workspace, state, unit)
    st.caption(say("data.layers_note"))


def _draw_layer(workspace: Workspace, state: LayerState, unit: AreaUnit) -> None:
    definition, lang = state.definition, current_lang()
    with st.container(key=f"data-layer-{definition.id}"):
        name, facts, button = st.columns([4, 7, 2], vertical_alignment="center")
        name.markdown(f"**{plain(definition.title[lang])}** :small[:gray[{plain(definition.id)}]]")
        if state.snapshot is None:
            facts.markdown(f":gray[{say('data.layer_without_data')}]")
            return
        manifest = state.snapshot.manifest
        name.caption(_amount(state, manifest, unit))
        facts.markdown(coverage_badges(workspace, state.coverage))
        facts.caption(_origin(state, manifest))
        may = decide(workspace.principal, "export", definition).allowed
        if may and button.button(
            say("data.download"),
            key=f"download-{definition.id}",
            icon=":material/download:",
            width="stretch",
        ):
            offer_download(workspace, definition)


def coverage_badges(workspace: Workspace, coverage: dict[str, Coverage]) -> str:
    """Write how well districts are known: one badge when it is the same everywhere."""
    lang = current_lang()
    states = set(coverage.values())
    if len(states) == 1:
        state = states.pop()
        return _badge(state, say("data.all_districts"))
    return " ".join(
        _badge(state, workspace.name_unit(code, lang)) for code, state in coverage.items()
    )


def _badge(state: Coverage, name: str) -> str:
    words = say("page.labelled", label=plain(name), value=say(f"coverage.{state}"))
    return f":{_COLOURS[state]}-badge[:material/{_ICONS[state]}: {words}]"


def _amount(state: LayerState, manifest: Manifest, unit: AreaUnit) -> str:
    count = say("data.features", count=f"{manifest.feature_count:,}")
    if state.definition.geometry == "polygon":
        area = convert_area(manifest.area_m2, unit)
        return f"{count} · {area:,} {say(f'unit.{unit}')}"
    if state.definition.geometry == "line":
        return f"{count} · {to_kilometres(manifest.length_m):,} {say('unit.km')}"
    return count


def _origin(state: LayerState, manifest: Manifest) -> str:
    source = manifest.source
    scale = manifest.scale or state.definition.scale
    origin = say(source.note) if source.note else source.file
    pairs = [
        ("data.as_of", manifest.as_of.isoformat()),
        ("data.source", origin),
        ("data.scale", f"1:{scale:,}" if scale else ""),
        ("desk.findings", f"{sum(manifest.problems.values()):,}" if manifest.problems else ""),
    ]
    words = [say("page.labelled", label=say(key), value=plain(v)) for key, v in pairs if v]
    return " · ".join(words)
