"""Adding shares up by group of zones and class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.share import Batch, BatchShares, share_batch
from geoapp.overlay.workers import in_threads
from geoapp.overlay.zones import Zones

Kinds = NDArray[np.int32]

# Touching with less than this (a square centimetre) is rounding, not presence.
COUNTED_FROM_M2: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Portion:
    """Features to be shared out, with the class of each.

    Attributes:
        batch: The features.
        kinds: ``(n,)`` number of the class of each.
    """

    batch: Batch
    kinds: Kinds


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
    portions: Iterable[Portion], zones: Zones, group_of_zone: Integers, groups: int, kinds: int
) -> Tally:
    """Share features out among zones and add the shares up.

    Args:
        portions: The features. Sums are taken portion by portion, in order, so the result
            does not depend on how many cores work.
        zones: The zones.
        group_of_zone: ``(z,)`` group of each zone, ``groups`` for none; a feature counts once
            in a group.
        groups: Number of groups.
        kinds: Number of classes.
    """

    def add(portion: Portion) -> tuple[Floats, Integers]:
        shares = share_batch(portion.batch, zones)
        return _add_up(shares, portion.batch.area, portion.kinds, group_of_zone, groups, kinds)

    area = np.zeros((groups + 2, kinds))
    count = np.zeros((groups + 2, kinds), dtype=np.int64)
    for part_area, part_count in in_threads(add, list(portions)):
        area += part_area
        count += part_count
    return Tally(area, count)


def total(portions: Iterable[Portion], kinds: int) -> Tally:
    """Add up all features by class, wherever they lie: one group, nothing outside."""
    area, count = np.zeros((3, kinds)), np.zeros((3, kinds), dtype=np.int64)
    for portion in portions:
        has = portion.batch.area > 0
        area[0] += np.bincount(portion.kinds, portion.batch.area, minlength=kinds)
        count[0] += np.bincount(portion.kinds[has], minlength=kinds)
    return Tally(area, count)


@compiled
def _add_up(
    shares: BatchShares,
    areas: Floats,
    kinds: Kinds,
    group_of_zone: Integers,
    groups: int,
    kind_count: int,
) -> tuple[Floats, Integers]:
    area = np.zeros((groups + 2, kind_count))
    count = np.zeros((groups + 2, kind_count), np.int64)
    for k in range(len(shares.home)):
        home = shares.home[k]
        if home >= OUTSIDE and areas[k] > 0.0:
            group = _group_of(home, group_of_zone, groups)
            area[group, kinds[k]] += areas[k]
            count[group, kinds[k]] += 1
    begin = 0
    total_entries = len(shares.feature)
    while begin < total_entries:
        feature = shares.feature[begin]
        end = begin + 1
        while end < total_entries and shares.feature[end] == feature:
            end += 1
        kind = kinds[feature]
        enough = min(COUNTED_FROM_M2, areas[feature] / 2)
        for entry in range(begin, end):
            group = _group_of(shares.zone[entry], group_of_zone, groups)
            area[group, kind] += shares.area[entry]
            together = 0.0
            first = True  # of the entries of this feature in this group
            for other in range(begin, end):
                if _group_of(shares.zone[other], group_of_zone, groups) == group:
                    together += shares.area[other]
                    first = first and other >= entry
            if first and together >= enough:
                count[group, kind] += 1
        begin = end
    return area, count


@compiled
def _group_of(zone: int, group_of_zone: Integers, groups: int) -> int:
    return groups + 1 if zone == OUTSIDE else group_of_zone[zone]
