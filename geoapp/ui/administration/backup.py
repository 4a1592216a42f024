"""Backups: made, listed, verified."""

from datetime import UTC, datetime

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.content import Column
from geoapp.ui.plain import plain
from geoapp.ui.session import say
from geoapp.ui.table import show_rows
from geoapp.values import round_half_up


def draw_backup(workspace: Workspace) -> None:
    """Draw the button, the backups there are, and how to check one."""
    st.caption(say("admin.place", folder=plain(str(workspace.backups_folder))))
    if st.button(say("admin.make"), icon=":material/save:", type="primary"):
        _make(workspace)
    records = workspace.backups()
    if not records:
        st.warning(say("admin.no_backups"))
        return
    days = (datetime.now(UTC) - records[0].made_at).days
    if days > 0:
        st.warning(say("admin.newest_age", days=days))
    show_rows(
        (
            Column("name", say("admin.name"), "text"),
            Column("made_at", say("admin.made_at"), "text"),
            Column("made_by", say("admin.made_by"), "text"),
            Column("files", say("admin.files"), "integer"),
            Column("size", say("admin.size_mib"), "number", 1),
            Column("doubts", say("admin.doubts"), "integer"),
        ),
        [
            (
                record.name,
                record.made_at.astimezone().strftime("%Y-%m-%d %H:%M"),
                record.made_by,
                record.files,
                round_half_up(record.size_bytes / 2**20, 1),
                len(record.doubts),
            )
            for record in records
        ],
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [record.name for record in records]
        chosen = st.selectbox(say("admin.choose"), names, key="backup-name", width=340)
        check = st.button(say("admin.check_backup"), icon=":material/fact_check:")
    if check and chosen:
        _verify(workspace, chosen)


def _make(workspace: Workspace) -> None:
    bar = st.progress(0.0, say("admin.making"))
    made = workspace.backup(progress=lambda stage, done: _tell(bar, stage, done))
    bar.empty()
    size = f"{made.size_bytes / 2**20:,.1f}"
    st.success(say("backup.made", folder=plain(made.name), files=made.files, size=size))
    for doubt in made.doubts:
        st.error(say(f"backup.doubt_{doubt.fault}", file=plain(doubt.file)))


def _tell(bar: "st.delta_generator.DeltaGenerator", stage: str, done: float) -> None:
    bar.progress(done, say(stage))


def _verify(workspace: Workspace, name: str) -> None:
    bar = st.progress(0.0, say("backup.verifying"))
    state = workspace.verify_backup(name, lambda stage, done: _tell(bar, stage, done))
    bar.empty()
    if not state.faults:
        st.success(say("backup.whole", name=plain(name), files=state.record.files))
        return
    st.error(say("backup.damaged", name=plain(name), files=state.record.files))
    for fault in state.faults:
        st.markdown(f"- {plain(say(f'backup.fault_{fault.fault}', file=fault.file))}")
