"""Adding shares up by group of zones and class."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled
from geoapp.overlay.elsewhere import IndexBatch, open_batch, open_zones
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.share import Batch, BatchShares, share_batch
from geoapp.overlay.shelf import fingerprint_zones
from geoapp.overlay.workers import THREADS, Pool
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
        origin: Where workers of other processes find the batch; ``None``: it is sent along.
    """

    batch: Batch
    kinds: Kinds
    origin: IndexBatch | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel by the name of the file that holds the batch."""
        if self.origin is None:
            return Portion, (self.batch, self.kinds)
        return _open_portion, (self.origin.name(), self.kinds)


@dataclass(frozen=True, slots=True)
class Adding:
    """The work of sharing a portion out and adding it up.

    Attributes:
        zones: The zones.
        file: Where workers of other processes find the zones; ``None``: nowhere.
        group_of_zone: ``(z,)`` group of each zone.
        groups: Number of groups.
        kinds: Number of classes.
    """

    zones: Zones
    file: Path | None
    group_of_zone: Integers
    groups: int
    kinds: int

    def __call__(self, portion: Portion) -> tuple[Floats, Integers]:
        """Give area and count, ``(groups + 2, kinds)`` each."""
        shares = share_batch(portion.batch, self.zones)
        areas, kinds = portion.batch.area, portion.kinds
        return _add_up(shares, areas, kinds, self.group_of_zone, self.groups, self.kinds)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel by the name of the file that holds the zones."""
        name = str(self.file), fingerprint_zones(self.zones)
        return _open_adding, (name, self.group_of_zone, self.groups, self.kinds)


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
    portions: Iterable[Portion],
    zones: Zones,
    group_of_zone: Integers,
    groups: int,
    kinds: int,
    *,
    pool: Pool = THREADS,
    file: Path | None = None,
) -> Tally:
    """Share features out among zones and add the shares up.

    Args:
        portions: The features. Sums are taken portion by portion, in order, so the result
            does not depend on who works.
        zones: The zones.
        group_of_zone: ``(z,)`` group of each zone, ``groups`` for none; a feature counts once
            in a group.
        groups: Number of groups.
        kinds: Number of classes.
        pool: Who works.
        file: Where the zones are kept. Without it the cores of this machine work: others
            would not find the zones.

    Raises:
        ClusterError: The workers on other machines cannot be used.
    """
    add = Adding(zones, file, group_of_zone, groups, kinds)
    area = np.zeros((groups + 2, kinds))
    count = np.zeros((groups + 2, kinds), dtype=np.int64)
    for part_area, part_count in (pool if file else THREADS).run(add, list(portions)):
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


def _open_portion(name: tuple[str, str, int, Integers], kinds: Kinds) -> Portion:
    return Portion(open_batch(*name), kinds)


def _open_adding(name: tuple[str, str], group_of_zone: Integers, groups: int, kinds: int) -> Adding:
    return Adding(open_zones(*name), Path(name[0]), group_of_zone, groups, kinds)


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
