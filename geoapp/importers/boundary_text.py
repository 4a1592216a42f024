"""Reading boundary-point TXT, the form in which land offices hand over parcels.

Two sections: ``[属性描述]`` with ``key=value`` lines, ``[地块坐标]`` with, per parcel, one row
that ends in ``@`` and the rows ``point,ring,X north,Y east``. Ring 1 is the outer one. What
departs from that form in a way that leaves no doubt is read, and said; anything else stops
with the number of its line.

Source: the exchange format of 勘测定界界址点坐标; sample files in ``tests/data``.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from geoapp.errors import FileError
from geoapp.importers.boundary_crs import find_crs
from geoapp.importers.boundary_table import read_points
from geoapp.importers.content import Content
from geoapp.importers.encoding import read_text
from geoapp.importers.job import Dataset, Sublayer
from geoapp.importers.parcels import find_twice, to_content
from geoapp.importers.problem import Problem
from geoapp.importers.rings import Parcel, Point
from geoapp.importers.vocabulary import find_meaning, words

_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９，．＝＠；－", "0123456789,.=@;-")
_PARCEL_TEXTS: Final = (
    "points", "area", "parcel_no", "parcel_name", "shape", "sheet", "use", "land_class",
)  # fmt: skip
_PARCEL_CELLS: Final = 9  # with the mark at the end
_FEWEST_PARCEL_CELLS: Final = 5
_POINT_CELLS: Final = range(2, 5)
_SHOWN: Final = 60


@dataclass(slots=True)
class _Text:
    """What was understood of a text so far."""

    file: str
    header: dict[str, str] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    said: set[str] = field(default_factory=set)

    def say(self, code: str, line: int, **facts: object) -> None:
        """Note a departure from the form once, with its first line."""
        if code not in self.said:
            self.said.add(code)
            row = len(self.parcels)
            self.problems.append(Problem(code, "note", row, line, dict(facts)))

    def wrong(self, line: int, content: str) -> FileError:
        """Word a line that cannot be understood."""
        return FileError("text-line-wrong", file=self.file, line=line, content=content[:_SHOWN])


def read_boundary_text(dataset: Dataset) -> Content:
    """Read the parcels of a boundary-point TXT.

    Returns:
        One row per parcel: parcel_no, parcel_name, use, land_class, declared_m2; the system
        by datum and zone of the header and the zone prefix of the eastings.

    Raises:
        FileError: A line cannot be understood; named with its number.
    """
    content, codec = read_text(dataset)
    text = _parse(content, dataset.name)
    if text is None:
        lines = [(n, line) for n, line in enumerate(content.splitlines(), start=1)]
        return read_points(dataset, "boundary_text", lines, codec)
    _check_counts(text)
    text.problems += find_twice(text.parcels)

    def crs_of(easting: float, *, degrees: bool) -> tuple[str, list[Problem]]:
        return find_crs(text.header, easting, degrees=degrees)

    return to_content("boundary_text", text.parcels, text.problems, dataset.name, crs_of, codec)


def list_boundary_text(dataset: Dataset) -> list[Sublayer]:
    """Describe the one layer of a text: its parcels."""
    content = read_boundary_text(dataset)
    return [Sublayer("", "Polygon", len(content.lines))]


def _parse(content: str, file: str) -> _Text | None:
    """Understand the sections of a text; ``None`` where it has none."""
    text, section, sections = _Text(file), "", False
    for number, raw in enumerate(content.splitlines(), start=1):
        line = raw.translate(_FULL_WIDTH).strip().strip("\ufeff\x00")
        if not line:
            continue
        if line.startswith(("[", "【")):
            section = find_meaning("sections", line.strip("[]【】 "))
            sections = True
            if not section:
                text.say("text-section-ignored", number, section=line[:_SHOWN])
        elif section == "facts" and "=" in line:
            key, _, value = line.partition("=")
            text.header[find_meaning("keys", key) or key.strip()] = value.strip()
        elif section == "points":
            _read_row(line, number, text)
    if not sections:
        return None
    if not text.parcels:
        raise FileError("text-without-parcels", file=file)
    return text


def _read_row(line: str, number: int, text: _Text) -> None:
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) == 1:
        cells = re.split(r"[\s;]+", line.rstrip(";"))
        text.say("text-other-separator", number)
    marked = line.endswith("@")
    if marked or _looks_like_parcel(cells):
        if marked:
            cells[-1] = cells[-1].removesuffix("@").strip()
        else:
            text.say("text-parcel-unmarked", number)
        _begin_parcel(cells, number, text)
        return
    if not text.parcels:
        raise text.wrong(number, line)
    while len(cells) > _POINT_CELLS[-1] and not cells[-1]:
        cells.pop()
    if len(cells) not in _POINT_CELLS:
        raise text.wrong(number, line)
    _add_point(cells, number, line, text)


def _add_point(cells: list[str], number: int, line: str, text: _Text) -> None:
    rings, whole = text.parcels[-1].rings, len(cells) == _POINT_CELLS[-1]
    try:
        ring = int(cells[1]) if whole else max(rings, default=1)
        north, east = float(cells[-2]), float(cells[-1])
    except ValueError as error:
        raise text.wrong(number, line) from error
    if not (math.isfinite(north) and math.isfinite(east)):
        raise text.wrong(number, line)
    if not whole:
        text.say("text-row-without-ring", number)
    elif not re.match(r"[jJ]\d", cells[0]):
        text.say("text-other-point-number", number, point=cells[0][:_SHOWN])
    rings.setdefault(ring, []).append(Point(number, north, east))


def _looks_like_parcel(cells: list[str]) -> bool:
    """Tell a parcel's row that lacks its mark: it names the kind of its shape."""
    shapes = {word for known in words("shapes").values() for word in known}
    return len(cells) >= _FEWEST_PARCEL_CELLS and bool(shapes & set(cells[2:]))


def _begin_parcel(cells: list[str], number: int, text: _Text) -> None:
    texts = dict(zip(_PARCEL_TEXTS, [*cells, *[""] * len(_PARCEL_TEXTS)], strict=False))
    more = [cell for cell in cells[len(_PARCEL_TEXTS) :] if cell]
    if more:
        texts["more"] = ",".join(more)
    if len(cells) > _PARCEL_CELLS:
        text.say("text-parcel-longer", number, count=len(cells))
    text.parcels.append(Parcel(number, texts))


def _check_counts(text: _Text) -> None:
    """Compare the number of points that is stated with those that are there."""
    for row, parcel in enumerate(text.parcels, start=1):
        stated = parcel.texts.pop("points", "")
        rows = sum(len(points) for points in parcel.rings.values())
        closing = sum(
            (points[0].first, points[0].second) == (points[-1].first, points[-1].second)
            for points in parcel.rings.values()
            if len(points) > 1
        )
        if stated and stated not in {str(rows), str(rows - closing)}:
            facts: dict[str, object] = {"stated": stated[:20], "found": rows}
            text.problems.append(Problem("text-count-differs", "warning", row, parcel.line, facts))
