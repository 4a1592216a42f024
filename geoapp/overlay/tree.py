"""A packed tree of boxes: built once, read by kernels without asking anybody.

Leaves lie in the order of sort-tile-recursive packing; each node holds up to eight children
that follow one another, so the tree is one array of boxes, level after level.
"""

import math
from typing import Final

import numpy as np

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers

CHILDREN: Final = 8
MOST_LEVELS: Final = 24
# Room for a walk: at most seven siblings wait on each level.
_WAITING: Final = MOST_LEVELS * CHILDREN


def pack_order(boxes: Floats) -> Integers:
    """Order ``(n, 4)`` boxes so that neighbours in the order are neighbours in the plane."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    leaves = max(1, math.ceil(len(boxes) / CHILDREN))
    column = math.ceil(math.sqrt(leaves)) * CHILDREN
    by_x = np.argsort(middle[:, 0], kind="stable")
    slab = np.empty(len(boxes), dtype=np.int64)
    slab[by_x] = np.arange(len(boxes)) // column
    order: Integers = np.lexsort((middle[:, 1], slab))
    return order


def build_tree(boxes: Floats) -> tuple[Floats, Integers]:
    """Build the levels above ``(n, 4)`` boxes that are in packing order.

    Returns:
        Boxes of all levels, leaves first and the root last, and where each level begins.
    """
    levels = [np.ascontiguousarray(boxes, dtype=np.float64).reshape(-1, 4)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        starts = np.arange(0, len(below), CHILDREN)
        levels.append(
            np.column_stack(
                [
                    np.minimum.reduceat(below[:, 0], starts),
                    np.minimum.reduceat(below[:, 1], starts),
                    np.maximum.reduceat(below[:, 2], starts),
                    np.maximum.reduceat(below[:, 3], starts),
                ]
            )
        )
    begins = np.cumsum([0, *(len(level) for level in levels)]).astype(np.int64)
    return np.concatenate(levels), begins


@compiled
def find_boxes(nodes: Floats, begins: Integers, box: Floats, found: Integers) -> int:
    """Find the leaves that share area with a box, in rising order.

    Args:
        nodes: From ``build_tree``.
        begins: Likewise.
        box: West, south, east, north.
        found: Room for the numbers of leaves; when it is too small, what fits is written.

    Returns:
        How many there are.
    """
    count = 0
    if begins[1] == 0:
        return count
    waiting = np.empty(_WAITING, np.int64)
    levels = np.empty(_WAITING, np.int64)
    top = len(begins) - 2
    waiting[0], levels[0] = 0, top
    size = 1
    while size > 0:
        size -= 1
        node, level = waiting[size], levels[size]
        at = begins[level] + node
        if (
            nodes[at, 0] >= box[2]
            or nodes[at, 2] <= box[0]
            or nodes[at, 1] >= box[3]
            or nodes[at, 3] <= box[1]
        ):
            continue
        if level == 0:
            if count < len(found):
                found[count] = node
            count += 1
            continue
        below = begins[level] - begins[level - 1]
        first = node * CHILDREN
        for child in range(min(first + CHILDREN, below) - 1, first - 1, -1):
            waiting[size], levels[size] = child, level - 1
            size += 1
    return count
