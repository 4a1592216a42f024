"""Laws of sharing out, in a plane, against counting squares."""

import random

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.overlay.fragment import MOST_VERTICES, cut_into_fragments
from geoapp.overlay.net import subtract_overlaps
from geoapp.overlay.places import find_containing
from tests.building import cells_to_plane
from tests.oracles.grid import Cells, boundary, rectangle, shoelace, union
from tests.oracles.intersection import OUTSIDE, Zones, cut_out, find_overlaps, share_out

SIZE = 8
CELL = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
SHAPE = st.frozensets(CELL, min_size=1, max_size=24)
SHAPES = st.lists(SHAPE, min_size=1, max_size=6)
LABELS = st.lists(st.integers(-1, 4), min_size=SIZE * SIZE, max_size=SIZE * SIZE)


def drawn(shapes: list[Cells]) -> np.ndarray:
    return np.array([cells_to_plane(cells) for cells in shapes], dtype=object)


def partition(labels: list[int]) -> list[Cells]:
    """Give disjoint sets; squares labelled -1 belong to nobody."""
    sets: dict[int, set[tuple[int, int]]] = {}
    for index, label in enumerate(labels):
        if label >= 0:
            sets.setdefault(label, set()).add(divmod(index, SIZE))
    return [frozenset(cells) for _, cells in sorted(sets.items())]


def as_dict(shares) -> dict[tuple[int, int], float]:
    return {
        (int(f), int(z)): float(a)
        for f, z, a in zip(shares.feature_row, shares.zone_row, shares.area_m2, strict=True)
    }


@given(SHAPE)
def test_the_oracle_agrees_with_itself_about_areas(cells):
    """Squares counted, edges integrated and the drawn geometry give one area."""
    around = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in boundary(cells)) / 2
    assert around == len(cells)
    geometry = cells_to_plane(cells)
    assert geometry.is_valid
    rings = [
        ring for part in shapely.get_parts(geometry) for ring in [part.exterior, *part.interiors]
    ]
    exact = [abs(shoelace([(int(x), int(y)) for x, y in ring.coords])) for ring in rings]
    assert sum(exact) >= len(cells)
    assert geometry.area == len(cells)


@given(SHAPES, LABELS)
def test_shares_with_disjoint_zones_are_the_counted_squares(shapes, labels):
    zones = partition(labels)
    if not zones:
        return
    shares = as_dict(share_out(drawn(shapes), Zones(drawn(zones)), outside=True))
    everywhere = union(zones)
    expected = {}
    for f, cells in enumerate(shapes):
        pairs = {z: len(cells & zone) for z, zone in enumerate(zones)}
        pairs[OUTSIDE] = len(cells - everywhere)
        expected |= {(f, z): n for z, n in pairs.items() if n}
    assert shares == pytest.approx(expected, abs=1e-9)


@given(SHAPES, SHAPES)
def test_shares_with_zones_that_overlap_count_each_zone(shapes, zones):
    shares = as_dict(share_out(drawn(shapes), Zones(drawn(zones), overlap=True), outside=True))
    for f, cells in enumerate(shapes):
        for z, zone in enumerate(zones):
            assert shares.get((f, z), 0.0) == pytest.approx(len(cells & zone), abs=1e-9)
        rest = len(cells - union(zones))
        assert shares.get((f, OUTSIDE), 0.0) == pytest.approx(rest, abs=1e-9)


@given(SHAPES, LABELS)
def test_parts_and_rest_make_the_whole(shapes, labels):
    zones = partition(labels)
    if not zones:
        return
    shares = share_out(drawn(shapes), Zones(drawn(zones)), outside=True)
    totals = np.bincount(shares.feature_row, weights=shares.area_m2, minlength=len(shapes))
    assert totals == pytest.approx([len(cells) for cells in shapes], abs=1e-9)


@given(SHAPES, LABELS, st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7))
def test_moving_everything_changes_nothing(shapes, labels, dx, dy):
    zones = partition(labels)
    if not zones:
        return

    def moved(geometries):
        return shapely.transform(geometries, lambda xy: np.add(xy, (dx, dy)))

    here = as_dict(share_out(drawn(shapes), Zones(drawn(zones)), outside=True))
    there = share_out(moved(drawn(shapes)), Zones(moved(drawn(zones))), outside=True)
    assert as_dict(there) == pytest.approx(here, abs=1e-6)


@given(SHAPES)
@example([rectangle(0, 0, 3, 3), rectangle(0, 0, 3, 3)])  # the same polygon twice
@example([rectangle(0, 0, 5, 5), rectangle(1, 1, 2, 2)])  # one inside another, touching nothing
@example([rectangle(0, 0, 5, 5) - {(2, 2)}, frozenset({(2, 2)})])  # filling a hole: no overlap
@example([rectangle(0, 2, 8, 3), rectangle(2, 0, 3, 8)])  # a cross
def test_overlapping_pairs_are_found_all_and_only(shapes):
    first, second = find_overlaps(drawn(shapes))
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    count = range(len(shapes))
    assert found == {(i, j) for i in count for j in count if i < j and shapes[i] & shapes[j]}


@given(SHAPES, st.lists(st.sampled_from(["a", "b"]), min_size=6, max_size=6))
def test_net_geometries_are_disjoint_within_a_class_and_keep_the_ground(shapes, names):
    classes = np.array(names[: len(shapes)], dtype=object)
    geometries = drawn(shapes)
    net = subtract_overlaps(geometries, find_overlaps(geometries), classes)
    for name in set(classes):
        mine = [cells for cells, own in zip(shapes, classes, strict=True) if own == name]
        area = shapely.area(net[classes == name]).sum()
        assert area == pytest.approx(len(union(mine)), abs=1e-9)
        assert shapely.union_all(net[classes == name]).area == pytest.approx(area, abs=1e-9)


@given(SHAPES, LABELS)
def test_cutting_out_keeps_what_lies_inside(shapes, labels):
    zones = partition(labels)
    if not zones:
        return
    parts, rows = cut_out(drawn(shapes), Zones(drawn(zones)))
    areas = np.bincount(rows, weights=shapely.area(parts), minlength=len(shapes))
    inside = union(zones)
    assert areas == pytest.approx([len(cells & inside) for cells in shapes], abs=1e-9)


@given(LABELS, CELL)
def test_a_point_on_a_border_belongs_to_one_zone_only(labels, corner):
    zones = partition(labels)
    if not zones:
        return
    points = shapely.points([(corner[0], corner[1]), (corner[0] + 0.5, corner[1] + 0.5)])
    border, middle = find_containing(np.array(points), drawn(zones))
    owners = [z for z, cells in enumerate(zones) if corner in cells]
    assert middle == (owners[0] if owners else OUTSIDE)
    x, y = corner
    around = {(x, y), (x - 1, y), (x, y - 1), (x - 1, y - 1)}
    touching = [z for z, cells in enumerate(zones) if around & cells]
    assert border == (touching[0] if touching else OUTSIDE)


def test_no_features_or_no_zones_give_no_shares():
    nothing, some = np.array([], dtype=object), drawn([rectangle(0, 0, 2, 2)])
    assert len(share_out(nothing, Zones(some), outside=True).area_m2) == 0
    assert len(share_out(some, Zones(nothing), outside=False).area_m2) == 0
    assert as_dict(share_out(some, Zones(nothing), outside=True)) == {(0, OUTSIDE): 4.0}
    assert len(share_out(np.array([shapely.Polygon()]), Zones(some), outside=True).area_m2) == 0


@pytest.mark.parametrize("seed", range(5))
def test_fragments_are_small_and_tile_their_polygon(seed):
    rng = random.Random(seed)
    cells = frozenset((rng.randrange(60), rng.randrange(60)) for _ in range(2500))
    geometry = cells_to_plane(cells)
    parts, rows = cut_into_fragments(np.array([geometry]), np.array([7]))
    assert shapely.get_num_coordinates(parts).max() <= MOST_VERTICES
    assert set(rows.tolist()) == {7}
    assert shapely.area(parts).sum() == pytest.approx(len(cells), abs=1e-9)
    assert shapely.union_all(parts).area == pytest.approx(len(cells), abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_slanted_polygons_close_as_well(seed):
    """Coordinates that are no integers: stars over a mosaic of triangles."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 1000, (60, 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.MultiPoint(points), extend_to=shapely.box(0, 0, 1000, 1000)
        )
    )
    mosaic = shapely.intersection(cells, shapely.box(0, 0, 1000, 1000))
    angles = np.sort(rng.uniform(0, 2 * np.pi, (40, 9)), axis=1)
    centres, radii = rng.uniform(-100, 1100, (40, 1, 2)), rng.uniform(20, 200, (40, 9, 1))
    rings = centres + radii * np.stack([np.cos(angles), np.sin(angles)], axis=2)
    stars = shapely.make_valid(shapely.polygons(rings))
    shares = share_out(stars, Zones(mosaic), outside=True)
    totals = np.bincount(shares.feature_row, weights=shares.area_m2, minlength=len(stars))
    assert totals == pytest.approx(shapely.area(stars), abs=1e-6)
    outside = shapely.area(shapely.difference(stars, shapely.box(0, 0, 1000, 1000)))
    hit = shares.zone_row == OUTSIDE
    rest = np.bincount(shares.feature_row[hit], weights=shares.area_m2[hit], minlength=len(stars))
    assert rest == pytest.approx(outside, abs=1e-6)
