"""Reporting what may be built illegally, following a tip, and judging tips."""

from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.access.whence import acting_address
from geoapp.bootstrap import Workspace
from geoapp.cases.tip import LONGEST_TEXT, MOST_PHOTO_BYTES, NewTip
from geoapp.errors import InputError
from geoapp.geometry.notation import read_position
from geoapp.ui.case_state import attempt, show_reply
from geoapp.ui.plain import plain
from geoapp.ui.point_map import Point, draw_point_map
from geoapp.ui.session import current_lang, say
from geoapp.ui.tip_list import draw_tips

_CHOSEN: Final = "report-point"
_UNKNOWN: Final = "-"
_FRESH: Final = "report-form"  # its number in the keys of the form: a new one is empty


def draw_report(workspace: Workspace) -> None:
    """Draw the page for whoever acts: anybody may report, the office judges."""
    st.subheader(say("report.title"))
    show_reply()
    if decide(workspace.principal, "review_tips").allowed:
        draw_tips(workspace)
        st.divider()
    st.write(say("report.intro"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _choose_place(workspace)
    with right:
        _draw_form(workspace)
        _draw_follow(workspace)


def _choose_place(workspace: Workspace) -> None:
    st.caption(say("report.map_how"))
    chosen: Point | None = st.session_state.get(_CHOSEN)
    point = draw_point_map(workspace, chosen, key=f"report-{current_lang()}")
    if point is not None and point != chosen:
        st.session_state[_CHOSEN] = point
        st.rerun()


def _draw_form(workspace: Workspace) -> None:
    chosen: Point | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        st.info(say("report.place_missing"), icon=":material/location_off:")
    else:
        longitude, latitude = (f"{value:.5f}" for value in chosen)
        facts = {"longitude": longitude, "latitude": latitude}
        st.success(say("report.place_chosen", **facts), icon=":material/location_on:")
    fresh = st.session_state.setdefault(_FRESH, 0)
    most = MOST_PHOTO_BYTES // 2**20
    with st.form(f"report-{fresh}", border=False):
        place = st.text_input(say("report.place_label"), key=f"place-{fresh}", max_chars=200)
        text = st.text_area(
            say("report.text"),
            key=f"text-{fresh}",
            max_chars=LONGEST_TEXT,
            placeholder=say("report.text_hint"),
        )
        photo = st.file_uploader(
            say("report.photo", most=most),
            type=["jpg", "jpeg", "png", "webp"],
            key=f"photo-{fresh}",
            max_upload_size=most,
        )
        st.caption(say("report.photo_note"))
        with st.container(key="honeypot"):  # out of sight; see xiangtu.css
            trap = st.text_input(say("report.trap"), key=f"trap-{fresh}", autocomplete="off")
        sent = st.form_submit_button(say("report.send"), type="primary")
    if not sent:
        return

    def act() -> str:
        longitude, latitude = _read_place(workspace, place)
        content, name = (photo.getvalue(), photo.name) if photo else (b"", "")
        new = NewTip(longitude, latitude, text, content, name, trap)
        receipt = workspace.tips.send(new, acting_address() or _UNKNOWN)
        return say("report.sent", receipt=receipt)

    if attempt(act):
        st.session_state[_FRESH] = fresh + 1
        st.session_state.pop(_CHOSEN, None)
        st.rerun()
    show_reply()


def _read_place(workspace: Workspace, written: str) -> Point:
    """Give the position that was written, else the one on the map."""
    if written.strip():
        box, zone = workspace.city.extent.to_extent(), workspace.city.zone
        readings = [one for one in read_position(written, box, zone) if one.inside]
        if not readings:
            raise InputError("tip-no-place")
        return readings[0].longitude, readings[0].latitude
    chosen: Point | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        raise InputError("tip-no-place")
    return chosen


def _draw_follow(workspace: Workspace) -> None:
    with st.expander(say("report.follow"), icon=":material/receipt_long:"), st.form("follow"):
        receipt = st.text_input(say("report.receipt"), max_chars=40)
        asked = st.form_submit_button(say("report.do_follow"))
    if asked and receipt.strip():
        state = workspace.tips.follow(receipt)
        words = say(f"report.state_{state}")
        st.info(say("report.state_line", receipt=plain(receipt.strip()), state=words))
