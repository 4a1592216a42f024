"""How prohibitions could be cleared: by leaving a part out, or by moving the parcel.

Whatever is offered is checked again like any parcel before it is offered.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from geoapp.compliance.checker import Checked, check_parcels
from geoapp.compliance.opening import Openings
from geoapp.compliance.request import CheckRequest, Parcel
from geoapp.compliance.result import ParcelResult, Remedy, Shift
from geoapp.compliance.rule import SLOPE, Rule
from geoapp.compliance.shifting import TooComplexError, shortest_shift
from geoapp.compliance.survey import Materials
from geoapp.compliance.zone import bearing_ground
from geoapp.errors import InputError
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.values import Progress, no_progress

_CLEARANCE_M: Final = 0.01  # kept from the edge, so that rounding never puts it back


def add_remedies(
    openings: Openings, checked: Checked, materials: Materials, progress: Progress = no_progress
) -> Checked:
    """Search remedies for the parcels of a check that a prohibition bears on."""
    rules = materials.rulebook.in_force(checked.asked.on, checked.result.purpose)
    prohibiting = [rule for rule in rules if rule.effect == "prohibit"]
    remedier = _Remedier(openings, checked, materials, prohibiting)
    parcels = []
    for k, parcel in enumerate(checked.result.parcels):
        progress("check.remedying", k / len(checked.result.parcels))
        parcels.append(replace(parcel, remedy=remedier.find(k, parcel)))
    return replace(checked, result=replace(checked.result, parcels=tuple(parcels)))


class _Remedier:
    def __init__(
        self,
        openings: Openings,
        checked: Checked,
        materials: Materials,
        prohibiting: Sequence[Rule],
    ) -> None:
        self._openings = openings
        self._checked = checked
        self._materials = materials
        self._prohibiting = prohibiting
        self._limits = checked.asked.limits

    def find(self, k: int, parcel: ParcelResult) -> Remedy:
        """Search the remedies of one parcel."""
        bearing = {f.rule for f in parcel.findings if f.bears and f.effect == "prohibit"}
        if not bearing:
            return Remedy(rest_reason="no_prohibition", shift_reason="no_prohibition")
        if any(rule.layer == SLOPE and rule.id in bearing for rule in self._prohibiting):
            return Remedy(rest_reason="not_removable", shift_reason="not_removable")
        forbidden = self._forbidden(k)
        found = self._leave_out(k, parcel, forbidden)
        return self._move(k, parcel, forbidden, found)

    def _forbidden(self, k: int) -> shapely.Geometry:
        """Unite the ground around a parcel on which any prohibition bears."""
        reach = self._limits.shift_m + 1.0
        grounds = []
        for rule in self._prohibiting:
            snapshot = None if rule.layer == SLOPE else self._materials.find(rule.layer)
            if snapshot is not None:
                source = self._openings.open_source(rule.layer, snapshot)
                threshold = rule.threshold_on(self._checked.asked.on) or 0.0
                parcels = self._checked.asked.parcels
                grounds.append(bearing_ground(rule, threshold, source, parcels, k, reach))
        return shapely.union_all(np.array(grounds, dtype=object))

    def _leave_out(self, k: int, parcel: ParcelResult, forbidden: shapely.Geometry) -> Remedy:
        """Cut forbidden ground off and keep the largest part that is no mere strip."""
        ground = self._checked.asked.parcels.gauss[k]
        kept = shapely.buffer(forbidden, _CLEARANCE_M, join_style="mitre")
        half = self._limits.width_m / 2
        core = shapely.buffer(shapely.difference(ground, kept), -half, join_style="mitre")
        opened = shapely.buffer(core, half, join_style="mitre")
        parts = shapely.get_parts(shapely.intersection(opened, shapely.difference(ground, kept)))
        parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON.value]
        if len(parts) == 0 or shapely.area(parts).max() <= self._limits.overlap_m2:
            return Remedy(rest_reason="nothing_left")
        rest = self._to_degrees(parts[np.argmax(shapely.area(parts))])
        again = self._check(rest, parcel)
        if again is None or again.verdict == "prohibited":
            return Remedy(rest_reason="nothing_left")
        return Remedy(
            rest=rest,
            rest_m2=again.area_m2,
            rest_share=again.area_m2 / parcel.area_m2,
            rest_verdict=again.verdict,
        )

    def _move(
        self, k: int, parcel: ParcelResult, forbidden: shapely.Geometry, found: Remedy
    ) -> Remedy:
        """Move the parcel by the shortest way."""
        most = self._limits.shift_m
        found = replace(found, searched_m=most)
        ground = self._checked.asked.parcels.gauss[k]
        held = shapely.buffer(ground, _CLEARANCE_M, join_style="mitre")
        try:
            by = shortest_shift(held, forbidden, most)
        except TooComplexError:
            return replace(found, shift_reason="too_complex")
        if by is None:
            return replace(found, shift_reason="none_near")
        moved = self._to_degrees(shapely.transform(ground, lambda xy: xy + np.array(by)))
        again = self._check(moved, parcel)
        if again is None or again.verdict == "prohibited":
            return replace(found, shift_reason="none_near")
        shift = Shift(
            geometry=moved,
            east_m=by[0],
            north_m=by[1],
            distance_m=float(np.hypot(*by)),
            area_m2=again.area_m2,
            verdict=again.verdict,
        )
        return replace(found, shift=shift)

    def _check(self, geometry: shapely.Geometry, parcel: ParcelResult) -> ParcelResult | None:
        """Check what is offered; ``None`` where it cannot even be measured."""
        result = self._checked.result
        request = CheckRequest(
            parcels=(Parcel(geometry=geometry, id=parcel.id),), purpose=result.purpose, on=result.on
        )
        try:
            again = check_parcels(self._openings, request, self._materials, result.on)
        except InputError:
            return None
        return again.result.parcels[0]

    def _to_degrees(self, shape: shapely.Geometry) -> shapely.Geometry:
        made: shapely.Geometry = transform(
            np.array([shape], dtype=object), self._openings.city.crs, GEOGRAPHIC
        )[0]
        return made
