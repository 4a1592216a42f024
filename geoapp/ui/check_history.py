"""Stored checks: what was said, what changed since, what a person concludes beside it."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.finding import VERDICTS
from geoapp.compliance.stored import StoredCheck
from geoapp.reports.check_document import word_time
from geoapp.reports.content import Column
from geoapp.ui.check_files import draw_batch_documents, draw_documents
from geoapp.ui.check_result import SIGNS, draw_verdict
from geoapp.ui.check_state import Held, hold
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

_CHANGED: Final = "check-changed"
_MOST: Final = 200


def draw_history(workspace: Workspace) -> None:
    """Draw the tab of stored checks."""
    stored = workspace.history(most=_MOST)
    if not stored:
        st.info(say("check_page.history_empty"))
        return
    _draw_changed(workspace)
    columns = (
        Column("serial", say("check_sheet.serial"), "text"),
        Column("title", say("check_page.name"), "text"),
        Column("made_at", say("check_sheet.fact_made"), "text"),
        Column("verdict", say("check_sheet.verdict"), "text"),
        Column("parcels", say("check_page.parcels"), "integer"),
        Column("override", say("check_sheet.override_label"), "text"),
    )
    show_rows(columns, [_row(one) for one in stored])
    serial = st.selectbox(
        say("check_page.history_choose"),
        [one.serial for one in stored],
        format_func=lambda value: next(
            f"{one.serial}  {one.title}" for one in stored if one.serial == value
        ),
    )
    _draw_stored(workspace, workspace.stored_check(serial))


def _row(one: StoredCheck) -> tuple[str | int, ...]:
    overrides = [say(f"check_sheet.short_{o.verdict}") for o in one.overrides]
    return (
        one.serial,
        one.title,
        word_time(one.made_at),
        say(f"check_sheet.short_{one.verdict}"),
        one.parcel_count,
        " → ".join(overrides),
    )


def _draw_changed(workspace: Workspace) -> None:
    """Compute stored checks again on the current data, and list whose conclusion changed."""
    if st.button(say("check_page.recheck"), icon=":material/sync:"):
        with st.spinner(say("check_page.rechecking")):
            st.session_state[_CHANGED] = workspace.recheck_changed()
    changed = st.session_state.get(_CHANGED)
    if changed is None:
        return
    if not changed:
        st.success(say("check_page.recheck_none"), icon=":material/check:")
        return
    lang = current_lang()
    st.warning(say("check_page.recheck_some", count=len(changed)), icon=":material/sync_problem:")
    titles = {layer.id: layer.title[lang] for layer in workspace.library}
    columns = (
        Column("serial", say("check_sheet.serial"), "text"),
        Column("before", say("check_page.before"), "text"),
        Column("after", say("check_page.after"), "text"),
        Column("why", say("check_page.why"), "text"),
    )
    rows = []
    for one in changed:
        why = [titles.get(layer, layer) for layer in one.layers]
        why += [say("check_page.rules_changed")] if one.rules_changed else []
        before, after = (say(f"check_sheet.short_{verdict}") for verdict in (one.before, one.after))
        rows.append((one.serial, before, after, say("check_sheet.and").join(why)))
    show_rows(columns, rows)


def _draw_stored(workspace: Workspace, stored: StoredCheck) -> None:
    result = stored.result
    if result is None:
        return
    draw_verdict(stored.verdict, say(f"check_sheet.note_{stored.verdict}"))
    for one in stored.overrides:
        words = say(
            "check_sheet.override",
            actor=plain(one.actor),
            at=word_time(one.at),
            verdict=say(f"check_sheet.verdict_{one.verdict}"),
            reason=plain(one.reason),
        )
        st.markdown(f":material/gavel: {words}")
    if len(result.parcels) == 1:
        draw_documents(workspace, result, 0, stored)
        parcel = result.parcels[0]
        held = Held(parcel.geometry, parcel.name, parcel.id, parcel.declared_m2, parcel.crs)
        st.button(
            say("check_page.history_open"),
            icon=":material/map:",
            on_click=_open,
            args=(held,),
        )
    else:
        draw_batch_documents(workspace, result)
    _draw_override(workspace, stored)


def _open(held: Held) -> None:
    hold(held)
    st.session_state["check_tab"] = "check"


def _draw_override(workspace: Workspace, stored: StoredCheck) -> None:
    with st.expander(say("check_page.override"), icon=":material/gavel:"):
        st.caption(say("check_page.override_how"))
        with st.form("check_override", border=False, clear_on_submit=True):
            verdict = st.selectbox(
                say("check_page.override_verdict"),
                VERDICTS,
                format_func=lambda one: f"{SIGNS[one]} {say(f'check_sheet.verdict_{one}')}",
            )
            reason = st.text_area(say("check_page.override_reason"), max_chars=500)
            sent = st.form_submit_button(say("check_page.override_set"))
        if sent and not reason.strip():
            st.warning(say("check_page.override_needs_reason"))
        elif sent:
            workspace.override_check(stored.serial, verdict, reason.strip())
            st.rerun()
