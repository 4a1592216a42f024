"""Tables that people hand in: Excel, CSV, TOML, or the features of a GIS file, row by row.

Columns are found by their headings in any of the names that offices use, never by position.
Whatever is wrong is named with file, row and column, and then nothing is taken.
"""

import csv
import io
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

import python_calamine
import shapely

from geoapp.errors import CatalogError, FileError
from geoapp.geometry.crs import Geometries
from geoapp.importers.columns import read_day
from geoapp.importers.encoding import decode_text
from geoapp.importers.members import archive_members
from geoapp.importers.reading import Reading
from geoapp.importers.vector import read_features

MOST_ROWS: Final = 50_000
_HEADING_WITHIN: Final = 20
_SHOWN: Final = 60
_LONGEST_TEXT: Final = 400
_FIELDS: Final = "fields.toml"
Synonyms = Mapping[str, Sequence[str]]
Placing = Callable[[Reading], Geometries]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        file: Where it stands.
        number: Row of the sheet, line of the text, or number of the entry, from 1.
        cells: By canonical name; what the file does not have is absent.
        geometry: EPSG:4490.
    """

    file: str
    number: int
    cells: Mapping[str, Any]
    geometry: shapely.Geometry | None = None

    def text(self, name: str, *, required: bool = False) -> str:
        """Read a text; a number that a tool made of a code reads as the code.

        Raises:
            CatalogError: It is empty though required, or too long.
        """
        word = _word(self.cells.get(name))
        if required and not word:
            raise CatalogError("planning-cell-empty", file=self.file, row=self.number, field=name)
        if len(word) > _LONGEST_TEXT:
            raise self.wrong(name, word)
        return word

    def number_of(self, name: str) -> Decimal | None:
        """Read a number, ``None`` where the cell is empty.

        Raises:
            CatalogError: It is no number.
        """
        word = _word(self.cells.get(name)).replace(",", "")
        if not word:
            return None
        try:
            value = Decimal(word)
        except InvalidOperation as error:
            raise self.wrong(name, word) from error
        if not value.is_finite():
            raise self.wrong(name, word)
        return value

    def day(self, name: str) -> date | None:
        """Read a day however offices write it, ``None`` where the cell is empty.

        Raises:
            CatalogError: It is no day.
        """
        value = self.cells.get(name)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        word = _word(value)
        if not word:
            return None
        iso = read_day(word)
        if not iso:
            raise self.wrong(name, word)
        return date.fromisoformat(iso)

    def wrong(self, name: str, value: object) -> CatalogError:
        """Say that a cell cannot be taken."""
        return CatalogError(
            "field-value-wrong",
            file=self.file,
            row=self.number,
            field=name,
            value=str(value)[:_SHOWN],
        )


@cache
def read_synonyms(kind: str) -> Synonyms:
    """Read the names under which each column of a kind of table is handed over."""
    path = Path(__file__).with_name(_FIELDS)
    table = tomllib.loads(path.read_text(encoding="utf-8"))[kind]
    return {name: (name, *words) for name, words in table.items()}


def read_rows(
    path: Path,
    kind: str,
    required: Sequence[str],
    *,
    sublayer: str = "",
    place: Placing | None = None,
) -> list[Row]:
    """Read the rows of a table.

    Args:
        path: ``.xlsx``, ``.xls``, ``.csv``, ``.toml`` with ``[[row]]``, or any file with features.
        kind: Which synonyms hold; see ``fields.toml``.
        required: Columns without which nothing can be read.
        sublayer: Sheet or layer, where there are several.
        place: Gives the geometries of a file in EPSG:4490; without it they are left out.

    Raises:
        FileError: It cannot be read or has too many rows.
        CatalogError: A required column is missing.
    """
    if not path.is_file():
        raise FileError("file-missing", file=str(path))
    suffix = path.suffix.lower()
    if suffix == ".toml":
        return _of_toml(path, kind, required)
    if suffix in {".xlsx", ".xls"}:
        return _of_lines(path.name, _sheet(path, sublayer), kind, required)
    if suffix == ".csv":
        text, _ = decode_text(path.read_bytes(), path.name)
        lines = list(csv.reader(io.StringIO(text, newline="")))
        return _of_lines(path.name, [list(line) for line in lines], kind, required)
    return _of_features(path, kind, required, sublayer, place)


def _of_toml(path: Path, kind: str, required: Sequence[str]) -> list[Row]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error)[:300]
        raise FileError("file-damaged", file=path.name, reason=reason) from error
    entries = table.get("row", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FileError("file-damaged", file=path.name, reason="[[row]]")
    rows = []
    for number, entry in enumerate(entries, start=1):
        places = _columns(list(entry), kind)
        if number == 1:
            _require(path.name, places, list(entry), kind, required)
        cells = {name: entry[column] for name, column in places.items()}
        rows.append(Row(path.name, number, cells))
    return _limited(path.name, rows)


def _sheet(path: Path, wanted: str) -> list[list[Any]]:
    if path.suffix.lower() == ".xlsx":
        with archive_members(path, path.name):
            pass  # its members are judged as those of any archive
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = [name for name in book.sheet_names if not wanted or name == wanted]
        if not names:
            raise FileError("planning-sheet-none", file=path.name, sheet=wanted or "-")
        sheet = book.get_sheet_by_name(names[0])
        if sheet.height > MOST_ROWS:
            raise FileError("table-too-long", file=path.name, most=MOST_ROWS)
        return [list(cells) for cells in sheet.to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)[:300]) from error


def _of_lines(file: str, lines: list[list[Any]], kind: str, required: Sequence[str]) -> list[Row]:
    """Read from the first line that names every required column."""
    best: dict[str, str | int] = {}
    for place, line in enumerate(lines[:_HEADING_WITHIN]):
        names = [_word(cell) for cell in line]
        found = _columns(names, kind)
        if set(required) <= found.keys():
            at = {name: names.index(column) for name, column in found.items()}
            rows = [
                Row(file, number, {n: cells[i] if i < len(cells) else "" for n, i in at.items()})
                for number, cells in enumerate(lines[place + 1 :], start=place + 2)
                if any(_word(cell) for cell in cells)
            ]
            return _limited(file, rows)
        if len(found) > len(best):
            best = dict(found)
    names = [_word(cell) for cell in (lines[0] if lines else [])]
    _require(file, {name: str(c) for name, c in best.items()}, names, kind, required)
    return []


def _of_features(
    path: Path, kind: str, required: Sequence[str], sublayer: str, place: Placing | None
) -> list[Row]:
    reading = read_features(path, sublayer=sublayer)
    geometry = reading.frame.geometry.name
    columns = [str(column) for column in reading.frame.columns if column != geometry]
    places = _columns(columns, kind)
    _require(path.name, places, columns, kind, required)
    values = {name: reading.frame[column].tolist() for name, column in places.items()}
    shapes = place(reading) if place else [None] * len(reading.frame)
    return _limited(
        path.name,
        [
            Row(path.name, row + 1, {n: v[row] for n, v in values.items()}, shape)
            for row, shape in enumerate(shapes)
        ],
    )


def _columns(names: Sequence[str], kind: str) -> dict[str, str]:
    free = {name.strip().lower(): name for name in names if name.strip()}
    found: dict[str, str] = {}
    for canonical, synonyms in read_synonyms(kind).items():
        for synonym in synonyms:
            if synonym.lower() in free:
                found[canonical] = free.pop(synonym.lower())
                break
    return found


def _require(
    file: str, places: Mapping[str, str], found: Sequence[str], kind: str, required: Sequence[str]
) -> None:
    missing = next((name for name in required if name not in places), None)
    if missing is not None:
        raise CatalogError(
            "planning-column-missing",
            file=file,
            field=missing,
            accepted=", ".join(read_synonyms(kind)[missing]),
            found=", ".join(name for name in found if name)[:200] or "-",
        )


def _limited(file: str, rows: list[Row]) -> list[Row]:
    if len(rows) > MOST_ROWS:
        raise FileError("table-too-long", file=file, most=MOST_ROWS)
    if not rows:
        raise FileError("planning-table-empty", file=file)
    return rows


def _word(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  not a number
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
