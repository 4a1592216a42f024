"""Official areas against the survey formula, the literal procedure and pyproj alone."""

import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from geoapp.errors import CrsError, GeometryError
from geoapp.geometry.measure import (
    from_measure_plane,
    measure_plane,
    official_areas,
    planar_areas,
    to_measure_plane,
)
from geoapp.values import round_half_up
from tests.oracles import ellipsoid, grid

GAUSS = "EPSG:4546"
DATA = Path(__file__).parents[2] / "data"

FORMULA_VECTORS = {
    "rectangle": (
        [(110.48, 29.12), (110.49, 29.12), (110.49, 29.13), (110.48, 29.13)],
        1078689.7924,
    ),
    "small": ([(110.5, 29.5), (110.501, 29.5), (110.501, 29.501), (110.5, 29.501)], 10748.0847),
    "degree": ([(110, 29), (111, 29), (111, 30), (110, 30)], 10748000427.172),
    "triangle": ([(110.48, 29.12), (110.481, 29.1202), (110.4803, 29.121)], 5070.058096),
    "sheet": (
        [(110.4375, 29.125), (110.5, 29.125), (110.5, 29 + 1 / 6), (110.4375, 29 + 1 / 6)],
        28085303.0956,
    ),
}
PLACES = {"rectangle": 4, "small": 4, "degree": 3, "triangle": 6, "sheet": 4}


def to_gauss(points, epsg=4546):
    transformer = pyproj.Transformer.from_crs(4490, epsg, always_xy=True)
    return [transformer.transform(x, y) for x, y in points]


def to_degrees(points, epsg=4546):
    transformer = pyproj.Transformer.from_crs(epsg, 4490, always_xy=True)
    return [transformer.transform(x, y) for x, y in points]


def closed(points):
    return [*points, points[0]]


def read_rings(name: str) -> list[list[list[tuple[Fraction, Fraction]]]]:
    """Read the parcels of an example TXT with nothing but string handling: (east, north)."""
    parcels: list[dict[str, list[tuple[Fraction, Fraction]]]] = []
    for line in (DATA / name).read_bytes().decode("gb18030").splitlines():
        cells = line.split(",")
        if line.endswith("@"):
            parcels.append({})
        elif line.startswith("J"):
            point = (Fraction(cells[3]) - 37_000_000, Fraction(cells[2]))
            parcels[-1].setdefault(cells[1], []).append(point)
    return [list(rings.values()) for rings in parcels]


def random_parcel(rng: random.Random, size_ha: float) -> list[list[tuple[float, float]]]:
    """Make a star-shaped Gauss ring of about ``size_ha``, with a hole in every third."""
    import math

    radius = math.sqrt(size_ha * 10_000 / math.pi)
    east, north = rng.uniform(380_000, 530_000), rng.uniform(3_200_000, 3_300_000)
    count = rng.randint(5, 12)

    def ring(scale: float) -> list[tuple[float, float]]:
        angles = [2 * math.pi * (k + rng.uniform(0, 0.7)) / count for k in range(count)]
        return closed(
            [
                (
                    round(east + radius * scale * rng.uniform(0.8, 1.2) * math.cos(a), 4),
                    round(north + radius * scale * rng.uniform(0.8, 1.2) * math.sin(a), 4),
                )
                for a in angles
            ]
        )

    return [ring(1.0), ring(0.2)] if rng.random() < 1 / 3 else [ring(1.0)]


def polygon_of(rings) -> shapely.Polygon:
    shell, *holes = [to_degrees([(float(x), float(y)) for x, y in ring]) for ring in rings]
    return shapely.Polygon(shell, holes)


@pytest.mark.parametrize("name", FORMULA_VECTORS)
def test_the_oracle_gives_the_published_vectors(name):
    points, expected = FORMULA_VECTORS[name]
    assert round(ellipsoid.formula_area([points]), PLACES[name]) == expected


def test_the_oracle_computes_the_constants_of_the_standard():
    printed = (
        1.0033640898341927,
        1.1241893819271241e-3,
        1.6994594735189049e-6,
        2.7178578455775555e-9,
        4.3584190048345138e-12,
    )
    for computed, expected in zip(ellipsoid.series_constants(), printed, strict=True):
        assert float(computed) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", FORMULA_VECTORS)
def test_the_measure_plane_gives_the_formula_on_raw_vertices(name):
    points, expected = FORMULA_VECTORS[name]
    move = pyproj.Transformer.from_crs(4490, measure_plane(GAUSS), always_xy=True).transform
    plane = shapely.Polygon([move(x, y) for x, y in points])
    assert plane.area == pytest.approx(expected, abs=0.6 * 10.0 ** -PLACES[name])


@pytest.mark.parametrize(
    ("longitude", "expected"),
    [(109.70, 1999.2150), (110.48, 1999.8745), (111.00, 2000.0), (111.33, 1999.9493)],
)
def test_a_square_of_2000_m2_in_the_plane_has_the_stated_official_area(longitude, expected):
    [(east, north)] = to_gauss([(longitude, 29.4)])
    corners = [(0, 0), (50, 0), (50, 40), (0, 40)]
    square = shapely.Polygon(to_degrees([(east + x, north + y) for x, y in corners]))
    assert official_areas(np.array([square]), GAUSS)[0] == pytest.approx(expected, abs=1e-4)
    assert planar_areas(np.array([square]), GAUSS)[0] == pytest.approx(2000.0, abs=1e-4)


@pytest.mark.parametrize(
    ("file", "expected"),
    [("example_hole.txt", ["7059.68"]), ("example_two.txt", ["2033.36", "2573.16"])],
)
def test_the_example_files_measure_as_published(file, expected):
    parcels = read_rings(file)
    areas = official_areas(np.array([polygon_of(rings) for rings in parcels]), GAUSS)
    assert [str(round_half_up(float(area), 2)) for area in areas] == expected
    for rings, text in zip(parcels, expected, strict=True):
        plain = [[(float(x), float(y)) for x, y in ring] for ring in rings]
        plain = [[(x - 0, y) for x, y in ring] for ring in plain]
        assert abs(ellipsoid.literal_area(plain, 111.0) - Decimal(text)) <= Decimal("0.01")


def test_the_planar_area_of_the_example_with_a_hole_is_exactly_7060_125():
    """By exact arithmetic on the file's digits; the 7060.51 printed in the design is wrong."""
    [[outer, hole]] = read_rings("example_hole.txt")
    exact = abs(grid.shoelace(outer)) - abs(grid.shoelace(hole))
    assert exact == Fraction("7060.125")
    area = planar_areas(np.array([polygon_of([outer, hole])]), GAUSS)[0]
    assert area == pytest.approx(7060.125, abs=1e-4)


@pytest.mark.parametrize(
    ("size_ha", "count", "tolerance_m2"),
    [(0.1, 25, 0.01), (0.3, 25, 0.01), (1.0, 25, 0.01), (10.0, 15, 0.04), (1000.0, 2, 0.04)],
)
def test_official_areas_follow_the_literal_procedure(size_ha, count, tolerance_m2):
    rng = random.Random(7)
    parcels = [random_parcel(rng, size_ha) for _ in range(count)]
    areas = official_areas(np.array([polygon_of(rings) for rings in parcels]), GAUSS)
    for rings, area in zip(parcels, areas, strict=True):
        literal = float(ellipsoid.literal_area(rings, 111.0))
        assert area == pytest.approx(literal, abs=tolerance_m2 + 0.005)


@pytest.mark.parametrize("size_ha", [0.1, 10.0, 1000.0])
def test_official_areas_follow_pyproj_alone(size_ha):
    rng = random.Random(11)
    for _ in range(10):
        rings = random_parcel(rng, size_ha)
        area = official_areas(np.array([polygon_of(rings)]), GAUSS)[0]
        expected = ellipsoid.pyproj_area([to_degrees(ring) for ring in rings], 4546, 111)
        assert area == pytest.approx(expected, abs=1e-4, rel=1e-9)


@pytest.mark.parametrize("zone", [25, 36, 38, 45])
def test_areas_do_not_depend_on_the_zone_of_the_city(zone):
    epsg, middle = 4509 + zone, 3 * zone
    ring = [(middle + 0.4, 35.0), (middle + 0.402, 35.0005), (middle + 0.401, 35.002)]
    area = official_areas(np.array([shapely.Polygon(ring)]), f"EPSG:{epsg}")[0]
    assert area == pytest.approx(ellipsoid.pyproj_area([closed(ring)], epsg, middle), abs=1e-5)


def test_a_long_edge_is_cut_in_the_gauss_plane_before_measuring():
    """Without cutting, one edge of 5 km alone is some 950 m² off."""
    gauss = [(400_000.0, 3_220_000.0), (403_600.0, 3_223_400.0), (400_000.0, 3_223_400.0)]
    area = official_areas(np.array([polygon_of([closed(gauss)])]), GAUSS)[0]
    assert area == pytest.approx(float(ellipsoid.literal_area([closed(gauss)], 111.0)), abs=0.05)
    uncut = ellipsoid.formula_area([to_degrees(gauss)])
    assert abs(uncut - area) > 100


def test_holes_are_subtracted_and_parts_are_added():
    outer, hole, part = (
        shapely.box(110.5, 29.4, 110.51, 29.41),
        shapely.box(110.503, 29.403, 110.505, 29.405),
        shapely.box(110.6, 29.4, 110.601, 29.401),
    )
    with_hole = shapely.Polygon(outer.exterior, [hole.exterior])
    both = shapely.MultiPolygon([with_hole, part])
    whole, missing, more, total = official_areas(np.array([outer, hole, part, both]), GAUSS)
    assert total == pytest.approx(whole - missing + more, abs=1e-6)


def test_ring_order_start_and_height_do_not_matter():
    points = [(110.5, 29.4), (110.503, 29.4002), (110.502, 29.403), (110.4995, 29.402)]
    shapes = [
        shapely.Polygon(points),
        shapely.Polygon(points[::-1]),
        shapely.Polygon(points[2:] + points[:2]),
        shapely.Polygon([(x, y, 300.0) for x, y in points]),
        shapely.Polygon([(x, y, float("nan")) for x, y in points]),
    ]
    areas = official_areas(np.array(shapes), GAUSS)
    assert areas == pytest.approx([areas[0]] * len(shapes), abs=1e-6)


def test_what_has_no_surface_measures_zero():
    shapes = [
        shapely.Polygon(),
        shapely.Point(110.5, 29.4),
        shapely.LineString([(110, 29), (111, 29)]),
    ]
    assert official_areas(np.array(shapes), GAUSS).tolist() == [0.0, 0.0, 0.0]
    assert len(official_areas(np.array([], dtype=object), GAUSS)) == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_coordinate_that_is_not_finite_is_named_with_its_row(bad):
    good = shapely.box(110.5, 29.4, 110.51, 29.41)
    with np.errstate(invalid="ignore"):
        wrong = shapely.Polygon([(110.5, 29.4), (bad, 29.4), (110.51, 29.41)])
    with pytest.raises(GeometryError) as caught:
        official_areas(np.array([good, good, wrong]), GAUSS)
    assert caught.value.facts["row"] == 3


def test_neighbours_that_share_an_edge_still_share_it_in_the_measure_plane():
    """A border of 40 km, cut into some 560 pieces from both sides, opens no gap."""
    one = shapely.Polygon([(110.1, 29.1), (110.5, 29.13), (110.5, 29.5), (110.1, 29.5)])
    other = shapely.Polygon([(110.5, 29.13), (110.1, 29.1), (110.1, 28.9), (110.5, 28.9)])
    first, second = to_measure_plane(np.array([one, other]), GAUSS)
    assert shapely.intersection(first, second).area < 1e-6
    both = shapely.union_all([first, second], grid_size=1e-4)
    assert shapely.get_num_interior_rings(both) == 0
    assert both.area == pytest.approx(first.area + second.area, abs=1.0)


def test_the_parts_of_a_polygon_cut_in_the_gauss_plane_add_up():
    rng = random.Random(3)
    rings = random_parcel(rng, 40.0)[:1]
    gauss = shapely.Polygon(rings[0])
    west, south, east, north = gauss.bounds
    middle = (west + east) / 2
    parts = [
        shapely.intersection(gauss, shapely.box(west, south, middle, north)),
        shapely.intersection(gauss, shapely.box(middle, south, east, north)),
    ]
    move = pyproj.Transformer.from_crs(4546, 4490, always_xy=True).transform
    shapes = [
        shapely.transform(s, lambda xy: np.column_stack(move(*xy.T))) for s in [gauss, *parts]
    ]
    whole, left, right = official_areas(np.array(shapes), GAUSS)
    # The procedure itself is additive only to this: a cut moves its 70 m points.
    assert left + right == pytest.approx(whole, rel=1e-7)


def test_the_parts_of_a_polygon_cut_in_the_measure_plane_add_up_exactly():
    rng = random.Random(4)
    [plane] = to_measure_plane(np.array([polygon_of(random_parcel(rng, 400.0))]), GAUSS)
    west, south, east, north = plane.bounds
    middle = (south + north) / 2
    low = shapely.intersection(plane, shapely.box(west, south, east, middle))
    high = shapely.intersection(plane, shapely.box(west, middle, east, north))
    assert low.area + high.area == pytest.approx(plane.area, abs=1e-6)


@pytest.mark.parametrize("crs", ["EPSG:4525", "EPSG:4490", "EPSG:4508", "GCJ-02", "EPSG:4555"])
def test_only_an_unprefixed_three_degree_plane_can_be_measured_in(crs):
    with pytest.raises(CrsError):
        measure_plane(crs)


@pytest.mark.parametrize("latitude", [4.0, 18.0, 29.4, 40.0, 53.0])
def test_the_way_back_from_the_measure_plane_ends_where_the_way_there_began(latitude):
    """A micrometre is 1e-11 of a degree."""
    there = shapely.Polygon([(110.7, latitude), (110.7004, latitude), (110.7, latitude + 0.0004)])
    [back] = from_measure_plane(to_measure_plane(np.array([there]), GAUSS), GAUSS)
    gaps = shapely.get_coordinates(back) - shapely.get_coordinates(there)
    assert np.abs(gaps).max() < 1e-11
