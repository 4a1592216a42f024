"""Ground that fire engines reach: against roads taken bead by bead."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.errors import CatalogError
from geoapp.planning.fire_reach import FILE, FireSpeeds, find_reach, read_fire_speeds
from geoapp.planning.road_network import build_network
from tests.oracles.driving import bead_times, walking_minutes

HOW = FireSpeeds(off_road_kmh=3, reach_m=500, join_m=5, station_m=800, speed_kmh={"X": 30, "C": 15})
STEP = 200  # of the board on which roads run


def lines_of(roads):
    return np.array([shapely.LineString([one, other]) for one, other, _ in roads], dtype=object)


def grades_of(roads):
    return np.array(["X" if speed == 30 else "C" for *_, speed in roads], dtype=object)


def points_of(stations):
    return np.array([shapely.Point(*one) for one in stations], dtype=object)


def reach_of(roads, stations, minutes, how=HOW):
    return find_reach(lines_of(roads), grades_of(roads), points_of(stations), minutes, how)


@st.composite
def boards(draw):
    """Roads along a board's lines, and stations on them."""
    roads = []
    for _ in range(draw(st.integers(1, 5))):
        at, begin = draw(st.integers(0, 6)) * STEP, draw(st.integers(0, 4)) * STEP
        end = begin + draw(st.integers(1, 5)) * STEP
        speed = draw(st.sampled_from([15, 30]))
        flat = draw(st.booleans())
        roads.append(((begin, at), (end, at), speed) if flat else ((at, begin), (at, end), speed))
    ends = [road[side] for road in roads for side in (0, 1)]
    stations = draw(st.lists(st.sampled_from(ends), min_size=1, max_size=2, unique=True))
    return roads, [(float(x), float(y)) for x, y in stations]


@settings(max_examples=25, deadline=None)
@given(boards(), st.sampled_from([2, 4, 7]))
def test_what_is_found_is_reached_and_what_is_reached_with_time_to_spare_is_found(board, minutes):
    roads, stations = board
    ground = shapely.union_all(reach_of(roads, stations, minutes).ground)
    times = bead_times(roads, stations)
    for place in [(x, y) for x in range(-600, 2400, 290) for y in range(-600, 2400, 290)]:
        needed = walking_minutes(times, place, HOW.off_road_kmh, HOW.reach_m + 6)
        generous = walking_minutes(times, place, HOW.off_road_kmh, HOW.reach_m * 0.96)
        if shapely.contains_xy(ground, *place):
            assert needed <= minutes + 0.05
        elif generous != np.inf:
            assert generous >= minutes - 1.2  # pieces of 100 m, half minutes, discs of 32 corners


@settings(max_examples=15, deadline=None)
@given(boards())
def test_more_time_and_more_stations_never_reach_less(board):
    roads, stations = board
    short, long = (shapely.union_all(reach_of(roads, stations, m).ground) for m in (3, 6))
    assert shapely.area(shapely.difference(short, long)) < 1
    fewer = shapely.union_all(reach_of(roads, stations[:1], 6).ground)
    assert shapely.area(shapely.difference(fewer, long)) < 1


def test_a_straight_road_is_driven_at_its_speed():
    """Ten minutes at 30 km/h are 5 km, and people walk where there is time left."""
    found = reach_of([((0, 0), (9000, 0), 30)], [(0, 0)], 10)
    ends = shapely.bounds(shapely.multilinestrings(found.pieces))
    assert ends[0] == pytest.approx(0, abs=0.1)
    assert 4900 <= ends[2] <= 5000
    widest = shapely.bounds(shapely.union_all(found.ground))
    assert 450 < widest[3] <= 500  # not for longer than ten minutes on foot


def test_the_faster_way_round_is_taken():
    roads = [((0, 0), (3000, 0), 15), ((0, 0), (0, 400), 30), ((0, 400), (3000, 400), 30),
             ((3000, 400), (3000, 0), 30)]  # fmt: skip
    network = build_network(lines_of(roads), np.array([15.0, 30, 30, 30]), 0)
    times = network.times_from(np.array([nearest(network, (0, 0))]))
    assert times[nearest(network, (3000, 0))] == pytest.approx(3800 / 500)


def nearest(network, place):
    return int(np.hypot(*(network.nodes - np.array(place)).T).argmin())


def test_roads_that_all_but_meet_are_joined_and_counted():
    roads = [((0, 0), (1000, 0), 30), ((500, 3), (500, 900), 30), ((800, 60), (800, 900), 30)]
    found = reach_of(roads, [(0, 0)], 5)
    assert found.joined == 1
    ends = shapely.bounds(shapely.multilinestrings(found.pieces))
    assert ends[3] > 800
    assert not any(shapely.intersects(found.pieces, shapely.Point(800, 500).buffer(50)))


def test_a_grade_without_a_speed_is_not_driven_on_and_counted():
    lines = lines_of([((0, 0), (1000, 0), 30), ((1000, 0), (2000, 0), 30)])
    found = find_reach(lines, np.array(["X", "?"]), points_of([(0, 0)]), 30, HOW)
    assert found.unused == 1
    assert shapely.bounds(shapely.multilinestrings(found.pieces))[2] == pytest.approx(1000)


def test_a_station_leaves_from_where_it_stands_not_from_the_next_crossing():
    for station in [(3000.0, 0.0), (3000.0, 40.0)]:
        found = reach_of([((0, 0), (6000, 0), 30)], [station], 3)
        west, _, east, _ = shapely.bounds(shapely.multilinestrings(found.pieces))
        assert 1500 <= west < 1800
        assert 4200 < east <= 4500


def test_a_station_that_no_road_leads_to_is_named_and_reaches_nothing():
    found = reach_of([((0, 0), (1000, 0), 30)], [(500, 900), (0, 0)], 5)
    assert found.left_out.tolist() == [0]
    alone = reach_of([((0, 0), (1000, 0), 30)], [(500, 900)], 5)
    assert len(alone.ground) == 0


def test_without_roads_or_stations_nothing_is_reached():
    nothing = np.zeros(0, dtype=object)
    assert len(find_reach(nothing, nothing, points_of([(0, 0)]), 30, HOW).ground) == 0
    assert len(reach_of([((0, 0), (1000, 0), 30)], [], 30).ground) == 0


def test_an_office_may_have_its_own_speeds_and_a_wrong_file_is_named(tmp_path):
    assert read_fire_speeds(tmp_path).speed_kmh["X"] == 35
    own = tmp_path / FILE
    own.write_text("off_road_kmh = 4\nreach_m = 800\njoin_m = 2\nstation_m = 500\n"
                   "[speed_kmh]\nG = 60\n", "utf-8")  # fmt: skip
    assert read_fire_speeds(tmp_path).speed_kmh == {"G": 60}
    own.write_text("off_road_kmh = -4\n", "utf-8")
    with pytest.raises(CatalogError) as caught:
        read_fire_speeds(tmp_path)
    assert FILE in str(caught.value.facts)
