"""Kernels that bring polygons of the measure plane to the paper and fill them into a picture."""

import math

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
PaperUnits = NDArray[np.int32]
Pixels = NDArray[np.uint8]


@compiled
def trace(
    xy: Floats,
    rings: Integers,
    firsts: Integers,
    rows: Integers,
    nodes: Floats,
    origin: Floats,
    step: Floats,
    box: Floats,
    paper: PaperUnits,
    paper_rings: Integers,
    paper_firsts: Integers,
) -> int:
    """Trace features on paper: moved, clamped to a box, rounded, without needless vertices.

    A ring that becomes a line or a point is left out.

    Args:
        xy: ``(m, 2)`` vertices in the measure plane; each ring closes on its first.
        rings: Where rings begin.
        firsts: Where the rings of each feature begin.
        rows: ``(k,)`` which features.
        nodes: ``(r, c, 2)`` paper coordinates on a grid over the measure plane.
        origin: ``(2,)`` where that grid begins; ``step`` its spacing.
        box: ``(4,)`` least x, least y, most x, most y on paper.
        paper: ``(m', 2)`` written: vertices; rings do not repeat their first.
        paper_rings: Written: where rings begin.
        paper_firsts: ``(k + 1,)`` written: where the rings of each feature begin.

    Returns:
        The number of rings written.
    """
    most_row, most_column = nodes.shape[0] - 2, nodes.shape[1] - 2
    written, ring_count = 0, 0
    paper_rings[0], paper_firsts[0] = 0, 0
    for k in range(len(rows)):
        for ring in range(firsts[rows[k]], firsts[rows[k] + 1]):
            begin = written
            for v in range(rings[ring], rings[ring + 1] - 1):
                u, w = (xy[v, 0] - origin[0]) / step[0], (xy[v, 1] - origin[1]) / step[1]
                i = min(max(int(math.floor(u)), 0), most_column)
                j = min(max(int(math.floor(w)), 0), most_row)
                u, w = u - i, w - j
                a, b = (1 - u) * (1 - w), u * (1 - w)
                c, d = (1 - u) * w, u * w
                px = a * nodes[j, i, 0] + b * nodes[j, i + 1, 0]
                px += c * nodes[j + 1, i, 0] + d * nodes[j + 1, i + 1, 0]
                py = a * nodes[j, i, 1] + b * nodes[j, i + 1, 1]
                py += c * nodes[j + 1, i, 1] + d * nodes[j + 1, i + 1, 1]
                x = int(math.floor(min(max(px, box[0]), box[2]) + 0.5))
                y = int(math.floor(min(max(py, box[1]), box[3]) + 0.5))
                if written > begin and paper[written - 1, 0] == x and paper[written - 1, 1] == y:
                    continue
                if written > begin + 1:
                    ax, ay = paper[written - 2, 0], paper[written - 2, 1]
                    bx, by = paper[written - 1, 0] - ax, paper[written - 1, 1] - ay
                    cx, cy = x - ax, y - ay
                    if bx * cy == by * cx and bx * (cx - bx) + by * (cy - by) >= 0:
                        written -= 1
                paper[written, 0], paper[written, 1] = x, y
                written += 1
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
    height, width = picture.shape
    for k in range(len(values)):
        begin, end = rings[firsts[k]], rings[firsts[k + 1]]
        if begin == end:
            continue
        least, most = paper[begin, 1], paper[begin, 1]
        for v in range(begin, end):
            least, most = min(least, paper[v, 1]), max(most, paper[v, 1])
        top = max(int(math.ceil(least * pixels_per_unit - 0.5)), 0)
        bottom = min(int(math.ceil(most * pixels_per_unit - 0.5)), height)
        if bottom <= top:
            continue
        starts = np.zeros(bottom - top + 1, dtype=np.int64)
        crossings = np.empty(0, dtype=np.float64)
        for counting in (True, False):
            if not counting:
                for row in range(bottom - top):
                    starts[row + 1] += starts[row]
                crossings = np.empty(starts[bottom - top], dtype=np.float64)
            for ring in range(firsts[k], firsts[k + 1]):
                last = rings[ring + 1] - 1
                for v in range(rings[ring], rings[ring + 1]):
                    xa, ya = paper[last, 0] * pixels_per_unit, paper[last, 1] * pixels_per_unit
                    xb, yb = paper[v, 0] * pixels_per_unit, paper[v, 1] * pixels_per_unit
                    last = v
                    if ya > yb:
                        xa, ya, xb, yb = xb, yb, xa, ya
                    low = max(int(math.ceil(ya - 0.5)), top)
                    high = min(int(math.ceil(yb - 0.5)), bottom)
                    for row in range(low, high):
                        if counting:
                            starts[row - top + 1] += 1
                        else:
                            x = xa + (row + 0.5 - ya) / (yb - ya) * (xb - xa)
                            crossings[starts[row - top]] = x
                            starts[row - top] += 1
        # Each start moved on to where the next row begins.
        first = 0
        for row in range(bottom - top):
            span = crossings[first : starts[row]]
            first = starts[row]
            _sort(span)
            for pair in range(0, len(span) - 1, 2):
                left = max(int(math.ceil(span[pair] - 0.5)), 0)
                right = min(int(math.ceil(span[pair + 1] - 0.5)), width)
                for column in range(left, right):
                    picture[row + top, column] = values[k]


@compiled
def _sort(values: Floats) -> None:
    if len(values) > 32:
        values.sort()
        return
    for k in range(1, len(values)):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
