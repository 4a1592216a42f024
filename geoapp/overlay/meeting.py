"""Finding which features of two grounds share area, and how much."""

from typing import Final, NamedTuple

import numpy as np

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.layout import Layout
from geoapp.overlay.selfjoin import share_rows
from geoapp.overlay.share import Batch
from geoapp.overlay.tree import build_tree, find_boxes, pack_order
from geoapp.overlay.workers import in_threads
from geoapp.values import Progress, no_progress

# Neighbours whose common edge was noded twice share this little by rounding. It is not more:
# slivers of a million parcels add up.
ROUNDING_M2: Final = 1e-9
_ROWS: Final = 4_000


class Pairs(NamedTuple):
    """Features that share area.

    Attributes:
        one: ``(k,)`` row of the first ground, rising.
        other: ``(k,)`` row of the second.
        area: ``(k,)`` m², more than rounding.
    """

    one: Integers
    other: Integers
    area: Floats


def meet(
    one: Layout,
    rows: Integers,
    other: Layout,
    other_rows: Integers,
    progress: Progress = no_progress,
) -> Pairs:
    """Measure what some rows of two grounds share, rising rows both."""
    portions = [rows[low : low + _ROWS] for low in range(0, len(rows), _ROWS)]
    find = Finder(other, other_rows)

    def measure(some: Integers) -> Pairs:
        first, second = find.near(one.bounds[some])
        area = share_pairs(
            (one.batches, one.starts), some[first], (other.batches, other.starts), second
        )
        real = area > ROUNDING_M2
        return Pairs(some[first][real], second[real], area[real])

    found = []
    for number, part in enumerate(in_threads(measure, portions)):
        found.append(part)
        progress("change.measuring", (number + 1) / len(portions))
    nothing = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    columns = zip(*(found or [nothing]), strict=True)
    return Pairs(*(np.concatenate(column) for column in columns))


class Finder:
    """A tree over the boxes of some rows of a ground."""

    def __init__(self, ground: Layout, rows: Integers) -> None:
        boxes = ground.bounds[rows]
        order = pack_order(boxes)
        self._nodes, self._begins = build_tree(boxes[order])
        self._rows = rows[order]

    def near(self, boxes: Floats) -> tuple[Integers, Integers]:
        """Find the rows whose boxes share area with ``(n, 4)`` boxes.

        Returns:
            Number of the box, rising, and row.
        """
        first, found = find_meeting(boxes, self._nodes, self._begins)
        return first, self._rows[found]


Batches = tuple[list[Batch], Integers]  # batches, and the row with which each begins


def share_pairs(one: Batches, rows: Integers, other: Batches, other_rows: Integers) -> Floats:
    """Measure what pairs of rows share, ``(k,)`` rows of each side."""
    here = np.searchsorted(one[1], rows, side="right") - 1
    there = np.searchsorted(other[1], other_rows, side="right") - 1
    together = here * len(other[0]) + there
    order = np.argsort(together, kind="stable")
    ends = np.flatnonzero(np.diff(together[order], append=-1)) + 1
    areas = np.zeros(len(rows))
    begin = 0
    for end in ends.tolist():
        some = order[begin:end]
        first, second = here[some[0]], there[some[0]]
        areas[some] = share_rows(
            one[0][first],
            rows[some] - one[1][first],
            other[0][second],
            other_rows[some] - other[1][second],
        )
        begin = end
    return areas


@compiled
def find_meeting(boxes: Floats, nodes: Floats, begins: Integers) -> tuple[Integers, Integers]:
    """Find which leaves of a tree share area with each box."""
    room = 8 * len(boxes) + 8
    first, second = np.empty(room, np.int64), np.empty(room, np.int64)
    found = np.empty(256, np.int64)
    count = 0
    for row in range(len(boxes)):
        met = find_boxes(nodes, begins, boxes[row], found)
        if met > len(found):
            found = np.empty(2 * met, np.int64)
            met = find_boxes(nodes, begins, boxes[row], found)
        if count + met > room:
            room = 2 * (count + met)
            longer, longer_second = np.empty(room, np.int64), np.empty(room, np.int64)
            longer[:count], longer_second[:count] = first[:count], second[:count]
            first, second = longer, longer_second
        first[count : count + met] = row
        second[count : count + met] = found[:met]
        count += met
    return first[:count].copy(), second[:count].copy()
