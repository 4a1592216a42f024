"""Pieces that add up to a declared area, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.compliance.balancing import balance_areas, may_balance
from geoapp.compliance.request import Parcel
from tests.checking import CheckGround, by_rule, publish_clear_ground, squares


def cents(value):
    return Decimal(repr(value)) * 100


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=12).filter(lambda areas: sum(areas) > 1),
    st.floats(0.99, 1.01),
)
def test_pieces_add_up_to_the_cent_and_none_moves_by_more(areas, by):
    declared = round(sum(areas) * by, 2)
    balanced = balance_areas(areas, declared)
    assert sum(map(cents, balanced)) == cents(declared)
    for before, after in zip(areas, balanced, strict=True):
        assert after >= 0
        assert abs(after - before * declared / sum(areas)) < 0.0101


def test_a_declared_area_that_is_too_far_off_is_never_balanced_to():
    assert may_balance(100.0, 100.9, 0.01)
    assert not may_balance(100.0, 102.0, 0.01)
    assert not may_balance(100.0, None, 0.01)
    assert not may_balance(100.0, 0.0, 0.01)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = CheckGround(tmp_path_factory.mktemp("balance"))
    publish_clear_ground(made)
    made.publish(
        "landuse", [squares((0, 0, 51, 40)), squares((51, 0, 80, 40))], dlbm=["0101", "1206"]
    )
    return made


def test_classes_and_findings_are_balanced_on_request(ground):
    parcel = Parcel(geometry=squares((50, 10, 53, 11)), declared_m2=7530.0)
    found = ground.one(parcel, balance=True)
    assert found.area_m2 == pytest.approx(7500, abs=0.05)
    composition = found.composition
    assert [share.balanced_m2 for share in composition.classes] == [5020.0, 2510.0]
    assert sum(group.balanced_m2 for group in composition.groups) == 7530.0
    assert composition.cultivated_m2 == pytest.approx(2500, abs=0.05)
    assert by_rule(found)["cultivated-land-balance"].balanced_m2 == 2510.0
    assert found.notes == ()
    plain = ground.one(parcel)
    assert plain.composition.balanced is False
    assert all(share.balanced_m2 is None for share in plain.composition.classes)


def test_what_cannot_be_balanced_is_remarked(ground):
    far = Parcel(geometry=squares((50, 10, 53, 11)), declared_m2=8000.0)
    for options, code in (({"balance": True}, "balance_refused"), ({}, "declared_differs")):
        found = ground.one(far, **options)
        assert [note.code for note in found.notes] == [code]
        assert not found.composition.balanced
        for lang in ("zh", "en"):
            assert "8000.00" in found.notes[0].word(lang)
    undeclared = ground.one(squares((50, 10, 53, 11)), balance=True)
    assert [note.code for note in undeclared.notes] == ["balance_undeclared"]
