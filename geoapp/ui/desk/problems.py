"""What was found in a file: to filter, to see on the map, to hand back to whoever made it."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

import numpy as np
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.importers.problem import Problem, Severity
from geoapp.importers.staged import StagedImport
from geoapp.importers.wording import word_problem
from geoapp.reports.content import Cell, Column
from geoapp.reports.problem_content import write_problems
from geoapp.ui.desk.map import Shown, draw_features
from geoapp.ui.map import MapClass
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows
from geoapp.values import AreaUnit, convert_area

_MOST_SHOWN: Final = 500
_FILLS: Final[dict[Severity, str]] = {
    "error": "#b3261e",
    "repaired": "#6a51a3",
    "warning": "#e6b422",
    "note": "#5b7fa6",
}


def draw_problems(workspace: Workspace, staged: StagedImport) -> None:
    """Draw the findings of a staged import with filters, map and downloads."""
    report = staged.report
    definition = workspace.library.require(report.layer)
    if not report.problems:
        st.success(say("desk.no_problems"), icon=":material/check_circle:")
        return
    chosen = _filter(staged)
    _draw_rows(chosen)
    listed, found = len(report.problems), sum(report.problem_counts.values())
    if listed < found:
        st.caption(say("desk.problems_cut", listed=f"{listed:,}", found=f"{found:,}"))
    _draw_downloads(workspace, definition, staged)
    if st.toggle(say("desk.problems_on_map"), key=f"desk-map-{staged.id}"):
        _draw_map(workspace, definition, staged, chosen)


def _filter(staged: StagedImport) -> list[Problem]:
    """Draw the filters; give the findings that they leave."""
    report, lang = staged.report, current_lang()
    severities = [s for s in get_args(Severity) if any(p.severity == s for p in report.problems)]
    counts = {s: sum(p.severity == s for p in report.problems) for s in severities}
    left, right = st.columns([3, 4], gap="medium", vertical_alignment="bottom")
    with left:
        kinds = st.pills(
            say("problems.severity"),
            severities,
            selection_mode="multi",
            format_func=lambda name: f"{say(f'severity.{name}')} {counts[name]:,}",
            key=f"desk-severity-{staged.id}",
        )
    first = {problem.code: problem for problem in reversed(report.problems)}
    with right:
        codes = st.multiselect(
            say("problems.problem"),
            list(report.problem_counts),
            format_func=lambda code: (
                f"{word_problem(first[code], lang)} ({report.problem_counts[code]:,})"
                if code in first
                else code
            ),
            placeholder=say("desk.all_problems"),
            key=f"desk-codes-{staged.id}",
        )
    return [
        problem
        for problem in report.problems
        if (not kinds or problem.severity in kinds) and (not codes or problem.code in codes)
    ]


def _draw_rows(problems: list[Problem]) -> None:
    lang = current_lang()
    areas = any(problem.before_m2 is not None for problem in problems)
    columns = [
        Column("row", say("problems.row"), "text"),
        Column("severity", say("problems.severity"), "text"),
        Column("problem", say("problems.problem"), "text"),
    ]
    if areas:
        columns += [
            Column(name, say(f"problems.{name}"), "number", 2) for name in ("before_m2", "after_m2")
        ]
    rows: list[tuple[Cell, ...]] = []
    for problem in problems[:_MOST_SHOWN]:
        place = f"{problem.row:,}" if problem.row else say("desk.whole_file")
        cells: tuple[Cell, ...] = (
            place,
            say(f"severity.{problem.severity}"),
            word_problem(problem, lang),
        )
        if areas:
            cells += tuple(
                None if area is None else convert_area(area, AreaUnit.M2)
                for area in (problem.before_m2, problem.after_m2)
            )
        rows.append(cells)
    show_rows(columns, rows)
    if len(problems) > _MOST_SHOWN:
        st.caption(say("desk.problems_shown", shown=_MOST_SHOWN, count=f"{len(problems):,}"))


def _draw_downloads(
    workspace: Workspace, definition: LayerDefinition, staged: StagedImport
) -> None:
    stem = f"{Path(staged.report.file).stem}_{say('desk.problems_file')}"
    with st.container(horizontal=True):
        for suffix in (".xlsx", ".gpkg"):
            st.download_button(
                say(f"desk.problems_as{suffix.replace('.', '_')}"),
                data=_writer(workspace, definition, staged, suffix),
                file_name=f"{stem}_{staged.id[-8:]}{suffix}",
                icon=":material/download:",
                on_click="ignore",
                key=f"desk-problems{suffix}-{staged.id}",
            )
        if staged.rejected_file is not None:
            st.download_button(
                say("desk.rejected_rows", count=f"{staged.report.rejected_count:,}"),
                data=staged.rejected_file.read_bytes,
                file_name=f"{Path(staged.report.file).stem}_rejected_{staged.id[-8:]}.gpkg",
                icon=":material/download:",
                on_click="ignore",
                key=f"desk-rejected-{staged.id}",
            )


def _writer(
    workspace: Workspace, definition: LayerDefinition, staged: StagedImport, suffix: str
) -> Callable[[], bytes]:
    """Give what writes the list when it is asked for."""
    lang = current_lang()

    def write() -> bytes:
        with tempfile.TemporaryDirectory(prefix="geoapp-problems-") as folder:
            path = Path(folder) / f"problems{suffix}"
            now = datetime.now().astimezone()
            write_problems(staged, definition, path, lang, now, sample=workspace.city.sample)
            return path.read_bytes()

    return write


def _draw_map(
    workspace: Workspace,
    definition: LayerDefinition,
    staged: StagedImport,
    problems: list[Problem],
) -> None:
    lang = current_lang()
    wanted = {(problem.row, problem.code): problem for problem in problems if problem.row}
    frame = staged.problem_shapes()
    listed = [key in wanted for key in zip(frame["row"], frame["code"], strict=True)]
    frame = frame[np.array(listed, dtype=bool) & frame.geometry.notna()].copy()
    if not len(frame):
        st.caption(say("desk.problems_without_place"))
        return
    frame["problem"] = [
        word_problem(wanted[key], lang) for key in zip(frame["row"], frame["code"], strict=True)
    ]
    present = set(frame["severity"])
    shown = Shown(
        id="problems",
        title=say("desk.findings"),
        frame=frame,
        kind=definition.geometry,
        facts={"row": say("problems.row"), "problem": say("problems.problem")},
        class_field="severity",
        classes=tuple(
            MapClass(name, say(f"severity.{name}"), fill)
            for name, fill in _FILLS.items()
            if name in present
        ),
    )
    left_out = draw_features(workspace, [shown], key=f"desk-problems-{staged.id}")
    if left_out:
        st.caption(say("desk.problems_left_out", count=f"{left_out:,}"))
