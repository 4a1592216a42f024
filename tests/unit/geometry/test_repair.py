"""Repair: every change is listed, nothing is lost in silence."""

import numpy as np
import pytest
import shapely

from geoapp.errors import GeometryError
from geoapp.geometry.repair import repair_polygons, require_measurable

GAUSS = "EPSG:4546"
GOOD = shapely.box(110.5, 29.4, 110.51, 29.41)
BOW_TIE = shapely.Polygon([(110.5, 29.4), (110.51, 29.41), (110.51, 29.4), (110.5, 29.41)])


def test_valid_polygons_are_left_alone():
    shapes = np.array([GOOD])
    repaired, changes = repair_polygons(shapes, GAUSS)
    assert repaired[0] is GOOD
    assert changes == []


def test_a_bow_tie_becomes_two_triangles_and_is_listed():
    shapes = np.array([GOOD, BOW_TIE])
    repaired, [change] = repair_polygons(shapes, GAUSS)
    assert shapely.is_valid(repaired[1])
    assert shapely.get_num_geometries(repaired[1]) == 2
    assert change.row == 1
    assert "110." not in change.reason
    assert change.after_m2 > 0
    assert shapes[1] is BOW_TIE


def test_a_hole_that_crosses_the_outer_ring_stays_a_hole():
    crossing = shapely.Polygon(
        GOOD.exterior, [shapely.box(110.505, 29.405, 110.515, 29.408).exterior]
    )
    [repaired], [change] = repair_polygons(np.array([crossing]), GAUSS)
    assert shapely.is_valid(repaired)
    assert change.after_m2 < shapely.area(GOOD) * 97_000 * 111_000 * 1.01


def test_a_polygon_without_any_ground_is_refused_with_its_row():
    flat = shapely.Polygon([(110.5, 29.4), (110.51, 29.41), (110.5, 29.4)])
    with pytest.raises(GeometryError) as caught:
        repair_polygons(np.array([GOOD, flat]), GAUSS)
    assert caught.value.facts["row"] == 2


@pytest.mark.parametrize(
    ("shape", "kind", "code"),
    [
        (None, "polygon", "geometry-missing"),
        (shapely.Polygon(), "polygon", "geometry-missing"),
        (shapely.Point(110, 29), "polygon", "geometry-wrong-kind"),
        (shapely.LineString([(110, 29), (111, 29)]), "polygon", "geometry-wrong-kind"),
        (shapely.GeometryCollection([GOOD]), "polygon", "geometry-wrong-kind"),
        (GOOD, "point", "geometry-wrong-kind"),
        (shapely.MultiPoint([(110, 29)]), "point", "geometry-wrong-kind"),
        (shapely.Point(float("inf"), 29), "point", "geometry-not-finite"),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_row(shape, kind, code):
    good = GOOD if kind == "polygon" else shapely.Point(110, 29)
    with pytest.raises(GeometryError) as caught:
        require_measurable(np.array([good, shape], dtype=object), kind)
    assert caught.value.code == code
    assert caught.value.facts["row"] == 2
