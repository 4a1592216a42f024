"""Regions grown from seeds over a grid: the nearest seed by cost, always in one piece.

Costs are whole numbers on purpose. A cell that got its label through a neighbour is offered a
strictly lower sum whenever that neighbour improves, so at the end every region is connected;
with floating point the improvement may drown in rounding and leave islands behind.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geoapp.sample.grid import Flags, Floats, Ints

FAR = np.int32(2**31 - 1)
STEP_COST = 100


def step_costs(
    height: Floats, rng: np.random.Generator, *, climb: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Price the steps between neighbouring cells.

    Args:
        height: ``(rows, columns)`` height, m.
        rng: Source of the unevenness that keeps borders from being straight.
        climb: Price of one metre up or down, in hundredths of a level step.

    Returns:
        Price to the eastern neighbour ``(rows, columns)`` and to the northern one; the last
        column and row are never used.
    """
    east = np.full(height.shape, STEP_COST, np.int32)
    north = east.copy()
    east[:, :-1] += (climb * np.abs(np.diff(height, axis=1))).astype(np.int32)
    north[:-1] += (climb * np.abs(np.diff(height, axis=0))).astype(np.int32)
    east += rng.integers(0, 110, height.shape, dtype=np.int32)
    north += rng.integers(0, 110, height.shape, dtype=np.int32)
    return east, north


def grow(
    seeds: Ints,
    free: Flags,
    costs: tuple[Ints, Ints],
    *,
    burden: Floats | None = None,
    diagonal: bool = False,
) -> NDArray[np.int32]:
    """Spread the labels of the seed cells over the free cells.

    Args:
        seeds: ``(rows, columns)``; a label above 0 at seed cells, 0 elsewhere.
        free: Cells that may be taken; seed cells need not be free, but are not spread from
            unless they are.
        costs: As from :func:`step_costs`.
        burden: Factor on every price, per label (index 0 unused); ``None`` for equal speed.
            Unequal speeds may leave islands: see :func:`absorb_islands`.
        diagonal: Spread over corners too, so that regions are round rather than lozenges;
            this may leave islands as well.

    Returns:
        Labels, 0 where no seed could reach.
    """
    rows, columns = seeds.shape
    width = columns + 2
    shape = (rows + 2, width)
    label = np.zeros(shape, np.int32)
    label[1:-1, 1:-1] = seeds
    # Cells that may not be taken are already as near as can be, so no offer beats them.
    reach = np.full(shape, -1, np.int32)
    reach[1:-1, 1:-1] = np.where(free & (seeds == 0), FAR, np.where(free, 0, -1))
    east = np.zeros(shape, np.int32)
    north = np.zeros(shape, np.int32)
    east[1:-1, 1:-1], north[1:-1, 1:-1] = costs
    label, reach, east, north = (part.ravel() for part in (label, reach, east, north))
    front = np.flatnonzero((label > 0) & (reach == 0))
    moves = [(1, east, 0), (-1, east, -1), (width, north, 0), (-width, north, -width)]
    if diagonal:
        slant = (east + north) * 7 // 10
        corners = (width + 1, width - 1, -width + 1, -width - 1)
        moves += [(offset, slant, min(offset, 0)) for offset in corners]
    changed = np.zeros(label.size, np.bool_)
    while front.size:
        for offset, price, shift in moves:
            fee = price[front + shift]
            if burden is not None:
                fee = (fee * burden[label[front]]).astype(np.int32)
            target = front + offset
            offer = reach[front] + fee
            better = offer < reach[target]
            target = target[better]
            reach[target] = offer[better]
            label[target] = label[front[better]]
            changed[target] = True
        front = np.flatnonzero(changed)
        changed[front] = False
    return label.reshape(shape)[1:-1, 1:-1].copy()


def components(key: Ints) -> NDArray[np.int32]:
    """Number the pieces of equal ``key`` above 0, connected through cell sides; 0 elsewhere."""
    flat = np.flatnonzero(key)
    number = np.zeros(key.shape, np.int32)
    number.ravel()[flat] = np.arange(flat.size, dtype=np.int32)
    tails, heads = [], []
    for one, two in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        same = (key[one] == key[two]) & (key[one] > 0)
        tails.append(number[one][same])
        heads.append(number[two][same])
    tail, head = np.concatenate(tails), np.concatenate(heads)
    links = sparse.coo_matrix(
        (np.ones(tail.size, np.int8), (tail, head)), shape=(flat.size, flat.size)
    )
    label = np.zeros(key.size, np.int32)
    label[flat] = csgraph.connected_components(links, directed=False)[1] + 1
    return label.reshape(key.shape)


def absorb_islands(label: NDArray[np.int32], keep: Ints) -> NDArray[np.int32]:
    """Give every island to the region around it.

    Args:
        label: Regions, 0 outside.
        keep: Flat index of one cell per label (index 0 unused) whose piece is the true one.

    Returns:
        Labels with one connected piece each.
    """
    piece = components(label).ravel()
    flat = label.ravel()
    trusted = ((flat > 0) & (piece == piece[keep][flat])).reshape(label.shape)
    level = np.full(label.shape, STEP_COST, np.int32)
    return grow(np.where(trusted, label, 0), label > 0, (level, level))
