"""Ground that fire engines reach: its laws on random roads, and a slow way of finding it."""

import os
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.kinds import read_kinds
from geoapp.planning.cover import pick_classes, share_land
from geoapp.planning.fire_reach import FireSpeeds, find_reach
from tests.building import LIBRARY
from tests.lattice import STEP_M2, LatticeCity, cities, on_ellipsoid, polygons, rings_of
from tests.oracles.covering import areas_by_cover
from tests.oracles.driving import drive, walking_minutes

_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
HOW = FireSpeeds(off_road_kmh=3, reach_m=300, join_m=0, station_m=400, speed_kmh={"X": 30, "C": 15})
FASTER = HOW.model_copy(update={"speed_kmh": {"X": 40, "C": 15}})
SPEED = {"X": 30.0, "C": 15.0}
PLACE = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda at: (at[0] * 100.0, at[1] * 100.0)
)
STATIONS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=3)
MINUTES = st.sampled_from([2.0, 3.0, 4.5, 7.0])
SOME = hypothesis.settings(max_examples=int(os.environ.get("COVER_EXAMPLES", "40")))
FEW = hypothesis.settings(max_examples=12)
# Roads are drawn plainer by 2 m before they are widened, and discs have 32 corners: the edge of
# the same ground, made from other pieces of the same roads, is elsewhere by less than this.
DRAWN_M = 6.0
NOTHING_M2 = 1.0


@st.composite
def road_maps(draw):
    """Draw bent roads that cross, touch and fork anywhere; some wind by a metre or two."""
    roads = []
    for _ in range(draw(st.integers(1, 5))):
        corners = draw(st.lists(PLACE, min_size=2, max_size=4, unique=True))
        winding = draw(st.sampled_from([0.0, 1.5, 6.0]))
        line = shapely.get_coordinates(shapely.segmentize(shapely.LineString(corners), 150.0))
        line[1:-1] += winding * np.where(np.arange(len(line) - 2) % 2, 1, -1)[:, None] * [0.6, 0.8]
        roads.append(([tuple(at) for at in line.round(2).tolist()], draw(st.sampled_from("XC"))))
    return roads


def reach(roads, stations, minutes, how=HOW):
    lines = np.array([shapely.LineString(corners) for corners, _ in roads], dtype=object)
    grades = np.array([grade for _, grade in roads], dtype=object)
    points = np.array([shapely.Point(*one) for one in stations], dtype=object)
    return find_reach(lines, grades, points, minutes, how)


def ground(*asked, **options):
    return shapely.union_all(reach(*asked, **options).ground)


def lost_m2(less, more):
    """Measure what is reached with less and not with more, but for how its edge is drawn."""
    return shapely.area(shapely.difference(shapely.buffer(less, -DRAWN_M), more))


@SOME
@given(road_maps(), STATIONS, MINUTES, st.sampled_from([0.1, 0.5, 1.0, 5.0]))
def test_more_minutes_never_reach_less(roads, stations, minutes, more):
    assert (
        lost_m2(ground(roads, stations, minutes), ground(roads, stations, minutes + more))
        < NOTHING_M2
    )


@SOME
@given(road_maps(), STATIONS, MINUTES)
def test_one_more_station_never_reaches_less(roads, stations, minutes):
    for fewer in (stations[:-1], stations[1:]):
        assert lost_m2(ground(roads, fewer, minutes), ground(roads, stations, minutes)) < NOTHING_M2


@SOME
@given(road_maps(), STATIONS, MINUTES)
def test_faster_roads_never_reach_less(roads, stations, minutes):
    slow, fast = ground(roads, stations, minutes), ground(roads, stations, minutes, how=FASTER)
    assert lost_m2(slow, fast) < NOTHING_M2


@FEW
@given(road_maps(), STATIONS, MINUTES, st.integers(0, 1000))
def test_no_point_called_reached_is_beyond_the_minutes(roads, stations, minutes, seed):
    found = reach(roads, stations, minutes)
    times = drive([(corners, SPEED[grade]) for corners, grade in roads], stations, HOW.station_m)
    rng = np.random.default_rng(seed)
    reached = shapely.union_all(found.ground)
    corners = shapely.get_coordinates(reached)
    edge = corners[rng.permutation(len(corners))[:25]]
    for place in edge.tolist():  # where ground ends it is just reached; 10 m are between beads
        assert (
            walking_minutes(times, tuple(place), HOW.off_road_kmh, HOW.reach_m + 10)
            <= minutes + 0.12
        )
    for place in rng.uniform(-300, 3300, (40, 2)).tolist():
        if not shapely.contains_xy(reached, *place):
            generous = walking_minutes(times, tuple(place), HOW.off_road_kmh, HOW.reach_m * 0.96)
            assert generous >= minutes - 1.2  # half minutes, discs of 32 corners
    for piece, at in zip(found.pieces, found.minutes, strict=True):
        for end in shapely.get_coordinates(piece).tolist():
            assert walking_minutes(times, tuple(end), HOW.off_road_kmh, 11) <= at + 0.25


near = partial(pytest.approx, rel=1e-9, abs=1e-3)


@FEW
@given(
    cities(),
    st.lists(
        st.tuples(polygons(), st.sampled_from(["0301", "0305", "0101"])), min_size=1, max_size=4
    ),
    st.lists(polygons(), max_size=3),
)
def test_reached_and_not_reached_are_what_exact_fractions_give(villages, parcels, reached):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = LatticeCity(Path(folder), villages)
        shapes, codes = [shape for shape, _ in parcels], [code for _, code in parcels]
        city.publish("landuse", shapes, dlbm=codes)
        snapshot = city.store.require_current("landuse")
        kinds = read_kinds(LIBRARY.require("landuse"), snapshot, "dlbm")
        layer = city.tabulator.open_layer(snapshot)
        units = city.tabulator.current_units("village")
        united = shapely.union_all(reached)
        plane = to_measure_plane(np.array(on_ellipsoid([united]), dtype=object), city.city.crs)
        plane = shapely.make_valid(plane)  # by rounding on the way to the plane
        parts = share_land(
            layer,
            pick_classes(kinds, ["03"]),
            units,
            shapely.get_parts(plane),
            city.tabulator.tables,
        )
        expected = defaultdict(float)
        names = list(villages)
        forest = [shape for shape, code in parcels if code.startswith("03")]
        drawn = [*villages.values(), *forest, *reached]
        first, last = len(names), len(names) + len(forest)
        for cover, area in areas_by_cover([rings_of(shape) for shape in drawn]).items():
            for unit in [n for n in cover if n < first]:
                if any(first <= n < last for n in cover):
                    expected[names[unit], any(n >= last for n in cover)] += float(area) * STEP_M2
        for row, code in enumerate(parts.codes):
            assert parts.reached_m2[row] == near(expected[code, True])
            assert parts.rest_m2[row] == near(expected[code, False])
        assert parts.closure_m2 <= 1e-3
