"""Villages and townships in one piece each, on the graph of neighbouring parcels."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geoapp.sample.grid import Ints


def settle_strays(
    village: NDArray[np.int64], township: Ints, links: tuple[Ints, Ints]
) -> NDArray[np.int64]:
    """Give the stray parcels of every village to a village beside them.

    Args:
        village: Village per parcel.
        township: Township per village: strays stay in theirs if they can.
        links: Neighbouring parcels.
    """
    village = village.copy()
    one = np.concatenate(links)
    two = np.concatenate(links[::-1])
    for _ in range(8):
        same = village[one] == village[two]
        graph = sparse.coo_matrix(
            (np.ones(int(same.sum()), np.int8), (one[same], two[same])),
            shape=(village.size, village.size),
        )
        _, piece = csgraph.connected_components(graph, directed=False)
        size = np.bincount(piece)
        order = np.lexsort((piece, -size[piece], village))
        lead = order[np.concatenate([[True], np.diff(village[order]) > 0])]
        main = np.zeros(village.max() + 1, np.int64)
        main[village[lead]] = piece[lead]
        stray = piece != main[village]
        if not stray.any():
            break
        edge = np.flatnonzero(stray[one] & ~stray[two])
        foreign = township[village[one[edge]]] != township[village[two[edge]]]
        edge = edge[np.lexsort((two[edge], foreign, one[edge]))]
        first = edge[np.concatenate([[True], np.diff(one[edge]) > 0])] if edge.size else edge
        village[one[first]] = village[two[first]]
    return village


def _pieces(township: Ints, one: Ints, two: Ints) -> NDArray[np.int64]:
    """Number the connected pieces of townships over the graph of villages."""
    same = township[one] == township[two]
    links = (np.ones(int(same.sum()), np.int8), (one[same], two[same]))
    graph = sparse.coo_matrix(links, shape=(township.size, township.size))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], np.int64)


def _strays(township: Ints, piece: Ints) -> list[int]:
    """List the villages that lie alone, away from the rest of their township."""
    size = np.bincount(piece)
    largest = np.zeros(int(township.max()) + 1, np.int64)
    np.maximum.at(largest, township, size[piece])
    lonely = (size[piece] == 1) & (largest[township] > 1)
    return [int(row) for row in np.flatnonzero(lonely)]


def reunite(village: Ints, township: Ints, links: tuple[Ints, Ints]) -> NDArray[np.int64]:
    """Let villages cut off from their township change places with one that borders it.

    Args:
        village: Village per parcel, every village in one piece.
        township: Township per village.
        links: Neighbouring parcels.

    Returns:
        The village that each one becomes: a permutation that keeps every township's number.
    """
    pair = np.column_stack([village[links[0]], village[links[1]]])
    pair = np.unique(np.sort(pair[pair[:, 0] != pair[:, 1]], axis=1), axis=0)
    one, two = pair.T
    becomes = np.arange(township.size)
    for stray in _strays(township, _pieces(township, one, two)):
        now = township[becomes]
        best = int(_pieces(now, one, two).max())
        home = now == now[stray]
        border = np.unique(np.concatenate([one[home[two]], two[home[one]]]))
        around = np.unique(now[np.concatenate([one[two == stray], two[one == stray]])])
        for other in border[np.isin(now[border], around) & ~home[border]].tolist():
            trial = becomes.copy()
            trial[[stray, other]] = trial[[other, stray]]
            pieces = int(_pieces(township[trial], one, two).max())
            if pieces < best:
                best, becomes = pieces, trial
                break
    return becomes
