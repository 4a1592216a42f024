"""Boundary coordinates that somebody pasted: rows of a table or an office's text, any notation.

Each row holds one position, in any form that ``geometry.notation`` reads, perhaps after the
number of the point and of the ring and before the length of the edge. A blank row or another
ring number begins a new ring. Rows must agree on their notation; nothing is guessed beyond
what the city's rectangle settles, and what was decided is said.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import shapely

from geoapp.errors import GeometryError
from geoapp.geometry.notation import Reading, read_position
from geoapp.importers.problem import Problem
from geoapp.values import Extent

MOST_CHARACTERS: Final = 400_000
MOST_POINTS: Final = 10_000
_FEWEST_POINTS: Final = 3
_MOST_LEAD: Final = 3  # cells before the position: name, point, ring
_CELLS: Final = re.compile(r"[\t,;，；]|\s{2,}")
_SPACES: Final = re.compile(r"[\t,;，；\s]+")
_SHOWN: Final = 60
_METRES: Final = ("metres", "metres_zone", "metres_six")
_AREAL: Final = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text holds.

    Attributes:
        geometry: Polygon or multipolygon, EPSG:4490 degrees, as written: it is not repaired.
        notes: What was decided while reading.
    """

    geometry: shapely.Geometry
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    ring: str
    reading: Reading
    rest: str


def read_pasted(text: str, extent: Extent, zone: int) -> Pasted:
    """Read a pasted text as one parcel.

    Args:
        text: Rows of positions, WKT, or GeoJSON.
        extent: The city's rectangle; it settles which number is the longitude.
        zone: The city's 3-degree zone, assumed for metres that name none.

    Raises:
        GeometryError: The text holds no polygon; the line is named.
    """
    if len(text) > MOST_CHARACTERS:
        raise GeometryError("pasted-too-long", most=MOST_CHARACTERS)
    ready = _read_document(text.strip())
    if ready is not None:
        return Pasted(ready, ())
    rings: list[list[_Row]] = []
    notes: list[Problem] = []
    begin = True
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            begin = True
            continue
        row = _read_row(content, line, extent, zone)
        if row is None:
            if rings or any(map(str.isdigit, content)):
                shown = content.strip()[:_SHOWN]
                raise GeometryError("pasted-line-wrong", line=line, content=shown)
            notes.append(Problem("pasted-heading", "note", line=line))
            continue
        if begin or row.ring != rings[-1][-1].ring:
            rings.append([])
            begin = False
        rings[-1].append(row)
    if not rings:
        raise GeometryError("pasted-nothing")
    rows = [row for ring in rings for row in ring]
    if len(rows) > MOST_POINTS:
        raise GeometryError("pasted-too-many-points", count=len(rows), most=MOST_POINTS)
    notes += _agree(rows)
    return Pasted(_build(rings, notes), tuple(notes))


def _read_document(text: str) -> shapely.Geometry | None:
    """Read WKT or GeoJSON in degrees; ``None`` for any other text."""
    if text[:7].upper() in {"POLYGON", "MULTIPO"}:
        try:
            return shapely.from_wkt(text)
        except shapely.GEOSException as error:
            raise GeometryError("pasted-wkt-wrong", reason=str(error)[:_SHOWN]) from error
    if not text.startswith("{"):
        return None
    try:
        document: Any = json.loads(text)
        if document.get("type") == "FeatureCollection":
            [document] = document["features"]
        geometry = document.get("geometry") or document
        if geometry.get("type") not in _AREAL:
            raise GeometryError("pasted-geojson-wrong")
        return shapely.from_geojson(json.dumps(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise GeometryError("pasted-geojson-wrong") from error
    except shapely.GEOSException as error:
        raise GeometryError("pasted-geojson-wrong") from error


def _read_row(content: str, line: int, extent: Extent, zone: int) -> _Row | None:
    """Read the position of a row: of the row as it stands, or between what surrounds it."""
    whole = _read_inside(content, extent, zone)
    if whole is not None:
        return _Row(line, "", _require_one(whole, line, content), rest="")
    for separator in (_CELLS, _SPACES):
        cells = [cell.strip() for cell in separator.split(content.strip()) if cell.strip()]
        for lead, end in _spans(len(cells)):
            found = _read_inside(", ".join(cells[lead:end]), extent, zone)
            if found is None:
                continue
            rest = cells[end:]
            if _read_inside(", ".join(rest), extent, zone) is not None:
                raise GeometryError("pasted-line-ambiguous", line=line, content=content[:_SHOWN])
            ring = cells[lead - 1] if lead > 1 and cells[lead - 1].isdigit() else ""
            reading = _require_one(found, line, content)
            return _Row(line, ring, reading, rest=" ".join(rest)[:_SHOWN])
    return None


def _read_inside(text: str, extent: Extent, zone: int) -> list[Reading] | None:
    readings = [one for one in read_position(text, extent, zone) if one.inside]
    return readings or None


def _require_one(readings: list[Reading], line: int, content: str) -> Reading:
    if len(readings) > 1:
        raise GeometryError("pasted-line-ambiguous", line=line, content=content[:_SHOWN])
    return readings[0]


def _spans(count: int) -> Iterator[tuple[int, int]]:
    """Give first and last cell of what may be the position, the longest first."""
    for lead in range(min(count - 1, _MOST_LEAD + 1)):
        for end in range(count, lead + 1, -1):
            yield lead, end


def _agree(rows: list[_Row]) -> list[Problem]:
    """Say how the rows were read, once.

    Raises:
        GeometryError: Two rows were read in different ways.
    """
    first = rows[0].reading
    for row in rows:
        one = row.reading
        alike = (one.zone, one.swapped) == (first.zone, first.swapped)
        if not alike or (one.notation in _METRES) != (first.notation in _METRES):
            raise GeometryError("pasted-rows-differ", line=row.line, first=rows[0].line)
    notes = [Problem(f"pasted-{first.notation}", "note", facts={"zone": first.zone})]
    if first.swapped and first.notation not in _METRES:
        notes.append(Problem("pasted-latitude-first", "note"))
    if first.assumed:
        notes.append(Problem("pasted-zone-assumed", "note", facts={"zone": first.zone}))
    unread = next((row for row in rows if row.rest), None)
    if unread is not None:
        facts: dict[str, object] = {"content": unread.rest}
        notes.append(Problem("pasted-columns-unread", "note", line=unread.line, facts=facts))
    return notes


def _build(rings: list[list[_Row]], notes: list[Problem]) -> shapely.Geometry:
    """Build the parcel: a ring inside an earlier one is a hole, any other a part of its own."""
    shells: list[shapely.Polygon] = []
    holes: list[list[shapely.Polygon]] = []
    for number, ring in enumerate(rings, start=1):
        points = [(row.reading.longitude, row.reading.latitude) for row in ring]
        if len(points) > 1 and points[0] == points[-1]:
            points.pop()
        else:
            notes.append(Problem("pasted-ring-closed", "note", facts={"ring": number}))
        if len(points) < _FEWEST_POINTS:
            raise GeometryError("pasted-ring-too-short", line=ring[0].line, ring=number)
        polygon = shapely.Polygon(points)
        around = next((i for i, shell in enumerate(shells) if shell.covers(polygon)), None)
        if around is None:
            shells.append(polygon)
            holes.append([])
        else:
            holes[around].append(polygon)
            notes.append(Problem("pasted-ring-is-hole", "note", facts={"ring": number}))
    parts = [
        shapely.Polygon(shell.exterior, [hole.exterior for hole in inside])
        for shell, inside in zip(shells, holes, strict=True)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
