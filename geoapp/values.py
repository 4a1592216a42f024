"""Units of area and length, the one way of rounding, and how long work reports itself.

Areas are computed in square metres, lengths in metres; they are converted once, when shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

Progress = Callable[[str, float], None]  # a key of the locale, and the fraction done


def no_progress(_stage: str, _fraction: float) -> None:
    """Report to nobody."""


def part_of(progress: Progress, begin: float, end: float) -> Progress:
    """Report a piece of work as a part of a longer one."""
    return lambda stage, fraction: progress(stage, begin + (end - begin) * fraction)


M2_PER_MU: Final = Fraction(2000, 3)  # 1 mu (亩) = 2000/3 m²: 15 mu = 1 ha exactly


class AreaUnit(StrEnum):
    """A unit in which areas are shown."""

    M2 = "m2"
    MU = "mu"
    HA = "ha"
    KM2 = "km2"


M2_PER_UNIT: Final[dict[AreaUnit, Fraction]] = {
    AreaUnit.M2: Fraction(1),
    AreaUnit.MU: M2_PER_MU,
    AreaUnit.HA: Fraction(10_000),
    AreaUnit.KM2: Fraction(1_000_000),
}

# Places shown: m² and ha as the survey tables print them (domain: 1.4); km² to the same
# resolution as a tenth of a hectare would hide a village's pond, so it keeps four.
DECIMALS: Final[dict[AreaUnit, int]] = {
    AreaUnit.M2: 2,
    AreaUnit.MU: 2,
    AreaUnit.HA: 4,
    AreaUnit.KM2: 4,
}

METRE_DECIMALS: Final = 2
KILOMETRE_DECIMALS: Final = 3


def round_half_up(value: float | Fraction, decimals: int) -> Decimal:
    """Round to a number of decimals, ties away from zero.

    The exact binary value of a float would make 2.675 a hair less than a tie, so floats are
    first read as the shortest decimal that stands for them, as a person reads them.

    >>> round_half_up(2.675, 2)
    Decimal('2.68')
    >>> round_half_up(-0.005, 2)
    Decimal('-0.01')
    """
    step = Decimal(1).scaleb(-decimals)
    if isinstance(value, Fraction):
        return _round_fraction(value, decimals)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _round_fraction(value: Fraction, decimals: int) -> Decimal:
    scaled = abs(value) * 10**decimals
    units = int(scaled + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def convert_area(area_m2: float, unit: AreaUnit) -> Decimal:
    """Convert square metres to a unit and round half-up, in one step.

    >>> convert_area(10000.0, AreaUnit.MU)
    Decimal('15.00')
    >>> convert_area(7059.68, AreaUnit.HA)
    Decimal('0.7060')
    """
    exact = Fraction(Decimal(repr(float(area_m2)))) / M2_PER_UNIT[unit]
    return _round_fraction(exact, DECIMALS[unit])


def to_kilometres(length_m: float) -> Decimal:
    """Convert metres to kilometres and round half-up, in one step.

    >>> to_kilometres(1234.5)
    Decimal('1.235')
    """
    return _round_fraction(Fraction(Decimal(repr(float(length_m)))) / 1000, KILOMETRE_DECIMALS)


@dataclass(frozen=True, slots=True)
class Extent:
    """A rectangle in longitude and latitude, degrees, east and north positive."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, longitude: float, latitude: float) -> bool:
        """Tell whether a position lies inside or on the edge."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north
