"""Curves in WKB become chords: circular strings, compound curves and what is made of them.

GDAL hands curves on as they are and the geometry library takes none, so they are turned into
straight pieces here, by the same step as the arcs of drawings.

Source: OGC 06-103r4 (WKB codes 8 to 12), ISO/IEC 13249-3 (an arc through three points; where
the first and the last are one, the middle one lies across the circle).
"""

import math
import struct
from dataclasses import dataclass
from typing import Any, Final

import shapely

from geoapp.importers.arcs import STEP_DEGREES

FIRST_CURVE: Final = 8  # circular string, compound curve, curve polygon, multi-curve,
LAST_CURVE: Final = 12  # multi-surface
_LINE, _POLYGON, _ARCS, _COMPOUND, _CURVED, _LINES, _SURFACES = 2, 3, 8, 9, 10, 11, 12
_Z_FLAG, _M_FLAG, _SRID_FLAG = 0x80000000, 0x40000000, 0x20000000
_STRAIGHT: Final = 1e-12
Line = list[tuple[float, float]]


def to_chords(wkb: bytes) -> shapely.Geometry | None:
    """Replace the curves of a geometry by chords.

    Returns:
        A line, polygon or several of them, without Z; ``None`` where it cannot be parsed.
    """
    cursor = _Cursor(wkb)
    try:
        kind = cursor.begin()
        if kind in {_ARCS, _COMPOUND}:
            return shapely.LineString(_line(cursor, kind))
        if kind == _CURVED:
            return _surface(cursor)
        count = cursor.count()
        if kind == _LINES:
            return shapely.MultiLineString([_line(cursor, cursor.begin()) for _ in range(count)])
        if kind == _SURFACES:
            return shapely.MultiPolygon([_part(cursor) for _ in range(count)])
    except (struct.error, ValueError, OverflowError, shapely.errors.GEOSException):
        return None
    return None


@dataclass(slots=True)
class _Cursor:
    """A place in the bytes, with byte order and dimensions of the geometry that began last."""

    content: bytes
    place: int = 0
    order: str = "<"
    dimensions: int = 2

    def begin(self) -> int:
        """Read the head of a geometry and give its kind."""
        self.order = "<" if self.content[self.place : self.place + 1] == b"\x01" else ">"
        (code,) = self._take("xI")
        plain = code & 0x1FFFFFFF
        flags = bool(code & _Z_FLAG) + bool(code & _M_FLAG)
        self.dimensions = 2 + flags + {0: 0, 1: 1, 2: 1, 3: 2}.get(plain // 1000, 0)
        if code & _SRID_FLAG:
            self._take("I")
        return int(plain % 1000)

    def count(self) -> int:
        """Read a number of parts; every part takes bytes, so it cannot be more than those."""
        (count,) = self._take("I")
        if count > len(self.content):
            raise ValueError(count)
        return int(count)

    def points(self) -> Line:
        """Read positions, x and y of each."""
        count = self.count()
        values = self._take(f"{count * self.dimensions}d")
        step = self.dimensions
        return list(zip(values[0::step], values[1::step], strict=True))

    def _take(self, form: str) -> tuple[Any, ...]:
        form = self.order + form
        found = struct.unpack_from(form, self.content, self.place)
        self.place += struct.calcsize(form)
        return found


def _part(cursor: _Cursor) -> shapely.Polygon:
    kind = cursor.begin()
    if kind not in {_POLYGON, _CURVED}:
        raise ValueError(kind)
    return _surface(cursor, plain=kind == _POLYGON)


def _surface(cursor: _Cursor, *, plain: bool = False) -> shapely.Polygon:
    count = cursor.count()
    if plain:
        rings = [cursor.points() for _ in range(count)]
    else:
        rings = [_line(cursor, cursor.begin()) for _ in range(count)]
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def _line(cursor: _Cursor, kind: int) -> Line:
    if kind == _LINE:
        return cursor.points()
    if kind == _ARCS:
        return _through(cursor.points())
    if kind != _COMPOUND:
        raise ValueError(kind)
    line: Line = []
    for _ in range(cursor.count()):
        inner = cursor.begin()
        if inner not in {_LINE, _ARCS}:  # a compound of compounds is none
            raise ValueError(inner)
        piece = _line(cursor, inner)
        line += piece[1:] if line and piece and piece[0] == line[-1] else piece
    return line


def _through(points: Line) -> Line:
    """Follow arcs, each through three points; the last of one is the first of the next."""
    if len(points) % 2 == 0:
        raise ValueError(len(points))
    line = points[:1]
    for begin, middle, end in zip(points[0:-1:2], points[1::2], points[2::2], strict=True):
        line += _arc(begin, middle, end)
    return line


def _arc(begin: tuple[float, float], middle: tuple[float, float], end: tuple[float, float]) -> Line:
    """Give the points of an arc after its first one; the end is kept to the bit."""
    bx, by = middle[0] - begin[0], middle[1] - begin[1]
    cx, cy = end[0] - begin[0], end[1] - begin[1]
    if begin == end:
        x, y, angle = bx / 2, by / 2, 2 * math.pi
    else:
        twice = 2 * (bx * cy - by * cx)
        if abs(twice) <= _STRAIGHT * (bx * bx + by * by + cx * cx + cy * cy):
            return [middle, end]
        x = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / twice
        y = (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / twice
        angle = math.atan2(cy - y, cx - x) - math.atan2(-y, -x)
        if twice > 0:
            angle %= 2 * math.pi
        else:
            angle = -(-angle % (2 * math.pi))
    count = max(1, math.ceil(abs(math.degrees(angle)) / STEP_DEGREES))
    line: Line = []
    for step in range(1, count):
        turn = angle * step / count
        cosine, sine = math.cos(turn), math.sin(turn)
        line.append((begin[0] + x - x * cosine + y * sine, begin[1] + y - x * sine - y * cosine))
    return [*line, end]
