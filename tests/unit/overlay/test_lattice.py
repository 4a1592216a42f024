"""The grid over zones: what it calls settled is met by no border."""

import numpy as np
import pytest
import shapely

from geoapp.geometry.flat import flatten
from geoapp.overlay.lattice import OPEN, OUTSIDE, Lattice, build_lattice, find_cell_zone

CENTRES = [(0.0, 0.0), (412_345.678, 3_212_345.678)]


def lattice_of(polygons, zones=None, borders=None) -> Lattice:
    polygons = np.array([*polygons, None], dtype=object)[:-1]
    names = np.arange(len(polygons)) if zones is None else np.asarray(zones, dtype=np.int64)
    borders = polygons if borders is None else np.array([*borders, None], dtype=object)[:-1]
    return build_lattice(flatten(borders), shapely.STRtree(polygons), names)


def random_polygons(count, seed, centre, reach=1000.0) -> np.ndarray:
    """Stars, slivers and triangles; some lie on others."""
    rng = np.random.default_rng(seed)
    made = []
    while len(made) < count:
        corners = int(rng.integers(3, 12))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        far = rng.uniform(0.2, 1.0, corners) * rng.choice([0.5, 20.0, 300.0])
        thin = rng.choice([1e-3, 1.0])
        ring = np.column_stack([far * np.cos(angles), thin * far * np.sin(angles)])
        polygon = shapely.Polygon(ring + rng.uniform(-reach, reach, 2) + centre)
        if polygon.is_valid:
            made.append(polygon)
    return np.array(made)


def tiles(count, seed, centre) -> np.ndarray:
    rng = np.random.default_rng(seed)
    points = shapely.MultiPoint(rng.uniform(-1000, 1000, (count, 2)) + centre)
    square = shapely.box(*(np.array(centre) - 1000), *(np.array(centre) + 1000))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    return shapely.intersection(cells, square)


def cell_boxes(lattice: Lattice) -> np.ndarray:
    rows, columns = lattice.cells.shape
    row, column = np.divmod(np.arange(rows * columns), columns)
    west, south = lattice.west + column * lattice.size, lattice.south + row * lattice.size
    return shapely.box(west, south, west + lattice.size, south + lattice.size)


def met_by_borders(boxes, polygons) -> np.ndarray:
    tree = shapely.STRtree(shapely.get_parts(shapely.boundary(polygons)))
    met = np.zeros(len(boxes), dtype=bool)
    met[tree.query(boxes, predicate="intersects")[0]] = True
    return met


def find(lattice: Lattice, box) -> int:
    return int(find_cell_zone(*lattice, np.asarray(box, dtype=float)))


def true_zone(box, polygons) -> int:
    """Give the zone that a box lies in by GEOS, ``OPEN`` for a border or several."""
    shape = shapely.box(*box)
    over = np.flatnonzero(shapely.intersects(polygons, shape))
    if len(over) == 0:
        return OUTSIDE
    if len(over) > 1 or not shapely.contains_properly(polygons[over[0]], shape):
        return OPEN
    return int(over[0])


def assert_settled_cells_are_settled(lattice, polygons) -> None:
    boxes, cells = cell_boxes(lattice), lattice.cells.ravel()
    settled = cells != OPEN
    assert not (settled & met_by_borders(boxes, polygons)).any()
    middles = shapely.centroid(boxes)
    point, polygon = shapely.STRtree(polygons).query(middles, predicate="within")
    count = np.bincount(point, minlength=len(boxes))
    assert (cells[count == 0][settled[count == 0]] == OUTSIDE).all()
    assert (cells[count > 1] == OPEN).all()
    alone = (count[point] == 1) & settled[point]
    assert cells[point[alone]].tolist() == polygon[alone].tolist()
    assert (settled & (count == 1)).sum() == alone.sum()


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("seed", range(6))
def test_a_settled_cell_is_met_by_no_border(seed, centre):
    polygons = random_polygons(25, seed, centre)
    assert_settled_cells_are_settled(lattice_of(polygons), polygons)


@pytest.mark.parametrize("centre", CENTRES)
def test_a_settled_cell_of_a_mosaic_is_met_by_no_border(centre):
    polygons = tiles(30, 1, centre)
    lattice = lattice_of(polygons)
    assert_settled_cells_are_settled(lattice, polygons)
    assert set(lattice.cells.ravel().tolist()) == {OPEN, OUTSIDE, *range(30)}


@pytest.mark.parametrize("size", [1.0, 2.0, 50.0, 64.0])
def test_borders_along_the_borders_of_cells_open_both_sides(size):
    polygons = shapely.box(*(size * np.array([(0, 0, 3, 3), (3, 0, 5, 3), (0, 3, 5, 4)])).T)
    assert_settled_cells_are_settled(lattice_of(polygons), polygons)


@pytest.mark.parametrize(
    "polygon",
    [
        shapely.box(0, 0, 1e4, 1e-3),
        shapely.box(0, 0, 1e-3, 1e4),
        shapely.Polygon([(0, 0), (1e4, 1e4), (1e4, 1e4 + 1e-3)]),
        shapely.box(0, 0, 1e-5, 1e-5),
        shapely.box(0, 0, 3e5, 3e5),
    ],
    ids=["lying", "standing", "slanted", "tiny", "large"],
)
def test_zones_of_unusual_form_have_a_lattice_too(polygon):
    polygons = np.array([polygon])
    lattice = lattice_of(polygons)
    assert lattice.cells.size <= 1 << 22
    assert_settled_cells_are_settled(lattice, polygons)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("seed", range(3))
def test_a_box_is_settled_only_where_geos_agrees(seed, centre):
    polygons = random_polygons(12, seed, centre)
    lattice = lattice_of(polygons)
    rng = np.random.default_rng(seed)
    settled = 0
    for _ in range(1500):
        corner = rng.uniform(-1400, 1400, 2) + centre
        box = [*corner, *(corner + rng.uniform(0, rng.choice([1.0, 30.0, 400.0]), 2))]
        zone = find(lattice, box)
        settled += zone != OPEN
        assert zone in {OPEN, true_zone(box, polygons)}
    assert settled > 100


def test_boxes_on_the_borders_of_cells_are_settled_only_where_geos_agrees():
    polygons = tiles(20, 4, (0.0, 0.0))
    lattice = lattice_of(polygons)
    rng = np.random.default_rng(4)
    rows, columns = lattice.cells.shape
    for _ in range(1500):
        column, row = rng.integers(0, columns), rng.integers(0, rows)
        wide, high = rng.integers(0, 6, 2)
        corner = np.array(
            [lattice.west + column * lattice.size, lattice.south + row * lattice.size]
        )
        box = [*corner, *(corner + lattice.size * np.array([wide, high]))]
        assert find(lattice, box) in {OPEN, true_zone(box, polygons)}


def test_the_inside_of_a_zone_and_all_beyond_are_settled():
    lattice = lattice_of([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
    assert find(lattice, (20, 20, 80, 80)) == 0
    assert find(lattice, (120, 20, 180, 80)) == 1
    assert find(lattice, (90, 20, 110, 80)) == OPEN
    assert find(lattice, (-1e6, -1e6, 1e6, 1e6)) == OPEN
    for dx, dy in [(-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (-1, -1)]:
        x, y = 1e6 * dx, 1e6 * dy
        assert find(lattice, (x, y, x + 5, y + 5)) == OUTSIDE
    assert find(lattice, (-1e6, 50, 1e6, 51)) == OPEN
    assert find(lattice, (-1e6, 300, 1e6, 301)) == OUTSIDE


def test_a_hole_belongs_to_nobody_or_to_who_fills_it():
    filling = shapely.box(40, 40, 60, 60)
    ring = shapely.difference(shapely.box(0, 0, 100, 100), filling)
    assert find(lattice_of([ring]), (45, 45, 55, 55)) == OUTSIDE
    assert find(lattice_of([ring, filling]), (45, 45, 55, 55)) == 1
    assert find(lattice_of([ring, filling]), (5, 5, 30, 90)) == 0


def test_ground_of_several_zones_is_open():
    lattice = lattice_of([shapely.box(0, 0, 100, 100), shapely.box(50, 0, 150, 100)])
    assert find(lattice, (60, 20, 90, 80)) == OPEN
    assert find(lattice, (10, 20, 40, 80)) == 0
    assert find(lattice, (110, 20, 140, 80)) == 1


def test_polygons_cut_within_a_zone_do_not_show():
    whole = shapely.box(0, 0, 100, 100)
    halves = [shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100)]
    lattice = lattice_of(halves, zones=[4, 4], borders=[whole])
    assert find(lattice, (10, 10, 90, 90)) == 4


def test_no_zones_leave_everything_outside():
    lattice = lattice_of([])
    assert find(lattice, (-1e7, -1e7, 1e7, 1e7)) == OUTSIDE
    assert find(lattice, (0, 0, 0, 0)) == OUTSIDE


def test_open_cells_are_counted_to_the_south_west():
    lattice = lattice_of(tiles(9, 2, (0.0, 0.0)))
    rows, columns = lattice.cells.shape
    assert lattice.opens.shape == (rows + 1, columns + 1)
    assert lattice.opens[rows, columns] == (lattice.cells == OPEN).sum()
    assert lattice.opens[7, 11] == (lattice.cells[:7, :11] == OPEN).sum()
