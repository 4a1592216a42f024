"""Which features belong to a unit: those that share ground with it, not those that touch."""

import numpy as np
import shapely

from geoapp.exporters.limiting import find_within
from tests.building import place

GAUSS = "EPSG:4546"
UNIT, INSIDE, CROSSING, NEIGHBOUR, FAR, AROUND = place(
    [
        shapely.box(0, 0, 10, 10),
        shapely.box(1, 1, 2, 2),
        shapely.box(9, 1, 11, 2),
        shapely.box(10, 4, 12, 5),
        shapely.box(20, 20, 21, 21),
        shapely.box(-1, -1, 11, 11),
    ]
)
SLIVER, PIECE = place([shapely.box(9.9999, 6, 12, 7), shapely.box(9.99, 6, 12, 7)])


def within(*shapes, kind="polygon"):
    found = find_within(np.array(shapes, dtype=object), kind, UNIT, GAUSS)
    return list(found.rows), found.reaching_out


def test_polygons_count_by_shared_ground():
    assert within(INSIDE, CROSSING, NEIGHBOUR, FAR, AROUND) == ([0, 1, 4], 2)


def test_less_than_a_square_metre_is_a_border_drawn_twice():
    assert within(SLIVER) == ([], 0)
    assert within(PIECE) == ([0], 1)


def test_lines_count_by_length_and_points_by_place():
    along, in_, out = place(
        [
            shapely.LineString([(2, 2), (8, 8)]),
            shapely.LineString([(8, 8), (12, 8)]),
            shapely.LineString([(10, 10), (12, 12)]),
        ]
    )
    assert within(along, in_, out, kind="line") == ([0, 1], 1)
    near, far = place([shapely.Point(5, 5), shapely.Point(15, 5)])
    assert within(far, near, kind="point") == ([1], 0)


def test_an_empty_layer_has_nothing_anywhere():
    assert within() == ([], 0)
