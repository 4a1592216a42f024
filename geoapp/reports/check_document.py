"""What the analysis sheet of a check says (套合分析表), free of any file format.

PDF, Word, workbook and page are written from the same values, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from geoapp.compliance.finding import Verdict
from geoapp.i18n import Lang
from geoapp.reports.content import Cell, Column, Table

UNKNOWN: Final = "—"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding in words: why, by which law, what to do, whom to ask.

    Attributes:
        verdict: What the finding alone makes of the parcel.
        heading: Layer, rule and how the parcel lies to it.
        lines: Label and text.
    """

    verdict: Verdict
    heading: str
    lines: Pairs


@dataclass(frozen=True, slots=True)
class CheckDocument:
    """The sheet of one parcel.

    Attributes:
        issuer: City whose layers were read.
        serial: Under which the check is stored; ``""`` where it is not.
        code: What the square code holds; ``""`` where there is nothing to verify.
        code_note: What to do with it.
        verdict_title: The conclusion in words.
        verdict_note: What it means, and what it does not.
        facts: Label and text: parcel, areas, purpose, date.
        remarks: Findings that somebody must act on, worst first.
        findings: Table of all findings.
        composition: Land classes; ``None`` where they may not be seen.
        remedies: ``None`` where they were not asked for.
        boundary: Table of coordinates.
        sketch_note: Names that have no room on the sketch.
        notes: Label and text: tolerances, uncertainty, what is unknown.
        signatures: Labels of the places to sign.
        use: Who may use the sheet.
        banner: Sentence on synthetic data, else ``""``.
        mark: The same as a watermark.
        made: Who made it, and when.
    """

    lang: Lang
    issuer: str
    title: str
    serial: str
    code: str
    code_note: str
    verdict: Verdict
    verdict_title: str
    verdict_note: str
    facts: Pairs
    remarks: tuple[Remark, ...]
    findings: Table
    composition: Table | None
    units: Table
    remedies: Table | None
    boundary: Table
    sketch_note: str
    layers: Table
    notes: Pairs
    signatures: tuple[str, ...]
    use: tuple[str, ...]
    banner: str
    mark: str
    made: str


def word_time(at: datetime) -> str:
    """Write a moment in the time of the place where the server stands."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def word_cell(column: Column, cell: Cell) -> str:
    """Write a cell as people read it; a dash where nothing is known."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, str):
        return cell
    return f"{cell:,}" if column.grouped else str(cell)


def word_rows(table: Table) -> list[list[str]]:
    """Write the rows of a table as people read them."""
    return [
        [word_cell(column, cell) for column, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]


def make_table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Table:
    """Make a table that is part of a document: its notes stand in the document."""
    return Table(title, tuple(columns), tuple(tuple(row) for row in rows), (), (), "")
