"""Cutting polygons whose edges all but coincide: overlays of whole polygons get some wrong."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geoapp.planning.cutting import intersect, subtract

FOUND = Path(__file__).parents[2] / "data" / "edges_that_all_but_coincide.wkb"


@pytest.fixture
def found():
    shape, *blades = shapely.get_parts(shapely.from_wkb(FOUND.read_bytes()))
    return np.array([shape]), np.array(blades)


def test_nothing_is_left_of_a_polygon_that_others_cover(found):
    shapes, blades = found
    left, _ = subtract(shapes, blades)
    assert shapely.area(left).sum() < 1e-3
    pieces = intersect(np.repeat(shapes, len(blades)), blades)
    assert shapely.area(pieces).sum() == pytest.approx(shapely.area(shapes[0]), abs=1e-3)


def test_what_is_left_names_the_polygon_that_it_is_of():
    shapes = np.array(
        [shapely.box(0, 0, 4, 4), shapely.box(10, 0, 14, 4), shapely.box(20, 0, 21, 1)]
    )
    left, owner = subtract(shapes, np.array([shapely.box(1, -1, 2, 5), shapely.box(9, -1, 15, 5)]))
    assert np.bincount(owner, shapely.area(left), minlength=3).tolist() == [12, 0, 1]
