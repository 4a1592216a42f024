"""In which order to visit places: a short round, as the crow flies."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.cases.case import Case
from geoapp.errors import InputError
from geoapp.geometry.crs import GEOGRAPHIC, transform_points

MOST_STOPS: Final = 300
_LEAST_GAIN_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way.

    Attributes:
        leg_m: Straight distance from the place before; roads are longer.
    """

    case: Case
    leg_m: float


@dataclass(frozen=True, slots=True)
class Round:
    """Places in the order of the visit; it does not return to the start."""

    stops: tuple[Stop, ...]
    length_m: float


def plan_round(cases: Sequence[Case], start: tuple[float, float], gauss: str) -> Round:
    """Order cases for a visit: nearest first, then untangled until no swap shortens it.

    Args:
        cases: Where to go; each once.
        start: Longitude and latitude.
        gauss: The city's Gauss plane, in which distances are taken.

    Raises:
        InputError: There are too many.
    """
    if len(cases) > MOST_STOPS:
        raise InputError("case-too-many", count=len(cases), most=MOST_STOPS)
    places = np.array([start, *((case.longitude, case.latitude) for case in cases)])
    plane = transform_points(places, GEOGRAPHIC, gauss)
    distances = np.hypot(*(plane[:, None] - plane[None]).transpose(2, 0, 1))
    order = untangle(visit_nearest(distances), distances)
    legs = [float(distances[a, b]) for a, b in pairwise(order)]
    stops = tuple(Stop(cases[row - 1], leg) for row, leg in zip(order[1:], legs, strict=True))
    return Round(stops, sum(legs))


def visit_nearest(distances: NDArray[np.float64]) -> list[int]:
    """Go from row 0 to the nearest place that is left, and so on."""
    left = np.ones(len(distances), dtype=bool)
    left[0] = False
    order = [0]
    while left.any():
        reach = np.where(left, distances[order[-1]], np.inf)
        order.append(int(np.argmin(reach)))
        left[order[-1]] = False
    return order


def untangle(order: Sequence[int], distances: NDArray[np.float64]) -> list[int]:
    """Turn stretches of the way round while that shortens it; the start stays the first."""
    way = list(order)
    improved = True
    while improved:
        improved = False
        for first in range(1, len(way) - 1):
            for last in range(first + 1, len(way)):
                if _gain(way, distances, first, last) > _LEAST_GAIN_M:
                    way[first : last + 1] = way[first : last + 1][::-1]
                    improved = True
    return way


def _gain(way: Sequence[int], distances: NDArray[np.float64], first: int, last: int) -> float:
    """Give how much shorter the way gets when a stretch is turned round."""
    before, begin, end = way[first - 1], way[first], way[last]
    old, new = distances[before, begin], distances[before, end]
    if last + 1 < len(way):
        after = way[last + 1]
        old, new = old + distances[end, after], new + distances[begin, after]
    return float(old - new)
