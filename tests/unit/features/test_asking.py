"""Reading what is asked: boxes, days, places in the pages; nonsense is named, never mended."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import ChoiceError
from geoapp.features.asking import Place, read_box, read_day, read_place
from geoapp.features.reference import offered_references, require_reference, stored_reference
from tests.building import make_city

CITY = make_city()
CRS84, GEOGRAPHIC, GAUSS, PREFIXED = offered_references(CITY)
numbers = st.floats(-80, 80, allow_nan=False)


def test_the_systems_are_those_of_the_city_with_their_registered_axis_order():
    names = [reference.uri.rpartition("/")[2] for reference in offered_references(CITY)]
    assert names == ["CRS84", "4490", "4546", "4525"]
    assert [r.north_first for r in offered_references(CITY)] == [False, True, True, True]
    assert stored_reference(CITY) == GEOGRAPHIC
    assert require_reference(CITY, "", "crs") == CRS84
    with pytest.raises(ChoiceError) as caught:
        require_reference(CITY, "EPSG:4546", "crs")
    assert caught.value.facts["option"] == "crs"


@given(numbers, numbers, numbers, numbers)
def test_a_box_is_read_east_first_whatever_the_axis_order(a, b, c, d):
    west, east, south, north = *sorted((a, b)), *sorted((c, d))
    plain = read_box(f"{west!r},{south!r},{east!r},{north!r}", CRS84)
    swapped = read_box(f"{south!r},{west!r},{north!r},{east!r}", GEOGRAPHIC)
    high = read_box(f"{west!r},{south!r},-5,{east!r},{north!r},9", CRS84)
    assert plain == swapped == high == (west, south, east, north)


def test_a_box_may_cross_the_meridian_where_days_begin_but_not_in_a_plane():
    assert read_box("177,20,-177,30", CRS84) == (177, 20, -177, 30)
    assert read_box("20,177,30,-177", GEOGRAPHIC) == (177, 20, -177, 30)
    with pytest.raises(ChoiceError):
        read_box("3200000,500000,3300000,400000", GAUSS)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "features-box-wrong"),
        ("1,2,3", "features-box-wrong"),
        ("1,2,3,4,5", "features-box-wrong"),
        ("a,b,c,d", "features-box-wrong"),
        ("nan,1,2,3", "features-box-wrong"),
        ("1,2,inf,3", "features-box-wrong"),
        ("1,2,1e400,3", "features-box-off-earth"),
        ("1_0,2,3,4", "features-box-wrong"),
        ("１,2,3,4", "features-box-wrong"),
        ("1,2,,4", "features-box-wrong"),
        ("110,30,111,29", "features-box-upside-down"),
        ("110,29,9,111,30,1", "features-box-upside-down"),
        ("110,29,111,91", "features-box-off-earth"),
        ("-181,29,111,30", "features-box-off-earth"),
        ("449000,3200000,450000,3210000", "features-box-off-earth"),
    ],
)
def test_a_box_that_is_none_is_refused(written, code):
    with pytest.raises(ChoiceError) as caught:
        read_box(written, CRS84)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-01-01", date(2024, 1, 1)),
        ("2024-01-01T00:00:00+08:00", date(2024, 1, 1)),
        ("2023-12-31T15:59:59Z", date(2023, 12, 31)),
        ("2023-12-31T16:00:00Z", date(2024, 1, 1)),  # a new day has begun in China
        ("2024-01-01/2024-03-01", date(2024, 3, 1)),
        ("../2024-03-01", date(2024, 3, 1)),
        ("/2024-03-01T00:00:00Z", date(2024, 3, 1)),
        ("2024-01-01/P2D", date(2024, 1, 3)),
        ("2024-01-01/P1W", date(2024, 1, 8)),
        ("2024-01-01/..", None),
        ("2024-01-01T00:00:00Z/", None),
        ("../..", None),
    ],
)
def test_a_time_means_a_day_in_china_and_an_interval_its_end(written, day):
    assert read_day(written) == day


@pytest.mark.parametrize(
    "written",
    ["yesterday", "2024-13-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "20240101", "2024",
     "2024-03-01/2024-01-01", "2024-01-01/2024-02-01/2024-03-01", "..", "", "2024-01-01/P1Y2X",
     "2024-01-01/P99999999D", "１０２４-01-01"],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(written):
    with pytest.raises(ChoiceError) as caught:
        read_day(written)
    assert caught.value.code == "features-time-wrong"


@given(st.from_regex(r"[0-9a-f-]{1,40}", fullmatch=True), st.integers(0, 10**9))
def test_a_place_in_the_pages_is_read_back_as_it_was_written(snapshot, row):
    assert read_place(str(Place(snapshot, row))) == Place(snapshot, row)


@pytest.mark.parametrize(
    "written", ["", "10", "a", "a.b", "a.-1", "../x.1", "a.1.2", "a" * 70 + ".1"]
)
def test_a_place_that_was_never_given_out_is_refused(written):
    with pytest.raises(ChoiceError):
        read_place(written)
