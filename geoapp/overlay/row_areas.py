"""What ground has of single features, and adding that up by class."""

from dataclasses import dataclass

import numpy as np

from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.line_sharing import COUNTED_FROM_M
from geoapp.overlay.tally import COUNTED_FROM_M2


@dataclass(frozen=True, slots=True)
class RowAreas:
    """What ground has of features.

    Attributes:
        rows: ``(k,)`` rising rows of features; the others have nothing in it.
        area: ``(k,)`` m² inside.
        whole: ``(k,)`` m² of the whole feature.
    """

    rows: Integers
    area: Floats
    whole: Floats

    def drop(self, rows: Integers) -> "RowAreas":
        """Leave out some rows."""
        kept = ~np.isin(self.rows, rows)
        return RowAreas(self.rows[kept], self.area[kept], self.whole[kept])

    def sum_by(self, kinds: Kinds) -> Floats:
        """Add areas up by number of class."""
        found = np.bincount(kinds.numbers[self.rows], self.area, minlength=len(kinds.names))
        return found.astype(np.float64)

    def count_by(self, kinds: Kinds) -> Integers:
        """Count the features that reach in by number of class."""
        enough = np.minimum(COUNTED_FROM_M2, self.whole / 2)
        reach_in = self.rows[(self.area > 0) & (self.area >= enough)]
        found = np.bincount(kinds.numbers[reach_in], minlength=len(kinds.names))
        return found.astype(np.int64)


@dataclass(frozen=True, slots=True)
class LayerAreas:
    """What ground has of the features of a layer, whole and without what overlaps.

    Attributes:
        gross: The features.
        net_by_class: Ground of several features of a class is with the first of them.
        net: Ground of several features is with the first of them.
    """

    gross: RowAreas
    net_by_class: RowAreas
    net: RowAreas


@dataclass(frozen=True, slots=True)
class ClassSums:
    """What ground has of a layer, by number of class.

    Attributes:
        net_m2: ``(c,)`` ground counted once per class.
        gross_m2: ``(c,)`` sums over features.
        count: ``(c,)`` features that reach in.
        covered_m2: Ground of all classes, counted once.
        length_m: ``(c,)`` length of lines, ``None`` for layers of polygons and points.
    """

    net_m2: Floats
    gross_m2: Floats
    count: Integers
    covered_m2: float
    length_m: Floats | None = None


def add_up(areas: LayerAreas, kinds: Kinds) -> ClassSums:
    """Add up by class."""
    gross = areas.gross.sum_by(kinds)
    net = gross if areas.net_by_class is areas.gross else areas.net_by_class.sum_by(kinds)
    covered = float(areas.net.area.sum())
    return ClassSums(net, gross, areas.gross.count_by(kinds), covered)


def count_points(rows: Integers, kinds: Kinds) -> ClassSums:
    """Count points by class; they have no area."""
    count = np.bincount(kinds.numbers[rows], minlength=len(kinds.names)).astype(np.int64)
    nothing = np.zeros(len(kinds.names))
    return ClassSums(nothing, nothing, count, 0.0)


def add_lines(rows: Integers, length: Floats, whole: Floats, kinds: Kinds) -> ClassSums:
    """Add the lengths of lines up by class; they have no area.

    Args:
        rows: ``(k,)`` lines that reach in.
        length: ``(k,)`` m inside.
        whole: ``(k,)`` m of the whole line.
        kinds: Their classes.
    """
    numbers, most = kinds.numbers[rows], len(kinds.names)
    reaches = (length > 0) & (length >= np.minimum(COUNTED_FROM_M, whole / 2))
    count = np.bincount(numbers[reaches], minlength=most).astype(np.int64)
    sums = np.bincount(numbers, length, minlength=most).astype(np.float64)
    nothing = np.zeros(most)
    return ClassSums(nothing, nothing, count, 0.0, sums)


def join_rows(parts: list[RowAreas]) -> RowAreas:
    """Join what different rows have, and sort it by row."""
    if not parts:
        return RowAreas(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    area = np.concatenate([part.area for part in parts])
    whole = np.concatenate([part.whole for part in parts])
    return RowAreas(rows[order], area[order], whole[order])


def move_on(before: LayerAreas, gained: LayerAreas, lost: LayerAreas) -> LayerAreas:
    """Give what ground has after it gained and lost some."""
    gross = _move_rows(before.gross, gained.gross, lost.gross)
    if before.net is before.gross:
        return LayerAreas(gross, gross, gross)
    by_class = _move_rows(before.net_by_class, gained.net_by_class, lost.net_by_class)
    return LayerAreas(gross, by_class, _move_rows(before.net, gained.net, lost.net))


def _move_rows(before: RowAreas, gained: RowAreas, lost: RowAreas) -> RowAreas:
    parts = (before, gained, lost)
    rows, place = np.unique(np.concatenate([part.rows for part in parts]), return_inverse=True)
    change = np.concatenate([before.area, gained.area, -lost.area])
    whole = np.empty(len(rows))
    whole[place] = np.concatenate([part.whole for part in parts])
    area = np.bincount(place, change, minlength=len(rows)).astype(np.float64)
    return RowAreas(rows, area, whole)
