"""Lines of a tile as bytes of the Mapbox Vector Tile format; see ``geoapp.tiles.encoding``."""

import numpy as np

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Integers
from geoapp.tiles.clipping import clip_edge
from geoapp.tiles.encoding import (
    LINE,
    LONGEST_FRAME,
    LONGEST_VERTEX,
    MOVE,
    Outlines,
    Window,
    fold,
    thin_line,
    write_feature,
    write_number,
)
from geoapp.tiles.grid import Bytes, Units
from geoapp.tiles.rules import BUFFER, DOT_PX, EXTENT, LINE_CELL_PX, MAX_ZOOM, UNITS_PER_PX

_LINE_STRING = 2
_DOT = DOT_PX * UNITS_PER_PX
_CELL = LINE_CELL_PX * UNITS_PER_PX
# Beyond the buffer a small piece may still have the cell of one that reaches into it.
LINE_REACH = BUFFER + 2 * _CELL
_FIRST = LINE_REACH // _CELL  # cells before the tile begins
CELLS_ACROSS = EXTENT // _CELL + 2 * _FIRST
_BYTES_AN_EDGE = 2 * LONGEST_VERTEX + 6  # each may be a piece of its own once it is cut


@compiled
def encode_lines(
    rows: Integers,
    tags: Units,
    classes: Integers,
    outlines: Outlines,
    window: Window,
    taken: Bytes,
    out: Bytes,
    written: Integers,
) -> int:
    """Write lines; see ``encode_polygons``.

    Args:
        rows: Features in question, rising: all within ``LINE_REACH`` of the tile.
        tags: See there.
        classes: ``(len(rows),)`` number of the class of each.
        outlines: All features.
        window: The tile.
        taken: ``(CELLS_ACROSS * CELLS_ACROSS * c,)`` zeros for ``c`` classes.
        out: See there.
        written: See there.
    """
    line, piece = np.empty((64, 2), np.int32), np.empty((64, 2), np.int32)
    geometry = np.empty(1024, np.uint8)
    at = 0
    for k in range(len(rows)):
        first, last = outlines.features[rows[k]], outlines.features[rows[k] + 1]
        total = outlines.rings[last] - outlines.rings[first]
        if total + 2 > len(line):
            line, piece = np.empty((2 * total, 2), np.int32), np.empty((2 * total, 2), np.int32)
        room = _BYTES_AN_EDGE * (total + 2 * (last - first))
        if room > len(geometry):
            geometry = np.empty(2 * room, np.uint8)
        size, x, y = 0, 0, 0
        for part in range(first, last):
            begin, end = outlines.rings[part], outlines.rings[part + 1]
            count = thin_line(outlines.placed[begin:end], outlines.levels[begin:end], window, line)
            count = _keep_small(line, count, window.zoom, classes[k], taken)
            size, x, y = _write_pieces(line, count, piece, geometry, size, x, y)
        if size == 0:
            continue
        if at + size + LONGEST_FRAME + 12 * tags.shape[1] > len(out):
            return -1
        at = write_feature(rows[k], tags[k], written, _LINE_STRING, geometry, size, out, at)
    return at


@compiled
def _keep_small(line: Units, count: int, zoom: int, number: int, taken: Bytes) -> int:
    """Leave out a small piece whose cell is taken; make a dash of one too short to be seen.

    Returns:
        How many vertices there are, 0 for a piece left out.
    """
    if count == 0:
        return 0
    west, north, east, south = line[0, 0], line[0, 1], line[0, 0], line[0, 1]
    for v in range(1, count):
        west, east = min(west, line[v, 0]), max(east, line[v, 0])
        north, south = min(north, line[v, 1]), max(south, line[v, 1])
    if max(east - west, south - north) >= _CELL:
        return count
    x, y = (west + east) // 2, (north + south) // 2
    if zoom < MAX_ZOOM:
        column, row = x // _CELL + _FIRST, y // _CELL + _FIRST
        if column < 0 or row < 0 or column >= CELLS_ACROSS or row >= CELLS_ACROSS:
            return 0
        slot = (number * CELLS_ACROSS + row) * CELLS_ACROSS + column
        if taken[slot] == 1:
            return 0
        taken[slot] = 1
    if count == 1 or (zoom < MAX_ZOOM and max(east - west, south - north) < _DOT):
        line[0, 0], line[0, 1], line[1, 0], line[1, 1] = x - _DOT // 2, y, x + _DOT // 2, y
        return 2
    return count


@compiled
def _write_pieces(
    line: Units, count: int, piece: Units, out: Bytes, at: int, x: int, y: int
) -> tuple[int, int, int]:
    """Write what lies within the buffer of a line, in as many pieces as it takes."""
    edge = np.empty((2, 2), np.int32)
    size = 0
    for v in range(1, count):
        edge[0, 0], edge[0, 1] = line[v - 1, 0], line[v - 1, 1]
        edge[1, 0], edge[1, 1] = line[v, 0], line[v, 1]
        if not clip_edge(edge) or (edge[0, 0] == edge[1, 0] and edge[0, 1] == edge[1, 1]):
            continue
        if size == 0 or piece[size - 1, 0] != edge[0, 0] or piece[size - 1, 1] != edge[0, 1]:
            at, x, y = _write_piece(piece, size, out, at, x, y)
            piece[0, 0], piece[0, 1] = edge[0, 0], edge[0, 1]
            size = 1
        piece[size, 0], piece[size, 1] = edge[1, 0], edge[1, 1]
        size += 1
    return _write_piece(piece, size, out, at, x, y)


@compiled
def _write_piece(
    piece: Units, size: int, out: Bytes, at: int, x: int, y: int
) -> tuple[int, int, int]:
    if size == 0:
        return at, x, y
    at = write_number(out, at, MOVE | (1 << 3))
    for v in range(size):
        if v == 1:
            at = write_number(out, at, LINE | ((size - 1) << 3))
        at = write_number(out, at, fold(int(piece[v, 0]) - x))
        at = write_number(out, at, fold(int(piece[v, 1]) - y))
        x, y = int(piece[v, 0]), int(piece[v, 1])
    return at, x, y
