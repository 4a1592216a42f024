"""Laws of sharing out by kernel, against counting squares."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.geometry.flat import flatten
from geoapp.overlay.lattice import OPEN, OUTSIDE
from geoapp.overlay.share import EMPTY, Batch, BatchShares, share_batch, share_open
from geoapp.overlay.zones import Zones, build_zones
from tests.building import cells_to_plane
from tests.oracles.grid import Cells, rectangle, union

SIZE = 8
CELL = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
SHAPE = st.frozensets(CELL, min_size=1, max_size=24)
SHAPES = st.lists(SHAPE, min_size=1, max_size=6)
LABELS = st.lists(st.integers(-1, 4), min_size=SIZE * SIZE, max_size=SIZE * SIZE)
NOWHERE = (np.inf, np.inf, -np.inf, -np.inf)


def drawn(shapes: list[Cells]) -> np.ndarray:
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = [cells_to_plane(cells) for cells in shapes]
    return geometries


def partition(labels: list[int]) -> list[Cells]:
    sets: dict[int, set[tuple[int, int]]] = {}
    for index, label in enumerate(labels):
        if label >= 0:
            sets.setdefault(label, set()).add(divmod(index, SIZE))
    return [frozenset(cells) for _, cells in sorted(sets.items())]


def zones_of(geometries, **options) -> Zones:
    geometries = np.array([*geometries, None], dtype=object)[:-1]
    return build_zones(geometries, np.arange(len(geometries)), **options)


def batch_of(geometries) -> Batch:
    geometries = np.array([*geometries, None], dtype=object)[:-1]
    flat = flatten(geometries)
    bounds = shapely.bounds(geometries).reshape(-1, 4)
    bounds = np.ascontiguousarray(np.where(np.isnan(bounds), NOWHERE, bounds))
    area = np.ascontiguousarray(np.nan_to_num(shapely.area(geometries)))
    return Batch(bounds, area, flat.xy, flat.rings, flat.first_rings)


def shared(batch: Batch, shares: BatchShares) -> dict[tuple[int, int], float]:
    """Give the area of each feature in each zone, wherever it was found."""
    found = {
        (k, int(home)): float(batch.area[k])
        for k, home in enumerate(shares.home)
        if home not in {OPEN, EMPTY}
    }
    entries = zip(shares.feature.tolist(), shares.zone.tolist(), shares.area.tolist(), strict=True)
    for feature, zone, area in entries:
        assert (feature, zone) not in found
        found[feature, zone] = area
    return found


def share_out(features, zones: Zones) -> dict[tuple[int, int], float]:
    batch = batch_of(features)
    return shared(batch, share_batch(batch, zones))


def within_zones(shares: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    return {key: area for key, area in shares.items() if key[1] != OUTSIDE}


def counted(shapes: list[Cells], zones: list[Cells]) -> dict[tuple[int, int], int]:
    pairs = {(f, z): len(s & t) for f, s in enumerate(shapes) for z, t in enumerate(zones)}
    everywhere = union(zones)
    pairs |= {(f, OUTSIDE): len(s - everywhere) for f, s in enumerate(shapes)}
    return {pair: count for pair, count in pairs.items() if count}


def moved(geometries, dx, dy):
    return shapely.transform(geometries, lambda xy: np.add(xy, (dx, dy)))


def assert_tidy(shares: BatchShares) -> None:
    """Entries rise by feature, each is of an open one, and no zone comes twice."""
    assert (np.diff(shares.feature) >= 0).all()
    assert (shares.home[shares.feature] == OPEN).all()
    assert (shares.area > 0).all()
    pairs = list(zip(shares.feature.tolist(), shares.zone.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


# --- counting squares -----------------------------------------------------------------------


@given(SHAPES, LABELS)
@example([rectangle(0, 0, 8, 8)], [-1] * 63 + [0])
@example([rectangle(0, 0, 1, 1)], [0] + [-1] * 63)
def test_shares_with_disjoint_zones_are_the_counted_squares(shapes, labels):
    zones = partition(labels)
    batch = batch_of(drawn(shapes))
    shares = share_batch(batch, zones_of(drawn(zones), around=True))
    assert_tidy(shares)
    assert shared(batch, shares) == pytest.approx(counted(shapes, zones), abs=1e-9)


@given(SHAPES, LABELS)
def test_without_the_ground_around_only_zones_are_measured(shapes, labels):
    zones = partition(labels)
    shares = share_out(drawn(shapes), zones_of(drawn(zones)))
    expected = within_zones(counted(shapes, zones))
    assert within_zones(shares) == pytest.approx(expected, abs=1e-9)


@given(SHAPES, SHAPES)
@example([rectangle(0, 0, 2, 2)], [rectangle(0, 0, 2, 2), rectangle(0, 0, 2, 2)])
@example([rectangle(3, 3, 4, 4)], [rectangle(0, 0, 8, 8), rectangle(1, 1, 7, 7)])
def test_zones_that_overlap_count_each(shapes, zones):
    shares = share_out(drawn(shapes), zones_of(drawn(zones), around=True))
    assert shares == pytest.approx(counted(shapes, zones), abs=1e-9)


@given(SHAPES, LABELS)
def test_several_polygons_of_one_zone_count_together(shapes, labels):
    """Every labelled square is a polygon of its own."""
    squares = [(divmod(index, SIZE), label) for index, label in enumerate(labels) if label >= 0]
    geometries = drawn([frozenset({square}) for square, _ in squares])
    names = np.array([label for _, label in squares], dtype=np.intp)
    zones = [frozenset(s for s, label in squares if label == name) for name in range(5)]
    shares = share_out(drawn(shapes), build_zones(geometries, names, around=True))
    assert shares == pytest.approx(counted(shapes, zones), abs=1e-9)


@given(SHAPES, LABELS)
def test_parts_and_rest_make_the_whole(shapes, labels):
    shares = share_out(drawn(shapes), zones_of(drawn(partition(labels)), around=True))
    for feature, cells in enumerate(shapes):
        total = sum(area for (f, _), area in shares.items() if f == feature)
        assert total == pytest.approx(len(cells), abs=1e-9)


@given(SHAPES, LABELS, st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7))
def test_moving_everything_changes_nothing(shapes, labels, dx, dy):
    zones = partition(labels)
    there = zones_of(moved(drawn(zones), dx, dy), around=True)
    shares = share_out(moved(drawn(shapes), dx, dy), there)
    assert shares == pytest.approx(counted(shapes, zones), abs=1e-6)


@given(SHAPES, LABELS, st.sampled_from([1e-3, 0.3, 50.0, 7e4]))
def test_the_size_of_a_square_does_not_matter(shapes, labels, side):
    zones = partition(labels)
    scaled = [shapely.transform(drawn(s), lambda xy: xy * side) for s in (shapes, zones)]
    shares = share_out(scaled[0], zones_of(scaled[1], around=True))
    in_squares = {pair: area / side**2 for pair, area in shares.items()}
    assert in_squares == pytest.approx(counted(shapes, zones), abs=1e-6)


@given(SHAPES, LABELS)
def test_the_lattice_saves_work_and_changes_nothing(shapes, labels):
    zones = zones_of(drawn(partition(labels)), around=True)
    batch = batch_of(drawn(shapes))
    everything_open = np.full(len(shapes), OPEN, dtype=np.int32)
    measured = share_open(batch, zones, everything_open)
    expected = shared(batch, share_batch(batch, zones))
    assert shared(batch, measured) == pytest.approx(expected, abs=1e-9)


# --- where zones lie ------------------------------------------------------------------------


def test_a_hole_filled_by_another_zone_is_shared_out_once():
    ring, filling = rectangle(0, 0, 7, 7) - rectangle(2, 2, 5, 5), rectangle(2, 2, 5, 5)
    shapes = [rectangle(1, 1, 6, 6), rectangle(3, 3, 4, 4), rectangle(2, 2, 5, 5)]
    zones = [ring, filling]
    shares = share_out(drawn(shapes), zones_of(drawn(zones), around=True))
    assert shares == pytest.approx(counted(shapes, zones), abs=1e-12)


def test_a_hole_that_nobody_fills_lies_outside():
    zones = [rectangle(0, 0, 7, 7) - rectangle(2, 2, 5, 5)]
    shapes = [rectangle(1, 1, 6, 6), rectangle(3, 3, 4, 4), rectangle(2, 2, 5, 5)]
    shares = share_out(drawn(shapes), zones_of(drawn(zones), around=True))
    assert shares == pytest.approx(counted(shapes, zones), abs=1e-12)


@pytest.mark.parametrize("around", [False, True])
@pytest.mark.parametrize("turn", range(8))
def test_what_lies_far_beyond_all_zones_is_at_home_outside(around, turn):
    zones = zones_of(drawn([rectangle(0, 0, 3, 3), rectangle(3, 0, 6, 3)]), around=around)
    far = 1e7 * np.array([np.cos(turn * np.pi / 4), np.sin(turn * np.pi / 4)])
    shares = share_batch(batch_of(moved(drawn([rectangle(0, 0, 2, 2)]), *far)), zones)
    assert shares.home.tolist() == [OUTSIDE]
    assert len(shares.feature) == 0


def test_a_feature_around_all_zones_has_a_share_of_each_and_the_rest():
    zones = [rectangle(0, 0, 3, 3), rectangle(3, 0, 6, 3)]
    huge = shapely.box(-1e5, -1e5, 1e5, 1e5)
    shares = share_out([huge], zones_of(drawn(zones), around=True))
    assert shares == pytest.approx({(0, 0): 9, (0, 1): 9, (0, OUTSIDE): 4e10 - 18}, abs=1e-4)
    assert shares[0, 0] == pytest.approx(9, abs=1e-9)


def test_features_without_geometry_are_empty():
    zones = zones_of(drawn([rectangle(0, 0, 3, 3)]), around=True)
    features = [None, shapely.box(1, 1, 2, 2), shapely.Polygon(), shapely.MultiPolygon()]
    shares = share_batch(batch_of(features), zones)
    assert shares.home.tolist() == [EMPTY, 0, EMPTY, EMPTY]
    assert len(shares.feature) == 0


@pytest.mark.parametrize("around", [False, True])
def test_no_features_have_no_shares(around):
    shares = share_batch(batch_of([]), zones_of(drawn([rectangle(0, 0, 3, 3)]), around=around))
    assert [len(part) for part in shares] == [0, 0, 0, 0]


@pytest.mark.parametrize("around", [False, True])
def test_without_zones_everything_lies_outside(around):
    shares = share_batch(batch_of([shapely.box(1, 1, 2, 2), None]), zones_of([], around=around))
    assert shares.home.tolist() == [OUTSIDE, EMPTY]


@pytest.mark.parametrize("offset", [(0, 0), (123_456.5, 3_234_567.25)])
def test_features_on_the_borders_of_lattice_cells_are_measured_exactly(offset):
    zones = moved(drawn([rectangle(0, 0, 4, 8), rectangle(4, 0, 8, 8)]), *offset)
    made = zones_of(zones, around=True)
    west, south, size = made.lattice.west, made.lattice.south, made.lattice.size
    rng = np.random.default_rng(0)
    rows, columns = made.lattice.cells.shape
    column, row = rng.integers(0, columns - 9, 400), rng.integers(0, rows - 9, 400)
    wide, high = rng.integers(1, 9, (2, 400))
    west, south = west + column * size, south + row * size
    features = shapely.box(west, south, west + wide * size, south + high * size)
    shares = share_out(features, made)
    for k, feature in enumerate(features):
        areas = [shapely.intersection(feature, zone).area for zone in zones]
        areas.append(feature.area - sum(areas))
        for zone, area in zip([0, 1, OUTSIDE], areas, strict=True):
            assert shares.get((k, zone), 0.0) == pytest.approx(area, abs=1e-9)


@pytest.mark.parametrize("around", [False, True])
def test_features_as_large_as_a_zone_are_its_own(around):
    zones = drawn([rectangle(0, 0, 4, 8), rectangle(4, 0, 8, 4), rectangle(4, 4, 8, 8)])
    shares = share_out(zones, zones_of(zones, around=around))
    assert shares == pytest.approx({(0, 0): 32, (1, 1): 16, (2, 2): 16}, abs=1e-12)


# --- many vertices --------------------------------------------------------------------------


def coast(count, centre) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    far = 4000 * (1 + 0.3 * np.sin(7 * angle) + 0.02 * np.sin(300 * angle))
    return shapely.Polygon(np.column_stack([far * np.cos(angle), far * np.sin(angle)]) + centre)


def scattered_stars(count, centre, reach, seed) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (count, 9)), axis=1)
    middles = rng.uniform(-reach, reach, (count, 1, 2)) + centre
    radii = rng.uniform(5, 600, (count, 1, 1)) * rng.uniform(0.5, 1, (count, 9, 1))
    rings = middles + radii * np.stack([np.cos(angles), np.sin(angles)], axis=2)
    return np.array([star for star in shapely.polygons(rings) if star.is_valid])


@pytest.mark.parametrize("centre", [(0.0, 0.0), (412_345.6, 3_212_345.7)])
def test_a_zone_with_thousands_of_vertices_shares_what_geos_intersects(centre):
    land = coast(6000, centre)
    lake = shapely.Polygon(
        land.exterior,
        [shapely.transform(land, lambda xy: (xy - centre) * 0.4 + centre).exterior.coords],
    )
    inner = shapely.Polygon(lake.interiors[0])
    made = zones_of([lake, inner], around=True)
    assert len(made.zone) > 50
    stars = scattered_stars(400, centre, 6000, 1)
    shares = share_out(stars, made)
    for zone, polygon in enumerate([lake, inner]):
        expected = shapely.area(shapely.intersection(stars, polygon))
        found = [shares.get((k, zone), 0.0) for k in range(len(stars))]
        assert found == pytest.approx(expected, abs=1e-5)
    totals = np.zeros(len(stars))
    for (k, _), area in shares.items():
        totals[k] += area
    assert totals == pytest.approx(shapely.area(stars), abs=1e-5)


@pytest.mark.parametrize("around", [False, True])
def test_a_huge_zone_of_squares_shares_the_counted_squares(around):
    rng = np.random.default_rng(5)
    mask = rng.random((60, 60)) < 0.6
    zones = [
        frozenset(zip(*map(np.ndarray.tolist, np.nonzero(m)), strict=True)) for m in (mask, ~mask)
    ]
    shapes = []
    for _ in range(60):
        west, south = rng.integers(0, 50, 2).tolist()
        width, height = rng.integers(1, 20, 2).tolist()
        shapes.append(rectangle(west, south, west + width, south + height))
    shares = share_out(drawn(shapes), zones_of(drawn(zones), around=around))
    expected = counted(shapes, zones)
    if not around:
        shares, expected = within_zones(shares), within_zones(expected)
    assert shares == pytest.approx(expected, abs=1e-9)


def test_a_feature_that_meets_hundreds_of_zones_has_a_share_of_each():
    squares = [frozenset({(x, y)}) for x in range(40) for y in range(40)]
    zones = zones_of(drawn(squares), around=True)
    shares = share_out([shapely.box(-0.5, -0.5, 39.5, 39.5), shapely.box(0, 0, 40, 40)], zones)
    assert shares[0, OUTSIDE] == pytest.approx(2 * 40 * 0.5 - 0.25, abs=1e-9)
    whole = {key: area for key, area in shares.items() if key[0] == 1}
    assert whole == pytest.approx({(1, z): 1.0 for z in range(1600)}, abs=1e-9)
    assert len(shares) == 1601 + 1600


# --- batches --------------------------------------------------------------------------------


def joined(features, zones, cuts) -> tuple[np.ndarray, ...]:
    parts = []
    for begin, end in zip([0, *cuts], [*cuts, len(features)], strict=True):
        home, feature, zone, area = share_batch(batch_of(features[begin:end]), zones)
        parts.append((home, feature + begin, zone, area))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


@pytest.mark.parametrize("size", [1, 7, 100, 333])
def test_batches_of_any_size_give_the_same_bits(size):
    centre = (412_345.6, 3_212_345.7)
    zones = zones_of([coast(3000, centre), *scattered_stars(40, centre, 5000, 3)], around=True)
    stars = [*scattered_stars(300, centre, 6000, 2), None, shapely.Polygon(), coast(2000, centre)]
    whole = joined(stars, zones, [])
    parts = joined(stars, zones, range(size, len(stars), size))
    for one, other in zip(whole, parts, strict=True):
        assert one.tobytes() == other.tobytes()


@given(SHAPES, LABELS, st.randoms(use_true_random=False))
def test_the_order_of_features_does_not_matter(shapes, labels, rng):
    zones = zones_of(drawn(partition(labels)), around=True)
    order = list(range(len(shapes)))
    rng.shuffle(order)
    here = share_out(drawn(shapes), zones)
    there = share_out(drawn([shapes[k] for k in order]), zones)
    assert {(order[k], zone): area for (k, zone), area in there.items()} == here
