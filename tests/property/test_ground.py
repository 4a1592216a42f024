"""Cutting and measuring one polygon, against GEOS."""

import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.geometry.flat import flatten
from geoapp.overlay.clipping import clip_to_box, halve_until_small, join_features
from geoapp.overlay.ground import MOST_VERTICES, batch_of, measure_inside, prepare_ground
from geoapp.overlay.index import make_batch
from geoapp.overlay.moved import find_difference
from tests.building import cells_to_plane

CELL = st.tuples(st.integers(0, 9), st.integers(0, 9))
SHAPE = st.frozensets(CELL, min_size=1, max_size=60)
CENTRES = [(0.0, 0.0), (412_345.6, 3_212_345.7)]
FEW = hypothesis.settings(max_examples=30)


def coast(count: int, centre, seed: int) -> shapely.Polygon:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    far = 4000 * (1 + 0.3 * np.sin(7 * angle) + 0.02 * rng.uniform(-1, 1, count))
    ring = np.column_stack([far * np.cos(angle), far * np.sin(angle)]) + centre
    inner = (ring - centre) * 0.4 + centre
    return shapely.Polygon(ring, [inner])


def one(geometry) -> np.ndarray:
    return np.array([geometry], dtype=object)


def require_shares(features: list[shapely.Geometry], asked: shapely.Geometry) -> None:
    batch = make_batch(np.array([*features, None], dtype=object)[:-1])
    rows, areas = measure_inside(batch, prepare_ground(asked))
    found = np.zeros(len(features))
    found[rows] = areas
    expected = shapely.area(shapely.intersection(features, asked))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-5)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("count", [8, 90, 3000])
def test_features_of_any_size_have_inside_what_geos_intersects(count, centre):
    asked = coast(count, centre, 1)
    rng = np.random.default_rng(2)
    features = [
        shapely.Point(*(rng.uniform(-5000, 5000, 2) + centre)).buffer(rng.uniform(1, 900), quad)
        for quad in (1, 8, 200)
        for _ in range(60)
    ]
    require_shares([*features, asked, coast(5000, np.add(centre, 700.5), 3)], asked)


@FEW
@given(st.lists(SHAPE, min_size=1, max_size=6), SHAPE)
def test_squares_with_common_edges_are_measured_exactly(shapes, asked):
    require_shares([cells_to_plane(cells) for cells in shapes], cells_to_plane(asked))


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("most", [17, MOST_VERTICES])
def test_pieces_are_small_and_tile_their_feature(most, centre):
    features = np.array([coast(1500, centre, 1), shapely.box(0, 0, 9, 9), coast(40, centre, 2)])
    pieces, owner = halve_until_small(join_features(flatten(features)), most)
    firsts = pieces.first_rings
    assert (pieces.rings[firsts[1:]] - pieces.rings[firsts[:-1]]).max() <= most
    areas = batch_of(pieces).area
    assert np.bincount(owner, areas) == pytest.approx(shapely.area(features), rel=1e-11)
    assert (areas > -1e-6).all()


def test_edges_side_by_side_that_no_halving_parts_are_left_together():
    teeth = np.arange(400)
    x = np.where(teeth % 4 < 2, 0.0, 10_000.0)
    comb = shapely.Polygon([*zip(x, teeth * 1e-3, strict=True), (-1.0, 0.4), (-1.0, 0.0)])
    pieces, _ = halve_until_small(join_features(flatten(one(comb))), 96)
    assert len(pieces.xy) < 20_000
    assert batch_of(pieces).area.sum() == pytest.approx(comb.area, rel=1e-11)
    require_shares([shapely.box(k, 0.05, k + 300, 0.3) for k in range(0, 9900, 700)], comb)


@FEW
@given(SHAPE, st.integers(1, 40))
def test_any_squares_are_halved_without_losing_any(cells, most):
    flat = join_features(flatten(one(cells_to_plane(cells))))
    pieces, _ = halve_until_small(flat, most)
    assert batch_of(pieces).area.sum() == pytest.approx(len(cells), abs=1e-12)


@FEW
@given(SHAPE, CELL, CELL)
def test_clipping_to_a_box_keeps_what_lies_in_it(cells, corner, other):
    west, south, east, north = (
        min(corner[0], other[0]),
        min(corner[1], other[1]),
        max(corner[0], other[0]) + 0.5,
        max(corner[1], other[1]) + 1,
    )
    flat = join_features(flatten(one(cells_to_plane(cells))))
    clipped = clip_to_box(flat, np.array([west, south, east, north], dtype=float))
    expected = cells_to_plane(cells).intersection(shapely.box(west, south, east, north)).area
    assert batch_of(clipped).area[0] == pytest.approx(expected, abs=1e-12)


@FEW
@given(SHAPE, SHAPE)
def test_what_moved_is_gained_and_lost(before, after):
    old, new = cells_to_plane(before), cells_to_plane(after)
    gained, lost = find_difference(new, old)
    assert gained.area == pytest.approx(len(after - before), abs=1e-9)
    assert lost.area == pytest.approx(len(before - after), abs=1e-9)
    if after - before:
        assert gained.symmetric_difference(cells_to_plane(after - before)).area < 1e-9


@pytest.mark.parametrize("centre", CENTRES)
def test_a_moved_corner_of_a_long_boundary_is_all_that_changes(centre):
    old = coast(4000, centre, 5)
    corner = shapely.Point(old.exterior.coords[100])
    new = old.union(corner.buffer(60))
    gained, lost = find_difference(new, old)
    assert gained.area == pytest.approx(new.difference(old).area, abs=1e-6)
    assert lost.area == pytest.approx(0, abs=1e-6)
    assert gained.distance(corner) < 61


def test_a_boundary_that_stays_changes_nothing():
    old = coast(400, (0, 0), 5)
    turned = shapely.Polygon(np.roll(np.array(old.exterior.coords)[:-1], 7, axis=0), old.interiors)
    assert all(part.is_empty for part in find_difference(turned, old))


def test_empty_ground_holds_nothing():
    ground = prepare_ground(shapely.MultiPolygon())
    batch = make_batch(one(shapely.box(0, 0, 1, 1)))
    rows, areas = measure_inside(batch, ground)
    assert (len(rows), len(areas), ground.area_m2) == (0, 0, 0.0)
