"""Which of many polygons cover which ground, in exact fractions. No code of geoapp.

The slabs of ``rational``: between neighbouring x of all vertices and crossings every polygon
covers trapezoids, so it is enough to look at the middle of each slab.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from tests.oracles.rational import Ring, crossing, edges_of, inside

Cover = frozenset[int]


def areas_by_cover(shapes: Sequence[Sequence[Ring]]) -> dict[Cover, Fraction]:
    """Measure the ground that exactly some polygons cover, by their numbers.

    Args:
        shapes: Closed rings of each polygon: outer rings, holes, parts, in any direction.
    """
    drawn = [edges_of(rings) for rings in shapes]
    edges = list({edge for one in drawn for edge in one})
    stops = {x for edge in edges for x in (edge[0], edge[2])}
    stops |= {crossing(*pair) for pair in itertools.combinations(edges, 2)} - {None}
    found: dict[Cover, Fraction] = defaultdict(Fraction)
    for west, east in itertools.pairwise(sorted(stops)):
        intervals = [inside(one, (west + east) / 2) for one in drawn]
        heights = sorted({y for some in intervals for pair in some for y in pair})
        for low, high in itertools.pairwise(heights):
            cover = frozenset(
                number
                for number, some in enumerate(intervals)
                if any(bottom <= low and high <= top for bottom, top in some)
            )
            if cover:
                found[cover] += (east - west) * (high - low)
    return dict(found)
