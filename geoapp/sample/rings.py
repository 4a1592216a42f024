"""From labelled cells to polygons that share their vertices exactly.

All boundary edges of all labels are linked to rings at once with whole-array operations, so a
million parcels take seconds. Each label must be one piece (connected through cell sides).
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.sample.grid import Ints
from geoapp.sample.lattice import Lattice

Polygons = NDArray[np.object_]


def _half_edges(label: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the boundary edges, the labelled cell on their left: padded cell and heading.

    Heading 0 runs east along the south side of its cell, 1 north along the east side, and
    so on round the cell.
    """
    width = label.shape[1]
    inner = np.zeros((*label.shape, 4), np.bool_)
    core = label[1:-1, 1:-1]
    beside = (label[:-2, 1:-1], label[1:-1, 2:], label[2:, 1:-1], label[1:-1, :-2])
    for heading, other in enumerate(beside):
        inner[1:-1, 1:-1, heading] = (core != other) & (core > 0)
    flat = np.flatnonzero(inner)
    del inner, width
    return flat // 4, flat % 4


def _successors(label: Ints, cell: Ints, heading: Ints) -> NDArray[np.int64]:
    """Find, for each half-edge, the one that follows it round the same label.

    Where two cells of a label touch only at a corner the ring turns right, which splits a
    pinched outline into an outer ring and a hole, as polygons want it.
    """
    width = label.shape[1]
    step = np.array([1, width, -1, -width])
    flat = label.ravel()
    mine = flat[cell]
    ahead = cell + step[heading]
    across = ahead + step[(heading + 3) % 4]
    right = flat[across] == mine
    straight = ~right & (flat[ahead] == mine)
    next_cell = np.where(right, across, np.where(straight, ahead, cell))
    turn = np.where(right, 3, np.where(straight, 0, 1))
    return np.searchsorted(cell * 4 + heading, next_cell * 4 + (heading + turn) % 4)


def _ring_order(after: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order the half-edges ring by ring.

    Args:
        after: Permutation: the half-edge that follows each one.

    Returns:
        Half-edges in order, and the position in that list where each ring begins, with the
        total length appended.
    """
    first = np.arange(after.size)
    jump = after
    while True:
        nearer = np.minimum(first, first[jump])
        if np.array_equal(nearer, first) and np.array_equal(first, first[after]):
            break
        first, jump = nearer, jump[jump]
    number = np.arange(after.size)
    # Cut every ring before its first edge, then count the way to the end by doubling.
    last = after == first
    jump = np.where(last, number, after)
    left = np.where(last, 0, 1)
    while not np.array_equal(jump, jump[jump]):
        left = left + left[jump]
        jump = jump[jump]
    heads = np.flatnonzero(first == number)
    length = left[heads] + 1
    begin = np.concatenate([[0], np.cumsum(length)])
    rank = np.searchsorted(heads, first)
    order = np.empty(after.size, np.int64)
    order[begin[rank + 1] - 1 - left] = number
    return order, begin


def _double_area(points: NDArray[np.float64], begin: Ints) -> NDArray[np.float64]:
    """Measure twice the signed area of rings given without their closing point."""
    follow = np.arange(1, len(points) + 1)
    follow[begin[1:] - 1] = begin[:-1]
    local = points - points[0]
    cross = local[:, 0] * local[follow, 1] - local[follow, 0] * local[:, 1]
    return np.add.reduceat(cross, begin[:-1])


def trace(label: NDArray[np.int32], lattice: Lattice) -> Polygons:
    """Draw the polygon of every label.

    Args:
        label: ``(rows, columns)``, 0 outside, labels 1 to n each in one piece.
        lattice: The bent net over the same grid.

    Returns:
        ``(n,)`` polygons in label order, outer rings counter-clockwise, projected CRS.
    """
    padded = np.pad(label, 1)
    cell, heading = _half_edges(padded)
    order, begin = _ring_order(_successors(padded, cell, heading))
    cell, heading = cell[order], heading[order]
    row, column = np.divmod(cell, padded.shape[1])
    # The start of an edge: south-west, south-east, north-east, north-west corner in turn.
    row = row - 1 + (heading >= 2)
    column = column - 1 + ((heading == 1) | (heading == 2))
    vertex = row * (label.shape[1] + 1) + column
    points = lattice.points(vertex)
    hole = _double_area(points, begin) < 0
    owner = padded.ravel()[cell[begin[:-1]]]
    ring_order = np.lexsort((hole, owner))
    return _assemble(points, lattice.middles(vertex, heading), begin, ring_order, owner[ring_order])


def _assemble(
    points: NDArray[np.float64],
    middles: NDArray[np.float64],
    begin: Ints,
    ring_order: Ints,
    owner: Ints,
) -> Polygons:
    """Weave vertices and extra points into closed rings, and rings into polygons."""
    size = np.diff(begin)[ring_order]
    closed = 2 * size + 1
    offset = np.concatenate([[0], np.cumsum(closed)])
    within = np.arange(offset[-1]) - np.repeat(offset[:-1], closed)
    start = np.repeat(begin[:-1][ring_order], closed)
    source = start + (within // 2) % np.repeat(size, closed)
    coordinates = np.where((within % 2 == 0)[:, None], points[source], middles[source])
    count = np.bincount(owner)[1:]
    rings_of = np.concatenate([[0], np.cumsum(count)])
    polygons: Polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coordinates, (offset, rings_of)
    )
    return polygons
