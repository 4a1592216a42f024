"""Vector tiles: features of a tile in the Mapbox Vector Tile format 2.1.

One layer, named as the layer. Its features carry as few properties as drawing needs:

=======  =====================================================================
``id``   row number in the snapshot; also the id of the feature
``c``    code of the stored class field that colours the layer; absent if empty
``code`` code of a unit; only layers of units
``name`` name of a unit; likewise
``n``    how many points one point stands for; absent for one
=======  =====================================================================
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Integers
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.tree import find_boxes
from geoapp.tiles.drawn import Drawn
from geoapp.tiles.encoding import Outlines, Window, encode_points, encode_polygons
from geoapp.tiles.grid import Bytes, TileAddress, Units
from geoapp.tiles.lines import CELLS_ACROSS, LINE_REACH, encode_lines
from geoapp.tiles.rules import (
    BUFFER,
    CELL_PX,
    EXTENT,
    MOST_FEATURES,
    POINT_BELOW_PX,
    UNITS_PER_PX,
)

VECTOR_VERSION: Final = 1
KEYS: Final = ("id", "c", "code", "name", "n")
_CLASS, _CODE, _NAME, _COUNT = range(4)  # columns of tags: the keys after ``id``
_CELL: Final = CELL_PX * UNITS_PER_PX
_CELLS: Final = EXTENT // _CELL + 2  # across a tile with its buffer
_MOST_CELLS: Final = 4_000_000
_FIRST_ROOM: Final = 1024
_BYTES_A_VERTEX: Final = 6


@dataclass(frozen=True, slots=True)
class Labels:
    """What features are coloured and labelled by.

    Attributes:
        kinds: Their classes.
        codes: ``(n,)`` codes of units, or nothing.
        names: ``(n,)`` names of units, or nothing.
    """

    kinds: Kinds
    codes: NDArray[np.object_]
    names: NDArray[np.object_]


class _Tagged(NamedTuple):
    """Tags of features, and the values that they point to."""

    tags: Units
    values: list[bytes]


def encode_tile(
    drawn: Drawn,
    labels: Labels,
    address: TileAddress,
    layer: str,
    *,
    keep_all: bool,
    shown: NDArray[np.bool_] | None = None,
) -> bytes:
    """Encode one tile.

    Args:
        drawn: The layer.
        labels: See there.
        address: The tile, at most ``MAX_ZOOM``.
        layer: Name of the layer in the tile.
        keep_all: Draw a polygon of which nothing is left as a dot; not where the others of
            the layer cover its ground. Lines have a rule of their own.
        shown: ``(n,)`` which features may be drawn; ``None``: all.

    Returns:
        The tile, not compressed; nothing when it is empty.
    """
    rows = _find_rows(drawn, address)
    if shown is not None:
        rows = rows[shown[rows]]
    small, large = rows[:0], rows
    if len(drawn.points):
        small, large = _part(drawn, rows, address)
    counts = np.ones(len(small), dtype=np.int64)
    if len(small) > MOST_FEATURES:
        small, counts = merge_points(drawn, labels.kinds, small, address)
    tagged = _tag(labels, np.concatenate([small, large]), counts)
    written = np.zeros(len(small) + len(large) + 2, dtype=np.int64)
    written[1] = len(tagged.values)
    west, north = address.x * EXTENT, address.y * EXTENT
    window = Window(address.zoom, address.shift, west, north, keep_all)
    points = _encode_points(drawn, small, tagged.tags[: len(small)], window, written)
    outlines = _encode_outlines(drawn, labels, large, tagged.tags[len(small) :], window, written)
    count = int(written[0])
    if not count:
        return b""
    values = [*tagged.values, *map(_number_value, written[2 : 2 + count].tolist())]
    return _frame(layer, points + outlines, values)


def _find_rows(drawn: Drawn, address: TileAddress) -> Integers:
    found = np.empty(_FIRST_ROOM, dtype=np.int64)
    # Cells that reach into the buffer must be whole, for the next tile to see the same.
    reach = _CELL if len(drawn.points) else LINE_REACH if drawn.kind == "line" else BUFFER
    box = address.box(reach)
    count = find_boxes(drawn.nodes, drawn.begins, box, found)
    if count > len(found):
        found = np.empty(count, dtype=np.int64)
        find_boxes(drawn.nodes, drawn.begins, box, found)
    return found[:count]


def _part(drawn: Drawn, rows: Integers, address: TileAddress) -> tuple[Integers, Integers]:
    """Part features into those drawn as points and those drawn as they are."""
    if not len(drawn.placed):
        return rows, rows[:0]
    boxes = drawn.nodes[rows]
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    small = sides < POINT_BELOW_PX * UNITS_PER_PX * (1 << address.shift)
    return rows[small], rows[~small]


def merge_points(
    drawn: Drawn, kinds: Kinds, rows: Integers, address: TileAddress
) -> tuple[Integers, Integers]:
    """Make one point of those of one class in one cell; give the first of each and how many."""
    classes = len(kinds.names)
    if _CELLS * _CELLS * classes > _MOST_CELLS:
        classes = 1
    firsts = np.full(_CELLS * _CELLS * classes, -1, dtype=np.int64)
    counts = np.zeros(len(firsts), dtype=np.int64)
    west, north = address.x * EXTENT - _CELL, address.y * EXTENT - _CELL
    numbers = kinds.numbers if classes > 1 else np.zeros_like(kinds.numbers)
    _count_cells(rows, drawn.points, numbers, classes, address.shift, west, north, firsts, counts)
    filled = np.flatnonzero(counts)
    order = np.argsort(firsts[filled], kind="stable")
    return firsts[filled][order], counts[filled][order]


@compiled
def _count_cells(
    rows: Integers, points: Units, numbers: NDArray[np.int32], classes: int,
    shift: int, west: int, north: int, firsts: Integers, counts: Integers,
) -> None:  # fmt: skip
    half = (1 << shift) >> 1
    for row in rows:
        x = (((points[row, 0] + half) >> shift) - west) // _CELL
        y = (((points[row, 1] + half) >> shift) - north) // _CELL
        if x < 0 or y < 0 or x >= _CELLS or y >= _CELLS:
            continue
        slot = (y * _CELLS + x) * classes + numbers[row]
        if counts[slot] == 0:
            firsts[slot] = row
        counts[slot] += 1


def _tag(labels: Labels, rows: Integers, counts: Integers) -> _Tagged:
    """Give the values of features by their keys; ``counts`` belong to the first of them."""
    tags = np.full((len(rows), len(KEYS) - 1), -1, dtype=np.int32)
    values: list[bytes] = []

    def add(column: int, codes: NDArray[np.object_]) -> None:
        found, numbers = np.unique(codes.astype(str), return_inverse=True)
        tags[:, column] = numbers + len(values)
        tags[codes == "", column] = -1
        values.extend(_text_value(str(code)) for code in found)

    present, numbers = np.unique(labels.kinds.numbers[rows], return_inverse=True)
    codes = np.array([labels.kinds.names[number] for number in present], dtype=object)
    used = np.where(codes == "", -1, np.arange(len(codes)))
    if len(rows):
        tags[:, _CLASS] = used[numbers]
        values.extend(_text_value(code) for code in codes)
    for column, texts in ((_CODE, labels.codes), (_NAME, labels.names)):
        if len(texts) and len(rows):
            add(column, texts[rows])
    found, numbers = np.unique(counts, return_inverse=True)
    tags[: len(counts), _COUNT] = np.where(counts > 1, numbers + len(values), -1)
    values.extend(_number_value(int(number)) for number in found)
    return _Tagged(tags, values)


def _encode_points(
    drawn: Drawn, rows: Integers, tags: Units, window: Window, written: Integers
) -> bytes:
    if not len(rows):
        return b""
    out = np.empty(160 * len(rows) + 160, dtype=np.uint8)
    size = encode_points(rows, tags, drawn.points, window, out, written)
    return out[:size].tobytes()


def _encode_outlines(
    drawn: Drawn, labels: Labels, rows: Integers, tags: Units, window: Window, written: Integers
) -> bytes:
    if not len(rows):
        return b""
    begun = int(written[0])
    outlines = Outlines(drawn.placed, drawn.levels, drawn.rings, drawn.holes, drawn.features)
    ends = drawn.rings[drawn.features[rows + 1]] - drawn.rings[drawn.features[rows]]
    room = int(_BYTES_A_VERTEX * ends.sum()) + 200 * len(rows) + 4096
    while True:
        out = np.empty(room, dtype=np.uint8)
        written[0] = begun
        if drawn.kind == "line":
            classes, taken = _cells(labels.kinds, rows)
            size = encode_lines(rows, tags, classes, outlines, window, taken, out, written)
        else:
            size = encode_polygons(rows, tags, outlines, window, out, written)
        if size >= 0:
            return out[:size].tobytes()
        room *= 2


def _cells(kinds: Kinds, rows: Integers) -> tuple[Integers, Bytes]:
    """Give the classes of lines, one where there are very many, and their cells, all free."""
    count = len(kinds.names)
    numbers = kinds.numbers[rows].astype(np.int64)
    if CELLS_ACROSS * CELLS_ACROSS * count > _MOST_CELLS:
        count, numbers = 1, np.zeros(len(rows), dtype=np.int64)
    return numbers, np.zeros(CELLS_ACROSS * CELLS_ACROSS * count, dtype=np.uint8)


def _frame(layer: str, features: bytes, values: list[bytes]) -> bytes:
    """Put name, keys and values around features: one layer in one tile."""
    body = b"".join(
        [
            b"\x78\x02",  # version 2
            _field(1, layer.encode()),
            features,
            *(_field(3, key.encode()) for key in KEYS),
            *(_field(4, value) for value in values),
            b"\x28" + _varint(EXTENT),
        ]
    )
    return _field(3, body)


def _text_value(text: str) -> bytes:
    return _field(1, text.encode())


def _number_value(number: int) -> bytes:
    return b"\x28" + _varint(number)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
