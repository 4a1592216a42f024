"""Ways out of prohibitions: what is offered is clear of them, and nothing else is offered."""

import numpy as np
import pytest
import shapely

from geoapp.compliance.remedying import add_remedies
from geoapp.compliance.slope import Steepness
from geoapp.geometry.crs import GEOGRAPHIC, transform
from tests.checking import CheckGround, publish_clear_ground, squares

PARCEL = squares((50, 10, 52, 11))


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = CheckGround(tmp_path_factory.mktemp("remedies"))
    publish_clear_ground(made)
    return made


def remedy(ground, farmland, parcel=PARCEL, **options):
    with ground.aside():
        if farmland:
            shapes = [squares(*boxes) for boxes in farmland]
            ground.publish("permanent_farmland", shapes, dlbm=["0101"] * len(shapes))
        checked = ground.run(parcel, **options)
        materials = ground.materials(slope=options.get("slope"))
        found = add_remedies(ground.openings, checked, materials).result.parcels[0].remedy
        again = [
            ground.one(shape)
            for shape in (found.rest, found.shift and found.shift.geometry)
            if shape is not None
        ]
    return found, again


def test_the_part_beside_the_farmland_is_left_and_clear(ground):
    found, again = remedy(ground, [[(51, 5, 60, 20)]])
    assert found.rest_m2 == pytest.approx(2500, rel=0.001)
    assert found.rest_share == pytest.approx(0.5, rel=0.001)
    assert again[0].verdict != "prohibited"
    assert all(finding.overlap_m2 in {0.0, None} for finding in again[0].findings)
    assert found.rest_verdict == again[0].verdict


def test_of_two_parts_the_larger_is_left(ground):
    found, _ = remedy(ground, [[(50.5, 5, 51, 20)]])
    assert found.rest_m2 == pytest.approx(2500, rel=0.001)
    assert shapely.get_type_id(found.rest) == shapely.GeometryType.POLYGON.value


def test_the_shortest_shift_goes_straight_off_the_edge(ground):
    found, again = remedy(ground, [[(51.8, 5, 60, 20)]])
    plane = transform(np.array([squares((51.8, 10, 52, 11))]), GEOGRAPHIC, ground.city.crs)[0]
    west, _, east, _ = shapely.bounds(plane)
    assert found.shift.distance_m == pytest.approx(east - west, abs=0.3)
    assert found.shift.east_m < 0
    assert abs(found.shift.north_m) < 0.2
    assert again[1].verdict == found.shift.verdict != "prohibited"
    assert found.shift.area_m2 == pytest.approx(5000, abs=0.1)


def test_a_shift_minds_other_prohibitions_around(ground):
    walls = [[(51.8, 5, 60, 12)], [(40, 5, 49.9, 12)], [(49.9, 5, 51.8, 9.9)]]
    found, again = remedy(ground, walls)
    assert found.shift.north_m == pytest.approx(2 * 50 / 0.871, rel=0.01)
    assert again[1].verdict != "prohibited"


def test_where_all_around_is_prohibited_nothing_is_offered(ground):
    found, _ = remedy(ground, [[(30, 0, 75, 40)]])
    assert (found.rest, found.rest_reason) == (None, "nothing_left")
    assert (found.shift, found.shift_reason) == (None, "none_near")
    assert found.searched_m == 200.0


def test_strips_are_no_usable_part(ground):
    found, _ = remedy(ground, [[(50.001, 5, 60, 20)]])
    assert found.rest_reason == "nothing_left"


def test_without_a_prohibition_there_is_nothing_to_clear(ground):
    found, _ = remedy(ground, [])
    assert (found.rest_reason, found.shift_reason) == ("no_prohibition", "no_prohibition")


class Steep:
    name = "dem-1"
    sample = False

    def __init__(self, *parts):
        self.parts = parts

    def measure(self, parcels, degrees):
        assert degrees == 25.0
        return [Steepness(*part) for part in self.parts[: len(parcels)]]


def test_a_slope_cannot_be_cleared_by_another_outline(ground):
    found, _ = remedy(ground, [], purpose="cultivation", slope=Steep((0.5, 1.0)))
    assert (found.rest_reason, found.shift_reason) == ("not_removable", "not_removable")


@pytest.mark.parametrize(
    ("part", "relation", "reason", "verdict"),
    [
        ((0.5, 1.0), "occupies", "", "prohibited"),
        ((0.0, 1.0), "clear", "", "no_conflict_found"),
        ((0.0002, 1.0), "clear", "", "to_verify"),
        ((0.0, 0.4), "no_data", "partial", "to_verify"),
        ((0.4, 0.4), "occupies", "partial", "prohibited"),
        ((0.0, 0.0), "no_data", "no_raster", "to_verify"),
    ],
)
def test_slope_is_judged_by_what_is_steep_and_what_is_known(
    ground, part, relation, reason, verdict
):
    found = ground.one(PARCEL, purpose="cultivation", slope=Steep(part))
    (slope,) = [finding for finding in found.findings if finding.layer == "slope"]
    assert (slope.relation, slope.reason) == (relation, reason)
    assert found.verdict == verdict


def test_without_a_height_model_slope_is_not_known(ground):
    found = ground.check(PARCEL, purpose="cultivation")
    (slope,) = [finding for finding in found.parcels[0].findings if finding.layer == "slope"]
    assert (slope.relation, slope.reason, slope.overlap_m2) == ("no_data", "no_raster", None)
    assert found.verdict == "to_verify"
    assert "raster" not in found.snapshots
    read = ground.check(PARCEL, purpose="cultivation", slope=Steep((0.0, 1.0)))
    assert read.snapshots["raster"] == "dem-1"
