"""From sums to figures: what counts as being in a unit."""

import numpy as np
import shapely

from geoapp.overlay.grouping import join_sums
from geoapp.overlay.index import make_batch
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.sharing import OUTSIDE_UNITS, Sums
from geoapp.overlay.tally import tally
from geoapp.overlay.zones import build_zones


def sums(*entries):
    """Give (unit, class, area, count)."""
    return Sums(*(list(column) for column in zip(*entries, strict=True)))


def counted(features, units):
    batch = make_batch(np.array(features, dtype=object))
    zones = build_zones(np.array(units, dtype=object), np.arange(len(units)), around=True)
    numbers = np.zeros(len(features), dtype=np.int32)
    groups = np.arange(len(units))
    portions = [Portion(batch, numbers)]
    found = tally(share_portions(portions, zones), portions, groups, len(units), 1)
    return found.count[: len(units), 0].tolist()


def test_neighbour_that_only_touches_a_unit_is_no_row():
    found = sums(("a", "x", 100.0, 1), ("a", "y", 1e-9, 0), ("b", "y", 50.0, 1))
    table = join_sums(found, found)
    assert list(table["a"]) == ["x"]
    assert list(table["b"]) == ["y"]


def test_feature_smaller_than_the_threshold_still_counts_where_it_lies():
    assert counted([shapely.box(1, 1, 1.003, 1.003)], [shapely.box(0, 0, 2, 2)]) == [1]


def test_feature_across_a_border_counts_on_both_sides():
    units = [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]
    assert counted([shapely.box(1, 0, 3, 1)], units) == [1, 1]


def test_feature_that_only_reaches_over_by_rounding_counts_on_one_side():
    units = [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]
    assert counted([shapely.box(1, 0, 2.00001, 1)], units) == [1, 0]


def test_what_lies_outside_all_units_is_left_out():
    found = sums((OUTSIDE_UNITS, "", 100.0, 1), ("b", "", 50.0, 1))
    assert list(join_sums(found, found)) == ["b"]


def test_the_whole_stands_under_its_own_code():
    found = sums((OUTSIDE_UNITS, "", 100.0, 1))
    assert join_sums(found, found, whole="430800")["430800"][""].net_m2 == 100.0
