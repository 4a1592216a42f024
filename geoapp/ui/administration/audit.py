"""The audit trail: filtered, verified, downloaded."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.storage_audit import AuditFilter
from geoapp.reports.audit_content import word_action
from geoapp.reports.spreadsheet import to_csv, to_xlsx
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

_SHOWN = 300


def draw_audit(workspace: Workspace) -> None:
    """Draw the filter, the newest entries that fit, and what can be done with them."""
    wanted = _choose(workspace)
    _draw_verification(workspace)
    count = workspace.count_audit(wanted)
    table = workspace.audit_table(wanted, lang=current_lang(), most=_SHOWN)
    st.caption(say("admin.found", count=count, shown=len(table.rows)))
    show_rows(table.columns, table.rows)
    _draw_downloads(workspace, wanted)


def _choose(workspace: Workspace) -> AuditFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.date_input(
            say("admin.first"), value=None, key="audit-first", width=150, format="YYYY-MM-DD"
        )
        last = st.date_input(
            say("admin.last"), value=None, key="audit-last", width=150, format="YYYY-MM-DD"
        )
        action = st.selectbox(
            say("audit.action"),
            ["", *workspace.audit_actions()],
            format_func=lambda value: (
                word_action(value, current_lang()) if value else say("admin.any")
            ),
            key="audit-action",
            width=200,
        )
        result = st.selectbox(
            say("audit.result"),
            ["", "done", "refused", "failed"],
            format_func=lambda value: say(f"audit.result_{value}" if value else "admin.any"),
            key="audit-result",
            width=130,
        )
        actor = st.text_input(say("audit.actor"), key="audit-actor", width=160)
        subject = st.text_input(say("admin.subject_part"), key="audit-subject", width=180)
    return AuditFilter(first, last, actor.strip(), action or "", subject.strip(), result or "")


def _draw_verification(workspace: Workspace) -> None:
    if not st.button(say("admin.verify"), icon=":material/verified_user:"):
        return
    state = workspace.verify_audit()
    if state.fault:
        st.error(say("audit.broken", seq=state.fault.seq, head=state.head))
    else:
        st.success(say("audit.whole", seq=f"{state.entries:,}", head=state.head))


def _draw_downloads(workspace: Workspace, wanted: AuditFilter) -> None:
    with st.container(horizontal=True):
        if not st.toggle(say("admin.prepare"), key="audit-prepare"):
            return
        lang = current_lang()
        table = workspace.audit_table(wanted, lang=lang)
        for form, content in (("xlsx", to_xlsx(table, lang)), ("csv", to_csv(table, lang))):
            st.download_button(
                say(f"admin.download_{form}"),
                content,
                file_name=f"audit.{form}",
                on_click="ignore",
                icon=":material/download:",
            )
