"""The list of what was found in a file: as a table, a workbook, or features on a map."""

import warnings
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyogrio
from pyogrio.errors import DataSourceError

from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import ChoiceError, FileError
from geoapp.i18n import Lang, text
from geoapp.importers.problem import Problem
from geoapp.importers.report import ImportReport
from geoapp.importers.staged import StagedImport
from geoapp.importers.wording import word_problem
from geoapp.reports.content import Cell, Column, Table
from geoapp.reports.spreadsheet import write_table
from geoapp.values import AreaUnit, convert_area

SUFFIXES: Final = (".xlsx", ".csv", ".parquet", ".gpkg")


def problem_table(
    report: ImportReport, definition: LayerDefinition, lang: Lang, now: datetime, *, sample: bool
) -> Table:
    """Lay out what was found in a file, one line for each finding that is listed.

    Args:
        report: What was found.
        definition: The layer.
        lang: Language.
        now: When the list is made.
        sample: The data is synthetic.
    """
    columns = (
        Column("row", text(lang, "problems.row"), "integer"),
        Column("line", text(lang, "problems.line"), "integer"),
        Column("severity", text(lang, "problems.severity"), "text"),
        Column("code", text(lang, "problems.code"), "text"),
        Column("problem", text(lang, "problems.problem"), "text"),
        Column("before_m2", text(lang, "problems.before_m2"), "number", 2),
        Column("after_m2", text(lang, "problems.after_m2"), "number", 2),
    )
    listed = len(report.problems)
    notes = [
        (text(lang, "problems.file"), report.file),
        (text(lang, "problems.layer"), definition.title[lang]),
        (text(lang, "problems.crs"), report.crs),
        (text(lang, "problems.made"), now.isoformat(sep=" ", timespec="seconds")),
    ]
    found = sum(report.problem_counts.values())
    if listed < found:
        notes.append(
            (
                text(lang, "problems.cut"),
                text(lang, "problems.cut_note", listed=listed, found=found),
            )
        )
    return Table(
        title=text(lang, "problems.title", layer=definition.title[lang]),
        columns=columns,
        rows=tuple(_row(problem, lang) for problem in report.problems),
        closing=(
            (text(lang, "problems.read"), report.read_count),
            (text(lang, "problems.taken"), report.feature_count),
            (text(lang, "problems.rejected"), report.rejected_count),
        ),
        notes=tuple(notes),
        banner=text(lang, "sample.banner") if sample else "",
    )


def write_problems(
    staged: StagedImport,
    definition: LayerDefinition,
    path: Path,
    lang: Lang,
    now: datetime,
    *,
    sample: bool,
) -> None:
    """Write the list of findings to a file, whole or not at all; the suffix tells the form.

    Args:
        staged: What was found, and the features it was found about.
        definition: The layer.
        path: ``.xlsx``, ``.csv``, ``.parquet``, or ``.gpkg`` with the geometries.
        lang: Language.
        now: When the list is made.
        sample: The data is synthetic.

    Raises:
        ChoiceError: The suffix is none of ``SUFFIXES``.
        FileError: The file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ChoiceError(
            "choice-unknown", option="output", value=path.name, offered=" ".join(SUFFIXES)
        )
    if path.suffix.lower() == ".gpkg":
        _write_features(staged, path, lang, sample=sample)
    else:
        table = problem_table(staged.report, definition, lang, now, sample=sample)
        write_table(table, path, lang)


def _write_features(staged: StagedImport, path: Path, lang: Lang, *, sample: bool) -> None:
    """Write the features that something was found about, in the words of the list."""
    listed = [problem for problem in staged.report.problems if problem.row]
    frame = staged.problem_shapes()
    frame["severity"] = [text(lang, f"severity.{problem.severity}") for problem in listed]
    frame["problem"] = [word_problem(problem, lang) for problem in listed]
    frame["before_m2"] = [problem.before_m2 for problem in listed]
    frame["after_m2"] = [problem.after_m2 for problem in listed]
    if sample:
        frame["note"] = text(lang, "sample.banner")
    temporary = path.with_name(f".{path.stem}.part.gpkg")
    try:
        with warnings.catch_warnings():
            # Invalid geometries are what the list is about: GDAL's remarks are no news.
            warnings.simplefilter("ignore")
            pyogrio.write_dataframe(frame, temporary, driver="GPKG", layer="problems")
        temporary.replace(path)
    except (OSError, DataSourceError) as error:
        raise FileError("file-unwritable", file=str(path), reason=str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _row(problem: Problem, lang: Lang) -> tuple[Cell, ...]:
    return (
        problem.row or "",
        problem.line or "",
        text(lang, f"severity.{problem.severity}"),
        problem.code,
        word_problem(problem, lang),
        _area(problem.before_m2),
        _area(problem.after_m2),
    )


def _area(area_m2: float | None) -> Decimal | str:
    return "" if area_m2 is None else convert_area(area_m2, AreaUnit.M2)
