"""Laws of checks: what may not change an answer, and what must."""

import dataclasses
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from geoapp.compliance.corridor import cut_axis
from geoapp.compliance.finding import VERDICTS
from geoapp.compliance.request import Parcel
from geoapp.compliance.shifting import shortest_shift
from geoapp.geometry.crs import GEOGRAPHIC, to_geographic, transform
from geoapp.geometry.measure import official_areas
from tests.checking import CONTROLS, CheckGround, by_rule, publish_clear_ground, squares

FARMLAND = [(51, 10, 60, 20), (45, 25, 50, 30), (30, 5, 41, 12)]
RULE = "permanent-farmland-occupation"


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = CheckGround(tmp_path_factory.mktemp("checks"))
    publish_clear_ground(made)
    shapes = [squares(box) for box in FARMLAND]
    made.publish("permanent_farmland", shapes, dlbm=["0101"] * 3)
    made.publish(
        "scenic_area",
        [squares((55, 5, 75, 35)), squares((60, 10, 70, 30))],
        gnfq=["一般景区", "核心景区"],
    )
    return made


def boxes(low=2.0, high=78.0):
    corner = st.tuples(st.floats(low, high - 4), st.floats(2, 34))
    size = st.tuples(st.floats(0.3, 4), st.floats(0.3, 4))
    return st.tuples(corner, size).map(
        lambda pair: (*pair[0], pair[0][0] + pair[1][0], pair[0][1] + pair[1][1])
    )


def essence(parcel):
    return parcel.verdict, sorted(
        (f.rule, f.relation, f.bears, f.uncertain, f.boundary_difference) for f in parcel.findings
    )


@given(box=boxes(), turn=st.integers(0, 30), turned=st.booleans())
@budget(max_examples=15)
def test_where_a_ring_begins_and_how_it_runs_changes_nothing(ground, box, turn, turned):
    shape = squares(box)
    ring = shapely.get_coordinates(shape)[:-1]
    ring = np.roll(ring[::-1] if turned else ring, turn, axis=0)
    one, other = ground.check(shape, shapely.Polygon(ring)).parcels
    assert essence(one) == essence(other)
    assert one.area_m2 == pytest.approx(other.area_m2, abs=1e-6)


@given(box=boxes())
@budget(max_examples=10)
def test_the_same_parcel_from_another_system_is_the_same(ground, box):
    shape = squares(box)
    plane = transform(np.array([shape]), GEOGRAPHIC, ground.city.crs)
    back = to_geographic(plane, ground.city.crs)[0]
    one, other = ground.one(shape), ground.one(Parcel(geometry=back, crs="EPSG:4546"))
    assert one.verdict == other.verdict
    for first, second in zip(one.findings, other.findings, strict=True):
        assert (first.overlap_m2 or 0) == pytest.approx(second.overlap_m2 or 0, abs=0.01)


@given(chosen=st.lists(boxes(), min_size=2, max_size=6))
@budget(max_examples=8)
def test_parcels_together_are_answered_as_each_alone(ground, chosen):
    shapes = [squares(box) for box in chosen]
    together = ground.check(*shapes).parcels
    for shape, parcel in zip(shapes, together, strict=True):
        alone = ground.one(shape)
        for one, other in zip(alone.findings, parcel.findings, strict=True):
            assert dataclasses.replace(one, features=()) == dataclasses.replace(other, features=())
        assert alone.composition == parcel.composition
        assert alone.units == parcel.units


@given(box=boxes())
@budget(max_examples=25)
def test_what_is_shared_and_how_far_it_is_agrees_with_shapely(ground, box):
    shape = squares(box)
    finding = by_rule(ground.one(shape))[RULE]
    zones = shapely.union_all([squares(other) for other in FARMLAND])
    expected = official_areas(np.array([shapely.intersection(shape, zones)]), ground.city.crs)[0]
    assert finding.overlap_m2 == pytest.approx(expected, abs=0.02)
    plane = transform(np.array([shape, zones]), GEOGRAPHIC, ground.city.crs)
    metres = float(shapely.distance(*plane))
    if metres > 2000:
        assert finding.distance_m is None
    elif expected < 1e-4:
        assert finding.distance_m == pytest.approx(metres, abs=0.01)
    else:
        assert finding.distance_m == 0


@given(by=st.floats(0.02, 1.5))
@budget(max_examples=10)
def test_a_moved_boundary_changes_the_area_by_what_it_passes(ground, by):
    west, south, east, north = 56.0, 12.0, 58.0, 14.0
    one = by_rule(ground.one(squares((west, south, east, north))))[RULE]
    other = by_rule(ground.one(squares((west, south, east + by, north))))[RULE]
    assert other.overlap_m2 - one.overlap_m2 == pytest.approx(by * 2 * 2500, abs=0.05)


@given(box=boxes(), layer=st.sampled_from([*CONTROLS, "landuse", "urban_boundary"]))
@budget(max_examples=25)
def test_a_layer_that_is_gone_never_makes_it_fine(ground, box, layer):
    shape = squares(box)
    before = ground.one(shape)
    with ground.aside():
        ground.table.current.pop(layer)
        after = ground.one(shape)
    assert after.verdict != "no_conflict_found"
    rest = [f.verdict for f in before.findings if f.layer != layer]
    expected = min([*rest, "to_verify"], key=VERDICTS.index)
    assert after.verdict == expected


@given(box=boxes(), layer=st.sampled_from(["permanent_farmland", "landuse", "ecological_redline"]))
@budget(max_examples=8)
def test_a_layer_that_may_not_be_seen_is_not_known_and_says_nothing(ground, box, layer):
    seen = frozenset({"district", "scenic_area", "nature_reserve"} - {layer})
    found = ground.check(squares(box), visible=seen)
    assert layer not in found.snapshots
    for finding in found.parcels[0].findings:
        if finding.layer not in seen:
            assert (finding.relation, finding.reason) == ("no_data", "not_visible")
            assert finding.overlap_m2 is finding.distance_m is None
            assert (finding.features, finding.snapshot) == ((), "")
    assert found.verdict != "no_conflict_found"


shapes = st.tuples(
    st.integers(0, 12), st.integers(0, 12), st.integers(1, 5), st.integers(1, 5)
).map(lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3]))


@given(moving=shapes, standing=st.lists(shapes, min_size=1, max_size=4))
def test_a_shift_clears_and_no_shorter_one_does(moving, standing):
    forbidden = shapely.union_all(standing)
    found = shortest_shift(moving, forbidden, 40.0)
    assert found is not None
    moved = shapely.transform(moving, lambda xy: xy + np.array(found))
    assert shapely.area(shapely.intersection(moved, forbidden)) < 1e-9
    length = float(np.hypot(*found))
    if length < 1e-9:
        return
    for angle in np.linspace(0, 2 * np.pi, 48, endpoint=False):
        step = 0.97 * length * np.array([np.cos(angle), np.sin(angle)])
        shorter = shapely.transform(moving, lambda xy, step=step: xy + step)
        roomy = shapely.buffer(shorter, 1e-6)  # a gap without any room to spare is none
        assert shapely.area(shapely.intersection(roomy, forbidden)) > 0


@given(standing=st.lists(shapes, min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_stretches_along_a_line_add_up_to_what_lies_inside(standing, seed):
    ground = shapely.union_all(standing)
    points = np.random.default_rng(seed).uniform(-1, 18, (6, 2))
    axis = shapely.LineString(points)
    stretches = cut_axis(axis, ground)
    inside = sum(
        shapely.length(shapely.intersection(shapely.LineString(pair), ground))
        for pair in pairwise(points)
    )
    assert sum(end - begin for begin, end in stretches) == pytest.approx(inside, abs=0.02)
    for (_, end), (begin, _) in pairwise(stretches):
        assert end < begin
    for begin, end in stretches:
        middle = shapely.line_interpolate_point(axis, (begin + end) / 2)
        assert shapely.distance(middle, ground) < 1e-6


def test_rules_of_another_day_are_other_rules(ground):
    box = squares((62, 12, 63, 13))
    early = by_rule(ground.one(box, on=date(2010, 1, 1)))
    assert "outside-urban-boundary" not in early
    assert early[RULE].basis[0].since == date(1999, 1, 1)
    late = by_rule(ground.one(box, on=date(2026, 6, 1)))
    assert [basis.since.year for basis in late[RULE].basis] == [2020, 1999]
