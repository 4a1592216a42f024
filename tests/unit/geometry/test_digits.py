import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.geometry.digits import give_back_digits


def rounded(shape):
    return shapely.transform(shape, lambda xy: np.round(xy, 8))


@given(st.floats(0.001, 1.0), st.integers(0, 10_000))
def test_what_was_not_moved_is_the_very_place_that_it_was(size, seed):
    spread = np.random.default_rng(seed).random((12, 2))
    hull = shapely.convex_hull(shapely.multipoints(110.5 + spread * size))
    assert give_back_digits(rounded(hull), hull).equals_exact(hull, 0.0)


def test_a_moved_corner_stays_where_it_was_moved_to():
    before = shapely.Polygon([(110.123456789012, 29.1), (110.2, 29.100000000001), (110.2, 29.2)])
    drawn = shapely.Polygon([(110.12345679, 29.1), (110.25, 29.1), (110.2, 29.2)])
    after = shapely.get_coordinates(give_back_digits(drawn, before))
    assert after[0].tolist() == [110.123456789012, 29.1]
    assert after[1].tolist() == [110.25, 29.1]
