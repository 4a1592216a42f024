"""Finding features of one layer that share area with each other."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geoapp.overlay.compiling import compiled
from geoapp.overlay.index import MeasureIndex
from geoapp.overlay.kernel import Floats, Integers, count_edges, shared_area
from geoapp.overlay.share import Batch
from geoapp.overlay.tree import build_tree, find_boxes, pack_order
from geoapp.overlay.workers import in_threads

# Neighbours whose common edge was noded twice share some 1e-9 m² by rounding: no overlap.
_ROUNDING_M2: Final = 1e-6
_ROWS: Final = 20_000


def find_overlapping(index: MeasureIndex) -> tuple[Integers, Integers, Floats]:
    """Find all pairs of features that share area, and how much.

    Returns:
        Rows of the first and of the second feature of each pair, first < second, and m².
    """
    pairs = [_measure(index, *meeting) for meeting in touch_boxes(index.bounds)]
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    first, second, area = (np.concatenate(column) for column in zip(*pairs, strict=True))
    sorting = np.lexsort((second, first))
    return first[sorting], second[sorting], area[sorting]


def touch_boxes(boxes: Floats) -> Iterator[tuple[Integers, Integers]]:
    """Find the pairs of ``(n, 4)`` boxes that share area, first < second, some at a time."""
    order = pack_order(np.where(np.isfinite(boxes), boxes, 0.0))
    nodes, begins = build_tree(boxes[order])
    portions = [(low, min(low + _ROWS, len(boxes))) for low in range(0, len(boxes), _ROWS)]
    return in_threads(lambda span: _find_meeting(boxes, nodes, begins, order, *span), portions)


def _measure(
    index: MeasureIndex, first: Integers, second: Integers
) -> tuple[Integers, Integers, Floats]:
    """Keep the pairs that share area, batch by batch."""
    batches = len(index.batches)
    one = np.searchsorted(index.starts, first, side="right") - 1
    other = np.searchsorted(index.starts, second, side="right") - 1
    groups = np.unique(one * batches + other)

    def share(group: int) -> tuple[Integers, Integers, Floats]:
        here, there = divmod(int(group), batches)
        rows = (one == here) & (other == there)
        area = share_rows(
            index.batches[here],
            first[rows] - index.starts[here],
            index.batches[there],
            second[rows] - index.starts[there],
        )
        real = area > _ROUNDING_M2
        return first[rows][real], second[rows][real], area[real]

    parts = list(in_threads(share, groups.tolist()))
    if not parts:
        return first, second, np.zeros(0)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return joined[0], joined[1], joined[2]


@compiled
def _find_meeting(
    boxes: Floats, nodes: Floats, begins: Integers, order: Integers, low: int, high: int
) -> tuple[Integers, Integers]:
    """Find pairs of boxes that share area, first < second, first in a range."""
    room = 16 * (high - low)
    first, second = np.empty(room, np.int64), np.empty(room, np.int64)
    found = np.empty(256, np.int64)
    count = 0
    for row in range(low, high):
        if not boxes[row, 0] <= boxes[row, 2]:
            continue
        met = find_boxes(nodes, begins, boxes[row], found)
        if met > len(found):
            found = np.empty(2 * met, np.int64)
            met = find_boxes(nodes, begins, boxes[row], found)
        for k in range(met):
            other = order[found[k]]
            if other <= row:
                continue
            if count == room:
                room *= 2
                longer, longer_second = np.empty(room, np.int64), np.empty(room, np.int64)
                longer[:count], longer_second[:count] = first, second
                first, second = longer, longer_second
            first[count], second[count] = row, other
            count += 1
    return first[:count].copy(), second[:count].copy()


@compiled
def share_rows(one: Batch, rows: Integers, other: Batch, other_rows: Integers) -> Floats:
    """Measure what pairs of features share, ``(k,)`` rows of each batch."""
    areas = np.zeros(len(rows))
    edges, other_edges, box = np.empty((128, 6)), np.empty((128, 6)), np.empty(4)
    for k in range(len(rows)):
        i, j = rows[k], other_rows[k]
        box[0] = max(one.bounds[i, 0], other.bounds[j, 0])
        box[1] = max(one.bounds[i, 1], other.bounds[j, 1])
        box[2] = min(one.bounds[i, 2], other.bounds[j, 2])
        box[3] = min(one.bounds[i, 3], other.bounds[j, 3])
        needed = 2 * count_edges(one.rings, one.firsts[i], one.firsts[i + 1])
        if needed > len(edges):
            edges = np.empty((2 * needed, 6))
        needed = 2 * count_edges(other.rings, other.firsts[j], other.firsts[j + 1])
        if needed > len(other_edges):
            other_edges = np.empty((2 * needed, 6))
        areas[k] = shared_area(
            one.xy,
            one.rings,
            one.firsts[i],
            one.firsts[i + 1],
            other.xy,
            other.rings,
            other.firsts[j],
            other.firsts[j + 1],
            box,
            edges,
            other_edges,
        )
    return areas
