"""Boundary points: numbered clockwise from the north-west, lengths of what is printed."""

import math
from decimal import Decimal

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.geometry.boundary_points import number_boundary, to_plane_xy
from tests.check_results import EXAMPLE, many_points, to_degrees

ZONE = 37


def numbered(plane):
    return number_boundary(to_degrees(plane), ZONE)


def test_the_example_comes_out_as_it_is_handed_over():
    outer, hole = numbered(EXAMPLE)
    assert [(p.name, p.ring, p.north_m, p.east_m) for p in outer] == [
        ("J1", 1, Decimal("3223850.000"), Decimal("37449395.000")),
        ("J2", 1, Decimal("3223852.500"), Decimal("37449490.250")),
        ("J3", 1, Decimal("3223772.000"), Decimal("37449492.500")),
        ("J4", 1, Decimal("3223769.500"), Decimal("37449397.000")),
    ]
    assert [(p.name, p.ring, p.hole) for p in hole] == [(f"J{n}", 2, True) for n in (5, 6, 7, 8)]
    assert str(outer[0].length_m) == "95.28"


def test_outer_rings_run_clockwise_and_holes_the_other_way():
    for ring in numbered(EXAMPLE):
        assert shapely.LinearRing(to_plane_xy(ring, ZONE)).is_ccw == ring[0].hole


def test_numbers_run_on_from_part_to_part_north_west_first():
    parts = [
        shapely.box(449500, 3223700, 449520, 3223720),
        shapely.box(449300, 3223900, 449310, 3223910),
    ]
    rings = numbered(shapely.MultiPolygon(parts))
    assert [point.number for ring in rings for point in ring] == list(range(1, 9))
    assert rings[0][0].north_m > rings[1][0].north_m


@given(st.integers(0, 39), st.booleans())
def test_where_a_ring_begins_and_how_it_turns_in_the_data_changes_nothing(first, backwards):
    vertices = shapely.get_coordinates(many_points())[:-1]
    vertices = vertices[::-1] if backwards else vertices
    turned = [*vertices[first:], *vertices[:first]]
    assert numbered(shapely.Polygon(turned)) == numbered(many_points())


def test_lengths_follow_from_the_printed_coordinates():
    for ring in numbered(many_points()):
        for here, after in zip(ring, [*ring[1:], ring[0]], strict=True):
            length = math.hypot(here.north_m - after.north_m, here.east_m - after.east_m)
            assert float(here.length_m) == pytest.approx(length, abs=0.0051)
