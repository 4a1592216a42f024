"""The area that two polygons share, without ever building their intersection.

A polygon's indicator is the signed sum of the half-strips below its directed edges. So the
shared area is the sum, over edges e of one and f of the other, of ± the integral of
min(e(x), f(x)) over the x that both span. Each term is closed-form; shared edges, touching
vertices, holes and several parts need no special case, and nothing can fail to be noded.

Only edges that reach into the common bounding box count: below it the signs cancel, beside
it there is no common x. Heights are taken from its lower edge, which keeps numbers small.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Above so many pairs of edges, edges are first listed by vertical strips.
_MANY_PAIRS: Final = 4096
_EDGES_PER_STRIP: Final = 8


@compiled
def count_edges(rings: Integers, first_ring: int, end_ring: int) -> int:
    """Count the edges of consecutive rings."""
    if end_ring == first_ring:
        return 0
    return int(rings[end_ring] - rings[first_ring]) - (end_ring - first_ring)


@compiled
def gather_edges(  # noqa: C901, PLR0912  one pass, no calls: it runs for every pair
    xy: Floats, rings: Integers, first_ring: int, end_ring: int, box: Floats, edges: Floats
) -> int:
    """List what edges of a polygon are in a box, as heights above its lower side.

    What runs above the box is as good as its upper side, in one piece however many edges it
    has; what runs below has no height; beside it there is nothing.

    Args:
        xy: Vertices; rings counter-clockwise, holes clockwise.
        rings: Where each ring begins.
        first_ring: First ring of the polygon.
        end_ring: After its last ring.
        box: West, south, east, north.
        edges: Room for two rows an edge: left x, left y, right x, right y, sign and slope,
            relative to the lower left corner of the box.

    Returns:
        Number of rows written.
    """
    west, south = box[0], box[1]
    width, height = box[2] - west, box[3] - south
    count = 0
    for ring in range(first_ring, end_ring):
        flat = -1  # the row that runs along the upper side and may go on
        x_next, y_next = xy[rings[ring], 0] - west, xy[rings[ring], 1] - south
        for k in range(rings[ring] + 1, rings[ring + 1]):
            x1, y1 = x_next, y_next
            x2, y2 = xy[k, 0] - west, xy[k, 1] - south
            x_next, y_next = x2, y2
            if x1 < x2:
                sign = -1.0  # along the bottom of the polygon
            elif x1 > x2:
                sign = 1.0
                x1, y1, x2, y2 = x2, y2, x1, y1
            else:
                continue
            if x2 <= 0.0 or x1 >= width or (y1 <= 0.0 and y2 <= 0.0):
                continue
            if y1 >= height and y2 >= height:
                x1, x2 = max(x1, 0.0), min(x2, width)
                if flat >= 0 and edges[flat, 4] == sign:
                    if edges[flat, 2] == x1:
                        edges[flat, 2] = x2
                        continue
                    if edges[flat, 0] == x2:
                        edges[flat, 0] = x1
                        continue
                flat = count
                count = add_row(edges, count, x1, height, x2, height, sign, 0.0)
                continue
            slope = (y2 - y1) / (x2 - x1)
            if x1 < 0.0:
                x1, y1 = 0.0, y1 - x1 * slope
            if x2 > width:
                x2, y2 = width, y1 + (width - x1) * slope
            if y1 < 0.0:
                x1, y1 = x1 - y1 / slope, 0.0
            elif y2 < 0.0:
                x2, y2 = x1 - y1 / slope, 0.0
            if y1 > height:
                middle = x1 + (height - y1) / slope
                count = add_row(edges, count, x1, height, middle, height, sign, 0.0)
                x1, y1 = middle, height
            elif y2 > height:
                middle = x1 + (height - y1) / slope
                count = add_row(edges, count, middle, height, x2, height, sign, 0.0)
                x2, y2 = middle, height
            count = add_row(edges, count, x1, y1, x2, y2, sign, slope)
    return count


@compiled
def add_row(
    edges: Floats,
    count: int,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    sign: float,
    slope: float,
) -> int:
    """Write one row unless it has no width or no height; give the number of rows then."""
    if x1 >= x2 or (y1 <= 0.0 and y2 <= 0.0):
        return count
    edges[count, 0], edges[count, 1] = x1, y1
    edges[count, 2], edges[count, 3] = x2, y2
    edges[count, 4], edges[count, 5] = sign, slope
    return count + 1


@compiled
def below_edge(e: Floats, i: int, other: Floats, j: int, low: float, high: float) -> float:
    """Integrate the lower of two listed edges over the x between bounds that both span."""
    e_west, e_east = e[i, 0], e[i, 2]
    f_west, f_east = other[j, 0], other[j, 2]
    left = max(e_west, f_west, low)
    right = min(e_east, f_east, high)
    if right <= left:
        return 0.0
    # The end of an edge is taken as it stands, so that equal edges are equal throughout.
    e_left = e[i, 1] if left == e_west else e[i, 1] + (left - e_west) * e[i, 5]
    f_left = other[j, 1] if left == f_west else other[j, 1] + (left - f_west) * other[j, 5]
    e_right = e[i, 3] if right == e_east else e[i, 1] + (right - e_west) * e[i, 5]
    f_right = other[j, 3] if right == f_east else other[j, 1] + (right - f_west) * other[j, 5]
    width = right - left
    at_left, at_right = e_left - f_left, e_right - f_right
    if at_left <= 0.0 and at_right <= 0.0:
        return float(0.5 * width * (e_left + e_right))
    if at_left >= 0.0 and at_right >= 0.0:
        return float(0.5 * width * (f_left + f_right))
    part = at_left / (at_left - at_right)
    crossing = e_left + part * (e_right - e_left)
    before = part * (min(e_left, f_left) + crossing)
    after = (1.0 - part) * (crossing + min(e_right, f_right))
    return float(0.5 * width * (before + after))


@compiled
def add_pairs(one: Floats, count_one: int, other: Floats, count_other: int) -> float:
    """Add the signed integrals of all pairs of listed edges."""
    area = 0.0
    for i in range(count_one):
        below = 0.0
        west, east = one[i, 0], one[i, 2]
        for j in range(count_other):
            if other[j, 0] >= east or other[j, 2] <= west:
                continue
            below += other[j, 4] * below_edge(one, i, other, j, -math.inf, math.inf)
        area += one[i, 4] * below
    return area


@compiled
def count_strips(edges: Floats, count: int, width: float) -> int:
    """Choose how many strips to list edges by: about as wide as an edge, several edges each."""
    spanned = 0.0
    for j in range(count):
        spanned += edges[j, 2] - edges[j, 0]
    return max(1, min(count // _EDGES_PER_STRIP, int(width * count / spanned)))


@compiled
def add_pairs_by_strips(
    one: Floats, count_one: int, other: Floats, count_other: int, width: float
) -> float:
    """Add the same as ``add_pairs`` when there are many, strip by vertical strip."""
    strips = count_strips(other, count_other, width)
    step = width / strips
    first = np.empty(count_other, np.int64)
    last = np.empty(count_other, np.int64)
    begins = np.zeros(strips + 1, np.int64)
    for j in range(count_other):
        first[j] = min(strips - 1, max(0, int(other[j, 0] / step)))
        last[j] = min(strips - 1, max(0, int(other[j, 2] / step)))
        for strip in range(first[j], last[j] + 1):
            begins[strip + 1] += 1
    for strip in range(strips):
        begins[strip + 1] += begins[strip]
    listed = np.empty(begins[strips], np.int64)
    filled = begins[:-1].copy()
    for j in range(count_other):
        for strip in range(first[j], last[j] + 1):
            listed[filled[strip]] = j
            filled[strip] += 1
    area = 0.0
    for i in range(count_one):
        below = 0.0
        begin = min(strips - 1, max(0, int(one[i, 0] / step)))
        end = min(strips - 1, max(0, int(one[i, 2] / step)))
        for strip in range(begin, end + 1):
            low = -math.inf if strip == 0 else strip * step
            high = math.inf if strip == strips - 1 else (strip + 1) * step
            for k in range(begins[strip], begins[strip + 1]):
                j = listed[k]
                below += other[j, 4] * below_edge(one, i, other, j, low, high)
        area += one[i, 4] * below
    return area


@compiled
def shared_area(  # noqa: PLR0913, PLR0917  arrays one by one keep compiled calls cheap
    xy: Floats,
    rings: Integers,
    first_ring: int,
    end_ring: int,
    other_xy: Floats,
    other_rings: Integers,
    other_first: int,
    other_end: int,
    box: Floats,
    edges: Floats,
    other_edges: Floats,
) -> float:
    """Measure what two polygons share.

    Args:
        xy: Vertices of the first polygon and others.
        rings: Where rings begin in ``xy``.
        first_ring: First ring of the polygon.
        end_ring: After its last ring.
        other_xy: The same of the other polygon, with the next three.
        other_rings: See ``rings``.
        other_first: See ``first_ring``.
        other_end: See ``end_ring``.
        box: The box that both bounding boxes share: west, south, east, north.
        edges: Room for the edges of the first polygon, see ``gather_edges``.
        other_edges: Room for those of the other.
    """
    if not (box[0] < box[2] and box[1] < box[3]):
        return 0.0
    count_other = gather_edges(other_xy, other_rings, other_first, other_end, box, other_edges)
    if count_other == 0:
        return 0.0
    count_one = gather_edges(xy, rings, first_ring, end_ring, box, edges)
    if count_one * count_other > _MANY_PAIRS:
        return add_pairs_by_strips(edges, count_one, other_edges, count_other, box[2] - box[0])
    return add_pairs(edges, count_one, other_edges, count_other)
