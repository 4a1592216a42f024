"""Which of two columns of a list of boundary points lies north, told by their size."""

from typing import Final, Literal

import numpy as np

from geoapp.geometry.crs import ZONES
from geoapp.importers.rings import Parcel

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
    north, east = (_is_latitude, _is_longitude) if degrees else (_is_northing, _is_easting)
    if north(first) and east(second):
        return "north_first", degrees
    if north(second) and east(first):
        return "east_first", degrees
    return "unknown", degrees


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


def _is_northing(value: float) -> bool:
    return 1_000_000 <= value <= 6_300_000


def _is_easting(value: float) -> bool:
    return 100_000 <= value < 900_000 or prefix_of(value) > 0


def _is_latitude(value: float) -> bool:
    return 0 <= value <= 56


def _is_longitude(value: float) -> bool:
    return 70 <= value <= 140
