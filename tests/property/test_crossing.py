"""Boundaries through corners, along edges, with holes: cut pieces and live answers, exactly."""

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

from geoapp.overlay.crossing import cut_among
from geoapp.overlay.index import make_batch
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.pairwise import shared_areas
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.result import StatsRequest
from geoapp.overlay.what_if import UNIT_LEVELS, WhatIf
from geoapp.overlay.what_if_result import Existing
from geoapp.overlay.zones import build_zones
from tests.building import LIBRARY
from tests.lattice import STEP_M2, LatticeCity, cities, on_ellipsoid, polygons, rings_of
from tests.oracles.covering import areas_by_cover

_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
SOME = hypothesis.settings(max_examples=int(os.environ.get("CROSSING_EXAMPLES", "30")))
FEW = hypothesis.settings(max_examples=12)
SHAPES = st.lists(polygons(), min_size=1, max_size=4)
CLASSES = ("水源涵养", "水土保持", "")
CLASSED = st.lists(st.tuples(polygons(), st.sampled_from(CLASSES)), min_size=1, max_size=4)
near = partial(pytest.approx, rel=1e-9, abs=1e-4)
LINE, MOVED = "ecological_redline", "urban_boundary"


def exact(shapes, others):
    """Measure what each of some shapes has of each of others, and of none of them."""
    found = defaultdict(float)
    for cover, area in areas_by_cover([rings_of(shape) for shape in [*shapes, *others]]).items():
        inside = [number - len(shapes) for number in cover if number >= len(shapes)]
        for number in cover:
            for other in inside or [OUTSIDE] if number < len(shapes) else []:
                found[number, other] += float(area)
    return found


@SOME
@given(SHAPES, SHAPES | cities().map(lambda units: list(units.values())), st.booleans())
def test_pieces_are_what_exact_fractions_and_the_kernel_give(shapes, zones, many):
    # A corner at every eighth, which is exact: polygons of so many corners are cut into fragments.
    features = np.array([shapely.segmentize(s, 0.125) if many else s for s in shapes], dtype=object)
    borders = build_zones(np.array(zones, dtype=object), np.arange(len(zones)), around=True)
    pieces = cut_among(features, borders)
    expected = exact(shapes, zones)
    areas = shapely.area(pieces.geometries)
    found = defaultdict(float)
    for feature, zone, area in zip(pieces.feature, pieces.zone, areas, strict=True):
        found[int(feature), int(zone)] += area
    for key in found.keys() | expected.keys():
        assert found[key] == near(expected[key])
    shares = share_portions(
        [Portion(make_batch(features), np.zeros(len(features), np.int32))], borders
    )
    keys = zip(shares.feature_row.tolist(), shares.zone_row.tolist(), strict=True)
    measured = dict(zip(keys, shares.area_m2.tolist(), strict=True))
    for key in measured.keys() | expected.keys():
        assert measured.get(key, 0.0) == near(expected[key])
    own = features[pieces.feature]
    assert shared_areas(pieces.geometries, own) == near(areas)
    inside = pieces.zone != OUTSIDE
    there = np.array(zones, dtype=object)[pieces.zone[inside]]
    assert shared_areas(pieces.geometries[inside], there) == near(areas[inside])


@st.composite
def boundaries(draw, features):
    """Draw a boundary: any, one that a feature has, or one along several of them."""
    kind = draw(st.sampled_from(["any", "same", "along"]))
    if kind == "same":
        return draw(st.sampled_from(features))
    other = draw(polygons())
    if kind == "any":
        return other
    united = shapely.union_all([draw(st.sampled_from(features)), other])
    # Where edges cross, corners lie beside the lattice: there the exact answer is another one.
    whole = (shapely.get_coordinates(united) % 1 == 0).all()
    return united if whole and united.is_valid else other


@st.composite
def moves(draw):
    classed = draw(CLASSED)
    shapes = [shape for shape, _ in classed]
    return classed, draw(boundaries(shapes)), draw(boundaries(shapes))


def figures_of(features, ground, without=None):
    """Measure, exactly, what ground has of each class: once, by feature, and how many reach in."""
    names = sorted({name for _, name in features})
    drawn = [rings_of(shape) for shape, _ in features] + [rings_of(ground)]
    drawn += [] if without is None else [rings_of(without)]
    net, gross, reached, covered = defaultdict(float), defaultdict(float), defaultdict(float), 0.0
    for cover, area in areas_by_cover(drawn).items():
        if len(features) not in cover or len(features) + 1 in cover:
            continue
        m2 = float(area) * STEP_M2
        there = [number for number in cover if number < len(features)]
        covered += m2 * bool(there)
        for name in {features[number][1] for number in there}:
            net[name] += m2
        for number in there:
            gross[features[number][1]] += m2
            reached[number] += m2
    counts = {
        n: sum(1 for k, m2 in reached.items() if m2 >= 1e-4 and features[k][1] == n) for n in names
    }
    return {n: (net[n], gross[n], counts[n]) for n in names if counts[n]}, covered


def require_exact(figures, expected, covered):
    assert {row.class_code for row in figures.rows} == expected.keys()
    for row in figures.rows:
        net, gross, count = expected[row.class_code]
        assert (row.area_m2, row.gross_m2) == near((net, gross))
        assert row.count == count
    if figures.area_m2 is not None:
        assert figures.area_m2 == near(covered)
        assert figures.area_m2 + figures.rest_m2 == near(figures.ground_m2)


@FEW
@given(cities(), moves())
def test_a_moved_boundary_has_gains_and_loses_what_exact_fractions_give(villages, move):
    features, before, after = move
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = LatticeCity(Path(folder), villages)
        shapes, names = [shape for shape, _ in features], [name for _, name in features]
        city.publish(LINE, shapes, lhlx=names)
        city.publish(MOVED, [before], bsm=["here"])
        service = WhatIf(city.city, LIBRARY, city.store, city.tabulator)
        [asked] = on_ellipsoid([after])
        result = service.ask(
            asked, [LIBRARY.require(LINE)], UNIT_LEVELS, {}, Existing(MOVED, "here")
        )
        [answer] = result.layers
        if answer.figures.area_m2 is None:
            return
        require_exact(answer.figures, *figures_of(features, after))
        require_exact(answer.change.before, *figures_of(features, before))
        require_exact(answer.change.gained, *figures_of(features, after, before))
        require_exact(answer.change.lost, *figures_of(features, before, after))
        assert result.area_m2 == near(after.area * STEP_M2)
        gained, lost = result.moved.gained_m2, result.moved.lost_m2
        assert result.moved.before_m2 + gained - lost == near(result.area_m2)
        for unit in result.units:
            shares = exact([after, before], [shape for _, shape in city.units_at(unit.level)])
            codes = [code for code, _ in city.units_at(unit.level)]
            for number, split in enumerate((unit.split, unit.before)):
                parts = {part.unit_code: part.area_m2 for part in split.parts}
                for zone, code in enumerate(codes):
                    assert parts.get(code, 0.0) == near(shares[number, zone] * STEP_M2)
                assert split.outside_m2 == near(shares[number, OUTSIDE] * STEP_M2)


@FEW
@given(cities(), moves())
def test_a_live_answer_is_what_statistics_say_of_the_published_boundary(villages, move):
    features, boundary, _ = move
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        city = LatticeCity(Path(folder), villages)
        city.publish(LINE, [shape for shape, _ in features], lhlx=[name for _, name in features])
        city.publish(MOVED, [boundary])
        service = WhatIf(city.city, LIBRARY, city.store, city.tabulator)
        [asked] = on_ellipsoid([boundary])
        result = service.ask(
            asked, [LIBRARY.require(LINE), LIBRARY.require(MOVED)], UNIT_LEVELS, {}, None
        )
        request = StatsRequest(LINE, by="city", class_field="lhlx", inside=MOVED)
        expected = {row.class_code: row for row in city.tabulator.tabulate(request).totals}
        rows = {row.class_code: row for row in result.layers[0].figures.rows}
        for name in rows.keys() | {name for name, row in expected.items() if row.count}:
            assert rows[name].area_m2 == near(expected[name].area_m2)
            assert rows[name].gross_m2 == near(expected[name].gross_m2)
            assert rows[name].count == expected[name].count
        itself = result.layers[1].figures
        if itself.area_m2 is not None:
            assert (itself.area_m2, itself.rest_m2) == near((result.area_m2, 0.0))
