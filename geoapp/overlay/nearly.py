"""Features that differ by less than anybody can survey: the same data by way of another system.

Longitude and latitude that were plane metres in between come back with other last digits. Such
features are the same; only their fingerprints are not.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Integers
from geoapp.overlay.share import Batch

ROUNDING_M: Final = 1e-6  # what reprojecting back and forth leaves of a vertex
SURVEYED_M: Final = 1e-3  # no vertex is known better

Batches = tuple[list[Batch], Integers]  # batches, and the row with which each begins


def find_near(
    one: Batches, rows: Integers, other: Batches, other_rows: Integers, tolerance_m: float
) -> NDArray[np.bool_]:
    """Tell for ``(k,)`` pairs of rows whether all vertices agree, one by one.

    Args:
        one: Features in the measure plane.
        rows: Their rows.
        other: Likewise.
        other_rows: Likewise.
        tolerance_m: How far x and y of a vertex may be off.
    """
    here = np.searchsorted(one[1], rows, side="right") - 1
    there = np.searchsorted(other[1], other_rows, side="right") - 1
    together = here * len(other[0]) + there
    order = np.argsort(together, kind="stable")
    ends = np.flatnonzero(np.diff(together[order], append=-1)) + 1
    near = np.zeros(len(rows), dtype=np.bool_)
    begin = 0
    for end in ends.tolist():
        some = order[begin:end]
        first, second = here[some[0]], there[some[0]]
        near[some] = agree(
            one[0][first],
            rows[some] - one[1][first],
            other[0][second],
            other_rows[some] - other[1][second],
            tolerance_m,
        )
        begin = end
    return near


@compiled
def agree(
    one: Batch, rows: Integers, other: Batch, other_rows: Integers, tolerance_m: float
) -> NDArray[np.bool_]:
    """Tell for pairs of rows of two batches whether all vertices agree."""
    near = np.zeros(len(rows), dtype=np.bool_)
    for k in range(len(rows)):
        first, end = one.firsts[rows[k]], one.firsts[rows[k] + 1]
        shift = other.firsts[other_rows[k]] - first
        if other.firsts[other_rows[k] + 1] - shift != end:
            continue
        near[k] = True
        for ring in range(first, end):
            begin, stop = one.rings[ring], one.rings[ring + 1]
            gap = other.rings[ring + shift] - begin
            if other.rings[ring + shift + 1] - gap != stop:
                near[k] = False
                break
            for v in range(begin, stop):
                if (
                    abs(one.xy[v, 0] - other.xy[v + gap, 0]) > tolerance_m
                    or abs(one.xy[v, 1] - other.xy[v + gap, 1]) > tolerance_m
                ):
                    near[k] = False
                    break
            if not near[k]:
                break
    return near
