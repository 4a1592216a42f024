"""Sharing the features of a layer out among zones, portion by portion."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.compiling import compiled
from geoapp.overlay.elsewhere import IndexBatch, open_batch, open_zones
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.share import Batch, BatchShares, share_batch
from geoapp.overlay.shares import Rows, Shares
from geoapp.overlay.shelf import fingerprint_zones
from geoapp.overlay.workers import THREADS, Pool
from geoapp.overlay.zones import Zones

Kinds = NDArray[np.int32]
Listed = tuple[Rows, Rows, Floats]


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
        """Travel by the name of the file that holds the batch; sharing out needs no classes."""
        nothing = np.zeros(0, dtype=np.int32)
        if self.origin is None:
            return Portion, (self.batch, nothing)
        return _open_portion, (self.origin.name(), nothing)


@dataclass(frozen=True, slots=True)
class SharingOut:
    """The work of sharing a portion out.

    Attributes:
        zones: The zones.
        file: Where workers of other processes find the zones; ``None``: nowhere.
    """

    zones: Zones
    file: Path | None

    def __call__(self, portion: Portion) -> Listed:
        """Give row in the portion, zone and area of each share."""
        return _list_shares(share_batch(portion.batch, self.zones), portion.batch.area)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel by the name of the file that holds the zones."""
        return _open_work, (str(self.file), fingerprint_zones(self.zones))


def share_portions(
    portions: Sequence[Portion], zones: Zones, *, pool: Pool = THREADS, file: Path | None = None
) -> Shares:
    """Share features out among zones.

    Args:
        portions: The features; their rows run on from one portion to the next.
        zones: The zones.
        pool: Who works. Results are taken in order, so it makes no difference to them.
        file: Where the zones are kept. Without it the cores of this machine work: others
            could not open them.

    Returns:
        Features that lie wholly in no zone are listed as such; what others have in no zone
        is listed only where zones know the ground around.
    """
    first = 0
    listed: list[Listed] = []
    workers = pool if file else THREADS
    shared = workers.run(SharingOut(zones, file), portions)
    for portion, (feature, zone, area) in zip(portions, shared, strict=True):
        listed.append((feature + np.int32(first), zone, area))
        first += len(portion.batch.area)
    if not listed:
        nothing = np.zeros(0, dtype=np.int32)
        return Shares(nothing, nothing, np.zeros(0))
    return Shares(*(np.concatenate(column) for column in zip(*listed, strict=True)))


def _open_portion(name: tuple[str, str, int, Integers], kinds: Kinds) -> Portion:
    return Portion(open_batch(*name), kinds)


def _open_work(file: str, fingerprint: str) -> SharingOut:
    return SharingOut(open_zones(file, fingerprint), Path(file))


@compiled
def _list_shares(shares: BatchShares, areas: Floats) -> tuple[Rows, Rows, Floats]:
    """Bring features that lie wholly in one zone and shares of others into one list."""
    settled = 0
    for k in range(len(shares.home)):
        settled += shares.home[k] >= OUTSIDE and areas[k] > 0.0
    count = settled + len(shares.feature)
    feature, zone = np.empty(count, np.int32), np.empty(count, np.int32)
    area = np.empty(count)
    entry, at = 0, 0
    for k in range(len(shares.home)):
        if shares.home[k] >= OUTSIDE and areas[k] > 0.0:
            feature[at], zone[at], area[at] = k, shares.home[k], areas[k]
            at += 1
        while entry < len(shares.feature) and shares.feature[entry] == k:
            feature[at], zone[at], area[at] = k, shares.zone[entry], shares.area[entry]
            at += 1
            entry += 1
    return feature, zone, area
