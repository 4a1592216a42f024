"""One parcel on the page: map and verdict first, then reasons, figures, documents."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.ui.check_files import draw_documents
from geoapp.ui.check_input import draw_particulars, draw_question, draw_ways_in, take_pick
from geoapp.ui.check_map import MapReply, draw_check_map
from geoapp.ui.check_result import (
    draw_corridor,
    draw_key_figures,
    draw_remarks,
    draw_remedies,
    draw_tables,
    draw_verdict,
    word_status,
)
from geoapp.ui.check_state import (
    LINK,
    Answer,
    Held,
    find_answer,
    find_held,
    hold,
    is_line,
    store_answer,
)
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

TABS: Final = ("check", "batch", "history", "verify")
_FOLLOWED: Final = "check-link"


def choose_tab(workspace: Workspace) -> str:
    """Draw the choice of the tab; an address with a serial opens verification.

    Who may not check parcels may still verify what somebody handed over.
    """
    if not workspace.may_check:
        return "verify"
    if "check_tab" not in st.session_state:
        st.session_state["check_tab"] = "verify" if "serial" in st.query_params else "check"
    chosen = st.segmented_control(
        say("check_page.title"),
        TABS,
        key="check_tab",
        format_func=lambda name: say(f"check_page.tab_{name}"),
        label_visibility="collapsed",
        required=True,
    )
    return str(chosen)


def draw_check(workspace: Workspace) -> None:
    """Draw the tab of a single parcel."""
    _follow_link(workspace)
    left, right = st.columns([13, 8], gap="medium")
    with right:
        banner = st.container()
        fault = _try_ways_in(workspace)
        draw_question(workspace)
        if not fault:
            draw_particulars(workspace)
    answer: Answer | None = None
    if not fault:  # a verdict beside a file that could not be read would be of another parcel
        answer, fault = _try_answer(workspace)
    with banner:
        _draw_banner(answer, fault)
    with left:
        held = find_held()
        reply = draw_check_map(workspace, held, answer.result if answer else None, key="check-map")
    _take_reply(workspace, reply)
    if answer is not None and held is not None:
        _draw_answer(workspace, held, answer)


def _try_ways_in(workspace: Workspace) -> str:
    """Draw the ways in; say why what came in cannot be taken: the map stays."""
    try:
        draw_ways_in(workspace)
    except GeoAppError as error:
        if error.exit_status == 1:
            raise
        workspace.record_refusal(error)
        return word_error(error, current_lang())
    return ""


def _try_answer(workspace: Workspace) -> tuple[Answer | None, str]:
    """Answer, or say why not: the map stays, so that the drawing can be mended."""
    try:
        answer = find_answer(workspace)
    except GeoAppError as error:
        if error.exit_status == 1:
            raise
        return None, word_error(error, current_lang())
    if answer is not None and not answer.result.parcels:
        return None, answer.result.problems[0].word(current_lang())
    return answer, ""


def _draw_banner(answer: Answer | None, fault: str) -> None:
    if fault:
        st.error(plain(fault), icon=":material/error:")
        return
    if answer is None:
        st.info(say("check_page.nothing_yet"), icon=":material/draw:")
        return
    verdict = answer.result.parcels[0].verdict
    draw_verdict(verdict, say(f"check_sheet.note_{verdict}"))
    draw_key_figures(answer.result.parcels[0])


def _draw_answer(workspace: Workspace, held: Held, answer: Answer) -> None:
    document = workspace.word_check(answer.result, lang=current_lang())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("check_page.store"),
            type="primary",
            icon=":material/verified:",
            disabled=answer.stored,
            on_click=_store,
            args=(workspace,),
        )
        st.markdown(word_status(answer))
    draw_documents(workspace, answer.result)
    left, right = st.columns([13, 8], gap="medium")
    with left:
        draw_remarks(document)
    with right:
        draw_remedies(document, answer.result.parcels[0], held)
        if answer.corridor is not None:
            draw_corridor(workspace, answer.corridor)
    draw_tables(document)
    st.caption(say("check_sheet.disclaimer"))


def _store(workspace: Workspace) -> None:
    try:
        store_answer(workspace)
    except GeoAppError as error:
        st.toast(word_error(error, current_lang()), icon=":material/error:")


def _take_reply(workspace: Workspace, reply: MapReply) -> None:
    """Take what the reader drew or picked on the map."""
    if reply.pick is not None:
        take_pick(workspace, reply.pick["layer"], reply.pick["row"], reply.pick["v"])
        st.rerun()
    if not reply.drawn:
        return
    before = find_held()
    if reply.geometry is None:
        hold(None)
    elif before is not None and before.is_line == is_line(reply.geometry):
        # Another outline of the same parcel: what it is called stays, what it was read from not.
        hold(
            Held(reply.geometry, before.name, before.id, before.declared_m2, bring=before.bring),
            bring=False,
        )
    else:
        hold(Held(reply.geometry), bring=False)
    st.rerun()


def _follow_link(workspace: Workspace) -> None:
    """Take the feature that the address names, once: after that the reader's choices count."""
    link = tuple(st.query_params.get(name, "") for name in LINK)
    if not link[0] or st.session_state.get(_FOLLOWED) == link:
        return
    st.session_state[_FOLLOWED] = link
    take_pick(workspace, *link)
    for name, value in zip(LINK, link, strict=True):
        st.query_params[name] = value
