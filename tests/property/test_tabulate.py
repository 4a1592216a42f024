"""The whole table against counting squares: area, gross, count, outside, closure, coverage."""

import itertools
import os
import random
import tempfile
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.overlay.result import StatsRequest, StatsResult
from geoapp.overlay.tabulate import Tabulator
from tests.building import (
    CELL_M2,
    LIBRARY,
    cells_to_plane,
    make_city,
    make_store,
    place,
    publish,
)
from tests.oracles.grid import Cells, rectangle
from tests.oracles.statistics import Counted, tabulate

TOLERANCE_M2 = 2e-4
_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
SIZE = 7
CELL = st.tuples(st.integers(-1, SIZE), st.integers(-1, SIZE))  # reaches outside the units
SHAPE = st.frozensets(CELL, min_size=1, max_size=20)
FEATURES = st.lists(
    st.tuples(SHAPE, st.sampled_from(["水源涵养", "水土保持", ""])), min_size=1, max_size=6
)
DISTRICTS = ("439901", "439902")
VILLAGES = tuple(f"{t}{n:03d}" for t in ("439901001", "439901002", "439902001") for n in (1, 2))
UNITS = st.lists(
    st.sampled_from([*range(len(VILLAGES)), None]), min_size=SIZE * SIZE, max_size=SIZE * SIZE
)
FEW = hypothesis.settings(max_examples=15)  # each one publishes some seven snapshots


def villages_of(labels: list[int | None]) -> list[tuple[str, Cells]]:
    """Partition the square into villages; squares of nobody are gaps."""
    sets: dict[str, set[tuple[int, int]]] = {}
    for index, label in enumerate(labels):
        if label is not None:
            sets.setdefault(VILLAGES[label], set()).add(divmod(index, SIZE))
    return [(code, frozenset(cells)) for code, cells in sorted(sets.items())]


def grouped(villages: list[tuple[str, Cells]], length: int) -> list[tuple[str, Cells]]:
    result: dict[str, Cells] = {}
    for code, cells in villages:
        result[code[:length]] = result.get(code[:length], frozenset()) | cells
    return sorted(result.items())


class Ground:
    """A city on squares in a folder of its own."""

    def __init__(self, folder: Path, villages: list[tuple[str, Cells]]) -> None:
        self.store = make_store(folder)
        self.units = {"district": 6, "township": 9, "village": 12}
        self.villages = villages
        for level, length in self.units.items():
            named = grouped(villages, length)
            self.publish(level, [cells for _, cells in named], code=[c for c, _ in named], name=[c for c, _ in named])  # fmt: skip
        self.tabulator = Tabulator(make_city(), LIBRARY, self.store)

    def publish(self, layer: str, shapes: list[Cells], **columns) -> None:
        coverage = columns.pop("coverage", None)
        geometries = place([cells_to_plane(cells) for cells in shapes])
        publish(self.store, layer, geometries, coverage=coverage, **columns)

    def units_at(self, level: str) -> list[tuple[str, Cells]]:
        if level == "city":
            return [("439900", frozenset().union(*(cells for _, cells in self.villages)))]
        return grouped(self.villages, self.units[level])

    def ask(self, layer: str, **request) -> StatsResult:
        return self.tabulator.tabulate(StatsRequest(layer, **request))


@pytest.fixture
def ground(tmp_path):
    return lambda villages: Ground(tmp_path / next(_names), villages)


_names = (f"ground-{n}" for n in itertools.count())


def require_same(result: StatsResult, counted: Counted, *, classes: bool) -> None:
    """Compare a table with the counted squares."""
    near = partial(pytest.approx, rel=2e-9)  # two projections there and back
    rows = {(r.unit_code, r.class_code or ""): r for r in result.rows}
    expected = {key for key, count in counted.count.items() if count}
    assert {k for k, r in rows.items() if r.count} == expected
    unit_squares = {u.unit_code: u for u in result.units}
    layer = sum(counted.whole.values()) if not classes else None
    for key in expected:
        row = rows[key]
        assert row.area_m2 == near(counted.net[key] * CELL_M2, abs=TOLERANCE_M2)
        assert row.gross_m2 == near(counted.gross[key] * CELL_M2, abs=TOLERANCE_M2)
        assert row.count == counted.count[key]
        unit_m2 = unit_squares[key[0]].unit_m2
        assert row.share_of_unit == near(counted.net[key] * CELL_M2 / unit_m2, abs=1e-9)
        if layer and not result.request.inside:
            assert row.share_of_layer == near(counted.net[key] / layer, abs=1e-9)
    assert result.outside_units_m2 == near(
        sum(counted.outside.values()) * CELL_M2, abs=TOLERANCE_M2
    )
    totals = {r.class_code or "": r.area_m2 for r in result.totals}
    whole = {name: n * CELL_M2 for name, n in counted.whole.items() if n}
    assert totals == near(whole, abs=TOLERANCE_M2)
    assert abs(result.closure_m2) <= TOLERANCE_M2
    for unit in result.units:
        assert unit.net_m2 == near(counted.covered[unit.unit_code] * CELL_M2, abs=TOLERANCE_M2)
        assert unit.net_m2 + unit.rest_m2 == near(unit.unit_m2, abs=TOLERANCE_M2)


@FEW
@given(UNITS, FEATURES, st.sampled_from(["city", "district", "township", "village"]), st.booleans())
def test_a_table_is_what_counting_squares_gives(labels, features, level, classes):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
        named = features if classes else [(cells, "") for cells, _ in features]
        counted = tabulate(named, city.units_at(level))
        result = city.ask("ecological_redline", by=level, class_field="lhlx" if classes else "")
        require_same(result, counted, classes=classes)


@FEW
@given(UNITS, FEATURES, st.lists(SHAPE, min_size=1, max_size=4), st.booleans())
def test_inside_another_layer_only_what_lies_in_its_ground_counts(
    labels, features, inside, classes
):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
        city.publish("permanent_farmland", inside)
        named = features if classes else [(cells, "") for cells, _ in features]
        counted = tabulate(named, city.units_at("township"), inside)
        result = city.ask(
            "ecological_redline",
            by="township",
            class_field="lhlx" if classes else "",
            inside="permanent_farmland",
        )
        require_same(result, counted, classes=classes)


@FEW
@given(UNITS, FEATURES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_figure(labels, features, rng):
    villages = villages_of(labels)
    if not villages:
        return
    shuffled = features.copy()
    rng.shuffle(shuffled)
    answers = []
    for rows in (features, shuffled):
        with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
            city = Ground(Path(folder), villages)
            city.publish("ecological_redline", [c for c, _ in rows], lhlx=[n for _, n in rows])
            result = city.ask("ecological_redline", by="village", class_field="lhlx")
            answers.append(
                {
                    (r.unit_code, r.class_code): (round(r.area_m2 or 0, 3), r.count)
                    for r in result.rows
                }
            )
    assert answers[0] == answers[1]


@FEW
@given(UNITS, FEATURES)
def test_drilling_down_gives_the_rows_of_the_unit_and_its_own_total(labels, features):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
        everything = city.ask("ecological_redline", by="village", class_field="lhlx").rows
        above = city.ask("ecological_redline", by="district", class_field="lhlx").rows
        for code in {row.unit_code for row in above}:
            part = city.ask("ecological_redline", by="village", class_field="lhlx", within=code)
            assert part.rows == [row for row in everything if row.unit_code.startswith(code)]
            assert part.totals == [row for row in above if row.unit_code == code]
            assert abs(part.closure_m2) <= TOLERANCE_M2
            assert part.whole_code == code


@FEW
@given(UNITS, st.lists(CELL, min_size=1, max_size=12), st.lists(SHAPE, min_size=1, max_size=3))
def test_points_are_counted_once_even_on_shared_borders(labels, corners, inside):
    villages = villages_of(labels)
    if not villages:
        return
    import shapely

    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        middles = [(x + 0.5, y + 0.5) for x, y in corners]
        spots = place([shapely.Point(spot) for spot in [*middles, *corners]])
        publish(city.store, "hamlet", spots, mc=[str(n) for n in range(len(spots))])
        city.publish("permanent_farmland", inside)
        result = city.ask("hamlet", by="village")
        ground = frozenset().union(*(cells for _, cells in villages))
        in_some = sum(corner in ground for corner in corners)
        listed = sum(row.count for row in result.rows)
        assert in_some <= listed <= len(spots)
        assert [row.count for row in result.totals] == [len(spots)]
        only_middles = place([shapely.Point(spot) for spot in middles])
        publish(city.store, "hamlet", only_middles, mc=[str(n) for n in range(len(middles))])
        for level in ("city", "district", "township", "village"):
            table = city.ask("hamlet", by=level)
            expected = {
                code: sum(corner in cells for corner in corners)
                for code, cells in city.units_at(level)
            }
            assert {r.unit_code: r.count for r in table.rows if r.count} == {
                code: n for code, n in expected.items() if n
            }
        within = frozenset().union(*inside)
        table = city.ask("hamlet", by="city", inside="permanent_farmland")
        assert sum(r.count for r in table.totals) == sum(corner in within for corner in corners)


WHOLE = [("439901001001", rectangle(0, 0, 3, 6)), ("439902001001", rectangle(3, 0, 6, 6))]


def test_number_fields_are_added_where_the_inner_point_lies(ground):
    city = ground(WHOLE)
    shapes = [rectangle(0, 0, 1, 1), rectangle(2, 2, 6, 3), rectangle(8, 0, 9, 1)]
    city.publish(
        "demolition",
        shapes,
        case_no=["1", "2", "3"],
        status=["closed", "lead", "closed"],
        households=[2, 5, 11],
        floor_area_m2=[10.5, float("nan"), 1.0],
    )
    result = city.ask("demolition", by="district")
    sums = {row.unit_code: row.sums for row in result.rows}
    assert sums["439901"]["households"] == 2
    assert sums["439902"]["households"] == 5
    assert sums["439902"]["floor_area_m2"] == 0
    assert [row.count for row in result.rows] == [2, 1]  # the long one reaches into both
    [total] = result.totals
    assert total.sums["households"] == 18
    assert total.sums["floor_area_m2"] == 11.5
    by_class = city.ask("demolition", by="city", class_field="status")
    assert {r.class_code: r.sums["households"] for r in by_class.totals} == {
        "closed": 13,
        "lead": 5,
    }


def test_derived_classes_follow_the_class_table(ground):
    city = ground(WHOLE)
    shapes = [
        rectangle(0, 0, 1, 6),
        rectangle(1, 0, 2, 6),
        rectangle(2, 0, 3, 6),
        rectangle(3, 0, 6, 6),
    ]
    city.publish("landuse", shapes, dlbm=["0101", "0103", "1006", "nonsense"])
    first = city.ask("landuse", by="city", class_field="dlyj")
    assert {r.class_code: r.area_m2 / CELL_M2 for r in first.rows} == pytest.approx(
        {"01": 12, "10": 6, "": 18}, abs=1e-6
    )
    broad = city.ask("landuse", by="city", class_field="dldl")
    assert {r.class_code: round(r.area_m2 / CELL_M2) for r in broad.rows} == {"农用地": 18, "": 18}


def test_units_with_gaps_leave_a_rest_that_is_shown(ground):
    city = ground(
        [("439901001001", rectangle(0, 0, 2, 4)), ("439902001001", rectangle(3, 0, 5, 4))]
    )
    city.publish("ecological_redline", [rectangle(0, 0, 5, 4)])
    result = city.ask("ecological_redline", by="village")
    assert result.outside_units_m2 == pytest.approx(4 * CELL_M2, abs=TOLERANCE_M2)
    assert abs(result.closure_m2) <= TOLERANCE_M2


def test_moving_the_city_by_a_degree_changes_no_area(tmp_path):
    tables = []
    for n, latitude in enumerate((28.6, 29.4, 30.4)):
        store = make_store(tmp_path / str(n))
        shapes = [cells_to_plane(cells) for _, cells in WHOLE]
        for level, length in (("district", 6), ("village", 12)):
            codes = [code[:length] for code, _ in WHOLE]
            publish(store, level, place(shapes, latitude=latitude), code=codes, name=codes)
        red = place([cells_to_plane(rectangle(1, 1, 5, 4))], latitude=latitude)
        publish(store, "ecological_redline", red)
        answer = Tabulator(make_city(), LIBRARY, store).tabulate(
            StatsRequest("ecological_redline", by="village")
        )
        tables.append([row.area_m2 for row in answer.rows])
    assert tables[0] == pytest.approx(tables[1], abs=TOLERANCE_M2)
    assert tables[2] == pytest.approx(tables[1], abs=TOLERANCE_M2)


@pytest.mark.parametrize("seed", range(3))
def test_polygons_with_thousands_of_corners_are_counted_right(ground, seed):
    rng = random.Random(seed)
    city = ground(
        [("439901001001", rectangle(0, 0, 20, 40)), ("439902001001", rectangle(20, 0, 40, 40))]
    )
    features = [
        (frozenset((rng.randrange(-2, 44), rng.randrange(-2, 44)) for _ in range(900)), name)
        for name in ("水源涵养", "水土保持", "水源涵养")
    ]
    city.publish("ecological_redline", [c for c, _ in features], lhlx=[n for _, n in features])
    counted = tabulate(features, city.units_at("village"))
    result = city.ask("ecological_redline", by="village", class_field="lhlx")
    require_same(result, counted, classes=True)
