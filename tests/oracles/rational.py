"""The area two polygons share, in exact fractions, slab by vertical slab. No code of geoapp.

Between neighbouring x of all vertices and all crossings no edge begins, ends or meets another,
so every piece of the plane there is a trapezoid: its area is its height in the middle of the
slab times the width of the slab. What is inside is told by counting edges below: even or odd.
"""

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction

Number = Fraction | int | float
Ring = Sequence[tuple[Number, Number]]
Edge = tuple[Fraction, Fraction, Fraction, Fraction]
Interval = tuple[Fraction, Fraction]


def edges_of(rings: Iterable[Ring]) -> list[Edge]:
    """List the edges of closed rings from west to east; vertical ones bound no slab."""
    edges = []
    for ring in rings:
        exact = [(Fraction(x), Fraction(y)) for x, y in ring]
        assert exact[0] == exact[-1]
        for first, second in itertools.pairwise(exact):
            if first[0] != second[0]:
                edges.append((*min(first, second), *max(first, second)))
    return edges


def height(edge: Edge, x: Fraction) -> Fraction:
    """Give the y of an edge at x."""
    x1, y1, x2, y2 = edge
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1)


def crossing(one: Edge, other: Edge) -> Fraction | None:
    """Give the x at which two edges cross, unless they are parallel or do not meet."""
    left, right = max(one[0], other[0]), min(one[2], other[2])
    if left >= right:
        return None
    at_left = height(one, left) - height(other, left)
    at_right = height(one, right) - height(other, right)
    if at_left * at_right >= 0:
        return None
    return left + (right - left) * at_left / (at_left - at_right)


def inside(edges: Iterable[Edge], x: Fraction) -> list[Interval]:
    """Give the intervals of a vertical line that lie inside a polygon."""
    cuts = sorted(height(edge, x) for edge in edges if edge[0] < x < edge[2])
    assert len(cuts) % 2 == 0
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def common_length(some: Iterable[Interval], others: Sequence[Interval]) -> Fraction:
    """Measure what two sets of disjoint intervals have in common."""
    pairs = itertools.product(some, others)
    return sum((max(Fraction(0), min(b, d) - max(a, c)) for (a, b), (c, d) in pairs), Fraction(0))


def shared_area(rings: Iterable[Ring], other_rings: Iterable[Ring]) -> Fraction:
    """Measure what two polygons share.

    Args:
        rings: All closed rings of the one: outer rings, holes, parts, in any direction.
        other_rings: Likewise of the other.
    """
    mine, others = edges_of(rings), edges_of(other_rings)
    stops = {x for edge in mine + others for x in (edge[0], edge[2])}
    stops |= {crossing(*pair) for pair in itertools.combinations(mine + others, 2)} - {None}
    return sum(
        (
            (east - west) * common_length(inside(mine, middle), inside(others, middle))
            for west, east in itertools.pairwise(sorted(stops))
            for middle in [(west + east) / 2]
        ),
        Fraction(0),
    )


def area(rings: Sequence[Ring]) -> Fraction:
    """Measure a polygon: what it shares with itself."""
    return shared_area(rings, rings)
