"""Cutting lines among polygons: nothing lost, nothing doubled, the first has the border."""

import numpy as np
import pytest
import shapely

from geoapp.overlay.line_cutting import OPEN, OUTSIDE, cut_edges, find_homes, take_edges

LEFT, RIGHT = shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)
UNITS = np.array([LEFT, RIGHT], dtype=object)


def array_of(*shapes):
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def line(*spots):
    return shapely.LineString(spots)


def test_edges_leave_out_what_has_no_length_and_join_no_parts():
    many = shapely.MultiLineString([[(0, 0), (1, 0), (1, 0), (1, 1)], [(5, 5), (6, 5)]])
    edges = take_edges(array_of(many, None, line((3, 3), (3, 3)), line((9, 9), (9, 8))))
    assert edges.owner.tolist() == [0, 0, 0, 3]
    assert shapely.length(edges.geometries).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("shapes", [(), (None,), (shapely.LineString(),)])
def test_no_lines_have_no_edges(shapes):
    edges = take_edges(array_of(*shapes))
    assert len(edges.geometries) == 0
    assert find_homes(edges, UNITS).tolist() == []
    assert len(cut_edges(edges.geometries, UNITS).geometries) == 0


def test_without_polygons_everything_is_outside():
    edges = take_edges(array_of(line((0, 0), (1, 1), (2, 1))))
    assert find_homes(edges, UNITS[:0]).tolist() == [OUTSIDE, OUTSIDE]


@pytest.mark.parametrize(
    ("shape", "home"),
    [
        (line((0.5, 1), (1.5, 1)), 0),
        (line((2.5, 1), (3.5, 1)), 1),
        (line((2, 0), (2, 2)), 0),  # along the border of both
        (line((4, 0), (4, 2)), 1),  # along the outer border
        (line((1, 1), (3, 1)), OPEN),
        (line((2, 1), (3, 1)), OPEN),  # touches the first
        (line((5, 5), (6, 6)), OUTSIDE),
        (line((4, 1), (5, 1)), OPEN),
    ],
)
def test_an_edge_is_at_home_in_the_first_polygon_if_that_has_it_wholly(shape, home):
    assert find_homes(take_edges(array_of(shape)), UNITS).tolist() == [home]


def lengths_by_polygon(*shapes):
    found = cut_edges(array_of(*shapes), UNITS)
    sums = {}
    for piece, polygon in zip(found.geometries, found.polygon, strict=True):
        sums[int(polygon)] = sums.get(int(polygon), 0.0) + shapely.length(piece)
    return {polygon: length for polygon, length in sums.items() if length}


def test_an_edge_across_both_and_beyond_is_shared():
    assert lengths_by_polygon(line((-1, 1), (5, 1))) == {0: 2, 1: 2, OUTSIDE: 2}


def test_an_edge_that_touches_the_first_belongs_to_the_second():
    assert lengths_by_polygon(line((2, 1), (3, 1))) == {1: 1}


def test_the_end_of_a_border_beyond_both_is_outside():
    assert lengths_by_polygon(line((2, -1), (2, 3))) == {0: 2, OUTSIDE: 2}


def test_an_edge_through_a_hole_has_a_gap():
    holed = shapely.difference(shapely.box(0, 0, 4, 4), shapely.box(1, 1, 3, 3))
    found = cut_edges(array_of(line((0, 2), (4, 2))), array_of(holed))
    lengths = shapely.length(found.geometries)
    assert [lengths[found.polygon == 0].sum(), lengths[found.polygon == OUTSIDE].sum()] == [2, 2]
