"""From two grounds to flows: which class became which, in each unit and altogether."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.overlay.apportion import apportion
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.layout import Layout, Mask
from geoapp.overlay.matching import Matched
from geoapp.overlay.meeting import ROUNDING_M2, Pairs, meet
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.remainder import subtract_ground
from geoapp.overlay.tally import tally
from geoapp.overlay.unit import Units
from geoapp.values import Progress, no_progress

Numbers = NDArray[np.integer[Any]]


class Flows(NamedTuple):
    """Areas by place and pair of classes, each combination once, in rising order.

    Attributes:
        place: ``(k,)`` number of the unit; one more for what lies in none, two more for the
            whole, which is measured without units.
        before: ``(k,)`` class before; the number of classes where there was no land.
        after: ``(k,)`` class after, likewise.
        area: ``(k,)`` m².
    """

    place: Integers
    before: Integers
    after: Integers
    area: Floats


class Comparison:
    """Two grounds under comparison; entries are gathered and added up at the end."""

    def __init__(self, before: Layout, after: Layout, units: Units, classes: int) -> None:
        """Begin.

        Args:
            before: Layout of the earlier snapshot.
            after: Layout of the later one; both number classes in the same way.
            units: The units.
            classes: Number of classes.
        """
        self._sides = (before, after)
        self._units = units
        self._groups = len(units.unique_codes)
        self._classes = classes
        self._places: list[Integers] = []
        self._codes: list[Integers] = []
        self._areas: list[Floats] = []

    def flows(self, matched: Matched, progress: Progress = no_progress) -> Flows:
        """Compare.

        Args:
            matched: Features that are equal in both; no other pair meets on their ground,
                so only the rest is measured against each other.
            progress: Told how far it is.
        """
        before, after = self._sides
        changed = (_others(before, matched.before), _others(after, matched.after))
        rows = (np.flatnonzero(changed[0]), np.flatnonzero(changed[1]))
        pairs = meet(before, rows[0], after, rows[1], progress)
        self._add_pairs(pairs)
        progress("change.remaining", 0.0)
        code = np.full(len(before.areas), -1)
        code[matched.before] = self._code(before.kinds[matched.before], after.kinds[matched.after])
        self._add_side(0, code, rows, pairs)
        progress("change.remaining", 0.5)
        self._add_side(1, np.full(len(after.areas), -1), rows, pairs)
        progress("change.remaining", 1.0)
        return self._added_up()

    def _code(self, before: Numbers, after: Numbers) -> Integers:
        return np.asarray(before, np.int64) * (self._classes + 1) + after

    def _add_pairs(self, pairs: Pairs) -> None:
        before, after = self._sides
        codes = self._code(before.kinds[pairs.one], after.kinds[pairs.other])
        parts = apportion(pairs, before, after, self._units.layer.zones)
        place_of_zone = np.append(self._units.group_of_zone, self._groups)  # last: ``OUTSIDE``
        self._add(place_of_zone[parts.zone], codes[parts.pair], parts.area)
        self._add_whole(codes, pairs.area)

    def _add_side(
        self, side: int, code: Integers, rows: tuple[Integers, Integers], pairs: Pairs
    ) -> None:
        """Add whole features, and what is left of changed ones where the other side has none.

        Args:
            side: 0 before, 1 after.
            code: ``(n,)`` code of the features that count wholly, −1 of all others.
            rows: Changed rows of both sides.
            pairs: What these share.
        """
        ground, other = self._sides[side], self._sides[1 - side]
        met = (pairs.one, pairs.other)[side]
        covered = np.bincount(met, pairs.area, minlength=len(ground.areas))
        gone = self._gone(side, ground.kinds)
        mine = rows[side]
        alone = mine[covered[mine] == 0.0]
        code[alone] = gone[alone]
        self._share(ground.portions(code >= 0, self._number(code)), code)
        self._add_whole(code[code >= 0], ground.areas[code >= 0])
        partly = mine[(covered[mine] > 0.0) & (ground.areas[mine] - covered[mine] > ROUNDING_M2)]
        for left in subtract_ground(ground, partly, other, rows[1 - side]):
            codes = gone[left.owner]
            self._share([Portion(left.batch, self._number(codes))], codes)
            self._add_whole(codes, left.batch.area)

    def _gone(self, side: int, kinds: Numbers) -> Integers:
        none = np.full(len(kinds), self._classes)
        return self._code(kinds, none) if side == 0 else self._code(none, kinds)

    def _number(self, code: Integers) -> np.ndarray:
        """Number codes without gaps, so that tables of them stay small."""
        return np.searchsorted(np.unique(code), code).astype(np.int32)

    def _share(self, portions: list[Portion], code: Integers) -> None:
        """Share features out among the units under their codes."""
        codes = np.unique(code)
        zones, group_of_zone = self._units.layer.zones, self._units.group_of_zone
        shares = share_portions(portions, zones)
        found = tally(shares, portions, group_of_zone, self._groups, len(codes)).area_m2
        area = np.vstack([found[: self._groups], found[-1]])
        place, number = np.nonzero(area)
        self._add(place, codes[number], area[place, number])

    def _add_whole(self, codes: Integers, areas: Floats) -> None:
        self._add(np.full(len(codes), self._groups + 1), codes, areas)

    def _add(self, places: Integers, codes: Integers, areas: Floats) -> None:
        self._places.append(places)
        self._codes.append(codes)
        self._areas.append(areas)

    def _added_up(self) -> Flows:
        codes = (self._classes + 1) ** 2
        keys = np.concatenate(self._places) * codes + np.concatenate(self._codes)
        found, place = np.unique(keys, return_inverse=True)
        area: Floats = np.bincount(place, np.concatenate(self._areas), minlength=len(found)).astype(
            np.float64
        )
        before, after = np.divmod(found % codes, self._classes + 1)
        return Flows(found // codes, before, after, area)


def _others(ground: Layout, rows: Integers) -> Mask:
    others = ground.present.copy()
    others[rows] = False
    return others
