"""Tab *Versions*: the snapshots of a layer, what differs between two, and the way back."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.difference import SnapshotDifference
from geoapp.catalog.storage import SnapshotEntry
from geoapp.reports.content import Column
from geoapp.ui.desk.difference import draw_difference
from geoapp.ui.desk.download import offer_download
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.ui.table import show_rows
from geoapp.ui.waiting import plain, shown_progress

_COMPARED: Final = "desk-compared"
_DONE: Final = "desk-rolled-back"


@dataclass(frozen=True, slots=True)
class _Compared:
    layer: str
    before: str
    after: str
    difference: SnapshotDifference


def draw_versions(workspace: Workspace) -> None:
    """Draw the snapshots of a layer and what one may do with them."""
    lang = current_lang()
    titles = {
        state.definition.id: state.definition.title[lang]
        for state in workspace.layers()
        if state.snapshot
    }
    if not titles:
        st.info(say("overview.empty"))
        return
    layer = st.selectbox(
        say("statistics.layer"),
        list(titles),
        format_func=lambda name: titles[name],
        key="desk-versions-layer",
        persist_state="session",
    )
    definition = workspace.library.require(layer)
    if done := st.session_state.pop(_DONE, None):
        st.success(say("data.rolled_back", **done), icon=":material/history:")
    entries = workspace.snapshots(layer)
    _draw_entries(entries)
    _draw_actions(workspace, definition, entries)
    st.markdown(f"**{say('data.compare')}**")
    if len(entries) < 2:
        st.caption(say("data.only_one_version"))
        return
    _draw_comparison(workspace, definition, entries)


def _draw_entries(entries: list[SnapshotEntry]) -> None:
    columns = (
        Column("as_of", say("data.as_of"), "text"),
        Column("state", say("data.state"), "text"),
        Column("count", say("data.feature_count"), "integer"),
        Column("at", say("data.published_at"), "text"),
        Column("by", say("data.published_by"), "text"),
        Column("name", say("data.snapshot"), "text"),
    )
    rows = [
        (
            entry.as_of.isoformat(),
            say("data.current") if entry.current else "",
            entry.feature_count,
            f"{entry.published_at.astimezone():%Y-%m-%d %H:%M}",
            entry.published_by,
            entry.name,
        )
        for entry in entries
    ]
    show_rows(columns, rows)


def _word(entry: SnapshotEntry) -> str:
    """Name a snapshot so that two of one day can be told apart."""
    published = say("data.published_on", at=f"{entry.published_at.astimezone():%Y-%m-%d %H:%M}")
    current = f" · {say('data.current')}" if entry.current else ""
    return f"{entry.as_of.isoformat()} · {published}{current}"


def _draw_actions(
    workspace: Workspace, definition: LayerDefinition, entries: list[SnapshotEntry]
) -> None:
    by_name = {entry.name: entry for entry in entries}
    choice, buttons = st.columns([3, 2], vertical_alignment="bottom")
    chosen = choice.selectbox(
        say("data.version"),
        list(by_name),
        format_func=lambda name: _word(by_name[name]),
        key=f"desk-version-{definition.id}",
    )
    with buttons, st.container(horizontal=True):
        if decide(workspace.principal, "export", definition).allowed and st.button(
            say("data.download"), icon=":material/download:", key="desk-version-download"
        ):
            offer_download(workspace, definition, chosen)
        if decide(workspace.principal, "publish", definition).allowed:
            _offer_rollback(workspace, definition, by_name[chosen])


def _offer_rollback(
    workspace: Workspace, definition: LayerDefinition, entry: SnapshotEntry
) -> None:
    with st.popover(
        say("data.rollback"), icon=":material/history:", disabled=entry.current, key="desk-rollback"
    ):
        title = definition.title[current_lang()]
        words = {"layer": plain(title), "as_of": entry.as_of.isoformat()}
        st.markdown(say("data.rollback_question", **words))
        if st.button(say("data.rollback_confirm"), type="primary", key="desk-rollback-yes"):
            workspace.rollback(definition.id, entry.name)
            st.session_state[_DONE] = words
            st.session_state.pop(_COMPARED, None)
            st.rerun()


def _draw_comparison(
    workspace: Workspace, definition: LayerDefinition, entries: list[SnapshotEntry]
) -> None:
    by_name = {entry.name: entry for entry in entries}
    names = list(by_name)
    now = next((place for place, entry in enumerate(entries) if entry.current), 0)
    other = now + 1 if now + 1 < len(entries) else now - 1
    left, right, last = st.columns([5, 5, 2], vertical_alignment="bottom")
    before = left.selectbox(
        say("data.before"),
        names,
        index=other,
        format_func=lambda name: _word(by_name[name]),
        key=f"desk-before-{definition.id}",
    )
    after = right.selectbox(
        say("data.after"),
        names,
        index=now,
        format_func=lambda name: _word(by_name[name]),
        key=f"desk-after-{definition.id}",
    )
    pressed = last.button(
        say("data.compare_now"),
        type="primary",
        disabled=before == after,
        key="desk-compare",
        width="stretch",
    )
    if pressed:
        with shown_progress() as progress:
            found = workspace.compare_snapshots(definition.id, before, after, progress)
        st.session_state[_COMPARED] = _Compared(definition.id, before, after, found)
    compared = st.session_state.get(_COMPARED)
    if compared is None or (compared.layer, compared.before, compared.after) != (
        definition.id,
        before,
        after,
    ):
        return
    unit = choose_unit(width=200)
    key = f"desk-difference-{before}-{after}"
    draw_difference(workspace, definition, compared.difference, unit, key=key)
