"""A report of the planner's desk: statements and tables, as a workbook or a Word document."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from geoapp.errors import FileError
from geoapp.i18n import Lang, text
from geoapp.reports.content import Cell, Table
from geoapp.reports.planning_template import TEMPLATE, TEMPLATES
from geoapp.reports.spreadsheet import to_xlsx

FOLDER: Final = "templates"  # in the workspace
MOST_ROWS_ON_PAPER: Final = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a report.

    Attributes:
        name: Sheet of the workbook.
        on_paper: Keys of the columns that a page has room for; empty: all.
    """

    name: str
    table: Table
    on_paper: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanningReport:
    """What stands in a report; the first part is the one that stood on the screen."""

    lang: Lang
    statements: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def main(self) -> Table:
        """The table that stood on the screen."""
        return self.parts[0].table


def write_planning_workbook(report: PlanningReport) -> bytes:
    """Write all tables as sheets of a workbook, whole."""
    more = [(part.name, part.table) for part in report.parts[1:]]
    return to_xlsx(report.main, report.lang, more=more)


def find_planning_template(workspace: Path) -> Path:
    """Find the template: the workspace's own, else the product's."""
    own = workspace / FOLDER / TEMPLATE
    return own if own.is_file() else TEMPLATES / TEMPLATE


def write_planning_word(report: PlanningReport, template: Path) -> bytes:
    """Fill a template; of long lists the first rows are printed, and it is said so.

    Raises:
        FileError: The template is no Word file, or a place in it cannot be filled.
    """
    try:
        word = DocxTemplate(str(template))
        # A template is somebody's file: it may name places, and reach nothing else.
        word.render(_describe(report), SandboxedEnvironment(autoescape=True))
        buffer = io.BytesIO()
        word.save(buffer)
    except (TemplateError, PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise FileError("template-wrong", file=template.name, reason=str(error)[:200]) from error
    return buffer.getvalue()


def _describe(report: PlanningReport) -> dict[str, Any]:
    main, lang = report.main, report.lang
    return {
        "banner": main.banner,
        "title": main.title,
        "statements": report.statements,
        "parts": [_describe_part(part, lang) for part in report.parts],
        "notes_title": text(lang, "workbook.notes"),
        "notes": [{"label": label, "text": words} for label, words in main.notes],
        "colon": text(lang, "planning.colon"),
    }


def _describe_part(part: Part, lang: Lang) -> dict[str, Any]:
    table = part.table
    places = [
        place
        for place, column in enumerate(table.columns)
        if not part.on_paper or column.key in part.on_paper
    ]
    shown = table.rows[:MOST_ROWS_ON_PAPER]
    closing = [{"label": label, "text": _word(cell, lang)} for label, cell in table.closing]
    if len(table.rows) > len(shown):
        left = len(table.rows) - len(shown)
        words = text(lang, "planning.rows_left", count=left)
        closing.insert(0, {"label": text(lang, "planning.rows_left_label"), "text": words})
    return {
        "title": part.name,
        "columns": [table.columns[place].title for place in places],
        "rows": [{"cells": _words(row, places, lang)} for row in shown],
        "closing": closing,
    }


def _words(row: Sequence[Cell], places: Sequence[int], lang: Lang) -> list[str]:
    return [_word(row[place], lang) for place in places]


def _word(cell: Cell, lang: Lang) -> str:
    if cell is None:
        return text(lang, "coverage.no_data")
    return cell if isinstance(cell, str) else f"{cell:,}"
