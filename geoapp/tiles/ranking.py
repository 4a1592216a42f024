"""From which zoom each vertex is drawn, told alike from both sides of a border.

Borders are simplified between nodes after Douglas and Peucker (1973): the vertex farthest
from the straight line divides it in two, and so on. How far it was is what the vertex is worth,
never more than the one that divided before it. Ends are taken in the order of their positions
and equal distances are decided by position, so the direction of a ring makes no difference.
"""

from typing import Final

import numpy as np

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.workers import CORES, in_threads
from geoapp.tiles.grid import Bytes, Units
from geoapp.tiles.nodes import NODE, mix
from geoapp.tiles.rules import MAX_ZOOM, TOLERANCE_PX, UNITS_PER_PX

_PIECES: Final = 8 * CORES
_FINEST: Final = TOLERANCE_PX * UNITS_PER_PX  # grid units, at the largest zoom


def rank_vertices(placed: Units, rings: Offsets, marks: Bytes) -> None:
    """Replace the marks of ``find_nodes`` by the lowest zoom at which a vertex is drawn.

    Args:
        placed: ``(m, 2)`` vertices of rings that are not closed.
        rings: ``(r + 1,)`` where each ring begins.
        marks: ``(m,)`` nodes; overwritten.
    """
    edges = np.linspace(0, len(rings) - 1, min(_PIECES, len(rings)) + 1).astype(np.int64)

    def rank(piece: int) -> None:
        _rank_rings(placed, rings, edges[piece], edges[piece + 1], marks)

    for _ in in_threads(rank, range(len(edges) - 1)):
        pass


@compiled
def _rank_rings(placed: Units, rings: Offsets, first: int, last: int, levels: Bytes) -> None:
    room = np.empty(16, np.int64)
    limits = np.empty(16, np.float64)
    for ring in range(first, last):
        begin, count = rings[ring], rings[ring + 1] - rings[ring]
        if 2 * count + 2 > len(room):
            room = np.empty(4 * count + 2, np.int64)
            limits = np.empty(2 * count + 1, np.float64)
        _rank_ring(placed[begin : begin + count], levels[begin : begin + count], room, limits)


@compiled
def _rank_ring(ring: Units, levels: Bytes, room: Integers, limits: Floats) -> None:
    count = len(ring)
    if count < 3:
        levels[:] = NODE
        return
    start = -1
    for v in range(count):
        # A position in a thousand is a node of its own, or one endless line could take hours.
        if levels[v] == NODE or mix(ring[v, 0], ring[v, 1]) & np.uint64(1023) == 0:
            levels[v] = NODE
            start = v if start < 0 else start
    if start < 0:
        start = 0
        for v in range(1, count):
            if _before(ring, v, start):
                start = v
        levels[start] = NODE
        other, _ = _farthest(ring, start, start + count)
        levels[other % count] = NODE
    begin = start
    for v in range(start + 1, start + count + 1):
        if levels[v % count] == NODE:
            _rank_line(ring, begin, v, levels, room, limits)
            begin = v


@compiled
def _rank_line(
    ring: Units, begin: int, end: int, levels: Bytes, room: Integers, limits: Floats
) -> None:
    """Rank the vertices between two nodes; positions run on past the end of the ring."""
    count = len(ring)
    room[0], room[1], limits[0] = begin, end, np.inf
    size = 1
    while size > 0:
        size -= 1
        low, high, limit = room[2 * size], room[2 * size + 1], limits[size]
        if high - low < 2:
            continue
        middle, distance = _farthest(ring, low, high)
        worth = min(limit, distance)
        level = level_of(worth)
        if level == MAX_ZOOM:
            for v in range(low + 1, high):
                levels[v % count] = MAX_ZOOM
            continue
        levels[middle % count] = level
        room[2 * size], room[2 * size + 1], limits[size] = low, middle, worth
        size += 1
        room[2 * size], room[2 * size + 1], limits[size] = middle, high, worth
        size += 1


@compiled
def level_of(distance: float) -> int:
    """Give the lowest zoom at which a distance, grid units, is more than the tolerance."""
    level = MAX_ZOOM
    reach = 2 * _FINEST
    while level > 1 and distance > reach:
        level -= 1
        reach *= 2
    return level


@compiled
def _before(ring: Units, v: int, w: int) -> bool:
    west: bool = ring[v, 0] < ring[w, 0]
    return west or (ring[v, 0] == ring[w, 0] and ring[v, 1] < ring[w, 1])


@compiled
def _farthest(ring: Units, low: int, high: int) -> tuple[int, float]:
    """Find the vertex farthest from the straight line between two others."""
    count = len(ring)
    a, b = low % count, high % count
    if _before(ring, b, a):
        a, b = b, a
    ax, ay = float(ring[a, 0]), float(ring[a, 1])
    dx, dy = float(ring[b, 0]) - ax, float(ring[b, 1]) - ay
    square = dx * dx + dy * dy
    best, most = low + 1, -1.0
    for k in range(low + 1, high):
        v = k % count
        px, py = float(ring[v, 0]) - ax, float(ring[v, 1]) - ay
        along = 0.0
        if square > 0:
            along = min(1.0, max(0.0, (px * dx + py * dy) / square))
        ex, ey = px - along * dx, py - along * dy
        distance = ex * ex + ey * ey
        if distance > most or (distance == most and _before(ring, v, best % count)):
            best, most = k, distance
    return best, np.sqrt(most)
