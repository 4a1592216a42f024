"""Adding shares up by group of zones and class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.portions import Kinds, Portion
from geoapp.overlay.shares import Rows, Shares

# Touching with less than this (a square centimetre) is rounding, not presence.
COUNTED_FROM_M2: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums by group and class.

    Attributes:
        area_m2: ``(groups + 2, kinds)``; the last row is what lies in no zone, the one before
            it what lies in zones of no group.
        count: ``(groups + 2, kinds)`` features that reach in.
    """

    area_m2: Floats
    count: Integers


def tally(
    shares: Shares,
    portions: Sequence[Portion],
    group_of_zone: Integers,
    groups: int,
    kinds: int,
) -> Tally:
    """Add shares up.

    Args:
        shares: Of ``share_portions``.
        portions: What was shared out.
        group_of_zone: ``(z,)`` group of each zone, ``groups`` for none; a feature counts once
            in a group.
        groups: Number of groups.
        kinds: Number of classes.
    """
    numbers = np.concatenate([np.zeros(0, np.int32), *(portion.kinds for portion in portions)])
    areas = np.concatenate([np.zeros(0), *(portion.batch.area for portion in portions)])
    columns = (shares.feature_row, shares.zone_row, shares.area_m2)
    return Tally(*_add_up(*columns, areas, numbers, group_of_zone, groups, kinds))


def total(portions: Sequence[Portion], kinds: int) -> Tally:
    """Add up all features by class, wherever they lie: one group, nothing outside."""
    area, count = np.zeros((3, kinds)), np.zeros((3, kinds), dtype=np.int64)
    for portion in portions:
        has = portion.batch.area > 0
        area[0] += np.bincount(portion.kinds, portion.batch.area, minlength=kinds)
        count[0] += np.bincount(portion.kinds[has], minlength=kinds)
    return Tally(area, count)


@compiled
def _add_up(
    features: Rows,
    zones: Rows,
    shared: Floats,
    areas: Floats,
    kinds: Kinds,
    group_of_zone: Integers,
    groups: int,
    kind_count: int,
) -> tuple[Floats, Integers]:
    area = np.zeros((groups + 2, kind_count))
    lost = np.zeros((groups + 2, kind_count))  # what rounding takes from each sum
    count = np.zeros((groups + 2, kind_count), np.int64)
    begin = 0
    while begin < len(features):
        feature = features[begin]
        end = begin + 1
        while end < len(features) and features[end] == feature:
            end += 1
        kind = kinds[feature]
        enough = min(COUNTED_FROM_M2, areas[feature] / 2)
        for entry in range(begin, end):
            group = _group_of(zones[entry], group_of_zone, groups)
            before, term = area[group, kind], shared[entry]
            after = before + term
            lost[group, kind] += (
                (before - after) + term if before >= term else (term - after) + before
            )
            area[group, kind] = after
            together = 0.0
            first = True  # of the entries of this feature in this group
            for other in range(begin, end):
                if _group_of(zones[other], group_of_zone, groups) == group:
                    together += shared[other]
                    first = first and other >= entry
            if first and together >= enough:
                count[group, kind] += 1
        begin = end
    return area + lost, count


@compiled
def _group_of(zone: int, group_of_zone: Integers, groups: int) -> int:
    return groups + 1 if zone == OUTSIDE else group_of_zone[zone]
