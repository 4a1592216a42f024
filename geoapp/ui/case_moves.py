"""The next steps of a case: allowed moves as forms, and what was torn down."""

from decimal import Decimal, InvalidOperation

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import MODES, Amounts, Case, DemolitionReport
from geoapp.cases.guard import MoveRequest
from geoapp.cases.moving import OfferedMove
from geoapp.cases.track import stages_of_kind
from geoapp.errors import InputError
from geoapp.i18n import word_error
from geoapp.ui.case_state import attempt
from geoapp.ui.session import current_lang, say


def draw_moves(workspace: Workspace, case: Case) -> None:
    """Draw what may happen next, and what stands against the rest."""
    st.markdown(f"**{say('case_page.next')}**")
    if not decide(workspace.principal, "move_cases").allowed:
        st.caption(say("case_page.may_not_move"))
        return
    offered = workspace.cases.mover.offered(case.id)
    if not offered:
        st.caption(say("case_page.no_moves"))
        return
    lang = current_lang()
    possible = [one for one in offered if one.allowed]
    if possible:
        by_id = {one.move.id: one for one in possible}
        chosen = st.pills(
            say("case_page.move"),
            list(by_id),
            format_func=lambda name: by_id[name].move.title[lang],
            default=possible[0].move.id if len(possible) == 1 else None,
            key=f"move-{case.id}-{case.stage}",
            label_visibility="collapsed",
        )
        with st.container():
            if chosen in by_id:
                _draw_form(workspace, case, by_id[chosen])
    blocked = [one for one in offered if not one.allowed]
    if blocked:
        with st.expander(say("case_page.blocked", count=len(blocked)), icon=":material/lock:"):
            for one in blocked:
                reasons = "  \n".join(word_error(block, lang) for block in one.blocks)
                st.markdown(f"**{one.move.title[lang]}**  \n{reasons}")
    _draw_demolition(workspace, case)


def _draw_form(workspace: Workspace, case: Case, offer: OfferedMove) -> None:
    move, lang = offer.move, current_lang()
    key = f"{case.id}-{move.id}"
    title = say(f"case.document_{move.document}")
    with st.form(f"form-{key}"):
        st.markdown(f"**{move.title[lang]}**")
        if move.law is not None:
            st.caption(f"{move.law[lang]} {move.article}".strip())
        st.date_input(
            say("case_page.day"),
            key=f"on-{key}",
            max_value=workspace.cases.office.today,
            format="YYYY-MM-DD",
        )
        st.text_area(say("case.reason"), key=f"reason-{key}", height=80)
        if workspace.writes_paper(move.document):
            st.checkbox(
                say("case_page.write_document", document=title), value=True, key=f"write-{key}"
            )
            st.caption(say("case_page.written_in_chinese"))
        st.text_input(say("case_page.document_of", document=title), key=f"document-{key}")
        st.date_input(
            say("case_page.term" if "term_stated" in move.guards else "case_page.term_optional"),
            value=None,
            key=f"term-{key}",
            format="YYYY-MM-DD",
        )
        if "permit_named" in move.guards:
            st.text_input(say("case.permit"), value=case.permit, key=f"permit-{key}")
        st.form_submit_button(
            say("case_page.do_move", move=move.title[lang]),
            type="primary",
            on_click=_move,
            args=(workspace, case, move.id, key),
        )


def _move(workspace: Workspace, case: Case, move: str, key: str) -> None:
    state = st.session_state
    write = bool(state.get(f"write-{key}", False))
    request = MoveRequest(
        move,
        state[f"on-{key}"],
        state[f"reason-{key}"],
        "" if write else state[f"document-{key}"],
        state.get(f"term-{key}"),
        state.get(f"permit-{key}", ""),
    )

    def act() -> str:
        after = workspace.move_case(case.id, case.version, request, write=write)
        return say("case_page.moved", case=after.case_no, stage=say(f"case.stage_{after.stage}"))

    attempt(act)


def _draw_demolition(workspace: Workspace, case: Case) -> None:
    """Draw the form in which a demolition, or a part of one, is recorded."""
    track = workspace.cases.office.track(case.track)
    modes = [mode for mode in MODES if case.stage in track.demolition[mode]]
    settled = case.stage in stages_of_kind("closed", "exit")
    if not modes or settled or not decide(workspace.principal, "edit_cases").allowed:
        return
    key, left = f"torn-{case.id}", case.remaining
    with (
        st.expander(say("case_page.record_demolition"), icon=":material/front_loader:"),
        st.form(key, border=False),
    ):
        if not case.registered.known:
            st.info(say("case_page.establish_first"))
        st.selectbox(
            say("case_page.mode"),
            modes,
            format_func=lambda mode: say(f"case.mode_{mode}"),
            key=f"{key}-mode",
        )
        st.date_input(
            say("case_page.day"),
            key=f"{key}-on",
            max_value=workspace.cases.office.today,
            format="YYYY-MM-DD",
        )
        for name, rest in (
            ("households", left.households),
            ("land_m2", left.land_area_m2),
            ("floor_m2", left.floor_area_m2),
        ):
            label = say(f"case_page.torn_{name}", left="-" if rest is None else rest)
            st.text_input(label, value="0", key=f"{key}-{name}")
        st.text_input(say("case_page.record_reference"), key=f"{key}-document")
        st.text_area(say("case.reason"), key=f"{key}-reason", height=80)
        st.form_submit_button(
            say("case_page.do_record"), on_click=_record, args=(workspace, case, key)
        )


def _record(workspace: Workspace, case: Case, key: str) -> None:
    state = st.session_state

    def act() -> str:
        report = DemolitionReport(
            state[f"{key}-on"],
            state[f"{key}-mode"],
            Amounts(
                read_count(state[f"{key}-households"]),
                read_area(state[f"{key}-land_m2"], "land_area"),
                read_area(state[f"{key}-floor_m2"], "floor_area"),
            ),
            state[f"{key}-reason"],
            state[f"{key}-document"],
        )
        after = workspace.cases.editor.demolish(case.id, case.version, report)
        left = after.remaining
        return say(
            "case_page.recorded",
            households=left.households,
            land=left.land_area_m2,
            floor=left.floor_area_m2,
        )

    attempt(act)


def read_area(words: str, option: str) -> Decimal:
    """Read an area that somebody typed.

    Raises:
        InputError: It is no number.
    """
    try:
        return Decimal(words.strip().replace(",", "") or "0")
    except InvalidOperation as error:
        raise InputError("case-area-wrong", option=f"@case.{option}", value=words[:40]) from error


def read_count(words: str) -> int:
    """Read a number of households that somebody typed.

    Raises:
        InputError: It is no whole number.
    """
    try:
        return int(words.strip() or "0")
    except ValueError as error:
        raise InputError("case-count-wrong", value=words[:40]) from error
