"""Which reference systems the coordinates of a file can be in, and where each would put them.

A datum cannot be read off numbers: CGCS2000, WGS 84 and the old frames look alike. So what is
inferred is only offered, with the place where it leads; a person states it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely

from geoapp.catalog.city import City
from geoapp.errors import CrsError
from geoapp.geometry.crs import (
    GEOGRAPHIC,
    ZONES,
    Coordinates,
    DatumShift,
    Geometries,
    gauss_crs,
    require_crs,
    suggest_crs,
    to_geographic,
)
from geoapp.importers.problem import Problem
from geoapp.importers.reading import Reading

How = Literal["embedded", "stated", "inferred"]

_MOST_POSITIONS: Final = 2000  # enough to tell where data lie
_NEIGHBOURS: Final = (-1, 1)  # data are handed over in the wrong zone, never in a far one


@dataclass(frozen=True, slots=True)
class CrsCandidate:
    """A system that the coordinates can be in.

    Attributes:
        crs: What to state.
        how: It stands in the file, the caller stated it, or the numbers look like it.
        swapped: The file gives north before east; state ``CRS (y, x)``.
        bounds: West, south, east, north in degrees where the data would lie.
        share_inside: Share of the positions within the city's rectangle, 0 to 1.
        districts: Codes of the districts that the data would touch, as far as known.
        problems: What stays in doubt.
    """

    crs: str
    how: How
    swapped: bool
    bounds: tuple[float, float, float, float]
    share_inside: float
    districts: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Districts:
    """Outlines of districts, EPSG:4490."""

    codes: Sequence[str]
    outlines: Geometries


def find_candidates(
    reading: Reading,
    city: City,
    *,
    districts: Districts | None = None,
    shift: DatumShift | None = None,
) -> list[CrsCandidate]:
    """List the systems that the coordinates of a file can be in.

    Args:
        reading: The file.
        city: Where the data should lie.
        districts: Outlines to tell districts by.
        shift: Local parameters of an old datum.

    Returns:
        The one that the file or the caller names first, wherever it leads; then those that the
        numbers look like and that lead into the city, the better ones first.
    """
    positions = _sample(reading.geometries)
    if len(positions) == 0:
        return []
    found: list[CrsCandidate] = []
    if reading.crs:
        how: How = "stated" if reading.stated else "embedded"
        named = _place(reading.crs, how, positions, city, districts, shift, swapped=False)
        found += [named] if named else []
    for crs, swapped in _looks_like(positions, city.zone):
        turned = positions[:, ::-1] if swapped else positions
        candidate = _place(crs, "inferred", turned, city, districts, shift, swapped=swapped)
        if candidate is None or candidate.share_inside == 0 or _is_known(candidate, found):
            continue
        found.append(candidate)
    first = [one for one in found if one.how != "inferred"]
    rest = sorted((one for one in found if one.how == "inferred"), key=lambda c: -c.share_inside)
    return first + rest


def _sample(geometries: Geometries) -> Coordinates:
    """Take some of the finite positions, evenly spread over the file."""
    positions = shapely.get_coordinates(geometries)
    positions = positions[np.isfinite(positions).all(axis=1)]
    step = max(1, len(positions) // _MOST_POSITIONS)
    return np.asarray(positions[::step], dtype=np.float64)


def _looks_like(positions: Coordinates, zone: int) -> Iterator[tuple[str, bool]]:
    """Read systems off the size of the numbers: of the middle ones, a slip may stand first."""
    x, y = (float(value) for value in np.median(positions, axis=0))
    found = suggest_crs(x, y, zone)
    if found is None:
        return
    yield found
    crs, swapped = found
    if crs == gauss_crs(zone):  # without a prefix the numbers fit any zone
        for step in _NEIGHBOURS:
            if zone + step in ZONES:
                yield gauss_crs(zone + step), swapped


def _place(
    crs: str,
    how: How,
    positions: Coordinates,
    city: City,
    districts: Districts | None,
    shift: DatumShift | None,
    *,
    swapped: bool,
) -> CrsCandidate | None:
    """Tell where a system leads; ``None`` where it cannot be used or does not fit."""
    try:
        name = require_crs(crs, shift)
        drawn = np.asarray(shapely.points(positions), dtype=object)
        points = to_geographic(drawn, name, shift=shift)
    except CrsError:
        return None
    places = shapely.get_coordinates(points)
    box = city.extent
    inside = (places[:, 0] >= box.west) & (places[:, 0] <= box.east)
    inside &= (places[:, 1] >= box.south) & (places[:, 1] <= box.north)
    west, south = places.min(axis=0).tolist()
    east, north = places.max(axis=0).tolist()
    return CrsCandidate(
        crs=name,
        how=how,
        swapped=swapped,
        bounds=(west, south, east, north),
        share_inside=float(inside.mean()),
        districts=_touched(points, districts),
        problems=tuple(_doubts(name, how, swapped=swapped)),
    )


def _touched(points: Geometries, districts: Districts | None) -> tuple[str, ...]:
    if districts is None or len(districts.codes) == 0:
        return ()
    _, hit = shapely.STRtree(districts.outlines).query(points, predicate="intersects")
    rows = np.unique(hit)
    return tuple(str(districts.codes[row]) for row in rows)


def _doubts(crs: str, how: How, *, swapped: bool) -> Iterator[Problem]:
    if how == "inferred":
        yield Problem("crs-datum-not-told", "warning", facts={"crs": crs})
    if swapped:
        yield Problem("crs-axes-swapped", "warning", facts={"crs": crs})
    if crs == GEOGRAPHIC and how == "inferred":
        yield Problem("crs-degrees-may-be-shifted", "warning")


def _is_known(candidate: CrsCandidate, found: Sequence[CrsCandidate]) -> bool:
    """Tell whether another candidate means the same: the same system, axes in the same order."""
    return any(one.crs == candidate.crs and one.swapped == candidate.swapped for one in found)
