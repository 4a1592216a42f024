"""Tables as xlsx and csv: cells that are numbers stay numbers, text is never a formula."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import pandas as pd
import xlsxwriter

from geoapp.catalog.disk import discard
from geoapp.errors import ChoiceError, FileError
from geoapp.i18n import Lang, text
from geoapp.reports.content import Column, Table

SUFFIXES: Final = (".xlsx", ".csv", ".parquet")
_NO_NAME: Final = frozenset("[]:*?/\\")
_LONGEST_NAME: Final = 31
Sheets = Sequence[tuple[str, Table]]
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WIDTHS: Final = {"text": 18, "number": 20, "integer": 12, "percent": 14}
_WIDE_ZH: Final = 2.0


def require_known_suffix(path: Path) -> str:
    """Give the suffix of an output file, in lower case.

    Raises:
        ChoiceError: It is none of ``SUFFIXES``.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ChoiceError(
            "choice-unknown", option="output", value=path.name, offered=" ".join(SUFFIXES)
        )
    return suffix


def write_table(table: Table, path: Path, lang: Lang, *, more: Sheets = ()) -> None:
    """Write a table to a file, whole or not at all; the suffix tells the form.

    Args:
        table: The table.
        path: The file.
        lang: Language.
        more: Names and tables of further sheets of a workbook; other forms leave them out.

    Raises:
        ChoiceError: The suffix is none of ``SUFFIXES``.
        FileError: The file cannot be written.
    """
    suffix = require_known_suffix(path)
    if suffix == ".xlsx":
        content = to_xlsx(table, lang, more=more)
    else:
        content = {".csv": to_csv, ".parquet": to_parquet}[suffix](table, lang)
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        discard(temporary)
        raise FileError("file-unwritable", file=str(path), reason=error.strerror or "-") from error


def to_xlsx(table: Table, lang: Lang, *, more: Sheets = ()) -> bytes:
    """Write a workbook: further tables, the table with its closing lines, a sheet of notes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": table.title, "comments": table.banner})
        book.set_size(1600, 1000)
        for name, other in (*more, (text(lang, "workbook.data"), table)):
            write_data_sheet(book, name, other, lang)
        _write_notes(book, table, lang)
    return buffer.getvalue()


def to_csv(table: Table, lang: Lang) -> bytes:
    """Write comma-separated text that Excel opens in Chinese (UTF-8 with mark)."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    if table.banner:
        writer.writerow([table.banner])
    writer.writerow([_plain(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(cell, lang) for cell in row])
    writer.writerow([])
    for label, cell in (*table.closing, *table.notes):
        writer.writerow([_plain(label), _plain(cell, lang)])
    return stream.getvalue().encode("utf-8-sig")


def to_parquet(table: Table, lang: Lang) -> bytes:
    """Write the rows under their stable column names, for other software."""
    del lang  # keys are the same in every language
    frame = pd.DataFrame(
        {
            column.key: [
                float(cell) if isinstance(cell, Decimal) else cell
                for cell in (row[index] for row in table.rows)
            ]
            for index, column in enumerate(table.columns)
        }
    )
    return bytes(frame.to_parquet(index=False))


def name_sheet(book: xlsxwriter.Workbook, name: str) -> str:
    """Give a name that Excel takes: short, without its signs for formulas, each once."""
    plain = " ".join("".join(" " if sign in _NO_NAME else sign for sign in name).split())
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    for number in range(1, len(taken) + 2):
        tail = f" {number}" if number > 1 else ""
        found = f"{plain.strip(chr(39))[: _LONGEST_NAME - len(tail)].rstrip()}{tail}"
        if found and found.casefold() not in taken:
            return found
    return f"{len(taken) + 1}"


def write_data_sheet(book: xlsxwriter.Workbook, name: str, table: Table, lang: Lang) -> None:
    """Write a table with title, banner and closing lines as a sheet of a workbook."""
    sheet = book.add_worksheet(name_sheet(book, name))
    title = book.add_format({"bold": True, "font_size": 14})
    warning = book.add_format({"bold": True, "font_color": "#b3261e"})
    head = book.add_format(
        {"bold": True, "bg_color": "#e8eef0", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )
    line = book.add_format({"italic": True, "top": 1})
    sheet.write_string(0, 0, table.title, title)
    sheet.write_string(1, 0, table.banner, warning)
    top = 3
    for index, column in enumerate(table.columns):
        sheet.write_string(top, index, column.title, head)
        sheet.set_column(index, index, max(_WIDTHS[column.kind], _WIDE_ZH * len(column.title)))
    formats = [_number_format(book, column) for column in table.columns]
    for offset, row in enumerate(table.rows, start=top + 1):
        for index, cell in enumerate(row):
            _write_cell(sheet, offset, index, cell, formats[index], lang)
    last = top + len(table.rows)
    sheet.autofilter(top, 0, max(last, top + 1), len(table.columns) - 1)
    sheet.freeze_panes(top + 1, 2)
    number = book.add_format({"num_format": "#,##0.00##", "top": 1})
    for offset, (label, cell) in enumerate(table.closing, start=last + 2):
        sheet.write_string(offset, 1, label, line)
        _write_cell(sheet, offset, 2, cell, number, lang)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)


def _write_notes(book: xlsxwriter.Workbook, table: Table, lang: Lang) -> None:
    sheet = book.add_worksheet(text(lang, "workbook.notes"))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 96)
    for row, (label, note) in enumerate(table.notes):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, note, wrap)


def _number_format(book: xlsxwriter.Workbook, column: Column) -> xlsxwriter.format.Format:
    if column.kind == "text":
        return book.add_format()
    places = f".{'0' * column.decimals}" if column.decimals else ""
    whole = "#,##0" if column.grouped else "0"
    return book.add_format({"num_format": f"{whole}{places}"})


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    cell: object,
    style: xlsxwriter.format.Format,
    lang: Lang,
) -> None:
    if cell is None:
        sheet.write_string(row, column, text(lang, "coverage.no_data"))
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell, style)
    else:
        sheet.write_number(row, column, float(cell), style)  # type: ignore[arg-type]


def _plain(cell: object, lang: Lang = "zh") -> str:
    """Write a cell as text that no spreadsheet takes for a formula; numbers stay bare."""
    if cell is None:
        return text(lang, "coverage.no_data")
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
