"""Tab *Import*: a file, what was understood of it, the report, the decision."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.errors import ConflictError, FileError, InputError, NotFoundError
from geoapp.importers.staged import StagedImport
from geoapp.ui.desk.options import Statements, state_options
from geoapp.ui.desk.report import OPENED, PUBLISHED, draw_report
from geoapp.ui.desk.source import ChosenSource, choose_source, forget_source
from geoapp.ui.desk.understanding import Understanding, understand
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import plain, show_refusal, shown_progress


def draw_import(workspace: Workspace) -> None:
    """Draw the way of a file into the city."""
    if done := st.session_state.pop(PUBLISHED, None):
        st.success(say("desk.published", **done), icon=":material/task_alt:")
        forget_source()
    opened = _find_opened(workspace)
    if opened is not None:
        draw_report(workspace, opened)
    else:
        _draw_waiting(workspace)
    with st.expander(say("desk.form"), expanded=opened is None, icon=":material/upload_file:"):
        _draw_form(workspace)


def _find_opened(workspace: Workspace) -> StagedImport | None:
    name = st.session_state.get(OPENED)
    if name is None:
        return None
    try:
        return workspace.staged_import(name)
    except NotFoundError:  # published or discarded in another window
        st.session_state.pop(OPENED, None)
        return None


def _draw_waiting(workspace: Workspace) -> None:
    """Draw the imports that wait for a decision; they survive a reload."""
    waiting = workspace.staged_imports()
    if not waiting:
        return
    lang = current_lang()
    st.markdown(f"**{say('desk.waiting', count=len(waiting))}**")
    for staged in waiting:
        report = staged.report
        layer = plain(workspace.library.require(report.layer).title[lang])
        with st.container(border=True, key=f"desk-waiting-{staged.id}"):
            words, button = st.columns([8, 2], vertical_alignment="center")
            state = "desk.state_refused" if report.refused else "desk.state_ready"
            words.markdown(f"**{layer}** ← {plain(report.file)} · {say(state)}")
            facts = {
                "at": f"{staged.staged_at.astimezone():%Y-%m-%d %H:%M}",
                "by": plain(staged.staged_by),
                "until": f"{staged.expires_at.astimezone():%Y-%m-%d}",
            }
            words.caption(say("desk.waiting_facts", **facts))
            if button.button(say("desk.open"), key=f"desk-open-{staged.id}", width="stretch"):
                st.session_state[OPENED] = staged.id
                st.rerun()


def _draw_form(workspace: Workspace) -> None:
    try:
        source = choose_source(workspace)
    except FileError as error:
        show_refusal(error)
        return
    if source is None:
        return
    st.markdown(f"**{say('desk.understood')}**")
    understood = understand(workspace, source)
    if understood is None:
        return
    st.markdown(f"**{say('desk.stated')}**")
    stated = state_options(workspace, source)
    ready = understood.complete and stated.as_of is not None
    pressed = st.button(
        say("desk.check"),
        type="primary",
        icon=":material/fact_check:",
        disabled=not ready,
        key="desk-check",
    )
    st.caption(say("desk.check_note") if ready else say("desk.check_blocked"))
    if pressed:
        _stage(workspace, source, understood, stated)


def _stage(
    workspace: Workspace, source: ChosenSource, understood: Understanding, stated: Statements
) -> None:
    """Check the file; any click meanwhile, as on the button to cancel, leaves nothing behind."""
    bar = st.container()
    st.button(say("desk.cancel"), icon=":material/cancel:", key="desk-cancel")
    try:
        with bar, shown_progress() as progress:
            staged = workspace.stage_import(
                understood.definition.id,
                source.path,
                sublayer=understood.sublayer,
                crs=understood.crs,
                encoding=understood.encoding,
                mapping=understood.mapping,
                as_of=stated.as_of,
                covers=stated.covers,
                scale=stated.scale,
                on_problem=stated.on_problem,
                repair=stated.repair,
                progress=progress,
            )
    except (InputError, ConflictError) as error:
        show_refusal(error)
        return
    st.session_state[OPENED] = staged.id
    st.rerun()
