"""Many parcels at once: a file or a zip of files, a table, the problems on the map."""

from typing import Any, Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.finding import VERDICTS
from geoapp.compliance.request import MOST_PARCELS
from geoapp.compliance.result import CheckResult
from geoapp.importers.bundle import unbundled
from geoapp.ui.check_files import draw_batch_documents, draw_documents
from geoapp.ui.check_input import SUFFIXES, saved_files
from geoapp.ui.check_map import draw_check_map
from geoapp.ui.check_result import SIGNS, draw_words
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_RESULT: Final = "check-batch-result"


def draw_batch(workspace: Workspace) -> None:
    """Draw the tab of many parcels."""
    st.caption(say("check_page.batch_how", most=f"{MOST_PARCELS:,}"))
    with st.form("check_batch", border=False):
        files = st.file_uploader(
            say("check_page.batch_files"),
            type=list(SUFFIXES),
            accept_multiple_files=True,
            help=say("check_page.upload_help"),
        )
        purposes, lang = workspace.purposes(), current_lang()
        left, middle, right = st.columns(3)
        purpose = left.selectbox(
            say("check_page.purpose"),
            list(purposes),
            format_func=lambda name: purposes[name][lang],
        )
        crs = middle.text_input(
            say("check_page.crs"), value="auto", help=say("check_page.crs_help")
        )
        title = right.text_input(say("check_page.batch_name"), max_chars=80)
        sent = st.form_submit_button(say("check_page.batch_start"), icon=":material/play_arrow:")
    if sent and files:
        st.session_state[_RESULT] = _run(workspace, files, purpose, crs, title)
    elif sent:
        st.warning(say("check_page.batch_no_file"))
    result = st.session_state.get(_RESULT)
    if isinstance(result, CheckResult):
        _draw_result(workspace, result)


def _run(workspace: Workspace, files: list[Any], purpose: str, crs: str, title: str) -> CheckResult:
    bar = st.progress(0.0, text=say("check_page.batch_running"))

    def report(_stage: str, done: float) -> None:
        bar.progress(min(max(done, 0.0), 1.0), text=say("check_page.batch_running"))

    try:
        with saved_files(files) as saved, unbundled(saved) as paths:
            return workspace.check(
                [*paths],
                purpose=purpose,
                crs=crs.strip() or "auto",
                save=True,
                title=title or files[0].name,
                progress=report,
            )
    finally:
        bar.empty()


def _draw_result(workspace: Workspace, result: CheckResult) -> None:
    counts = dict.fromkeys(VERDICTS, 0)
    for parcel in result.parcels:
        counts[parcel.verdict] += 1
    with st.container(horizontal=True, gap="medium"):
        for verdict in VERDICTS:
            title = f"{SIGNS[verdict]} {say(f'check_sheet.short_{verdict}')}"
            st.metric(title, f"{counts[verdict]:,}", width="content")
        st.metric(say("check_sheet.batch_problems"), f"{len(result.problems):,}", width="content")
    st.caption(say("check_page.stored", serial=result.serial))
    draw_batch_documents(workspace, result)
    only = st.toggle(say("check_page.only_problems"), value=True, key="check_only_problems")
    draw_check_map(
        workspace, None, result, only_problems=only, editable=False, key="check-batch-map"
    )
    first, *others = workspace.batch_tables(result, current_lang())
    draw_words(first)
    for table in others:
        with st.expander(plain(table.title)):
            draw_words(table)
    _draw_sheets(workspace, result)


def _draw_sheets(workspace: Workspace, result: CheckResult) -> None:
    """Offer the sheet of any one of the parcels."""
    place = st.selectbox(
        say("check_page.batch_sheet"),
        range(len(result.parcels)),
        format_func=lambda at: f"{result.parcels[at].row} {result.parcels[at].id}",
    )
    draw_documents(workspace, result, place)
