"""What was understood of a file, and what a person may correct before it is checked."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.inspection import FileInspection
from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import GeoAppError
from geoapp.importers.job import Sublayer
from geoapp.importers.reading import AUTO
from geoapp.importers.wording import word_problem
from geoapp.ui.desk.encodings import choose_encoding
from geoapp.ui.desk.fields import choose_mapping
from geoapp.ui.desk.placing import choose_crs, draw_place
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import plain, show_refusal

_INSPECTED: Final = "desk-inspected"
_SUBLAYERS: Final = "desk-sublayers"
_MOST_REMARKS: Final = 12


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a file is to be read.

    Attributes:
        mapping: Field of the file → canonical field, ``None`` to let names decide.
        complete: Nothing is missing that must be stated.
    """

    definition: LayerDefinition
    sublayer: str
    crs: str
    encoding: str
    mapping: dict[str, str] | None
    complete: bool


@dataclass(frozen=True, slots=True)
class _Inspected:
    question: tuple[str, ...]
    found: FileInspection | GeoAppError


def understand(workspace: Workspace, source: ChosenSource) -> Understanding | None:
    """Draw what was understood of a file; ``None`` while it cannot be read at all."""
    left, right = st.columns(2, gap="medium")
    with left:
        definition = _choose_layer(workspace, source)
    with right:
        sublayer = _choose_sublayer(workspace, source)
    if definition is None or sublayer is None:
        return None
    stated = st.session_state.get(f"desk-crs-{source.key}", AUTO)
    codec = st.session_state.get(f"desk-codec-{source.key}", AUTO)
    found = _inspect(workspace, source, definition, sublayer, stated, codec)
    if isinstance(found, GeoAppError):
        show_refusal(found)
        choose_encoding(workspace, source, sublayer)
        return None
    _draw_facts(found)
    where, how = st.columns(2, gap="medium")
    with where:
        crs = choose_crs(workspace, source, found)
    with how:
        encoding = choose_encoding(workspace, source, sublayer)
    draw_place(workspace, definition, source, found)
    mapping, missing = choose_mapping(definition, source, found.proposal)
    _draw_remarks(found)
    complete = found.refusal is None and not missing
    return Understanding(definition, sublayer, crs, encoding, mapping, complete)


def _choose_layer(workspace: Workspace, source: ChosenSource) -> LayerDefinition | None:
    lang = current_lang()
    titles = {layer.id: layer.title[lang] for layer in workspace.library}
    guess = _guess_layer(workspace, source)
    layer = st.selectbox(
        say("desk.into_layer"),
        list(titles),
        index=list(titles).index(guess) if guess else None,
        format_func=lambda name: titles[name],
        placeholder=say("desk.choose_layer"),
        key=f"desk-layer-{source.key}",
    )
    return workspace.library.require(layer) if layer else None


def _guess_layer(workspace: Workspace, source: ChosenSource) -> str:
    """Find the one layer whose name, official name or title stands in the file's name."""
    name = source.name.lower()
    found = []
    for layer in workspace.library:
        words = [layer.id, layer.title.zh, layer.title.en.lower()]
        words += [layer.official.layer.lower()] if layer.official else []
        if any(word in name for word in words):
            found.append(layer.id)
    return found[0] if len(found) == 1 else ""


def _choose_sublayer(workspace: Workspace, source: ChosenSource) -> str | None:
    """Draw the choice among the layers of a file; ``""`` where there is none to make."""
    try:
        layers = _sublayers(workspace, source)
    except GeoAppError as error:
        show_refusal(error)
        return None
    if len(layers) < 2:
        st.markdown(f"**{say('desk.file')}**  \n{plain(source.name)}")
        return ""
    words = {layer.name: layer for layer in layers}

    def word(name: str) -> str:
        count = words[name].count
        known = "" if count is None else f" · {say('data.features', count=f'{count:,}')}"
        return f"{name}{known}"

    return st.selectbox(
        say("desk.sublayer"),
        list(words),
        index=None,
        format_func=word,
        placeholder=say("desk.choose_sublayer", count=len(layers)),
        key=f"desk-sublayer-{source.key}",
    )


def _sublayers(workspace: Workspace, source: ChosenSource) -> list[Sublayer]:
    kept = st.session_state.get(_SUBLAYERS)
    if kept is None or kept[0] != source.key:
        with st.spinner(say("desk.looking")):
            kept = (source.key, workspace.list_sublayers(source.path))
        st.session_state[_SUBLAYERS] = kept
    layers: list[Sublayer] = kept[1]
    return layers


def _inspect(
    workspace: Workspace, source: ChosenSource, definition: LayerDefinition, *options: str
) -> FileInspection | GeoAppError:
    """Read the file, unless it was read in this way just now."""
    question = (source.key, definition.id, *options)
    kept: _Inspected | None = st.session_state.get(_INSPECTED)
    if kept is not None and kept.question == question:
        return kept.found
    sublayer, crs, encoding = options
    found: FileInspection | GeoAppError
    try:
        with st.spinner(say("desk.looking")):
            found = workspace.inspect_file(
                definition.id, source.path, sublayer=sublayer, crs=crs, encoding=encoding
            )
    except GeoAppError as error:
        found = error
    st.session_state[_INSPECTED] = _Inspected(question, found)
    return found


def _draw_facts(found: FileInspection) -> None:
    kinds = ", ".join(
        f"{say(f'desk.kind_{kind}')} {count:,}" for kind, count in found.geometry_counts.items()
    )
    facts = [
        ("desk.read_as", say(f"desk.reader_{found.kind}") if found.kind else ""),
        ("desk.features", f"{found.feature_count:,}"),
        ("desk.geometries", kinds),
    ]
    words = [
        say("page.labelled", label=say(key), value=f"**{plain(fact)}**")
        for key, fact in facts
        if fact
    ]
    st.markdown(" · ".join(words))


def _draw_remarks(found: FileInspection) -> None:
    """Say what the reader decided and doubted."""
    if not found.problems:
        return
    lang = current_lang()
    shown = found.problems[:_MOST_REMARKS]
    lines = "\n".join(f"- {plain(word_problem(problem, lang))}" for problem in shown)
    more = len(found.problems) - len(shown)
    if more:
        lines += f"\n- {say('desk.more_remarks', count=more)}"
    with st.expander(say("desk.remarks", count=len(found.problems)), icon=":material/notes:"):
        st.markdown(lines)
