"""Shapefile, zipped: the form with most to lose.

GBK or UTF-8 with a ``.cpg`` that says so; names of ten bytes, texts of 254, no difference
between an empty text and none. A note beside it says what was lost.
"""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyogrio

from geoapp.errors import FileError
from geoapp.exporters.arrow import PROMOTED, promote
from geoapp.exporters.content import Column, Content
from geoapp.exporters.dbase import TableColumn, fit_text, write_dbase
from geoapp.exporters.naming import shorten_names
from geoapp.exporters.report import Loss
from geoapp.values import round_half_up

_LONGEST_TEXT: Final = 254
_MOST_BYTES: Final = 2**31 - 1  # offsets count 16-bit words in a signed 32-bit number
_MOST_DECIMALS: Final = 8
_WIDEST_NUMBER: Final = 19
_DAY_WIDTH: Final = 8
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write_shapefile(content: Content, path: Path) -> dict[str, str]:
    """Write the parts of a shapefile and a note, as one zip.

    Returns:
        Canonical field → name in the file.

    Raises:
        FileError: A text cannot be written in the encoding, or a part is above 2 GiB.
    """
    encoding = content.request.encoding
    given = {column.canonical: column.name for column in content.columns}
    names = shorten_names(content.definition, given, encoding)
    _note_names(content, given, names)
    folder = path.with_name("parts")
    folder.mkdir()
    shapefile = folder / f"{content.layer_name}.shp"
    _write_shapes(content, shapefile)
    columns = [_to_table(content, column, names[column.canonical]) for column in content.columns]
    day = date.fromisoformat(content.origin.day) if content.origin.day else date(2000, 1, 1)
    write_dbase(shapefile.with_suffix(".dbf"), columns, len(content.geometries), encoding, day)
    shapefile.with_suffix(".cpg").write_text(encoding.upper(), encoding="ascii")
    for suffix in _PARTS:
        part = shapefile.with_suffix(suffix)
        if part.is_file() and part.stat().st_size > _MOST_BYTES:
            raise FileError("export-too-large", file=path.name, format="shapefile", most="2 GiB")
    _zip(content, shapefile, path)
    return names


def _write_shapes(content: Content, shapefile: Path) -> None:
    kind = content.definition.geometry
    shapes = gpd.GeoDataFrame(
        {"fid": np.arange(len(content.geometries))},
        geometry=list(promote(content.geometries, kind)),
        crs=content.crs,
    )
    pyogrio.write_dataframe(
        shapes,
        shapefile,
        driver="ESRI Shapefile",
        geometry_type=PROMOTED[kind],
        promote_to_multi=False,
    )


def _note_names(content: Content, given: dict[str, str], names: dict[str, str]) -> None:
    changed = [f"{old} → {names[key]}" for key, old in given.items() if names[key] != old]
    if changed:
        content.losses.append(Loss("names_short", {"names": ", ".join(changed)}))
    content.losses.append(Loss("empty_alike"))


def _to_table(content: Content, column: Column, name: str) -> TableColumn:
    if column.type in {"text", "date"}:
        words = column.words()
        if column.type == "date":
            days = [word.replace("-", "").encode("ascii") for word in words]
            return TableColumn(name, "D", _DAY_WIDTH, 0, days)
        return _text_column(content, column, name, words)
    return _number_column(content, column, name)


def _text_column(content: Content, column: Column, name: str, words: list[str]) -> TableColumn:
    try:
        cells, cut = fit_text(words, content.request.encoding, _LONGEST_TEXT)
    except UnicodeEncodeError as error:
        row = words.index(error.object)
        raise FileError(
            "export-text-not-encodable",
            layer=content.definition.title,
            row=row + 1,
            field=column.name,
            character=error.object[error.start],
            encoding=content.request.encoding.upper(),
        ) from error
    if cut:
        facts = {"field": name, "count": len(cut), "bytes": _LONGEST_TEXT, "row": cut[0] + 1}
        content.losses.append(Loss("text_cut", facts))
    width = max(column.length, max(map(len, cells), default=0), 1)
    return TableColumn(name, "C", min(width, _LONGEST_TEXT), 0, cells)


def _number_column(content: Content, column: Column, name: str) -> TableColumn:
    cells = column.cells()
    if column.type == "integer":
        words = ["" if cell is None else str(cell) for cell in cells]
        decimals = 0
    else:
        decimals = _decimals(column, cells)
        words, rounded = _round_all(cells, decimals)
        if rounded:
            facts = {"field": name, "count": rounded, "decimals": decimals}
            content.losses.append(Loss("numbers_rounded", facts))
    width = max(column.length, max(map(len, words), default=0), 1)
    return TableColumn(name, "N", width, decimals, [word.encode("ascii") for word in words])


def _decimals(column: Column, cells: list[Any]) -> int:
    """Choose the digits behind the point: those of the standard, else as many as are used."""
    if column.length or column.decimals:
        return column.decimals
    numbers = np.array([cell for cell in cells if cell is not None], dtype=np.float64)
    for decimals in range(_MOST_DECIMALS):
        if (np.round(numbers, decimals) == numbers).all():
            return decimals
    return _MOST_DECIMALS


def _round_all(cells: list[Any], decimals: int) -> tuple[list[str], int]:
    """Write numbers with so many digits; count those that are not the same any more."""
    words, rounded = [], 0
    for cell in cells:
        word = "" if cell is None else f"{cell:.{decimals}f}"
        if word and float(word) != cell:
            rounded += 1
            word = f"{round_half_up(cell, decimals):f}"
        if len(word) > _WIDEST_NUMBER:
            word = f"{cell:.11e}"
            rounded += float(word) != cell
        words.append(word)
    return words, rounded


def _zip(content: Content, shapefile: Path, path: Path) -> None:
    note = "\r\n".join(f"{label}: {words}" for label, words in content.notes()) + "\r\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for suffix in _PARTS:
            part = shapefile.with_suffix(suffix)
            if part.is_file():
                archive.write(part, part.name)
        archive.writestr(content.say("export.note_file"), note.encode("utf-8-sig"))
