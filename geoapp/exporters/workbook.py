"""XLSX: the attributes with official areas, as cells; geometry stays out.

A text is written as a text, whatever it begins with: nothing becomes a formula or a link.
"""

import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
import xlsxwriter

from geoapp.errors import FileError
from geoapp.exporters.content import Content
from geoapp.exporters.report import Loss
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up

_MOST_ROWS: Final = 1_048_576
_LONGEST_TEXT: Final = 32_767
_TOP: Final = 4  # title, banner, titles of the columns, their names
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_Figures = list[tuple[str, str, list[float], str]]


def write_workbook(content: Content, path: Path) -> dict[str, str]:
    """Write a sheet of features and a sheet of notes.

    Returns:
        Canonical field → heading in the file.

    Raises:
        FileError: There are more features than a sheet has rows, or a text is too long.
    """
    if len(content.geometries) + _TOP > _MOST_ROWS:
        most = f"{_MOST_ROWS - _TOP:,}"
        raise FileError("export-too-large", file=path.name, format="XLSX", most=most)
    if content.definition.geometry != "point":
        content.losses.append(Loss("geometry_left_out"))
    _note_texts(content)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": content.title, "comments": content.banner})
        _write_features(book, content)
        _write_notes(book, content)
    return {column.canonical: column.name for column in content.columns}


def _note_texts(content: Content) -> None:
    for column in content.columns:
        changed = sum(_fit(word) != word for word in column.words())
        if changed:
            content.losses.append(Loss("text_changed", {"field": column.name, "count": changed}))


def _fit(word: str) -> str:
    return _FORBIDDEN.sub("\ufffd", word)[:_LONGEST_TEXT]


def _figures(content: Content) -> _Figures:
    """Give the computed columns: title, name, values, number format."""
    say = content.say
    if content.definition.geometry == "polygon":
        units = (AreaUnit.M2, AreaUnit.MU)
        return [
            (
                say("export.official_area", unit=say(f"unit.{unit}")),
                f"official_{unit}",
                [float(convert_area(area, unit)) for area in content.areas_m2],
                "#,##0.00",
            )
            for unit in units
        ]
    if content.definition.geometry == "line":
        lengths = [float(round_half_up(v, METRE_DECIMALS)) for v in content.lengths_m]
        return [(say("export.length"), "length_m", lengths, "#,##0.00")]
    xy = np.asarray([shapely.get_coordinates(point)[0] for point in content.geometries])
    xy = xy.reshape(-1, 2)
    places = "0.00000000" if content.crs == "EPSG:4490" else "0.000"
    return [
        (say(f"export.{axis}"), axis, [float(v) for v in xy[:, index]], places)
        for index, axis in enumerate(("x", "y"))
    ]


def _write_features(book: Any, content: Content) -> None:
    sheet = book.add_worksheet(content.definition.title[content.request.lang][:31])
    bold = book.add_format({"bold": True, "font_size": 14})
    warning = book.add_format({"bold": True, "font_color": "#b3261e"})
    head = book.add_format({"bold": True, "bg_color": "#e8eef0", "text_wrap": True})
    names = book.add_format({"italic": True, "font_color": "#5b6660", "bottom": 1})
    figures = _figures(content)
    titles = [column.title for column in content.columns] + [f[0] for f in figures]
    for index, title in enumerate(titles):
        sheet.set_column(index, index, max(12, 2.0 * len(title)))
    sheet.write_string(0, 0, content.title, bold)
    sheet.write_string(1, 0, content.banner, warning)
    for index, title in enumerate(titles):
        sheet.write_string(2, index, title, head)
    for index, name in enumerate([c.name for c in content.columns] + [f[1] for f in figures]):
        sheet.write_string(3, index, name, names)
    sheet.freeze_panes(_TOP, 0)
    formats = [book.add_format({"num_format": figure[3]}) for figure in figures]
    cells = [column.cells() for column in content.columns]
    for row in range(len(content.geometries)):
        for index, column in enumerate(cells):
            _write_cell(sheet, _TOP + row, index, column[row])
        for offset, (figure, style) in enumerate(zip(figures, formats, strict=True)):
            sheet.write_number(_TOP + row, len(cells) + offset, figure[2][row], style)


def _write_cell(sheet: Any, row: int, column: int, cell: object) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, _fit(cell))
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)


def _write_notes(book: Any, content: Content) -> None:
    sheet = book.add_worksheet(content.say("workbook.notes"))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 96)
    for row, (label, note) in enumerate(content.notes()):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, note, wrap)
