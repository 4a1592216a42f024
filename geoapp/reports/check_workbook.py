"""The sheet of a check as a workbook: what the other documents say, cells that are numbers."""

import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter

from geoapp.compliance.result import CheckResult
from geoapp.i18n import Lang
from geoapp.reports.check_batch import batch_tables
from geoapp.reports.check_content import CheckSetting
from geoapp.reports.check_document import CheckDocument, Pairs, make_table
from geoapp.reports.check_findings import Say
from geoapp.reports.content import Column, Table
from geoapp.reports.spreadsheet import write_data_sheet

_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def write_check_workbook(document: CheckDocument) -> bytes:
    """Write the sheet of one parcel: facts, findings, remarks, coordinates, parts, notes."""
    say = Say(document.lang)
    head = [
        (say("serial"), document.serial or say("unsaved")),
        (say("verdict"), document.verdict_title),
        ("", document.verdict_note),
        *document.facts,
        *(("", words) for words in (*document.use, document.made)),
    ]
    remarks = [
        (f"{number}. {one.heading}" if place == 0 else "", label, words)
        for number, one in enumerate(document.remarks, start=1)
        for place, (label, words) in enumerate(one.lines)
    ]
    texts = [Column(key, "", "text") for key in ("heading", "label", "text")]
    tables = [
        (document.title, _pairs(document.title, head)),
        (document.findings.title, document.findings),
        (say("remarks"), make_table(say("remarks"), texts, remarks)),
        (document.boundary.title, document.boundary),
    ]
    parts = (document.composition, document.units, document.remedies, document.layers)
    tables += [(part.title, part) for part in parts if part is not None]
    tables.append((say("notes"), _pairs(say("notes"), document.notes)))
    return _write(tables, document.lang, document.banner)


def write_batch_workbook(result: CheckResult, setting: CheckSetting) -> bytes:
    """Write a check of many parcels: one row each, and the rows that could not be checked."""
    tables = batch_tables(result, setting)
    banner = tables[0].banner
    return _write([(table.title, table) for table in tables], setting.lang, banner)


def _pairs(title: str, pairs: Pairs | Sequence[tuple[str, str]]) -> Table:
    columns = (Column("label", "", "text"), Column("text", "", "text"))
    return make_table(title, columns, pairs)


def _write(tables: Sequence[tuple[str, Table]], lang: Lang, banner: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": tables[0][0], "comments": banner})
        book.set_size(1600, 1000)
        for name, table in tables:
            write_data_sheet(book, name[:31], _under_banner(table, banner), lang)
    return buffer.getvalue()


def _under_banner(table: Table, banner: str) -> Table:
    """Every sheet says that data is made up: sheets get copied one by one."""
    return Table(table.title, table.columns, table.rows, table.closing, table.notes, banner)
