"""Tables of lengths against counting half sides of squares."""

import tempfile
from functools import cache
from pathlib import Path

import hypothesis
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.building import place, publish
from tests.oracles.grid import rectangle
from tests.oracles.line_statistics import tabulate_lines
from tests.property.test_tabulate import (
    _MEMORY,
    SHAPE,
    SIZE,
    UNITS,
    Ground,
    ground,
    villages_of,
)

__all__ = ["ground"]  # a fixture

TOLERANCE_M = 1e-6
FEW = hypothesis.settings(max_examples=15)
SPOT = st.tuples(st.integers(-3, 2 * SIZE + 3), st.integers(-3, 2 * SIZE + 3))
SHORT = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
MOVE = st.sampled_from([*SHORT, (2, 0), (-2, 0), (0, 2), (0, -2)])  # no edge is above 70 m


@st.composite
def walks(draw):
    """A walk on the grid, often along borders and often back the way it came."""
    at = draw(SPOT)
    spots = [at]
    for dx, dy in draw(st.lists(MOVE, min_size=1, max_size=12)):
        at = (at[0] + dx, at[1] + dy)
        spots.append(at)
    return spots


LINES = st.lists(
    st.tuples(st.lists(walks(), min_size=1, max_size=3), st.sampled_from(["X", "C", ""])),
    min_size=1,
    max_size=5,
)


def on_earth(spots):
    return place([shapely.Point(x / 2, y / 2) for x, y in spots])


def drawn(line):
    return shapely.multilinestrings(
        [shapely.linestrings(shapely.get_coordinates(on_earth(part))) for part in line]
    )


@cache
def length_of(step):
    (west, south), (east, north) = shapely.get_coordinates(on_earth(step))
    return pyproj.Geod(a=6378137, rf=298.257222101).inv(west, south, east, north)[2]


def publish_roads(city, lines):
    publish(
        city.store, "road", [drawn(line) for line, _ in lines], dldj=[name for _, name in lines]
    )


def require_same(result, counted, *, classes):
    rows = {(r.unit_code, r.class_code or ""): r for r in result.rows if r.count}
    assert {key: row.count for key, row in rows.items()} == dict(counted.count)
    assert {key: row.length_m for key, row in rows.items()} == pytest.approx(
        dict(counted.length), abs=TOLERANCE_M
    )
    assert {r.class_code or "": r.length_m for r in result.totals} == pytest.approx(
        {k: v for k, v in counted.whole.items() if v}, abs=TOLERANCE_M
    )
    assert {r.class_code or "": r.count for r in result.totals} == {
        k: v for k, v in counted.lines.items() if v
    }
    assert result.outside_units_m == pytest.approx(counted.outside, abs=TOLERANCE_M)
    assert abs(result.closure_m) <= TOLERANCE_M
    assert (result.closure_m2, result.outside_units_m2, result.overlap_m2) == (0, 0, 0)
    if not classes and not result.request.inside:
        whole = sum(counted.whole.values())
        for key, row in rows.items():
            assert row.share_of_layer == pytest.approx(counted.length[key] / whole)


@FEW
@given(UNITS, LINES, st.sampled_from(["city", "district", "township", "village"]), st.booleans())
def test_lengths_are_what_counting_half_sides_gives(labels, lines, level, classes):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        publish_roads(city, lines)
        named = lines if classes else [(line, "") for line, _ in lines]
        counted = tabulate_lines(named, city.units_at(level), length_of)
        result = city.ask("road", by=level, class_field="dldj" if classes else "")
        require_same(result, counted, classes=classes)


@FEW
@given(UNITS, LINES, st.lists(SHAPE, min_size=1, max_size=4), st.booleans())
def test_inside_another_layer_its_border_counts_as_well(labels, lines, inside, classes):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        publish_roads(city, lines)
        city.publish("permanent_farmland", inside)
        named = lines if classes else [(line, "") for line, _ in lines]
        counted = tabulate_lines(named, city.units_at("township"), length_of, inside)
        result = city.ask(
            "road",
            by="township",
            class_field="dldj" if classes else "",
            inside="permanent_farmland",
        )
        require_same(result, counted, classes=classes)


@FEW
@given(UNITS, LINES, st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_their_direction_changes_a_figure(labels, lines, rng):
    villages = villages_of(labels)
    if not villages:
        return
    turned = [([part[::-1] for part in line], name) for line, name in lines]
    rng.shuffle(turned)
    answers = []
    for rows in (lines, turned):
        with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
            city = Ground(Path(folder), villages)
            publish_roads(city, rows)
            result = city.ask("road", by="village", class_field="dldj")
            answers.append(
                {(r.unit_code, r.class_code): (r.count, round(r.length_m, 5)) for r in result.rows}
            )
    assert answers[0] == answers[1]


@FEW
@given(UNITS, LINES)
def test_drilling_down_adds_up_along_borders_too(labels, lines):
    villages = villages_of(labels)
    if not villages:
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), villages)
        publish_roads(city, lines)
        above = city.ask("road", by="district").rows
        for row in above:
            part = city.ask("road", by="village", within=row.unit_code)
            assert part.totals == [row]
            assert sum(r.length_m for r in part.rows) == pytest.approx(
                row.length_m, abs=TOLERANCE_M
            )
            assert abs(part.closure_m) <= TOLERANCE_M


RING = rectangle(0, 0, 6, 6) - rectangle(2, 2, 4, 4)
WITH_HOLE = [("439901001001", RING), ("439902001001", rectangle(6, 0, 8, 6))]


def test_a_line_across_a_hole_is_outside_there(ground):
    city = ground(WITH_HOLE)
    line = [[(0, 5), *((x, 5) for x in range(2, 17, 2))]]
    publish_roads(city, [(line, "X")])
    result = city.ask("road", by="village")
    require_same(result, tabulate_lines([(line, "")], city.units_at("village"), length_of), classes=False)  # fmt: skip
    assert result.outside_units_m == pytest.approx(sum(length_of(((x, 5), (x + 1, 5))) for x in (4, 5, 6, 7)), abs=TOLERANCE_M)  # fmt: skip


def test_a_line_around_a_hole_belongs_to_the_unit_with_the_hole(ground):
    city = ground(WITH_HOLE)
    around = [[(4, 4), (6, 4), (8, 4), (8, 6), (8, 8), (6, 8), (4, 8), (4, 6), (4, 4)]]
    publish_roads(city, [(around, "X")])
    result = city.ask("road", by="village")
    assert [(r.unit_code, r.count) for r in result.rows if r.count] == [("439901001001", 1)]
    assert result.outside_units_m == 0


def test_a_border_belongs_to_the_first_unit_whatever_the_order_of_the_rows(ground):
    shared = [[(12, y) for y in range(0, 13, 2)]]
    for villages in (WITH_HOLE, WITH_HOLE[::-1]):
        city = ground(villages)
        publish_roads(city, [(shared, "X")])
        rows = {r.unit_code: (r.count, r.length_m) for r in city.ask("road", by="village").rows}
        whole = sum(length_of(((12, y), (12, y + 1))) for y in range(12))
        assert rows["439901001001"] == (1, pytest.approx(whole, abs=TOLERANCE_M))
        assert rows["439902001001"] == (0, 0.0)


def test_what_only_touches_a_unit_is_no_row_of_it(ground):
    city = ground(WITH_HOLE)
    publish_roads(city, [([[(13, 1), (13, 3)], [(12, 4), (14, 4)], [(12, 20), (12, 12)]], "X")])
    result = city.ask("road", by="village")
    assert [(r.unit_code, r.count) for r in result.rows if r.count] == [("439902001001", 1)]


def test_a_line_there_and_back_counts_twice_and_lines_on_each_other_as_well(ground):
    city = ground(WITH_HOLE)
    out = [(9, 3), (11, 3), (13, 3), (15, 3)]
    publish_roads(city, [([[*out, *out[-2::-1]]], "X"), ([out], "X"), ([out, out], "X")])
    result = city.ask("road", by="village", class_field="dldj")
    once = sum(length_of(((x, 3), (x + 1, 3))) for x in range(9, 15))
    [total] = result.totals
    assert total.length_m == pytest.approx(5 * once, abs=TOLERANCE_M)
    assert total.count == 3
    assert [(r.count, r.length_m) for r in result.rows] == [
        (3, pytest.approx(2.5 * once, rel=1e-4)),
        (3, pytest.approx(2.5 * once, rel=1e-4)),
    ]
    assert abs(result.closure_m) <= TOLERANCE_M


def test_a_line_without_length_is_nowhere(ground):
    city = ground(WITH_HOLE)
    [spot] = on_earth([(1, 1)])
    dot = shapely.LineString([spot, spot])
    publish(city.store, "road", [dot, drawn([[(1, 1), (1, 2)]])], dldj=["X", "X"])
    result = city.ask("road", by="village")
    assert [row.count for row in result.totals] == [1]
    assert sum(row.count for row in result.rows) == 1


def test_where_units_overlap_a_line_is_in_the_first(ground):
    over = [("439901001001", rectangle(0, 0, 4, 4)), ("439902001001", rectangle(2, 0, 6, 4))]
    city = ground(over)
    publish_roads(city, [([[(x, 3) for x in range(1, 12, 2)]], "X")])
    result = city.ask("road", by="village")
    assert result.units_overlap
    assert abs(result.closure_m) <= TOLERANCE_M
    assert [row.count for row in result.rows] == [1, 1]
    first = sum(length_of(((x, 3), (x + 1, 3))) for x in range(1, 8))
    assert result.rows[0].length_m == pytest.approx(first, abs=TOLERANCE_M)


@given(st.integers(0, 2**31))
@hypothesis.settings(max_examples=10)
def test_long_slanting_lines_over_slanting_units_close(seed):
    import numpy as np

    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 40, (60, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(spots)))
    cells = shapely.intersection(cells, shapely.box(0, 0, 40, 40))
    cells = cells[shapely.area(cells) > 0]
    codes = [f"43990{1 + n % 2}001{n:03d}" for n in range(len(cells))]
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = Ground(Path(folder), WITH_HOLE)
        publish(city.store, "village", place(cells), code=codes, name=codes)
        lines = [shapely.LineString(rng.uniform(-5, 45, (rng.integers(2, 9), 2))) for _ in range(9)]
        lines += [shapely.LineString(c.exterior.coords[:4]) for c in cells[:9]]
        publish(city.store, "road", place(lines), dldj=["X"] * len(lines))
        city.publish("permanent_farmland", [rectangle(3, 3, 30, 20), rectangle(20, 15, 38, 39)])
        for inside in ("", "permanent_farmland"):
            result = city.ask("road", by="village", inside=inside)
            assert abs(result.closure_m) <= 1e-5
