"""What is measured of parcels for one rule, before it is worded as findings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from geoapp.compliance.certainty import Accuracy
from geoapp.compliance.ground_pieces import inside_pieces, outside_pieces, strip_areas
from geoapp.compliance.nearness import find_nearest
from geoapp.compliance.netting import net_meeting
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.rule import Rule
from geoapp.compliance.rulebook import Limits
from geoapp.compliance.source import Mask, Meeting, Source
from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.tally import COUNTED_FROM_M2

Cut = Callable[[Source, Meeting, Parcels, Integers], Geometries]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is measured for one rule, ``(n,)`` each.

    Attributes:
        meeting: The features met that the rule reads; shared ground counts once.
        inside: The parcel lies inside of what is read; for lines: it is crossed.
        extent_m2: Ground on which the rule bears, or would but for the tolerances.
        sliver_m2: Of this, in strips narrower than the tolerance.
        distance_m: To the nearest feature, infinite where there is none.
        edge_m: To the nearest edge.
        bears: Beyond the tolerances.
        within_tolerance: There is such ground, but within the tolerances.
        uncertain: Edges could lie so that it is otherwise.
        unclassed: Features are met of which it cannot be told whether the rule reads them.
    """

    meeting: Meeting
    inside: Mask
    extent_m2: Floats
    sliver_m2: Floats
    distance_m: Floats
    edge_m: Floats
    bears: Mask
    within_tolerance: Mask
    uncertain: Mask
    unclassed: Mask


def measure_rule(
    rule: Rule,
    threshold: float | None,
    source: Source,
    met: Meeting,
    parcels: Parcels,
    limits: Limits,
    band_m: float,
) -> Facts:
    """Measure one rule for all parcels.

    Args:
        rule: A rule that reads a layer.
        threshold: Its threshold, for those that have one.
        source: The layer.
        met: All features of the layer that the parcels meet.
        parcels: The parcels.
        limits: The tolerances.
        band_m: Half-width of the band around edges.
    """
    rows, strange = source.subject(rule.where)
    meeting = net_meeting(source, met, rows, parcels)
    count = len(parcels)
    shared = np.bincount(meeting.parcel, meeting.area_m2, minlength=count).astype(np.float64)
    shared[shared < COUNTED_FROM_M2] = 0.0
    shared = np.minimum(shared, parcels.area_m2)  # what rounding adds is no ground
    search = shared == 0.0
    most = max(limits.searched_m, threshold or 0.0)
    distance = find_nearest(source, rows, parcels, search, most)
    distance[~search] = 0.0
    unclassed = np.zeros(count, dtype=np.bool_)
    if strange is not None:
        doubtful = met.pick(strange[met.row] & (met.area_m2 >= COUNTED_FROM_M2))
        unclassed[doubtful.parcel] = True
    accuracy = Accuracy(source, rows, parcels, band_m)
    measured = _Measured(source, meeting, parcels, limits, accuracy, band_m, shared, distance)
    if rule.condition == "within":
        return measured.within(threshold or 0.0, unclassed)
    return measured.outside(unclassed) if rule.condition == "outside" else measured.over(unclassed)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What the three conditions have in common."""

    source: Source
    meeting: Meeting
    parcels: Parcels
    limits: Limits
    accuracy: Accuracy
    band_m: float
    shared_m2: Floats
    distance_m: Floats

    def over(self, unclassed: Mask) -> Facts:
        """Judge shared ground."""
        parcels, shared = self.parcels, self.shared_m2
        least = self.limits.least_areas(parcels.area_m2)
        partly = np.flatnonzero((shared > 0) & (shared < parcels.area_m2 - COUNTED_FROM_M2))
        sliver = self._slivers(inside_pieces, partly, shared)
        bears = (shared > least) & (shared - sliver > self.limits.overlap_m2)
        minor = (shared > 0) & ~bears
        uncertain = minor | (~bears & (self.distance_m <= self.band_m))
        hit = np.flatnonzero(bears)
        uncertain[hit] = ~self.accuracy.still_occupied(self.meeting, hit, least[hit])
        edge = np.where(shared > 0, 0.0, self.distance_m)
        wholly = shared >= parcels.area_m2 - COUNTED_FROM_M2
        if wholly.any():
            edge[wholly] = self._edges()[wholly]
        return Facts(
            self.meeting,
            shared > 0,
            shared,
            sliver,
            self.distance_m,
            edge,
            bears,
            minor,
            uncertain,
            unclassed,
        )

    def outside(self, unclassed: Mask) -> Facts:
        """Judge ground outside."""
        parcels, shared = self.parcels, self.shared_m2
        least = self.limits.least_areas(parcels.area_m2)
        rest = parcels.area_m2 - shared
        rest[rest < COUNTED_FROM_M2] = 0.0
        partly = np.flatnonzero((shared > 0) & (rest > 0))
        sliver = self._slivers(outside_pieces, partly, rest)
        bears = (rest > least) & (rest - sliver > self.limits.overlap_m2)
        minor = (rest > 0) & ~bears
        edge = np.where(rest > 0, self.distance_m, self._edges())
        uncertain = minor | (~bears & (edge <= self.band_m))
        near = np.flatnonzero(bears & (self.distance_m <= self.band_m))
        uncertain[near] = ~self.accuracy.still_outside(near, least[near])
        doubtful = np.flatnonzero(uncertain & ~bears & ~minor)
        uncertain[doubtful] = ~self.accuracy.still_inside(doubtful, least[doubtful])
        return Facts(
            self.meeting,
            ~bears,
            rest,
            sliver,
            self.distance_m,
            edge,
            bears,
            minor,
            uncertain,
            unclassed,
        )

    def within(self, threshold_m: float, unclassed: Mask) -> Facts:
        """Judge distance."""
        distance = self.distance_m
        bears = distance <= threshold_m
        uncertain = np.abs(distance - threshold_m) <= self.band_m
        nothing = np.zeros(len(distance))
        inside = distance == 0.0
        return Facts(
            self.meeting,
            inside,
            self.shared_m2,
            nothing,
            distance,
            distance,
            bears,
            np.zeros(len(distance), dtype=np.bool_),
            uncertain,
            unclassed,
        )

    def _slivers(self, cut: Cut, rows: Integers, official_m2: Floats) -> Floats:
        """Measure strips; planar shares of pieces are shares of the official area as well."""
        sliver = np.zeros(len(self.parcels))
        if len(rows):
            pieces = cut(self.source, self.meeting, self.parcels, rows)
            planar = np.maximum(shapely.area(pieces), 1e-300)
            strips = strip_areas(pieces, self.limits.width_m)
            sliver[rows] = official_m2[rows] * np.minimum(strips / planar, 1.0)
        return sliver

    def _edges(self) -> Floats:
        """Measure from parcels to the nearest edge of the features they meet."""
        edges = np.full(len(self.parcels), np.inf)
        if len(self.meeting.row) == 0:
            return edges
        shapes = self.source.shapes(self.meeting.row)
        ground = self.parcels.gauss[self.meeting.parcel]
        np.fmin.at(edges, self.meeting.parcel, shapely.distance(shapely.boundary(shapes), ground))
        return edges
