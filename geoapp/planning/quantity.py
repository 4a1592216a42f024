"""Quantities of plans and reports: areas, percentages and counts, exact in their base unit.

The base is the square metre for areas, one percent for shares, one piece for counts.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, get_args

from geoapp.values import M2_PER_MU, round_half_up

Unit = Literal[
    "m2", "mu", "wan_mu", "ha", "km2", "percent", "count", "household", "person", "parcel",
    "project", "certificate", "dwelling", "estate", "case", "hamlet", "unit", "plan", "year",
]  # fmt: skip
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
Dimension = Literal["area", "percent", "count"]

_M2_PER: Final[dict[str, Fraction]] = {
    "m2": Fraction(1),
    "mu": M2_PER_MU,
    "wan_mu": M2_PER_MU * 10_000,
    "ha": Fraction(10_000),
    "km2": Fraction(1_000_000),
}
_DECIMALS: Final = {"m2": 2, "mu": 2, "wan_mu": 4, "ha": 4, "km2": 4, "percent": 2}


def dimension_of(unit: Unit) -> Dimension:
    """Tell what a unit measures; quantities of different dimensions are never compared."""
    if unit in _M2_PER:
        return "area"
    return "percent" if unit == "percent" else "count"


def to_base(value: Decimal | float, unit: Unit) -> Fraction:
    """Give a quantity in its base unit, exactly as it reads.

    >>> to_base(Decimal("1.5"), "mu")
    Fraction(1000, 1)
    """
    exact = Fraction(value if isinstance(value, Decimal | int) else Decimal(repr(value)))
    return exact * _M2_PER.get(unit, Fraction(1))


def from_base(value: Fraction, unit: Unit) -> Decimal:
    """Give a quantity in a unit, rounded once to the places that are shown.

    >>> from_base(Fraction(1000), "mu")
    Decimal('1.50')
    """
    return round_half_up(value / _M2_PER.get(unit, Fraction(1)), decimals_of(unit))


def decimals_of(unit: Unit) -> int:
    """Tell how many places of a unit are shown."""
    return _DECIMALS.get(unit, 0)
