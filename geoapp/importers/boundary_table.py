"""Reading tables of boundary points: Excel sheets, CSV, and texts without sections.

A heading says which column is which; 纵坐标 and X lie north. Without one the number of
columns decides, and it is said so. A parcel ends where its number changes, where the heading
comes again, or where a closed ring is followed by ring 1.
"""

import csv
import io
import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import python_calamine

from geoapp.errors import FileError
from geoapp.importers.content import Content
from geoapp.importers.encoding import read_text
from geoapp.importers.job import MOST_FIELDS, Dataset, Kind, Sublayer, choose
from geoapp.importers.members import archive_members
from geoapp.importers.parcels import find_twice, to_content
from geoapp.importers.problem import Problem
from geoapp.importers.rings import FEWEST_POINTS, Parcel, Point
from geoapp.importers.vocabulary import find_column, words

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ROWS: Final = 200_000
_HEADING_WITHIN: Final = 30
_SHOWN: Final = 60
_BARE: Final[dict[int, tuple[str, ...]]] = {  # columns of lists without heading
    2: ("north", "east"),
    3: ("point", "north", "east"),
    4: ("point", "ring", "north", "east"),
    6: ("order", "parcel_no", "ring", "point", "north", "east"),
}
_ATTRIBUTES: Final = ("parcel_no", "parcel_name", "use", "land_class")
_ANGLE: Final = re.compile(
    r"(?P<degree>\d{1,3})d(?:(?P<minute>\d{1,2})m(?:(?P<second>\d{1,2}(?:\.\d+)?)s?)?)?"
)
Row = tuple[int, list[Any]]


def read_boundary_table(dataset: Dataset) -> Content:
    """Read the parcels of a table of boundary points.

    Raises:
        FileError: No column of positions is found, a cell is wrong, or there are too many
            rows; named with the row.
        ChoiceError: Several sheets hold such tables and none was named.
    """
    if dataset.path.suffix.lower() == ".csv":
        text, codec = read_text(dataset)
        return read_points(dataset, "boundary_table", list(enumerate(text.splitlines(), 1)), codec)
    sheets = _sheets(dataset)
    name = choose(list(sheets), dataset.job.sublayer, dataset.name)
    content = _read(sheets[name], dataset.name, "boundary_table", "")
    content.sublayer = name
    return content


def list_boundary_table(dataset: Dataset) -> list[Sublayer]:
    """List the sheets that hold positions."""
    if dataset.path.suffix.lower() == ".csv":
        return [Sublayer("", "Polygon", len(read_boundary_table(dataset).lines))]
    return [Sublayer(name, "Polygon", None) for name in _sheets(dataset)]


def read_points(
    dataset: Dataset, kind: Kind, lines: list[tuple[int, str]], encoding: str
) -> Content:
    """Read positions from the lines of a text."""
    if len(lines) > MOST_ROWS:
        raise FileError("table-too-long", file=dataset.name, most=MOST_ROWS)
    sample = "\n".join(line for _, line in lines[:50])
    separator = max(",\t;，", key=sample.count)
    rows: list[Row] = []
    for number, line in lines:
        plain = unicodedata.normalize("NFKC", line) if separator == "，" else line
        mark = "," if separator == "，" else separator
        cells = _split(plain, mark) if mark in plain else plain.split()
        rows.append((number, [cell.strip() for cell in cells]))
    return _read(rows, dataset.name, kind, encoding)


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _sheets(dataset: Dataset) -> dict[str, list[Row]]:
    """Read the sheets in which a heading or a bare list of positions is found."""
    if dataset.path.suffix.lower() == ".xlsx":
        with archive_members(dataset.path, dataset.name):
            pass  # its members are judged as those of any archive
    found: dict[str, list[Row]] = {}
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(dataset.path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height > MOST_ROWS:
                raise FileError("table-too-long", file=dataset.name, most=MOST_ROWS)
            if sheet.width > MOST_FIELDS:
                raise FileError(
                    "file-too-many-fields", file=dataset.name, count=sheet.width, most=MOST_FIELDS
                )
            rows = [
                (number, [_cell(cell) for cell in cells])
                for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1)
            ]
            if _find_heading(rows) is not None or _bare_columns(rows):
                found[name] = rows
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as error:
        raise FileError("file-damaged", file=dataset.name, reason=str(error)[:300]) from error
    if not found:
        raise FileError("table-without-positions", file=dataset.name)
    return found


def _cell(value: Any) -> Any:
    """Write whole numbers as a person does; a number of a parcel has no decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(slots=True)
class _Table:
    """A table while it is being read."""

    file: str
    columns: dict[str, int]
    parcels: list[Parcel] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ended: bool = True
    turned: bool = False


def _read(rows: list[Row], file: str, kind: Kind, encoding: str) -> Content:
    heading = _find_heading(rows)
    table = _Table(file, {})
    if heading is None:
        names = _bare_columns(rows)
        if not names:
            raise FileError("table-without-positions", file=file)
        table.columns = {name: place for place, name in enumerate(names)}
        table.problems.append(Problem("table-without-heading", "warning"))
        body: Iterable[Row] = _skip_title(rows)
    else:
        table.columns = _columns(rows[heading][1])
        table.problems += _left_out(rows[heading][1])
        body = rows[heading + 1 :]
    for number, cells in body:
        _read_row(number, cells, table)
    if not table.parcels:
        raise FileError("text-without-parcels", file=file)
    table.problems += find_twice(table.parcels)

    def crs_of(easting: float, *, degrees: bool) -> tuple[str, list[Problem]]:
        del easting, degrees
        return "", []  # a table says nothing of its system

    return to_content(kind, table.parcels, table.problems, file, crs_of, encoding)


def _find_heading(rows: list[Row]) -> int | None:
    """Find the first row that names both columns of a position."""
    for place, (_, cells) in enumerate(rows[:_HEADING_WITHIN]):
        if _has_position(_columns(cells)):
            return place
    return None


def _has_position(columns: dict[str, int]) -> bool:
    return {"north", "east"} <= columns.keys() or {"latitude", "longitude"} <= columns.keys()


def _columns(cells: list[Any]) -> dict[str, int]:
    """Map meanings to the first column that has them."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        meaning = find_column(cell) if isinstance(cell, str) else ""
        if meaning:
            found.setdefault(meaning, place)
    return found


def _left_out(cells: list[Any]) -> list[Problem]:
    names = [str(c) for c in cells if str(c).strip() and not find_column(c)]
    facts: dict[str, object] = {"fields": ", ".join(names)[:200]}
    return [Problem("table-columns-left-out", "note", facts=facts)] if names else []


def _bare_columns(rows: list[Row]) -> tuple[str, ...]:
    """Name the columns of a list without heading by how many there are."""
    body = _skip_title(rows)
    if not body:
        return ()
    cells = _trimmed(body[0][1])
    names = _BARE.get(len(cells), ())
    return names if names and _two_numbers(cells) else ()


def _skip_title(rows: list[Row]) -> list[Row]:
    """Leave out what stands before the first row of two numbers."""
    first = next(
        (n for n, (_, cells) in enumerate(rows[:_HEADING_WITHIN]) if _two_numbers(_trimmed(cells))),
        len(rows),
    )
    return rows[first:]


def _trimmed(cells: list[Any]) -> list[Any]:
    kept = list(cells)
    while kept and str(kept[-1]).strip() == "":
        kept.pop()
    return kept


def _two_numbers(cells: list[Any]) -> bool:
    return len(cells) in _BARE and all(_number(cell) is not None for cell in cells[-2:])


def _read_row(number: int, cells: list[Any], table: _Table) -> None:
    cells = _trimmed(cells)
    if not cells:
        return
    heading = _columns(cells)
    if _has_position(heading):  # the heading comes again: a new parcel
        table.columns, table.ended = heading, True
        return
    pair = ("north", "east") if "north" in table.columns else ("latitude", "longitude")
    values = [_at(cells, table.columns[name]) for name in pair]
    if all(str(value).strip() == "" for value in values):
        return  # remarks, lengths between the rows, sums
    first, second = (_number(value) for value in values)
    if first is None or second is None:
        content = ", ".join(str(cell) for cell in cells)[:_SHOWN]
        raise FileError("text-line-wrong", file=table.file, line=number, content=content)
    _add(Point(number, first, second), number, cells, table)


def _add(point: Point, number: int, cells: list[Any], table: _Table) -> None:
    """Put a point into the ring that it belongs to."""
    texts: dict[str, str] = {
        name: str(_at(cells, table.columns[name])).strip()
        for name in _ATTRIBUTES
        if name in table.columns
    }
    if "area_ha" in table.columns:
        texts["area"] = str(_at(cells, table.columns["area_ha"])).strip()
    now = table.parcels[-1] if table.parcels else None
    other = bool(texts.get("parcel_no")) and now is not None and texts["parcel_no"] != now.number
    stated = _ring(cells, number, table)
    again = stated == 1 and now is not None and max(now.rings, default=1) > 1
    if now is None or other or again or (table.ended and "parcel_no" not in table.columns):
        now = Parcel(number, {name: text for name, text in texts.items() if text})
        table.parcels.append(now)
    table.ended = False
    ring = stated or _open_ring(now)
    now.rings.setdefault(ring, []).append(point)


def _ring(cells: list[Any], number: int, table: _Table) -> int:
    """Read the ring that a row states, 0 when it states none."""
    if "ring" not in table.columns:
        return 0
    text = str(_at(cells, table.columns["ring"])).strip()
    if not text:
        return 0
    if not re.fullmatch(r"\d{1,6}", text):
        raise FileError("text-line-wrong", file=table.file, line=number, content=text[:_SHOWN])
    return int(text)


def _open_ring(parcel: Parcel) -> int:
    """Give the ring that is being written: the next one once it was closed."""
    ring = max(parcel.rings, default=1)
    points = parcel.rings.get(ring, [])
    closed = len(points) > FEWEST_POINTS and (points[0].first, points[0].second) == (
        points[-1].first,
        points[-1].second,
    )
    return ring + 1 if closed else ring


def _at(cells: list[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else ""


def _number(value: Any) -> float | None:
    """Read a number, or an angle of degrees, minutes and seconds; ``None`` for other things."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) else None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    try:
        number = float(text.replace("_", "?"))
    except ValueError:
        return _angle(text)
    return number if math.isfinite(number) else None


def _angle(text: str) -> float | None:
    for letter, (_, signs) in zip("dms", words("marks").items(), strict=True):
        for sign in signs:
            text = text.replace(unicodedata.normalize("NFKC", sign), letter)
    matched = _ANGLE.fullmatch(text.replace(" ", "").replace("mm", "s"))
    if matched is None:
        return None
    minute, second = float(matched["minute"] or 0), float(matched["second"] or 0)
    if minute >= 60 or second >= 60:
        return None
    return float(matched["degree"]) + minute / 60 + second / 3600
