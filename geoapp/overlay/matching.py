"""Finding features that two snapshots hold unaltered, without looking at their vertices.

Equal features have equal fingerprints, boxes and areas. Two that differ could in theory
share all of these; a fingerprint is a sum of 64-bit values over all edges, and four
coordinates must agree to the last bit as well. Features whose vertices differ by rounding only
are matched, too: the same data handed over in another system is the same data.
"""

from typing import Final, NamedTuple

import numpy as np

from geoapp.overlay.index import Hashes
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.layout import Layout
from geoapp.overlay.nearly import ROUNDING_M, find_near
from geoapp.overlay.portions import Kinds

# Where a ring begins elsewhere, its area differs in the last bits.
_SAME_AREA: Final = 1e-9
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


class Matched(NamedTuple):
    """Features that are in both snapshots; each is matched once.

    Attributes:
        before: ``(k,)`` rows of the earlier snapshot, rising.
        after: ``(k,)`` row of the later one that equals each.
    """

    before: Integers
    after: Integers


def match(before: Layout, after: Layout) -> Matched:
    """Match features one to one; of several equal ones, those of the same class first.

    A pair that only collides is left unmatched: it is then measured like any other.
    """
    keys, others = _digest(before), _digest(after)
    one, other = np.flatnonzero(before.present), np.flatnonzero(after.present)
    found = []
    for same_class in (True, False):
        first = _with_class(keys[one], before.kinds[one]) if same_class else keys[one]
        second = _with_class(others[other], after.kinds[other]) if same_class else others[other]
        here, there = pair_equal(first, second)
        equal = _equal(before, one[here], after, other[there])
        here, there = here[equal], there[equal]
        found.append((one[here], other[there]))
        one, other = np.delete(one, here), np.delete(other, there)
    found.append(_match_rounded(before, one, after, other))
    rows, partners = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return Matched(rows[order], partners[order])


def _match_rounded(
    before: Layout, one: Integers, after: Layout, other: Integers
) -> tuple[Integers, Integers]:
    """Match what is left by boxes to the millimetre, then by vertices up to rounding."""
    keys, others = (
        digest_boxes(side.bounds[rows]) for side, rows in ((before, one), (after, other))
    )
    here, there = pair_equal(
        _with_class(keys, before.kinds[one]), _with_class(others, after.kinds[other])
    )
    near = find_near(
        (before.batches, before.starts),
        one[here],
        (after.batches, after.starts),
        other[there],
        ROUNDING_M,
    )
    return one[here][near], other[there][near]


def digest_boxes(boxes: Floats) -> Hashes:
    """Give ``(n,)`` fingerprints of boxes in metres, to the millimetre."""
    digest = np.zeros(len(boxes), dtype=np.uint64)
    for word in (np.round(boxes * 1000) + 0.0).T:
        digest = _mix(digest, np.ascontiguousarray(word).view(np.uint64))
    return digest


def _digest(ground: Layout) -> Hashes:
    """Mix box and fingerprint, so that one number tells features apart."""
    digest = ground.hashes.copy()
    for word in np.ascontiguousarray(ground.bounds + 0.0).view(np.uint64).T:
        digest = _mix(digest, word)
    return digest


def _with_class(digest: Hashes, kinds: Kinds) -> Hashes:
    return _mix(digest, kinds.astype(np.uint64))


def _mix(digest: Hashes, word: Hashes) -> Hashes:
    mixed = (digest ^ word) * _ODD
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def pair_equal(keys: Hashes, others: Hashes) -> tuple[Integers, Integers]:
    """Pair equal keys, the first with the first, the second with the second."""
    order, other_order = np.argsort(keys, kind="stable"), np.argsort(others, kind="stable")
    keys, others = keys[order], others[other_order]
    turn = np.arange(len(keys)) - np.searchsorted(keys, keys)
    place = np.searchsorted(others, keys) + turn
    inside = np.flatnonzero(place < len(others))
    inside = inside[others[place[inside]] == keys[inside]]
    return order[inside], other_order[place[inside]]


def _equal(one: Layout, rows: Integers, other: Layout, other_rows: Integers) -> np.ndarray:
    area, other_area = one.areas[rows], other.areas[other_rows]
    return np.asarray(
        (one.hashes[rows] == other.hashes[other_rows])
        & (one.bounds[rows] == other.bounds[other_rows]).all(axis=1)
        & (np.abs(area - other_area) <= _SAME_AREA * (1.0 + area))
    )
