"""Rings and edges in units of a tile, cut at its buffer."""

from geoapp.overlay.compiling import compiled
from geoapp.tiles.grid import Units
from geoapp.tiles.rules import BUFFER, EXTENT

_LOW = -BUFFER
_HIGH = EXTENT + BUFFER


@compiled
def open_ring(ring: Units, count: int) -> int:
    """Drop vertices at the end of a ring that are where it begins."""
    while count > 1 and ring[count - 1, 0] == ring[0, 0] and ring[count - 1, 1] == ring[0, 1]:
        count -= 1
    return count


@compiled
def double_area(ring: Units, count: int) -> int:
    """Give twice the area of a ring, positive for outer ones."""
    double = 0
    for v in range(count):
        w = v + 1 if v + 1 < count else 0
        double += int(ring[v, 0]) * int(ring[w, 1]) - int(ring[w, 0]) * int(ring[v, 1])
    return double


@compiled
def clip_ring(ring: Units, count: int, spare: Units) -> int:
    """Cut a ring at the buffer, after Sutherland and Hodgman (1974), in place.

    Args:
        ring: The ring, and room for six times its vertices.
        count: How many vertices it has.
        spare: As much room.

    Returns:
        How many vertices are left.
    """
    outside, beyond = False, 0
    west, north, east, south = True, True, True, True
    for v in range(count):
        x, y = ring[v, 0], ring[v, 1]
        west, east = west and x < _LOW, east and x > _HIGH
        north, south = north and y < _LOW, south and y > _HIGH
        outside = x < _LOW or x > _HIGH or y < _LOW or y > _HIGH
        beyond += outside
    if west or east or north or south:
        return 0
    if beyond == 0:
        return count
    count = _cut(ring, count, spare, 0, _LOW, 1)
    count = _cut(spare, count, ring, 0, _HIGH, -1)
    count = _cut(ring, count, spare, 1, _LOW, 1)
    count = _cut(spare, count, ring, 1, _HIGH, -1)
    return open_ring(ring, count)


@compiled
def clip_edge(edge: Units) -> bool:
    """Cut an edge at the buffer, in place.

    Args:
        edge: ``(2, 2)`` its ends.

    Returns:
        Whether anything of it is left; its ends may be one.
    """
    for axis in range(2):
        for limit, side in ((_LOW, 1), (_HIGH, -1)):
            first = side * (edge[0, axis] - limit) >= 0
            second = side * (edge[1, axis] - limit) >= 0
            if not first and not second:
                return False
            if first != second:
                x, y = cross(edge, 0, 1, axis, limit)
                out = 1 if first else 0
                edge[out, 0], edge[out, 1] = x, y
    return True


@compiled
def _cut(ring: Units, count: int, left: Units, axis: int, limit: int, side: int) -> int:
    """Keep what lies on one side of a line along an axis."""
    at = 0
    for v in range(count):
        w = v - 1 if v > 0 else count - 1
        kept = side * (ring[v, axis] - limit) >= 0
        if kept != (side * (ring[w, axis] - limit) >= 0):
            x, y = cross(ring, w, v, axis, limit)
            at = _append(left, at, x, y)
        if kept:
            at = _append(left, at, ring[v, 0], ring[v, 1])
    return at


@compiled
def _append(line: Units, at: int, x: int, y: int) -> int:
    if at > 0 and line[at - 1, 0] == x and line[at - 1, 1] == y:
        return at
    line[at, 0], line[at, 1] = x, y
    return at + 1


@compiled
def cross(line: Units, v: int, w: int, axis: int, limit: int) -> tuple[int, int]:
    """Give where an edge crosses a line along an axis; the same from both its ends."""
    if line[w, axis] < line[v, axis]:
        v, w = w, v
    other = 1 - axis
    share = (limit - line[v, axis]) / (line[w, axis] - line[v, axis])
    at = round(line[v, other] + share * (line[w, other] - line[v, other]))
    if axis == 0:
        return limit, at
    return at, limit
