"""Kernels that bring polygons of the measure plane to the paper and fill them into a picture."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
PaperUnits = NDArray[np.int32]
Pixels = NDArray[np.uint8]

_FEW = 32  # values that are sorted sooner by insertion


class Grid(NamedTuple):
    """The way from the measure plane to the paper, known at the nodes of a grid.

    Attributes:
        nodes: ``(r, c, 2)`` paper coordinates, rows from the south.
        origin: ``(2,)`` first node in the measure plane.
        step: ``(2,)`` distance of nodes there.
        box: ``(4,)`` least x, least y, most x, most y on paper; what lies beyond is moved in.
    """

    nodes: Floats
    origin: Floats
    step: Floats
    box: Floats


@compiled
def trace(
    xy: Floats,
    rings: Integers,
    firsts: Integers,
    rows: Integers,
    grid: Grid,
    paper: PaperUnits,
    paper_rings: Integers,
    paper_firsts: Integers,
) -> int:
    """Trace features on paper: moved, rounded, without needless vertices.

    A vertex is needless where it falls onto the last one or lies straight between others. A
    ring that becomes a line or a point is left out.

    Args:
        xy: ``(m, 2)`` vertices in the measure plane; each ring closes on its first.
        rings: Where rings begin.
        firsts: Where the rings of each feature begin.
        rows: ``(k,)`` which features.
        grid: The way to the paper.
        paper: ``(m', 2)`` written: vertices; rings do not repeat their first.
        paper_rings: Written: where rings begin.
        paper_firsts: ``(k + 1,)`` written: where the rings of each feature begin.

    Returns:
        The number of rings written.
    """
    written, ring_count = 0, 0
    paper_rings[0], paper_firsts[0] = 0, 0
    for k in range(len(rows)):
        for ring in range(firsts[rows[k]], firsts[rows[k] + 1]):
            begin = written
            for v in range(rings[ring], rings[ring + 1] - 1):
                x, y = _locate(xy[v, 0], xy[v, 1], grid)
                written = _append(paper, begin, written, x, y)
            while (
                written > begin + 1
                and paper[written - 1, 0] == paper[begin, 0]
                and paper[written - 1, 1] == paper[begin, 1]
            ):
                written -= 1
            if written < begin + 3:
                written = begin
                continue
            ring_count += 1
            paper_rings[ring_count] = written
        paper_firsts[k + 1] = ring_count
    return ring_count


@compiled
def fill(
    paper: PaperUnits,
    rings: Integers,
    firsts: Integers,
    values: Pixels,
    pixels_per_unit: float,
    picture: Pixels,
) -> None:
    """Fill features into a picture: a pixel belongs to the last one that holds its middle.

    Args:
        paper: ``(m, 2)`` vertices; rings do not repeat their first.
        rings: Where rings begin.
        firsts: ``(k + 1,)`` where the rings of each feature begin.
        values: ``(k,)`` what is written.
        pixels_per_unit: Pixels per hundredth of a millimetre.
        picture: ``(h, w)`` written.
    """
    for k in range(len(values)):
        begin, end = rings[firsts[k]], rings[firsts[k + 1]]
        if begin == end:
            continue
        least, most = paper[begin, 1], paper[begin, 1]
        for v in range(begin, end):
            least, most = min(least, paper[v, 1]), max(most, paper[v, 1])
        top = max(math.ceil(least * pixels_per_unit - 0.5), 0)
        bottom = min(math.ceil(most * pixels_per_unit - 0.5), picture.shape[0])
        if bottom <= top:
            continue
        # Where the crossings of each row end; counted first, then written.
        ends = np.zeros(bottom - top + 1, dtype=np.int64)
        nothing = np.empty(0, dtype=np.float64)
        for ring in range(firsts[k], firsts[k + 1]):
            _cross(paper[rings[ring] : rings[ring + 1]], pixels_per_unit, top, ends[1:], nothing)
        ends = np.cumsum(ends)
        crossings = np.empty(ends[-1], dtype=np.float64)
        for ring in range(firsts[k], firsts[k + 1]):
            _cross(paper[rings[ring] : rings[ring + 1]], pixels_per_unit, top, ends[:-1], crossings)
        _write_spans(crossings, ends, top, values[k], picture)


@compiled
def _locate(x: float, y: float, grid: Grid) -> tuple[int, int]:
    """Find a position on the paper between the four nodes around it."""
    nodes, box = grid.nodes, grid.box
    u, w = (x - grid.origin[0]) / grid.step[0], (y - grid.origin[1]) / grid.step[1]
    i = min(max(math.floor(u), 0), nodes.shape[1] - 2)
    j = min(max(math.floor(w), 0), nodes.shape[0] - 2)
    u, w = u - i, w - j
    a, b, c, d = (1 - u) * (1 - w), u * (1 - w), (1 - u) * w, u * w
    px = a * nodes[j, i, 0] + b * nodes[j, i + 1, 0]
    px += c * nodes[j + 1, i, 0] + d * nodes[j + 1, i + 1, 0]
    py = a * nodes[j, i, 1] + b * nodes[j, i + 1, 1]
    py += c * nodes[j + 1, i, 1] + d * nodes[j + 1, i + 1, 1]
    px, py = min(max(px, box[0]), box[2]), min(max(py, box[1]), box[3])
    return math.floor(px + 0.5), math.floor(py + 0.5)


@compiled
def _append(paper: PaperUnits, begin: int, written: int, x: int, y: int) -> int:
    """Append a vertex to a ring; give how many vertices are written."""
    if written > begin and paper[written - 1, 0] == x and paper[written - 1, 1] == y:
        return written
    if written > begin + 1:
        ax, ay = paper[written - 2, 0], paper[written - 2, 1]
        bx, by = paper[written - 1, 0] - ax, paper[written - 1, 1] - ay
        cx, cy = x - ax, y - ay
        if bx * cy == by * cx and bx * (cx - bx) + by * (cy - by) >= 0:
            written -= 1
    paper[written, 0], paper[written, 1] = x, y
    return written + 1


@compiled
def _cross(
    ring: PaperUnits, pixels_per_unit: float, top: int, places: Integers, crossings: Floats
) -> None:
    """Go round a ring and count, or write, where it crosses the middles of rows.

    Args:
        ring: Its vertices.
        pixels_per_unit: Pixels per hundredth of a millimetre.
        top: The first row.
        places: By row: how many crossings, or where the next one is written; moved on.
        crossings: Written, unless it is empty.
    """
    last = len(ring) - 1
    for v in range(len(ring)):
        xa, ya = ring[last, 0] * pixels_per_unit, ring[last, 1] * pixels_per_unit
        xb, yb = ring[v, 0] * pixels_per_unit, ring[v, 1] * pixels_per_unit
        last = v
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        low = max(math.ceil(ya - 0.5), top)
        high = min(math.ceil(yb - 0.5), top + len(places))
        for row in range(low, high):
            if len(crossings):
                crossings[places[row - top]] = xa + (row + 0.5 - ya) / (yb - ya) * (xb - xa)
            places[row - top] += 1


@compiled
def _write_spans(crossings: Floats, ends: Integers, top: int, value: int, picture: Pixels) -> None:
    """Fill every other span between the crossings of each row."""
    first = 0
    for row in range(len(ends) - 1):
        span = crossings[first : ends[row]]
        first = ends[row]
        _sort(span)
        for pair in range(0, len(span) - 1, 2):
            left = max(math.ceil(span[pair] - 0.5), 0)
            right = min(math.ceil(span[pair + 1] - 0.5), picture.shape[1])
            for column in range(left, right):
                picture[top + row, column] = value


@compiled
def _sort(values: Floats) -> None:
    if len(values) > _FEW:
        values.sort()
        return
    for k in range(1, len(values)):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
