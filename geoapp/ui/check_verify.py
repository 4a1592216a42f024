"""Verifying a serial: the stored check is computed again and compared."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.stored import State, Verification
from geoapp.reports.check_document import word_time
from geoapp.reports.content import Column
from geoapp.ui.plain import plain
from geoapp.ui.session import say
from geoapp.ui.table import show_rows

_LONGEST: Final = 60


def draw_verify(workspace: Workspace) -> None:
    """Draw the tab of verification; ``?serial=`` in the address asks at once."""
    asked = st.query_params.get("serial", "")[:_LONGEST]
    with st.form("check_verify", border=False):
        serial = st.text_input(
            say("check_page.verify_serial"),
            value=asked,
            max_chars=_LONGEST,
            placeholder=say("check_page.verify_example"),
        )
        sent = st.form_submit_button(say("check_page.verify_start"), icon=":material/verified:")
    wanted = serial.strip() if sent else asked
    if not wanted:
        st.caption(say("check_page.verify_how"))
        return
    if sent:
        st.query_params["serial"] = wanted
    _draw(workspace.verify(wanted))


def _draw(found: Verification) -> None:
    boxes = {
        "same": (st.success, ":material/verified:"),
        "different": (st.warning, ":material/difference:"),
        "tampered": (st.error, ":material/gpp_bad:"),
        "not_reproducible": (st.info, ":material/help:"),
    }
    box, icon = boxes[found.state]
    facts = {
        "serial": plain(found.serial),
        "made_at": word_time(found.made_at),
        "checked_at": word_time(found.checked_at),
        "verdict": say(f"check_sheet.verdict_{found.verdict}"),
    }
    box(f"**{word_state(found.state)}**  \n{say('check_page.verify_facts', **facts)}", icon=icon)
    if found.missing:
        st.markdown(say("check_page.verify_missing", names=plain(", ".join(found.missing))))
    if not found.differences:
        return
    st.markdown(say("check_page.verify_differences", count=found.difference_count))
    columns = (
        Column("where", say("check_page.verify_where"), "text"),
        Column("before", say("check_page.before"), "text"),
        Column("after", say("check_page.after"), "text"),
    )
    rows = [(d.where, _word(d.before), _word(d.after)) for d in found.differences]
    show_rows(columns, rows)


def word_state(state: State) -> str:
    """Say what verification found."""
    return say(f"check_page.state_{state}")


def _word(value: object) -> str:
    return "—" if value is None else str(value)
