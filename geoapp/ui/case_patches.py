"""Satellite patches: batches, what is left to judge, verdicts, and cases opened from them."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import NewCase
from geoapp.cases.patch import Patch, PatchFilter, read_verdicts
from geoapp.reports.content import Column
from geoapp.ui.answers import word_field_chiefs
from geoapp.ui.case_state import attempt, open_case
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

_PAGE: Final = 100
_PERCENT: Final = 100


def draw_patches(workspace: Workspace) -> None:
    """Draw the batches, the patches of one, and what may be done with them."""
    st.caption(say("case_page.patch_is_lead"))
    may_import = decide(workspace.principal, "import_cases").allowed
    if may_import:
        _draw_import(workspace)
    batches = workspace.cases.patches.progress()
    if not batches:
        st.info(say("case_page.no_batches"))
        return
    columns = [
        Column("name", say("case.batch"), "text"),
        *(Column(key, say(f"case_page.patch_{key}"), "integer") for key in
          ("total", "unreviewed", "violations", "settled", "closed_out")),
        Column("rate", say("case_page.patch_rate"), "percent", 1),
    ]  # fmt: skip
    rows = [
        (
            one.batch.name, one.total, one.unreviewed, one.violations, one.settled,
            one.closed_out, None if one.rate is None else round(one.rate * _PERCENT, 1),
        )
        for one in batches
    ]  # fmt: skip
    show_rows(columns, rows)  # type: ignore[arg-type]
    names = {one.batch.id: one.batch.name for one in batches}
    with st.container(horizontal=True, gap="small"):
        batch = st.selectbox(
            say("case.batch"), list(names), format_func=lambda key: names[key], width=260
        )
        verdict = _choose_verdict("patch-filter", everything=True)
    _draw_list(workspace, PatchFilter(batch=batch, verdict=verdict))


def _choose_verdict(key: str, *, everything: bool) -> str | None:
    lang = current_lang()
    titles: dict[str, str] = {one.id: one.title[lang] for one in read_verdicts().verdict}
    if everything:
        titles = {"": say("case_page.patch_unreviewed")} | titles
    return st.selectbox(
        say("case_page.verdict"),
        [*([None] if everything else []), *titles],
        format_func=lambda name: say("case_page.all") if name is None else titles[str(name)],
        key=key,
        width=260,
    )


def _draw_list(workspace: Workspace, wanted: PatchFilter) -> None:
    page = workspace.cases.patches.select(wanted, limit=_PAGE)
    st.caption(
        say("case_page.range", first=min(1, page.total), last=len(page.patches), total=page.total)
    )
    lang = current_lang()
    titles: dict[str, str] = {one.id: one.title[lang] for one in read_verdicts().verdict}
    columns = [
        Column("number", say("case_page.patch_number"), "text"),
        Column("township", say("case_page.column_township"), "text"),
        Column("area", say("case_page.patch_area"), "number", 2),
        Column("seen", say("case_page.patch_seen"), "text"),
        Column("kind", say("case_page.patch_kind"), "text"),
        Column("verdict", say("case_page.verdict"), "text"),
        Column("known", say("case_page.patch_known"), "text"),
    ]
    chiefs = word_field_chiefs(workspace, [patch.units for patch in page.patches])
    if chiefs is not None:
        columns.append(Column("answers", say("answers.column"), "text"))
    rows = [
        (
            patch.number,
            workspace.name_unit(patch.units.township, lang) if patch.units.township else None,
            patch.area_m2,
            patch.seen_on.isoformat() if patch.seen_on else None,
            patch.kind,
            titles.get(patch.verdict, say("case_page.patch_unreviewed")),
            _word_known(patch),
            *((chiefs[place],) if chiefs is not None else ()),
        )
        for place, patch in enumerate(page.patches)
    ]
    chosen = show_rows(columns, rows, choose=f"patch-rows-{wanted.batch}-{wanted.verdict}")
    if chiefs is not None:
        st.caption(say("answers.for_patch"))
    patches = [page.patches[row] for row in chosen if row < len(page.patches)]
    if not patches:
        st.caption(say("case_page.choose_hint"))
        return
    if decide(workspace.principal, "review_patches").allowed:
        _draw_verdict(workspace, patches)
    if len(patches) == 1 and decide(workspace.principal, "edit_cases").allowed:
        _draw_case(workspace, patches[0])


def _word_known(patch: Patch) -> str:
    marks = [
        say(f"case_page.patch_mark_{name}")
        for name, value in (
            ("case", patch.case),
            ("known", patch.known_case),
            ("same", patch.same_as_patch),
        )
        if value is not None
    ]
    return " · ".join(marks)


def _draw_verdict(workspace: Workspace, patches: Sequence[Patch]) -> None:
    """Draw the form in which patches are judged, with one reason for all."""
    lang, verdicts = current_lang(), read_verdicts()
    with st.container(border=True):
        st.markdown(f"**{say('case_page.judge', count=len(patches))}**")
        verdict = _choose_verdict("judge-verdict", everything=False)
        reasons = next(one.reasons for one in verdicts.verdict if one.id == verdict)
        if reasons:
            st.selectbox(
                say("case_page.reason_code"),
                reasons,
                format_func=lambda code: verdicts.reasons[code][lang],
                key="judge-code",
            )
        st.text_input(say("case.reason"), key="judge-reason")
        st.date_input(
            say("case_page.day"),
            key="judge-on",
            max_value=workspace.cases.office.today,
            format="YYYY-MM-DD",
        )
        st.button(
            say("case_page.do_judge"),
            type="primary",
            on_click=_judge,
            args=(
                workspace,
                [(one.id, one.version) for one in patches],
                str(verdict),
                bool(reasons),
            ),
        )


def _judge(workspace: Workspace, patches: list[tuple[int, int]], verdict: str, coded: bool) -> None:  # noqa: FBT001
    state = st.session_state

    def act() -> str:
        code = state["judge-code"] if coded else ""
        judged = workspace.cases.patches.judge(
            patches, verdict, code, state["judge-reason"], on=state["judge-on"], link_known=True
        )
        return say("case_page.judged", count=len(judged))

    attempt(act)


def _draw_case(workspace: Workspace, patch: Patch) -> None:
    if patch.case is not None:
        st.button(say("case_page.open_patch_case"), on_click=open_case, args=(str(patch.case),))
        return
    st.text_input(say("case_page.despite"), key="patch-case-reason")
    st.button(say("case_page.patch_to_case"), on_click=_open, args=(workspace, patch))


def _open(workspace: Workspace, patch: Patch) -> None:
    reason = st.session_state["patch-case-reason"]

    def act() -> str:
        new = NewCase(patch.footprint, patch.seen_on or workspace.cases.office.today, "satellite")
        case = workspace.cases.patches.open_case(patch.id, patch.version, new, reason=reason)
        open_case(case.case_no)
        return say("case_page.opened", case=case.case_no)

    attempt(act)


def _draw_import(workspace: Workspace) -> None:
    with st.expander(say("case_page.import_batch"), icon=":material/upload_file:"):
        st.text_input(say("case.batch"), key="batch-name", placeholder=f"{date.today():%Y-%m}")  # noqa: DTZ011
        st.file_uploader(
            say("case_page.batch_file"),
            type=["zip", "gpkg", "geojson", "json", "kml"],
            key="batch-file",
        )
        st.button(say("case_page.do_import"), on_click=_import, args=(workspace,))


def _import(workspace: Workspace) -> None:
    state = st.session_state
    if state["batch-file"] is None:
        return

    def act() -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / Path(state["batch-file"].name).name
            file.write_bytes(state["batch-file"].getvalue())
            report = workspace.cases.patches.import_file(file, state["batch-name"])
        return say(
            "case_page.imported", count=report.count, same=report.same, known=report.known,
            rebuilt=report.rebuilt, outside=report.outside,
        )  # fmt: skip

    attempt(act)
