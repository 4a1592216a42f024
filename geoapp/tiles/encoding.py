"""Features of a tile as bytes of the Mapbox Vector Tile format 2.1.

A kernel writes the messages of features one after another; names and values are put around
them by ``geoapp.tiles.vector``. When the room is too small it says so and writes nothing more.
"""

import numpy as np

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Integers
from geoapp.tiles.clipping import clip_ring, double_area, open_ring, thin_line
from geoapp.tiles.grid import Bytes, Units
from geoapp.tiles.rules import BUFFER, DOT_PX, EXTENT, UNITS_PER_PX

_DOT = DOT_PX * UNITS_PER_PX
_LONGEST_VERTEX = 10  # bytes: two varints of 32 bits
_LONGEST_FRAME = 96  # bytes of a feature around its geometry, tags included
_POINT, _POLYGON = 1, 3
_MOVE, _LINE, _CLOSE = 1, 2, 7


@compiled
def encode_polygons(
    rows: Integers, tags: Units, placed: Units, levels: Bytes, rings: Offsets, holes: Bytes,
    features: Offsets, zoom: int, shift: int, x: int, y: int, keep_all: bool,
    out: Bytes, written: Integers,
) -> int:  # fmt: skip
    """Write polygons.

    Args:
        rows: Features in question, rising.
        tags: ``(len(rows), t)`` index of the value of each key from 1, -1 for none. Key 0 is
            the row number; its value is the number of the feature within the tile, counted
            from ``written[1]``.
        placed: Vertices; ``levels``, ``rings``, ``holes``, ``features`` as in ``Drawn``.
        zoom: Which vertices are drawn; with ``shift``, ``x`` and ``y`` the tile.
        keep_all: Draw a feature of which nothing is left as a dot or a strip.
        out: Room for bytes.
        written: Room for the rows written; ``[0]`` is how many, ``[1]`` the first value index.

    Returns:
        How many bytes were written, -1 when there was no room.
    """
    west, north = x * EXTENT, y * EXTENT
    line, spare = np.empty((64, 2), np.int32), np.empty((64, 2), np.int32)
    geometry = np.empty(1024, np.uint8)
    at = 0
    for k in range(len(rows)):
        row = rows[k]
        first, last = features[row], features[row + 1]
        total = rings[last] - rings[first]
        if 6 * total + 64 > len(line):
            line, spare = np.empty((12 * total + 64, 2), np.int32), np.empty((12 * total + 64, 2), np.int32)  # fmt: skip  # noqa: E501
        room = _LONGEST_VERTEX * (6 * total + 16 + 3 * (last - first))
        if room > len(geometry):
            geometry = np.empty(2 * room, np.uint8)
        size, seen = _write_rings(
            placed, levels, rings, holes, first, last, zoom, shift, west, north, line, spare, geometry
        )  # fmt: skip
        if size == 0 and not seen and keep_all and total > 0:
            size = _write_speck(
                placed, levels, rings[first], rings[first + 1], shift, west, north, line, spare, geometry
            )  # fmt: skip
        if size == 0:
            continue
        if at + size + _LONGEST_FRAME + 12 * tags.shape[1] > len(out):
            return -1
        at = _write_feature(row, tags[k], written, _POLYGON, geometry, size, out, at)
    return at


@compiled
def _write_rings(
    placed: Units, levels: Bytes, rings: Offsets, holes: Bytes, first: int, last: int,
    zoom: int, shift: int, west: int, north: int, line: Units, spare: Units, geometry: Bytes,
) -> tuple[int, bool]:  # fmt: skip
    """Write the rings of one feature; also tell whether it has area at this zoom at all."""
    at, x, y = 0, 0, 0
    seen, outer = False, False
    for ring in range(first, last):
        hole = holes[ring] == 1
        if hole and not outer:
            continue
        if not hole:
            outer = False
        count = thin_line(
            placed, levels, rings[ring], rings[ring + 1], zoom, shift, west, north, line
        )
        count = open_ring(line, count)
        if count < 3 or (double_area(line, count) > 0) == hole or double_area(line, count) == 0:
            continue
        seen = True
        count = clip_ring(line, count, spare)
        if count < 3 or double_area(line, count) == 0:
            continue
        outer = True
        at, x, y = _write_ring(line, count, geometry, at, x, y)
    return at, seen


@compiled
def _write_speck(
    placed: Units, levels: Bytes, begin: int, end: int, shift: int,
    west: int, north: int, line: Units, spare: Units, geometry: Bytes,
) -> int:  # fmt: skip
    """Write a square where a small feature is, or a strip where a narrow one is."""
    count = thin_line(placed, levels, begin, end, 255, shift, west, north, line)
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
        corners = (ax - half, ay - half, ax + half, ay - half, ax + half, ay + half, ax - half, ay + half)  # fmt: skip  # noqa: E501
    elif abs(bx - ax) > abs(by - ay):
        corners = (ax, ay, bx, by, bx, by + half, ax, ay + half)
    else:
        corners = (ax, ay, bx, by, bx + half, by, ax + half, ay)
    for v in range(4):
        line[v, 0], line[v, 1] = corners[2 * v], corners[2 * v + 1]
    if double_area(line, 4) < 0:
        line[1, 0], line[1, 1], line[3, 0], line[3, 1] = line[3, 0], line[3, 1], line[1, 0], line[1, 1]  # fmt: skip  # noqa: E501
    count = clip_ring(line, 4, spare)
    if count < 3 or double_area(line, count) == 0:
        return 0
    at, _, _ = _write_ring(line, count, geometry, 0, 0, 0)
    return at


@compiled
def encode_points(
    rows: Integers, tags: Units, points: Units, shift: int, x: int, y: int,
    out: Bytes, written: Integers,
) -> int:  # fmt: skip
    """Write points; see ``encode_polygons``."""
    half = (1 << shift) >> 1
    geometry = np.empty(32, np.uint8)
    at = 0
    for k in range(len(rows)):
        px = ((points[rows[k], 0] + half) >> shift) - x * EXTENT
        py = ((points[rows[k], 1] + half) >> shift) - y * EXTENT
        if not (-BUFFER <= px <= EXTENT + BUFFER and -BUFFER <= py <= EXTENT + BUFFER):
            continue
        if at + _LONGEST_FRAME + 12 * tags.shape[1] > len(out):
            return -1
        size = write_number(geometry, 0, _MOVE | (1 << 3))
        size = write_number(geometry, size, _fold(px))
        size = write_number(geometry, size, _fold(py))
        at = _write_feature(rows[k], tags[k], written, _POINT, geometry, size, out, at)
    return at


@compiled
def _write_ring(
    ring: Units, count: int, out: Bytes, at: int, x: int, y: int
) -> tuple[int, int, int]:
    at = write_number(out, at, _MOVE | (1 << 3))
    for v in range(count):
        if v == 1:
            at = write_number(out, at, _LINE | ((count - 1) << 3))
        at = write_number(out, at, _fold(int(ring[v, 0]) - x))
        at = write_number(out, at, _fold(int(ring[v, 1]) - y))
        x, y = int(ring[v, 0]), int(ring[v, 1])
    return write_number(out, at, _CLOSE | (1 << 3)), x, y


@compiled
def _fold(value: int) -> int:
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
def _write_feature(
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
