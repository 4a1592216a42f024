"""Which of two columns of a list of boundary points lies north, told by their size."""

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np

from geoapp.geometry.crs import ZONES
from geoapp.importers.problem import Problem
from geoapp.importers.rings import Parcel, Point

Order = Literal["north_first", "east_first", "unknown"]
_SIX_DEGREE_ZONES: Final = range(13, 24)


def find_order(parcels: list[Parcel]) -> tuple[Order, bool]:
    """Tell the order of the two numbers, and whether they are degrees.

    In China an easting with its zone has eight digits, a northing seven; without zone an
    easting is below 900 km, a northing above 1 000 km; a longitude is above 70, a latitude
    below 56. No position reads both ways. Degrees in any doubt stay ``unknown``.
    """
    numbers = np.array(
        [
            (point.first, point.second)
            for parcel in parcels
            for points in parcel.rings.values()
            for point in points
        ]
    ).reshape(-1, 2)
    if len(numbers) == 0:
        return "unknown", False
    first, second = (float(np.median(column)) for column in numbers.T)
    degrees = abs(first) <= 180 and abs(second) <= 180
    fits = _are_degrees if degrees else _are_metres
    if fits(first, second):
        return "north_first", degrees
    return ("east_first" if fits(second, first) else "unknown"), degrees


def find_odd(parcels: list[Parcel]) -> list[Problem]:
    """List the points whose numbers are not of the size that the others have."""
    return [
        Problem(
            "text-point-odd",
            "warning",
            row,
            point.line,
            {"first": point.first, "second": point.second},
        )
        for row, point in iter_points(parcels)
        if not _are_metres(point.first, point.second)
    ]


def iter_points(parcels: list[Parcel]) -> Iterator[tuple[int, Point]]:
    """Give every position with the row of its parcel; a closing X written twice is none."""
    for row, parcel in enumerate(parcels, start=1):
        for points in parcel.rings.values():
            yield from ((row, p) for p in points if p is points[0] or p.first != p.second)


def turn(parcels: list[Parcel]) -> None:
    """Exchange the two numbers of every point."""
    for parcel in parcels:
        for points in parcel.rings.values():
            for point in points:
                point.first, point.second = point.second, point.first


def prefix_of(easting: float) -> int:
    """Give the zone before an easting, 0 when it has none."""
    prefix = int(easting // 1_000_000)
    return prefix if prefix in ZONES or prefix in _SIX_DEGREE_ZONES else 0


def _are_degrees(north: float, east: float) -> bool:
    return 0 <= north <= 56 and 70 <= east <= 140


def _are_metres(north: float, east: float) -> bool:
    return _is_northing(north) and _is_easting(east)


def _is_northing(value: float) -> bool:
    return 1_000_000 <= value <= 6_300_000


def _is_easting(value: float) -> bool:
    return 100_000 <= value < 900_000 or prefix_of(value) > 0
