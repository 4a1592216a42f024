"""Units of area and rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.values import (
    DECIMALS,
    M2_PER_MU,
    M2_PER_UNIT,
    AreaUnit,
    convert_area,
    round_half_up,
    to_kilometres,
)

AREAS = st.floats(min_value=-1e13, max_value=1e13, allow_nan=False)


def exact_half_up(value: Fraction, decimals: int) -> Fraction:
    scaled = abs(value) * 10**decimals
    whole = scaled.numerator // scaled.denominator
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def test_a_mu_is_exactly_two_thousand_thirds():
    assert Fraction(2000, 3) == M2_PER_MU
    assert 15 * M2_PER_UNIT[AreaUnit.MU] == M2_PER_UNIT[AreaUnit.HA]
    assert convert_area(1e10, AreaUnit.MU) == Decimal("15000000.00")  # 666.67 gives 14999925


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.125, 2, "0.13"),
        (2.675, 2, "2.68"),
        (1.005, 2, "1.01"),
        (-2.5, 0, "-3"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (7059.675, 2, "7059.68"),
        (-0.001, 2, "0.00"),
        (1e-300, 2, "0.00"),
    ],
)
def test_ties_go_away_from_zero_as_a_person_reads_them(value, decimals, expected):
    assert str(round_half_up(value, decimals)) == expected


@given(AREAS, st.sampled_from(list(AreaUnit)))
def test_a_conversion_rounds_once_and_exactly(area, unit):
    exact = Fraction(Decimal(repr(area))) / M2_PER_UNIT[unit]
    converted = convert_area(area, unit)
    assert Fraction(converted) == exact_half_up(exact, DECIMALS[unit])
    assert -converted.as_tuple().exponent == DECIMALS[unit]


@given(st.fractions(min_value=-(10**12), max_value=10**12), st.integers(0, 6))
def test_fractions_round_exactly(value, decimals):
    assert Fraction(round_half_up(value, decimals)) == exact_half_up(value, decimals)


@given(AREAS, st.integers(0, 6))
def test_rounding_is_odd_and_never_moves_by_more_than_half_a_step(value, decimals):
    rounded = round_half_up(value, decimals)
    assert round_half_up(-value, decimals) == -rounded
    assert abs(Fraction(rounded) - Fraction(Decimal(repr(value)))) <= Fraction(1, 2 * 10**decimals)


def test_nothing_is_never_shown_as_minus_zero():
    for unit in AreaUnit:
        assert "-" not in str(convert_area(-1e-9, unit))
    assert "-" not in str(round_half_up(-1e-9, 4))


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_kilometres_are_rounded_once_from_metres(length):
    expected = exact_half_up(Fraction(Decimal(repr(length))) / 1000, 3)
    assert Fraction(to_kilometres(length)) == expected
