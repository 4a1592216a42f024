"""Cutting flat polygons along straight lines, vertex by vertex.

Each ring is clipped on its own to one side of a line. What runs along the line may lie there
twice, once in each direction; signed areas, all that the kernel adds up, are right all the
same. So nothing needs to be noded and nothing can fail.
"""

from typing import Final

import numpy as np

from geoapp.geometry.flat import FlatPolygons
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers

# More halvings than a polygon of the size of a city needs down to a millimetre.
_MOST_ROUNDS: Final = 48
# Many edges side by side are in both halves, however often they are halved: then it stops.
_MOST_GROWTH: Final = 4
_FREE_VERTICES: Final = 4096


def join_features(flat: FlatPolygons) -> FlatPolygons:
    """Take all parts of a feature together as one, as the kernel does."""
    return _of(flat.xy, flat.rings, flat.first_rings)


def pick_features(xy: Floats, rings: Integers, firsts: Integers, rows: Integers) -> FlatPolygons:
    """Copy some features out of many.

    Args:
        xy: ``(m, 2)`` vertices.
        rings: Where rings begin.
        firsts: Where the rings of each feature begin.
        rows: ``(k,)`` the features.
    """
    return _of(*_pick(xy, rings, firsts, rows))


def clip_to_box(flat: FlatPolygons, box: Floats) -> FlatPolygons:
    """Clip features to west, south, east, north; they may be left without rings."""
    below, above = 1.0, -1.0
    for axis, value, side in (
        (0, box[0], above),
        (1, box[1], above),
        (0, box[2], below),
        (1, box[3], below),
    ):
        flat = _of(*_clip_all(flat.xy, flat.rings, flat.first_rings, axis, value, side))
    return flat


def halve_until_small(flat: FlatPolygons, most: int) -> tuple[FlatPolygons, Integers]:
    """Halve features until each piece has at most so many vertices, where that helps.

    Returns:
        The pieces, neighbours near each other, and the ``(k,)`` feature of each.
    """
    owner = np.arange(len(flat.features) - 1)
    pieces = flat
    enough = _MOST_GROWTH * len(flat.xy) + _FREE_VERTICES
    for _ in range(_MOST_ROUNDS):
        if len(pieces.xy) > enough:
            break
        halved = _halve(pieces.xy, pieces.rings, pieces.first_rings, owner, most)
        if halved is None:
            break
        xy, rings, firsts, owner = halved
        pieces = _of(xy, rings, firsts)
    return pieces, owner


def _of(xy: Floats, rings: Integers, firsts: Integers) -> FlatPolygons:
    return FlatPolygons(xy, rings, firsts, np.arange(len(firsts)))


@compiled
def _pick(
    xy: Floats, rings: Integers, firsts: Integers, rows: Integers
) -> tuple[Floats, Integers, Integers]:
    vertices, count = 0, 0
    for row in rows:
        vertices += rings[firsts[row + 1]] - rings[firsts[row]]
        count += firsts[row + 1] - firsts[row]
    picked = np.empty((vertices, 2))
    starts, begins = np.zeros(count + 1, np.int64), np.zeros(len(rows) + 1, np.int64)
    vertices, count = 0, 0
    for k, row in enumerate(rows):
        for ring in range(firsts[row], firsts[row + 1]):
            size = rings[ring + 1] - rings[ring]
            picked[vertices : vertices + size] = xy[rings[ring] : rings[ring + 1]]
            vertices += size
            count += 1
            starts[count] = vertices
        begins[k + 1] = count
    return picked, starts, begins


@compiled
def _clip_ring(
    xy: Floats, begin: int, end: int, axis: int, value: float, side: float, out: Floats, at: int
) -> int:
    """Write what a ring has on one side of a line; give where the next ring is written.

    Args:
        xy: Vertices.
        begin: First vertex of the ring.
        end: After its last vertex, which repeats the first.
        axis: 0 for a line of equal x, 1 for one of equal y.
        value: Where the line runs.
        side: 1 keeps what is below the line, -1 what is above.
        out: Room for ``2 * (end - begin) + 1`` vertices from ``at``.
        at: Where to write.
    """
    other = 1 - axis
    here = at
    for k in range(begin, end - 1):
        one, two = side * (xy[k, axis] - value), side * (xy[k + 1, axis] - value)
        if (one < 0.0 < two) or (two < 0.0 < one):
            part = (value - xy[k, axis]) / (xy[k + 1, axis] - xy[k, axis])
            crossing = xy[k, other] + part * (xy[k + 1, other] - xy[k, other])
            here = _write_on_line(out, at, here, axis, value, crossing)
        if two == 0.0:
            here = _write_on_line(out, at, here, axis, value, xy[k + 1, other])
        elif two < 0.0:
            out[here, 0], out[here, 1] = xy[k + 1, 0], xy[k + 1, 1]
            here += 1
    if here - at < 3:
        return at
    out[here, 0], out[here, 1] = out[at, 0], out[at, 1]
    return here + 1


@compiled
def _write_on_line(
    out: Floats, at: int, here: int, axis: int, value: float, crossing: float
) -> int:
    """Write a vertex on the line; of three in a row the middle one says nothing."""
    if here - at >= 2 and out[here - 1, axis] == value and out[here - 2, axis] == value:
        here -= 1
    out[here, axis], out[here, 1 - axis] = value, crossing
    return here + 1


@compiled
def _clip_all(
    xy: Floats, rings: Integers, firsts: Integers, axis: int, value: float, side: float
) -> tuple[Floats, Integers, Integers]:
    out = np.empty((2 * len(xy) + len(rings), 2))
    starts, begins = np.zeros(len(rings), np.int64), np.zeros(len(firsts), np.int64)
    count, at = 0, 0
    for k in range(len(firsts) - 1):
        for ring in range(firsts[k], firsts[k + 1]):
            after = _clip_ring(xy, rings[ring], rings[ring + 1], axis, value, side, out, at)
            if after > at:
                count, at = count + 1, after
                starts[count] = at
        begins[k + 1] = count
    return out[:at].copy(), starts[: count + 1].copy(), begins


@compiled
def _halve(
    xy: Floats, rings: Integers, firsts: Integers, owner: Integers, most: int
) -> tuple[Floats, Integers, Integers, Integers] | None:
    """Halve every piece that is too large across its longer side; ``None``: there is none."""
    pieces = len(firsts) - 1
    large = 0
    for k in range(pieces):
        large += rings[firsts[k + 1]] - rings[firsts[k]] > most
    if large == 0:
        return None
    out = np.empty((4 * len(xy) + 2 * len(rings), 2))
    starts = np.zeros(2 * len(rings), np.int64)
    begins, owners = np.zeros(2 * pieces + 1, np.int64), np.empty(2 * pieces, np.int64)
    made, count, at = 0, 0, 0
    for k in range(pieces):
        first, end = rings[firsts[k]], rings[firsts[k + 1]]
        axis, value, sides = 0, 0.0, 1
        if end - first > most:
            west, south = xy[first:end, 0].min(), xy[first:end, 1].min()
            east, north = xy[first:end, 0].max(), xy[first:end, 1].max()
            axis = 0 if east - west >= north - south else 1
            value = (west + east) / 2 if axis == 0 else (south + north) / 2
            sides = 2
        for turn in range(sides):
            before = count
            for ring in range(firsts[k], firsts[k + 1]):
                begin, after = rings[ring], rings[ring + 1]
                if sides == 1:
                    out[at : at + after - begin] = xy[begin:after]
                    after = at + after - begin
                else:
                    after = _clip_ring(xy, begin, after, axis, value, 1.0 - 2.0 * turn, out, at)
                if after > at:
                    count, at = count + 1, after
                    starts[count] = at
            if count > before:
                owners[made] = owner[k]
                made += 1
                begins[made] = count
    return (
        out[:at].copy(),
        starts[: count + 1].copy(),
        begins[: made + 1].copy(),
        owners[:made].copy(),
    )
