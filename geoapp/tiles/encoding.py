"""Features of a tile as bytes of the Mapbox Vector Tile format 2.1.

A kernel writes the messages of features one after another; names and values are put around
them by ``geoapp.tiles.vector``. When the room is too small it says so and writes nothing more.
"""

from typing import NamedTuple

import numpy as np

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Integers
from geoapp.tiles.clipping import clip_ring, double_area, open_ring
from geoapp.tiles.grid import Bytes, Units, reverse
from geoapp.tiles.rules import BUFFER, DOT_PX, EXTENT, UNITS_PER_PX

_DOT = DOT_PX * UNITS_PER_PX
_WHOLE = 2 * (EXTENT + 2 * BUFFER) ** 2
LONGEST_VERTEX = 10  # bytes: two varints of 32 bits
LONGEST_FRAME = 96  # bytes of a feature around its geometry, tags included
_POINT, _POLYGON = 1, 3
MOVE, LINE, _CLOSE = 1, 2, 7


class Outlines(NamedTuple):
    """Polygons or lines in the grid; see ``Drawn`` for each."""

    placed: Units
    levels: Bytes
    rings: Offsets
    holes: Bytes
    features: Offsets


class Window(NamedTuple):
    """A tile.

    Attributes:
        zoom: Which vertices are drawn.
        shift: Bits between a unit of the tile and a unit of the grid.
        west: Where the tile begins, units of its zoom.
        north: Likewise.
        keep_all: Draw a feature of which nothing is left as a dot or a strip.
    """

    zoom: int
    shift: int
    west: int
    north: int
    keep_all: bool


@compiled
def thin_line(placed: Units, levels: Bytes, window: Window, line: Units) -> int:
    """Write the vertices that a zoom needs, in units of a tile, equal neighbours once.

    A vertex is rounded in the units of the zoom, before the tile comes in: two tiles and two
    neighbours have it at the same place.

    Returns:
        How many there are.
    """
    half = (1 << window.shift) >> 1
    at = 0
    for v in range(len(placed)):
        if levels[v] > window.zoom:
            continue
        x = ((placed[v, 0] + half) >> window.shift) - window.west
        y = ((placed[v, 1] + half) >> window.shift) - window.north
        if at > 0 and line[at - 1, 0] == x and line[at - 1, 1] == y:
            continue
        line[at, 0], line[at, 1] = x, y
        at += 1
    return at


@compiled
def encode_polygons(
    rows: Integers,
    tags: Units,
    outlines: Outlines,
    window: Window,
    out: Bytes,
    written: Integers,
) -> int:
    """Write polygons.

    Args:
        rows: Features in question, rising.
        tags: ``(len(rows), t)`` index of the value of each key from 1, -1 for none. Key 0 is
            the row number; its value is the number of the feature within the tile, counted
            from ``written[1]``.
        outlines: All features.
        window: The tile.
        out: Room for bytes.
        written: How many features were written before, the index of the first row number, and
            room for the rows written.

    Returns:
        How many bytes were written, -1 when there was no room.
    """
    line, spare = np.empty((64, 2), np.int32), np.empty((64, 2), np.int32)
    geometry = np.empty(1024, np.uint8)
    at = 0
    for k in range(len(rows)):
        row = rows[k]
        first, last = outlines.features[row], outlines.features[row + 1]
        total = outlines.rings[last] - outlines.rings[first]
        if 6 * total + 64 > len(line):
            line = np.empty((12 * total + 64, 2), np.int32)
            spare = np.empty((12 * total + 64, 2), np.int32)
        room = LONGEST_VERTEX * (6 * total + 16 + 3 * (last - first))
        if room > len(geometry):
            geometry = np.empty(2 * room, np.uint8)
        size, seen = _write_rings(outlines, first, last, window, line, spare, geometry)
        if size == 0 and not seen and window.keep_all and total > 0:
            size = _write_speck(outlines, first, window, line, spare, geometry)
        if size == 0:
            continue
        if at + size + LONGEST_FRAME + 12 * tags.shape[1] > len(out):
            return -1
        at = write_feature(row, tags[k], written, _POLYGON, geometry, size, out, at)
    return at


@compiled
def _write_rings(
    outlines: Outlines,
    first: int,
    last: int,
    window: Window,
    line: Units,
    spare: Units,
    geometry: Bytes,
) -> tuple[int, bool]:
    """Write the rings of one feature; also tell whether it has area at this zoom at all."""
    at, x, y = 0, 0, 0
    begun, begun_x, begun_y = 0, 0, 0
    seen, outer = False, False
    for ring in range(first, last):
        hole = outlines.holes[ring] == 1
        if hole and not outer:
            continue
        if not hole:
            outer = False
        begin, end = outlines.rings[ring], outlines.rings[ring + 1]
        count = thin_line(outlines.placed[begin:end], outlines.levels[begin:end], window, line)
        count = open_ring(line, count)
        double = double_area(line, count)
        if count < 3 or double == 0 or (double > 0) == hole:
            continue
        seen = True
        count = clip_ring(line, count, spare)
        double = double_area(line, count)
        if count < 3 or double == 0:
            continue
        if -double == _WHOLE:  # the tile lies in a hole: nothing of this part is seen
            at, x, y, outer = begun, begun_x, begun_y, False
            continue
        if (double > 0) == hole:  # of a ring that crosses itself only the inverted side is here
            reverse(line, 0, count)
        if not hole:
            begun, begun_x, begun_y, outer = at, x, y, True
        at, x, y = _write_ring(line, count, geometry, at, x, y)
    return at, seen


@compiled
def _write_speck(
    outlines: Outlines, first: int, window: Window, line: Units, spare: Units, geometry: Bytes
) -> int:
    """Write a square where a small feature is, or a strip where a narrow one is."""
    begin, end = outlines.rings[first], outlines.rings[first + 1]
    count = thin_line(outlines.placed[begin:end], outlines.levels[begin:end], window, line)
    if count == 0:
        return 0
    far, most = 0, 0
    for v in range(1, count):
        dx, dy = int(line[v, 0]) - line[0, 0], int(line[v, 1]) - line[0, 1]
        if dx * dx + dy * dy > most:
            far, most = v, dx * dx + dy * dy
    ax, ay, bx, by = int(line[0, 0]), int(line[0, 1]), int(line[far, 0]), int(line[far, 1])
    half = _DOT // 2
    if most <= _DOT * _DOT:
        ax, ay, bx, by = ax - half, ay - half, ax + half, ay - half
        ex, ey = 0, _DOT
    elif abs(bx - ax) > abs(by - ay):
        ex, ey = 0, half
    else:
        ex, ey = half, 0
    line[0, 0], line[0, 1], line[1, 0], line[1, 1] = ax, ay, bx, by
    line[2, 0], line[2, 1], line[3, 0], line[3, 1] = bx + ex, by + ey, ax + ex, ay + ey
    if double_area(line, 4) < 0:
        line[0, 0], line[0, 1], line[1, 0], line[1, 1] = bx, by, ax, ay
        line[2, 0], line[2, 1], line[3, 0], line[3, 1] = ax + ex, ay + ey, bx + ex, by + ey
    count = clip_ring(line, 4, spare)
    if count < 3 or double_area(line, count) == 0:
        return 0
    at, _, _ = _write_ring(line, count, geometry, 0, 0, 0)
    return at


@compiled
def encode_points(
    rows: Integers, tags: Units, points: Units, window: Window, out: Bytes, written: Integers
) -> int:
    """Write points; see ``encode_polygons``."""
    half = (1 << window.shift) >> 1
    geometry = np.empty(32, np.uint8)
    at = 0
    for k in range(len(rows)):
        px = ((points[rows[k], 0] + half) >> window.shift) - window.west
        py = ((points[rows[k], 1] + half) >> window.shift) - window.north
        if not (-BUFFER <= px <= EXTENT + BUFFER and -BUFFER <= py <= EXTENT + BUFFER):
            continue
        if at + LONGEST_FRAME + 12 * tags.shape[1] > len(out):
            return -1
        size = write_number(geometry, 0, MOVE | (1 << 3))
        size = write_number(geometry, size, fold(px))
        size = write_number(geometry, size, fold(py))
        at = write_feature(rows[k], tags[k], written, _POINT, geometry, size, out, at)
    return at


@compiled
def _write_ring(
    ring: Units, count: int, out: Bytes, at: int, x: int, y: int
) -> tuple[int, int, int]:
    at = write_number(out, at, MOVE | (1 << 3))
    for v in range(count):
        if v == 1:
            at = write_number(out, at, LINE | ((count - 1) << 3))
        at = write_number(out, at, fold(int(ring[v, 0]) - x))
        at = write_number(out, at, fold(int(ring[v, 1]) - y))
        x, y = int(ring[v, 0]), int(ring[v, 1])
    return write_number(out, at, _CLOSE | (1 << 3)), x, y


@compiled
def fold(value: int) -> int:
    """Map whole numbers to those from 0 on, small ones to small ones."""
    return 2 * value if value >= 0 else -2 * value - 1


@compiled
def write_number(out: Bytes, at: int, value: int) -> int:
    """Write a varint; give the position behind it."""
    while value > 127:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def _length(value: int) -> int:
    size = 1
    while value > 127:
        value >>= 7
        size += 1
    return size


@compiled
def write_feature(
    row: int, tags: Units, written: Integers, kind: int, geometry: Bytes, size: int,
    out: Bytes, at: int,
) -> int:  # fmt: skip
    """Write one message: id, tags, kind, geometry."""
    value = written[0] + written[1]
    tagged = 1 + _length(value)
    for key in range(len(tags)):
        if tags[key] >= 0:
            tagged += _length(key + 1) + _length(tags[key])
    length = 1 + _length(row) + 1 + _length(tagged) + tagged + 2 + 1 + _length(size) + size
    out[at] = 0x12
    at = write_number(out, at + 1, length)
    out[at] = 0x08
    at = write_number(out, at + 1, row)
    out[at] = 0x12
    at = write_number(out, at + 1, tagged)
    at = write_number(out, write_number(out, at, 0), value)
    for key in range(len(tags)):
        if tags[key] >= 0:
            at = write_number(out, write_number(out, at, key + 1), tags[key])
    out[at], out[at + 1], out[at + 2] = 0x18, kind, 0x22
    at = write_number(out, at + 3, size)
    out[at : at + size] = geometry[:size]
    written[2 + written[0]] = row
    written[0] += 1
    return at + size
