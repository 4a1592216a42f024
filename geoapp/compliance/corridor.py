"""A line with a width: checked as a parcel, and where along the line each rule bears."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import shapely

from geoapp.compliance.checker import Checked, check_parcels
from geoapp.compliance.opening import Openings
from geoapp.compliance.request import CheckRequest, Parcel
from geoapp.compliance.result import CheckResult, CorridorResult, Stretch
from geoapp.compliance.rule import SLOPE
from geoapp.compliance.survey import Materials
from geoapp.compliance.zone import bearing_ground
from geoapp.errors import ChoiceError, GeometryError
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.geometry.measure import total_length
from geoapp.values import Progress, no_progress

LEAST_WIDTH_M: Final = 0.1
MOST_WIDTH_M: Final = 1000.0
_JOINS_M: Final = 1e-6  # stretches that meet within this are one
_SHOWN_FROM_M: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Corridor:
    """A checked corridor with the request that its ground was checked by."""

    result: CorridorResult
    request: CheckRequest

    def stored_as(self, check: CheckResult) -> CorridorResult:
        """Give the result with the check as it was stored."""
        return replace(self.result, check=check)


def check_line(
    openings: Openings,
    line: shapely.Geometry,
    width_m: float,
    materials: Materials,
    request: CheckRequest,
    name: str,
    today: date,
    progress: Progress = no_progress,
) -> Corridor:
    """Check a corridor.

    Args:
        openings: Open layers.
        line: EPSG:4490.
        width_m: Full width.
        materials: What is read.
        request: Purpose and day; its parcels are not read.
        name: Name of the corridor.
        today: The day where the request names none.
        progress: Told how far it is.

    Raises:
        GeometryError: The line is no line, has no length, or is not finite.
        ChoiceError: The width is not offered.
        CrsError: It lies outside the city.
    """
    axis = _take_line(line, openings.city.crs)
    if not LEAST_WIDTH_M <= width_m <= MOST_WIDTH_M:
        raise ChoiceError("corridor-width", width=width_m, least=LEAST_WIDTH_M, most=MOST_WIDTH_M)
    ground = shapely.buffer(axis, width_m / 2, cap_style="flat", join_style="mitre")
    degrees = transform(np.array([ground], dtype=object), openings.city.crs, GEOGRAPHIC)[0]
    asked = replace(request, parcels=(Parcel(geometry=degrees, name=name),))
    checked = check_parcels(openings, asked, materials, today, progress)
    result = CorridorResult(
        check=checked.result,
        line=line,
        width_m=width_m,
        length_m=float(shapely.length(axis)),
        true_length_m=total_length(np.array([line], dtype=object), openings.city.crs),
        stretches=tuple(_iter_stretches(openings, checked, materials, axis)),
    )
    return Corridor(result, asked)


def write_chainage(metres: float) -> str:
    """Write a chainage the way road engineers do, to the centimetre.

    >>> write_chainage(1234.5), write_chainage(0.004)
    ('K1+234.50', 'K0+000.00')
    """
    cents = round(metres * 100)
    return f"K{cents // 100_000}+{cents % 100_000 // 100:03d}.{cents % 100:02d}"


def _take_line(line: object, gauss: str) -> shapely.Geometry:
    """Bring a line to the Gauss plane; it is taken as it is or refused."""
    if not isinstance(line, shapely.LineString):
        raise GeometryError("corridor-wrong-kind", found=type(line).__name__)
    if line.is_empty or not np.isfinite(shapely.get_coordinates(line)).all():
        raise GeometryError("corridor-not-finite")
    flat = np.array([shapely.force_2d(line)], dtype=object)
    axis: shapely.Geometry = transform(flat, GEOGRAPHIC, gauss)[0]
    if shapely.length(axis) < LEAST_WIDTH_M:
        raise GeometryError("corridor-too-short")
    return axis


def _iter_stretches(
    openings: Openings, checked: Checked, materials: Materials, axis: shapely.Geometry
) -> Iterator[Stretch]:
    """Give the stretches on which rules bear, in order of chainage, then of the findings."""
    rules = {
        rule.id: rule
        for rule in materials.rulebook.in_force(checked.asked.on, checked.result.purpose)
    }
    found: list[Stretch] = []
    for finding in checked.result.parcels[0].findings:
        snapshot = materials.find(finding.layer)
        known = finding.relation != "no_data"
        if finding.layer == SLOPE or snapshot is None or not known:
            continue
        source = openings.open_source(finding.layer, snapshot)
        ground = bearing_ground(
            rules[finding.rule], finding.threshold or 0.0, source, checked.asked.parcels, 0, 1.0
        )
        found += [
            Stretch(layer=finding.layer, rule=finding.rule, begin_m=begin, end_m=end)
            for begin, end in cut_axis(axis, ground)
        ]
    yield from sorted(found, key=lambda stretch: stretch.begin_m)


def cut_axis(axis: shapely.Geometry, ground: shapely.Geometry) -> list[tuple[float, float]]:
    """Find from where to where along a line it runs inside of ground.

    Edge by edge, so that a line that crosses itself is no question of which place is meant.
    """
    xy = shapely.get_coordinates(axis)
    edges = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
    begins = np.concatenate([[0.0], np.cumsum(shapely.length(edges))])
    parts, edge = shapely.get_parts(shapely.intersection(edges, ground), return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING.value
    lines &= ~shapely.is_empty(parts)
    intervals: list[tuple[float, float]] = []
    for part, number in zip(parts[lines], edge[lines].tolist(), strict=True):
        ends = shapely.get_coordinates(part)[[0, -1]]
        along = np.sort(np.hypot(*(ends - xy[number]).T))
        intervals.append((float(begins[number] + along[0]), float(begins[number] + along[1])))
    return [span for span in _join(sorted(intervals)) if span[1] - span[0] >= _SHOWN_FROM_M]


def _join(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join intervals that meet."""
    joined: list[tuple[float, float]] = []
    for begin, end in intervals:
        if joined and begin - joined[-1][1] <= _JOINS_M:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
