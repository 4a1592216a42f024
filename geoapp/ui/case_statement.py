"""The statement that nothing new was built: computed, or refused with what is left to judge."""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.patch import PatchFilter, read_verdicts
from geoapp.errors import ConflictError
from geoapp.i18n import word_error
from geoapp.reports.zero_new_paper import write_zero_new
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_MOST_NAMED = 30
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw_statement(workspace: Workspace) -> None:
    """Draw the choice of window and unit, and the statement."""
    lang, today = current_lang(), workspace.cases.office.today
    scope = workspace.cases.office.scope
    codes = [unit.code for unit in workspace.unit_names if len(unit.code) in {6, 9}]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        first = st.date_input(
            say("case_page.window_first"),
            today - timedelta(days=90),
            key="zero-first",
            width=180,
            format="YYYY-MM-DD",
        )
        last = st.date_input(
            say("case_page.window_last"), today, key="zero-last", width=180, format="YYYY-MM-DD"
        )
        unit = st.selectbox(
            say("case_page.filter_unit"),
            ["", *(code for code in codes if code.startswith(scope))],
            format_func=lambda code: (
                workspace.name_unit(code, lang) if code else say("case_page.whole_city")
            ),
            key="zero-unit",
            width=220,
        )
    try:
        found = workspace.cases.state_zero_new(first, last, unit=unit)
    except ConflictError as error:
        st.error(word_error(error, lang), icon=":material/block:")
        if error.code == "zero-new-unreviewed":
            _name_unreviewed(workspace, PatchFilter(unit=unit, seen_from=first, seen_to=last))
        return
    head = "zero_yes" if found.zero else "zero_no"
    box = st.success if found.zero else st.warning
    box(say(f"case_page.{head}", violations=found.violations, cases=found.cases))
    titles: dict[str, str] = {one.id: one.title[lang] for one in read_verdicts().verdict}
    with st.container(horizontal=True, gap="small"):
        for key in ("reviewed", "violations", "cases", "open_cases"):
            st.metric(
                say(f"case_page.zero_{key}"),
                f"{getattr(found, key):,}",
                border=True,
                width="content",
            )
    for verdict, count in found.by_verdict.items():
        st.markdown(f"- {titles.get(verdict, verdict)}: {count:,}")
    st.caption(say("case_page.zero_head", head=found.head[:16], at=found.made_at[:16]))
    st.download_button(
        say("case_page.zero_print"),
        data=lambda: write_zero_new(found, lang, lambda code: workspace.name_unit(code, lang)),
        file_name=f"zero-new-{first}-{last}.docx",
        mime=_WORD,
        icon=":material/print:",
        on_click="ignore",
    )


def _name_unreviewed(workspace: Workspace, window: PatchFilter) -> None:
    """Name the patches that have to be judged first: of the window, else those without a day."""
    for wanted in (window, PatchFilter(unit=window.unit)):
        page = workspace.cases.patches.select(replace(wanted, reviewed=False), limit=_MOST_NAMED)
        if page.patches:
            numbers = ", ".join(plain(patch.number) for patch in page.patches)
            st.markdown(f"{say('case_page.zero_left', count=page.total)}  \n{numbers}")
            return
