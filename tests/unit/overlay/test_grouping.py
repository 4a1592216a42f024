"""From shares to figures: what counts as being in a unit."""

import numpy as np

from geoapp.overlay.grouping import group_shares
from geoapp.overlay.intersect import Shares

UNITS = np.array(["a", "b"], dtype=object)
AREAS = np.array([100.0, 50.0])


def shares(*entries):
    feature, zone, area = (np.array(column) for column in zip(*entries, strict=True))
    return Shares(feature, zone, area.astype(float))


def test_neighbour_that_only_touches_a_unit_is_no_row():
    found = shares((0, 0, 100.0), (1, 0, 1e-9), (1, 1, 50.0))
    classes = np.array(["x", "y"], dtype=object)
    table = group_shares(found, found, AREAS, UNITS, classes)
    assert list(table["a"]) == ["x"]
    assert list(table["b"]) == ["y"]


def test_feature_smaller_than_the_threshold_still_counts_where_it_lies():
    found = shares((0, 0, 1e-5))
    table = group_shares(found, found, np.array([1e-5, 50.0]), UNITS, None)
    assert table["a"][""].count == 1
    assert table["a"][""].net_m2 == 1e-5


def test_feature_across_a_border_counts_on_both_sides():
    found = shares((0, 0, 60.0), (0, 1, 40.0))
    table = group_shares(found, found, AREAS, UNITS, None)
    assert [table[code][""].count for code in "ab"] == [1, 1]


def test_what_lies_outside_all_units_is_left_out():
    found = shares((0, -1, 100.0), (1, 1, 50.0))
    assert list(group_shares(found, found, AREAS, UNITS, None)) == ["b"]
