"""GCJ-02 and BD-09 against known positions, and both ways."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import CrsError
from geoapp.geometry.crs import require_crs, require_inside, to_geographic
from geoapp.geometry.shifted import find_system, from_cgcs2000, to_cgcs2000
from geoapp.values import Extent

VECTORS = [
    ((110.4792, 29.1170), (110.484142, 29.114135), (110.490656, 29.120032)),
    ((110.5441, 29.3494), (110.548883, 29.346518), (110.555371, 29.352536)),
]
INSIDE = st.tuples(
    st.floats(min_value=73.6, max_value=135.0), st.floats(min_value=18.2, max_value=53.5)
)


@pytest.mark.parametrize(("plain", "gcj", "bd"), VECTORS)
def test_known_positions_are_shifted_as_everywhere(plain, gcj, bd):
    start = np.array([plain])
    assert from_cgcs2000(start, "GCJ-02")[0] == pytest.approx(gcj, abs=1e-6)
    assert from_cgcs2000(start, "BD-09")[0] == pytest.approx(bd, abs=1e-6)


@given(INSIDE, st.sampled_from(["GCJ-02", "BD-09"]))
def test_undoing_the_shift_is_exact_to_a_millimetre(position, system):
    start = np.array([position])
    back = to_cgcs2000(from_cgcs2000(start, system), system)
    assert np.abs(back - start).max() * 111_000 < 1e-3


@given(INSIDE)
def test_the_shift_is_some_hundred_metres_never_nothing(position):
    start = np.array([position])
    metres = np.abs(from_cgcs2000(start, "GCJ-02") - start).max() * 111_000
    assert 10 < metres < 1500


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "GCJ 02", "Bd-09", "BD09"])
def test_the_names_of_shifted_systems_are_understood(name):
    assert find_system(name) == require_crs(name)


def test_many_positions_move_as_each_alone():
    positions = np.array([v[0] for v in VECTORS])
    together = from_cgcs2000(positions, "BD-09")
    alone = [from_cgcs2000(row[None, :], "BD-09")[0] for row in positions]
    assert np.array_equal(together, np.array(alone))


def test_positions_outside_the_country_stay_where_they_are():
    assert from_cgcs2000(np.array([[2.35, 48.85]]), "GCJ-02")[0].tolist() == [2.35, 48.85]


def test_metres_that_are_called_gcj_02_are_an_error():
    points = to_geographic(np.array([shapely.Point(449_394.9, 3_223_789.9)]), "GCJ-02")
    with pytest.raises(CrsError):
        require_inside(points, "GCJ-02", Extent(109.65, 28.85, 111.36, 29.82), 37)


def test_no_positions_stay_no_positions():
    assert to_cgcs2000(np.zeros((0, 2)), "BD-09").shape == (0, 2)
