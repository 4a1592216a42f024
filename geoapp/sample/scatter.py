"""Seeds spread over cells: even where the ground is even, dense where it is worth more."""

import numpy as np
from numpy.typing import NDArray

from geoapp.sample.grid import Floats, Ints, Numbers

MOST = 0.45  # seeds per cell; with targets at least 0.56 apart no cell is drawn twice


def morton(row: Ints, column: Ints) -> NDArray[np.int64]:
    """Number cells so that near numbers are near places (Z-order); up to 2**20 rows."""
    key = np.zeros(row.shape, np.int64)
    for bit in range(20):
        key |= ((column >> bit) & 1) << (2 * bit)
        key |= ((row >> bit) & 1) << (2 * bit + 1)
    return key


def allot(total: int, weight: Numbers, least: Ints, most: Ints) -> NDArray[np.int64]:
    """Share ``total`` whole things out by weight (largest remainder).

    Args:
        total: At least ``least.sum()``.
        weight: Claims, any scale.
        least: What each one gets in any case.
        most: What each one can take; the rest goes to the others while they can.

    Returns:
        Whole numbers that add up to ``total`` unless every one is full.
    """
    given = least.astype(np.int64)
    while (left := total - int(given.sum())) > 0:
        room = most - given
        open_ = np.flatnonzero((room > 0) & (weight > 0))
        if not open_.size:
            break
        wish = left * weight[open_] / weight[open_].sum()
        extra = np.minimum(np.floor(wish).astype(np.int64), room[open_])
        if not extra.any():
            extra[np.argsort(-(wish - np.floor(wish)), kind="stable")[:left]] = 1
        given[open_] += extra
    return given


def _chances(group: Ints, weight: Floats, counts: Ints) -> NDArray[np.float64]:
    """Scale weights to seeds per cell: ``counts`` in every group, at most ``MOST`` in a cell."""
    chance = np.maximum(weight.astype(np.float64), 1e-6)
    for _ in range(60):
        total = np.bincount(group, chance, counts.size)
        chance *= (counts / np.maximum(total, 1e-12))[group]
        if chance.max(initial=0) <= MOST:
            break
        chance = np.minimum(chance, 0.98 * MOST)
    return chance


def scatter(
    cells: tuple[Ints, Ints], group: Ints, weight: Floats, counts: Ints, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose seed cells.

    Args:
        cells: Row and column of the candidates.
        group: Group of every candidate, 0 to g - 1.
        weight: Wanted density, any scale.
        counts: ``(g,)`` seeds per group, at most 0.4 of its candidates.
        rng: Source of the randomness.

    Returns:
        Indices into the candidates, ordered by group; ``counts.sum()`` of them.
    """
    order = np.lexsort((morton(*cells), group))
    chance = _chances(group, weight, counts)
    along = np.cumsum(chance[order])
    # Every group is walked by itself: one too small for its seeds must not shift the others.
    whole = np.bincount(group, chance, counts.size)
    owner = np.repeat(np.arange(counts.size), counts)
    within = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    part = (within + rng.uniform(0.28, 0.72, owner.size)) / counts[owner]
    start = np.cumsum(whole) - whole
    return order[np.searchsorted(along, start[owner] + part * whole[owner])]
