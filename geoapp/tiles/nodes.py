"""Where borders branch: vertices at which the lines of different rings part.

Between two such nodes a border is one line to both its neighbours. Lines that are simplified
one by one therefore never come apart. The ends of open lines are nodes, to all that pass there.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.workers import in_threads
from geoapp.tiles.grid import Bytes, Units

NODE: Final = 0
PLAIN: Final = 255
_VERTICES_A_STRIP: Final = 2_000_000  # a table of some 100 MB per strip under way
_SAMPLED: Final = 4096
# Beside a position of 2 x 31 bits: that the place is taken, and that lines part there.
_USED: Final = np.uint64(1 << 62)
_BRANCHED: Final = np.uint64(1 << 63)

Words = NDArray[np.uint64]


def find_nodes(
    placed: Units, rings: Offsets, features: Offsets, boxes: Floats, *, closed: bool = True
) -> Bytes:
    """Mark the nodes among vertices.

    Args:
        placed: ``(m, 2)`` vertices of rings that are not closed.
        rings: ``(r + 1,)`` where each ring begins.
        features: ``(n + 1,)`` where each feature begins in ``rings``.
        boxes: ``(n, 4)`` bounds of features.
        closed: Rings; else open lines.

    Returns:
        ``(m,)`` ``NODE`` or ``PLAIN``.
    """
    marks = np.full(len(placed), PLAIN, dtype=np.uint8)
    sizes = rings[features[1:]] - rings[features[:-1]]

    def mark(strip: tuple[int, int]) -> None:
        rows = np.flatnonzero((boxes[:, 0] < strip[1]) & (boxes[:, 2] >= strip[0]))
        slots = 1 << max(4, int(2 * sizes[rows].sum()).bit_length())
        keys, pairs = np.zeros(slots, np.uint64), np.zeros(slots, np.uint64)
        west, east = strip
        _mark(placed, rings, features, rows, west, east, closed, keys, pairs, marks)

    for _ in in_threads(mark, _strips(placed)):
        pass
    return marks


def _strips(placed: Units) -> list[tuple[int, int]]:
    """Cut the plane from north to south into strips of about as many vertices each."""
    count = max(1, len(placed) // _VERTICES_A_STRIP)
    sample = np.sort(placed[:: max(1, len(placed) // _SAMPLED), 0].astype(np.int64))
    cuts = [int(sample[len(sample) * k // count]) for k in range(1, count)] if count > 1 else []
    edges = [-1, *sorted(set(cuts)), 1 << 31]
    return list(pairwise(edges))


@compiled
def mix(x: int, y: int) -> np.uint64:
    """Scatter a position over 64 bits; the same everywhere and always."""
    word = (np.uint64(x) << np.uint64(32)) | np.uint64(y)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@compiled
def _mark(
    placed: Units,
    rings: Offsets,
    features: Offsets,
    rows: Integers,
    west: int,
    east: int,
    closed: bool,  # noqa: FBT001  kernels take positions
    keys: Words,
    pairs: Words,
    marks: Bytes,
) -> None:
    """Mark the nodes of one strip: first remember all that passes, then ask of each vertex."""
    for asking in range(2):
        for row in rows:
            for ring in range(features[row], features[row + 1]):
                begin, end = rings[ring], rings[ring + 1]
                for v in range(begin, end):
                    if placed[v, 0] < west or placed[v, 0] >= east:
                        continue
                    slot = _find_slot(placed[v, 0], placed[v, 1], keys)
                    if asking == 0 and not closed and (v == begin or v == end - 1):
                        keys[slot] = _key(placed[v, 0], placed[v, 1]) | _BRANCHED
                    elif asking == 0:
                        _remember(placed, begin, end, v, slot, keys, pairs)
                    elif keys[slot] & _BRANCHED:
                        marks[v] = NODE


@compiled
def _key(x: int, y: int) -> np.uint64:
    return _USED | (np.uint64(x) << np.uint64(31)) | np.uint64(y)


@compiled
def _find_slot(x: int, y: int, keys: Words) -> np.uint64:
    """Find the place of a position in the table, or the free one that it will have."""
    mask = np.uint64(len(keys) - 1)
    key = _key(x, y)
    slot = mix(x, y) & mask
    while keys[slot] != 0 and (keys[slot] & ~_BRANCHED) != key:
        slot = (slot + np.uint64(1)) & mask
    return slot


@compiled
def _remember(
    placed: Units, begin: int, end: int, v: int, slot: np.uint64, keys: Words, pairs: Words
) -> None:
    """Remember between which neighbours the first ring passes; note it when another parts."""
    before = v - 1 if v > begin else end - 1
    after = v + 1 if v + 1 < end else begin
    pair = mix(placed[before, 0], placed[before, 1]) + mix(placed[after, 0], placed[after, 1])
    if keys[slot] == 0:
        keys[slot] = _key(placed[v, 0], placed[v, 1])
        pairs[slot] = pair
    elif pairs[slot] != pair:
        keys[slot] |= _BRANCHED
