"""The report of a staged import: what would change, what is doubtful, and the decision."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.importers.report import ImportReport
from geoapp.importers.staged import StagedImport
from geoapp.importers.wording import make_refusal
from geoapp.ui.desk.difference import draw_difference
from geoapp.ui.desk.layers import coverage_badges
from geoapp.ui.desk.problems import draw_problems
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.ui.waiting import plain, show_refusal, shown_progress
from geoapp.values import AreaUnit

OPENED: Final = "desk-opened"
PUBLISHED: Final = "desk-published"


def draw_report(workspace: Workspace, staged: StagedImport) -> None:
    """Draw a staged import and what can be done with it."""
    report = staged.report
    definition = workspace.library.require(report.layer)
    title = plain(definition.title[current_lang()])
    st.markdown(f"#### {say('desk.report_title', file=plain(report.file), layer=title)}")
    _draw_verdict(report)
    _draw_counts(report)
    _draw_facts(workspace, report)
    _draw_decision(workspace, definition, staged)
    difference = staged.difference
    if difference is not None:
        unit = AreaUnit.HA
        left, right = st.columns([5, 1], vertical_alignment="bottom")
        if definition.geometry == "polygon":
            with right:
                unit = choose_unit()
        first = not difference.before
        left.markdown(f"**{say('desk.first_data' if first else 'desk.against_current')}**")
        key = f"desk-staged-{staged.id}"
        draw_difference(workspace, definition, difference, unit, key=key)
    st.markdown(f"**{say('desk.findings')}**")
    draw_problems(workspace, staged)


def _draw_verdict(report: ImportReport) -> None:
    if report.refused:
        show_refusal(make_refusal(report))
    elif report.rejected_count:
        count = f"{report.rejected_count:,}"
        st.warning(say("desk.verdict_rejected", count=count), icon=":material/rule:")
    elif warnings := sum(problem.severity == "warning" for problem in report.problems):
        st.info(say("desk.verdict_doubts", count=f"{warnings:,}"), icon=":material/task_alt:")
    else:
        st.success(say("desk.verdict_ready"), icon=":material/task_alt:")


def _draw_counts(report: ImportReport) -> None:
    counts = [
        ("desk.count_read", report.read_count),
        ("desk.count_taken", report.feature_count),
        ("desk.count_rejected", report.rejected_count),
        ("desk.count_repaired", len(report.repairs)),
        ("desk.count_outside", report.outside_city),
    ]
    with st.container(horizontal=True, gap="medium"):
        for key, count in counts:
            st.metric(say(key), f"{count:,}", width="content")


def _draw_facts(workspace: Workspace, report: ImportReport) -> None:
    facts = [
        ("data.as_of", report.as_of.isoformat()),
        ("data.crs", report.crs),
        ("data.encoding", report.encoding.upper()),
        ("data.scale", f"1:{report.scale:,}" if report.scale else say("desk.scale_unknown")),
        ("desk.unmapped", ", ".join(report.unmapped_fields)),
        ("desk.empty_fields", ", ".join(report.missing_fields)),
        ("desk.unknown_classes", ", ".join(report.unknown_classes)),
    ]
    lines = [
        say("page.labelled", label=say(key), value=plain(value)) for key, value in facts if value
    ]
    st.markdown(coverage_badges(workspace, report.coverage))
    st.caption(" · ".join(lines))


def _draw_decision(workspace: Workspace, definition: LayerDefinition, staged: StagedImport) -> None:
    report = staged.report
    older = staged.publishable and not report.becomes_current
    current = True
    if older:
        st.info(say("desk.older_than_current"), icon=":material/history:")
        current = st.toggle(say("desk.make_current"), value=False, key=f"desk-current-{staged.id}")
    with st.container(horizontal=True):
        if staged.publishable and st.button(
            say("desk.publish"), type="primary", icon=":material/publish:", key="desk-publish"
        ):
            _publish(workspace, definition, staged, current=current)
        if st.button(say("desk.discard"), icon=":material/delete:", key="desk-discard"):
            workspace.discard_import(staged.id)
            st.session_state.pop(OPENED, None)
            st.rerun()
        if st.button(say("desk.later"), icon=":material/schedule:", key="desk-later"):
            st.session_state.pop(OPENED, None)
            st.rerun()


def _publish(
    workspace: Workspace, definition: LayerDefinition, staged: StagedImport, *, current: bool
) -> None:
    with shown_progress() as progress:
        report = workspace.publish_import(
            staged.id, make_current="yes" if current else "no", progress=progress
        )
    st.session_state.pop(OPENED, None)
    st.session_state[PUBLISHED] = {
        "layer": definition.title[current_lang()],
        "count": f"{report.feature_count:,}",
        "as_of": report.as_of.isoformat(),
        "current": say("data.current" if report.becomes_current else "desk.not_current"),
    }
    st.rerun()
