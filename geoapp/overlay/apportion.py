"""Sharing out among zones what two features have in common: tables of three."""

from typing import Final, NamedTuple

import numpy as np
import shapely

from geoapp.overlay.crossing import cut_among
from geoapp.overlay.index import make_batch
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OPEN, OUTSIDE
from geoapp.overlay.layout import Layout
from geoapp.overlay.meeting import Pairs, share_pairs
from geoapp.overlay.share import EMPTY, settle, share_open
from geoapp.overlay.workers import in_threads
from geoapp.overlay.zones import Zones

_ROWS: Final = 10_000
# A feature with less than this beyond a border is taken to end at it.
_NOTHING_M2: Final = 1e-6


class Apportioned(NamedTuple):
    """Where pairs have their common ground.

    Attributes:
        pair: ``(k,)`` number of the pair.
        zone: ``(k,)`` zone, ``OUTSIDE`` for what lies in none.
        area: ``(k,)`` m².
    """

    pair: Integers
    zone: Integers
    area: Floats


def apportion(pairs: Pairs, one: Layout, other: Layout, zones: Zones) -> Apportioned:
    """Share out pairs among zones with the ground around.

    Most are settled at a glance: the box of what they share, or one of the two features,
    lies in one zone. Only what is left is cut.
    """
    homes = settle(_common_boxes(pairs, one, other), zones).astype(np.int64)
    for ground, rows in ((one, pairs.one), (other, pairs.other)):
        still = np.flatnonzero(homes == OPEN)
        asked, place = np.unique(rows[still], return_inverse=True)
        homes[still] = find_homes(ground, asked, zones)[place]
    still = np.flatnonzero(homes == OPEN)
    settled = np.flatnonzero(homes >= OUTSIDE)
    found = [Apportioned(settled, homes[settled], pairs.area[settled])]
    found += [
        _cut(pairs, still[low : low + _ROWS], one, other, zones)
        for low in range(0, len(still), _ROWS)
    ]
    return Apportioned(*(np.concatenate(column) for column in zip(*found, strict=True)))


def find_homes(ground: Layout, rows: Integers, zones: Zones) -> Integers:
    """Find the zone that has all of a feature but rounding.

    Args:
        ground: The features.
        rows: ``(n,)`` rising rows.
        zones: Zones with the ground around.

    Returns:
        ``(n,)`` zone, ``OUTSIDE``, or ``OPEN`` where there are several.
    """
    homes = np.full(len(rows), OPEN, dtype=np.int64)
    ends = np.searchsorted(rows, ground.starts)

    def find(number: int) -> tuple[Integers, Integers]:
        batch = ground.batches[number]
        asked = np.full(len(batch.area), EMPTY, dtype=np.int32)
        asked[rows[ends[number] : ends[number + 1]] - ground.starts[number]] = OPEN
        shares = share_open(batch, zones, asked)
        real = shares.area > _NOTHING_M2
        feature, first, times = np.unique(
            shares.feature[real], return_index=True, return_counts=True
        )
        alone = times == 1
        return feature[alone] + ground.starts[number], shares.zone[real][first[alone]]

    concerned = np.flatnonzero(np.diff(ends)).tolist()
    for feature, zone in in_threads(find, concerned):
        homes[np.searchsorted(rows, feature)] = zone
    return homes


def _common_boxes(pairs: Pairs, one: Layout, other: Layout) -> Floats:
    boxes, others = one.bounds[pairs.one], other.bounds[pairs.other]
    lower = np.maximum(boxes[:, :2], others[:, :2])
    upper = np.minimum(boxes[:, 2:], others[:, 2:])
    return np.concatenate([lower, upper], axis=1)


def _cut(pairs: Pairs, some: Integers, one: Layout, other: Layout, zones: Zones) -> Apportioned:
    """Cut the first features of some pairs along the borders, and measure the pieces."""
    wanted = pairs.one[some]
    rows = np.unique(wanted)
    pieces, feature, zone = cut_among(one.geometries(rows), zones)
    owner = rows[feature]
    low, high = np.searchsorted(wanted, owner), np.searchsorted(wanted, owner, side="right")
    piece = np.repeat(np.arange(len(pieces)), high - low)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    pair = some[low[piece] + number]
    near = _boxes_meet(shapely.bounds(pieces)[piece], other.bounds[pairs.other[pair]])
    piece, pair = piece[near], pair[near]
    batch = make_batch(pieces)
    starts = np.array([0, len(pieces)], dtype=np.int64)
    area = share_pairs(([batch], starts), piece, (other.batches, other.starts), pairs.other[pair])
    return Apportioned(pair, zone[piece], area)


def _boxes_meet(boxes: Floats, others: Floats) -> np.ndarray:
    return np.asarray(
        (boxes[:, 0] < others[:, 2])
        & (boxes[:, 2] > others[:, 0])
        & (boxes[:, 1] < others[:, 3])
        & (boxes[:, 3] > others[:, 1])
    )
