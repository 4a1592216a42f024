"""What a polygon holds, against counting squares and against the published way."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.overlay.result import StatsRequest
from geoapp.overlay.what_if import UNIT_LEVELS, WhatIf
from geoapp.overlay.what_if_result import Existing, Figures, WhatIfResult
from tests.building import CELL_M2, LIBRARY, cells_to_plane, make_city, place, publish
from tests.oracles.grid import Cells, rectangle, union
from tests.property.test_tabulate import _MEMORY, FEATURES, SHAPE, UNITS, Ground, villages_of

FEW = hypothesis.settings(max_examples=12)
NEAR = {"rel": 2e-9, "abs": 2e-4}
WHOLE = villages_of([0] * 49)


def polygon(cells: Cells) -> shapely.Geometry:
    return place([cells_to_plane(cells)])[0]


def what_if_of(city: Ground) -> WhatIf:
    return WhatIf(make_city(), LIBRARY, city.store, city.tabulator)


def ask(
    city: Ground, geometry, layers, *, fields=None, replaces=None, what_if=None
) -> WhatIfResult:
    service = what_if or what_if_of(city)
    definitions = [LIBRARY.require(name) for name in layers]
    return service.ask(geometry, definitions, UNIT_LEVELS, fields or {}, replaces)


def counted(features: list[tuple[Cells, str]], ground: Cells) -> dict[str, tuple]:
    found = {}
    for name in {name for _, name in features}:
        inside = [cells & ground for cells, other in features if other == name]
        if any(inside):
            gross = sum(len(cells) for cells in inside)
            found[name] = (len(union(inside)), gross, sum(1 for cells in inside if cells))
    return found


def require_counted(
    figures: Figures, features: list[tuple[Cells, str]], ground: Cells, *, known: bool
) -> None:
    expected = counted(features, ground)
    if not known and not expected:  # beyond all districts nothing found is no zero
        assert (figures.rows, figures.area_m2, figures.rest_m2) == ((), None, None)
        return
    rows = {row.class_code: row for row in figures.rows}
    assert rows.keys() == expected.keys()
    for name, (net, gross, count) in expected.items():
        assert rows[name].area_m2 == pytest.approx(net * CELL_M2, **NEAR)
        assert rows[name].gross_m2 == pytest.approx(gross * CELL_M2, **NEAR)
        assert rows[name].count == count
    covered = len(union([cells for cells, _ in features]) & ground)
    assert figures.ground_m2 == pytest.approx(len(ground) * CELL_M2, **NEAR)
    assert figures.area_m2 == pytest.approx(covered * CELL_M2, **NEAR)
    assert figures.rest_m2 == pytest.approx((len(ground) - covered) * CELL_M2, **NEAR)


@FEW
@given(UNITS, FEATURES, SHAPE)
def test_figures_are_what_counting_squares_gives(labels, features, ground):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
        result = ask(city, polygon(ground), ["ecological_redline"])
        assert result.area_m2 == pytest.approx(len(ground) * CELL_M2, **NEAR)
        touched = bool(ground & union([cells for _, cells in villages]))
        require_counted(result.layers[0].figures, features, ground, known=touched)
        for answer in result.units:
            parts = {part.unit_code: part.area_m2 for part in answer.split.parts}
            expected = {
                code: len(cells & ground) * CELL_M2
                for code, cells in city.units_at(answer.level)
                if cells & ground
            }
            assert parts == pytest.approx(expected, **NEAR)
            outside = len(ground - union([cells for _, cells in villages])) * CELL_M2
            assert answer.split.outside_m2 == pytest.approx(outside, **NEAR)
            assert sum(parts.values()) + answer.split.outside_m2 == pytest.approx(result.area_m2)


@FEW
@given(FEATURES, SHAPE, SHAPE)
def test_a_moved_boundary_changes_what_counting_squares_gives(features, before, after):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), WHOLE)
        city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
        city.publish("urban_boundary", [before], bsm=["here"])
        moved = Existing("urban_boundary", "here")
        result = ask(city, polygon(after), ["ecological_redline"], replaces=moved)
        change = result.layers[0].change
        inside = union([cells for _, cells in WHOLE])
        known = bool((before | after) & inside) or result.layers[0].coverage == "partial"
        require_counted(result.layers[0].figures, features, after, known=known)
        require_counted(change.before, features, before, known=known)
        require_counted(change.gained, features, after - before, known=known)
        require_counted(change.lost, features, before - after, known=known)
        has, had = counted(features, after), counted(features, before)
        differences = {row.class_code: row for row in change.difference}
        assert differences.keys() == has.keys() | had.keys()
        for name, row in differences.items():
            one, other = has.get(name, (0, 0, 0)), had.get(name, (0, 0, 0))
            assert row.area_m2 == pytest.approx((one[0] - other[0]) * CELL_M2, **NEAR)
            assert row.gross_m2 == pytest.approx((one[1] - other[1]) * CELL_M2, **NEAR)
            assert row.count == one[2] - other[2]
        assert result.moved.before_m2 == pytest.approx(len(before) * CELL_M2, **NEAR)
        assert result.moved.gained_m2 == pytest.approx(len(after - before) * CELL_M2, **NEAR)
        assert result.moved.lost_m2 == pytest.approx(len(before - after) * CELL_M2, **NEAR)
        stored = {part.unit_code: part.area_m2 for part in result.units[2].before.parts}
        expected = {WHOLE[0][0]: len(before & inside) * CELL_M2} if before & inside else {}
        assert stored == pytest.approx(expected, **NEAR)
        outside = len(before - inside) * CELL_M2
        assert result.units[2].before.outside_m2 == pytest.approx(outside, **NEAR)


def star(rng: np.random.Generator, corners: int, middle: tuple[float, float], reach: float):
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    far = reach * rng.uniform(0.4, 1.0, corners)
    ring = np.column_stack([far * np.cos(angles), far * np.sin(angles)]) + middle
    return shapely.Polygon(ring)


def stars(seed: int, count: int, corners: int, reach: float) -> list[shapely.Geometry]:
    rng = np.random.default_rng(seed)
    made = [star(rng, corners, tuple(rng.uniform(2, 18, 2)), reach) for _ in range(count)]
    return place([shape for shape in made if shape.is_valid])


@FEW
@given(st.integers(0, 10_000), st.sampled_from([5, 40, 400]), st.sampled_from([6, 300]))
def test_it_agrees_with_publishing_the_polygon_and_asking_for_statistics(seed, corners, many):
    rings = place(
        [
            shapely.Polygon(
                star(np.random.default_rng(seed), corners, (10, 10), 9.0).exterior,
                [shapely.Point(10, 10).buffer(1.5).exterior],
            ),
            shapely.box(18.0, 1.0, 19.5, 3.3),
        ]
    )
    asked = shapely.MultiPolygon(rings)
    if not asked.is_valid:
        return
    features = stars(seed + 1, 12, many, 5.0)
    names = [("水源涵养", "水土保持", "")[k % 3] for k in range(len(features))]
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), WHOLE)
        publish(city.store, "ecological_redline", features, lhlx=names)
        publish(city.store, "urban_boundary", [asked])
        result = ask(city, asked, ["ecological_redline", "urban_boundary"])
        request = StatsRequest(
            "ecological_redline", by="city", class_field="lhlx", inside="urban_boundary"
        )
        expected = {row.class_code: row for row in city.tabulator.tabulate(request).totals}
        rows = {row.class_code: row for row in result.layers[0].figures.rows}
        assert rows.keys() == expected.keys()
        for name, row in rows.items():
            assert row.area_m2 == pytest.approx(expected[name].area_m2, rel=1e-9, abs=1e-4)
            assert row.gross_m2 == pytest.approx(expected[name].gross_m2, rel=1e-9, abs=1e-4)
            assert row.count == expected[name].count
        itself = result.layers[1].figures
        assert itself.area_m2 == pytest.approx(result.area_m2, rel=1e-12)
        assert itself.rest_m2 == pytest.approx(0, abs=1e-4)


@pytest.fixture
def city(tmp_path):
    return Ground(tmp_path, [("439901001001", rectangle(0, 0, 7, 7))])


def test_points_are_counted_with_those_on_the_edge(city):
    places = [shapely.Point(1.5, 1.5), shapely.Point(2, 2), shapely.Point(5, 5)]
    publish(city.store, "hamlet", place(places), dj=["1", "2", "2"])
    figures = ask(city, polygon(rectangle(1, 1, 2, 2)), ["hamlet"]).layers[0].figures
    assert {row.class_code: row.count for row in figures.rows} == {"1": 1, "2": 1}
    assert (figures.area_m2, figures.rest_m2, figures.count) == (0.0, None, 2)


def test_points_of_a_moved_boundary_are_counted_inside_of_the_stored_one(city):
    places = [shapely.Point(1.5, 1.5), shapely.Point(2.5, 1.5), shapely.Point(2, 1.5)]
    publish(city.store, "hamlet", place(places))
    city.publish("urban_boundary", [rectangle(1, 1, 2, 2)])
    moved = Existing("urban_boundary", 0)
    result = ask(city, polygon(rectangle(2, 1, 3, 2)), ["hamlet"], replaces=moved)
    change = result.layers[0].change
    assert (change.before.count, result.layers[0].figures.count) == (2, 2)
    assert (change.gained.count, change.lost.count) == (1, 1)
    assert change.difference[0].count == 0


def test_a_layer_without_data_is_unknown_and_not_zero(city):
    answer = ask(city, polygon(rectangle(1, 1, 2, 2)), ["scenic_area"]).layers[0]
    assert (answer.snapshot, answer.coverage) == ("", "no_data")
    assert answer.districts == {"439901": "no_data"}
    assert answer.figures.area_m2 is answer.figures.rest_m2 is answer.figures.count is None


@pytest.mark.parametrize(
    ("states", "expected"), [({}, (None, "no_data")), ({"439901": "complete"}, (0.0, "complete"))]
)
def test_nothing_is_zero_only_where_the_layer_is_known(city, states, expected):
    city.publish("scenic_area", [rectangle(5, 5, 6, 6)], coverage=states)
    answer = ask(city, polygon(rectangle(1, 1, 2, 2)), ["scenic_area"]).layers[0]
    assert (answer.figures.area_m2, answer.coverage) == expected


def test_what_lies_outside_all_districts_is_not_known(city):
    city.publish("scenic_area", [rectangle(0, 0, 9, 9)])
    beyond = ask(city, polygon(rectangle(20, 20, 22, 22)), ["scenic_area"])
    assert beyond.layers[0].coverage == "no_data"
    assert beyond.layers[0].figures.area_m2 is None
    assert [answer.split.parts for answer in beyond.units] == [(), (), ()]
    assert beyond.units[0].split.outside_m2 == pytest.approx(4 * CELL_M2, rel=1e-8)
    across = ask(city, polygon(rectangle(6, 6, 8, 8)), ["scenic_area"])
    assert across.layers[0].coverage == "partial"


def test_a_new_snapshot_is_measured_at_once(city):
    what_if = what_if_of(city)
    asked = polygon(rectangle(1, 1, 3, 3))
    for cells in (rectangle(0, 0, 2, 2), rectangle(0, 0, 3, 3)):
        city.publish("scenic_area", [cells])
        figures = ask(city, asked, ["scenic_area"], what_if=what_if).layers[0].figures
        expected = len(cells & rectangle(1, 1, 3, 3)) * CELL_M2
        assert figures.area_m2 == pytest.approx(expected, **NEAR)


def test_many_threads_get_what_one_gets(city):
    rng = np.random.default_rng(4)
    features = stars(7, 40, 60, 4.0)
    publish(city.store, "ecological_redline", features, lhlx=["水源涵养"] * len(features))
    shapes = [star(rng, 60, tuple(rng.uniform(2, 12, 2)), 4.0) for _ in range(12)]
    asked = place([shape for shape in shapes if shape.is_valid])
    alone = what_if_of(city)
    expected = [ask(city, g, ["ecological_redline"], what_if=alone).to_json() for g in asked]
    together = what_if_of(city)
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda g: ask(city, g, ["ecological_redline"], what_if=together).to_json(), asked
            )
        )
    assert found == expected
