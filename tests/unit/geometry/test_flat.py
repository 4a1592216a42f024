"""Polygons as arrays and back, and the cutting of long edges on the way to the measure plane."""

import math

import numpy as np
import pyproj
import pytest
import shapely

from geoapp.errors import GeometryError
from geoapp.geometry.crs import transform_points
from geoapp.geometry.flat import FlatPolygons, flatten, require_finite, unflatten
from geoapp.geometry.measure import (
    line_lengths,
    measure_flat,
    measure_plane,
    official_areas,
    to_measure_plane,
)
from tests.oracles import ellipsoid

GAUSS = "EPSG:4546"
SQUARE = shapely.box(0, 0, 4, 4)
FRAME = shapely.Polygon(
    SQUARE.exterior, [shapely.box(1, 1, 2, 2).exterior, [(3, 3), (3, 2), (2, 3)]]
)
PAIR = shapely.MultiPolygon([FRAME, shapely.box(6, 0, 7, 1)])
MIXES = {
    "polygons": [SQUARE, FRAME],
    "multipolygons": [PAIR, shapely.MultiPolygon([SQUARE])],
    "both": [SQUARE, PAIR, FRAME],
    "nothing between": [None, SQUARE, shapely.Polygon(), PAIR, shapely.MultiPolygon(), None],
    "nothing among polygons": [shapely.Polygon(), None, SQUARE, None],
    "only nothing": [None, shapely.Polygon(), shapely.MultiPolygon()],
    "only none": [None, None],
    "a part is empty": [shapely.MultiPolygon([SQUARE, shapely.Polygon()]), SQUARE],
    "empty of other kinds": [shapely.Point(), SQUARE, shapely.GeometryCollection()],
    "no rows": [],
}


def array_of(geometries) -> np.ndarray:
    return np.array([*geometries, None], dtype=object)[:-1]


def ring_of(flat: FlatPolygons, ring: int) -> np.ndarray:
    return flat.xy[flat.rings[ring] : flat.rings[ring + 1]]


def without_bare_parts(flat: FlatPolygons) -> FlatPolygons:
    """Shapely's way back ends the whole process at a part without rings: fail before it."""
    assert (np.diff(flat.parts) > 0).all()
    return flat


def signed_area(ring: np.ndarray) -> float:
    return ellipsoid.shoelace([tuple(point) for point in ring.tolist()])


# --- there and back -------------------------------------------------------------------------


@pytest.mark.parametrize("name", MIXES)
def test_polygons_come_back_as_they_were(name):
    geometries = array_of(MIXES[name])
    back = unflatten(without_bare_parts(flatten(geometries)))
    assert len(back) == len(geometries)
    for before, after in zip(geometries, back, strict=True):
        assert after.geom_type == "MultiPolygon"
        if before is None or before.is_empty:
            assert after.is_empty
        else:
            assert shapely.get_num_coordinates(after) == shapely.get_num_coordinates(before)
            assert after.normalize() == shapely.multipolygons(shapely.get_parts(before)).normalize()


@pytest.mark.parametrize("name", MIXES)
def test_the_arrays_are_what_kernels_want(name):
    geometries = array_of(MIXES[name])
    flat = flatten(geometries)
    assert [part.dtype for part in flat] == [np.float64, np.int64, np.int64, np.int64]
    assert all(part.flags.c_contiguous for part in flat)
    assert flat.xy.shape == (flat.rings[-1], 2)
    assert (flat.parts[-1], flat.features[-1]) == (len(flat.rings) - 1, len(flat.parts) - 1)
    assert len(flat.features) == len(flat.first_rings) == len(geometries) + 1
    assert flat.first_rings[-1] == len(flat.rings) - 1
    for offsets in flat[1:]:
        assert offsets[0] == 0
        assert (np.diff(offsets) >= 0).all()
    for ring in range(len(flat.rings) - 1):
        assert ring_of(flat, ring)[0].tolist() == ring_of(flat, ring)[-1].tolist()


@pytest.mark.parametrize("name", MIXES)
@pytest.mark.parametrize("clockwise", [True, False])
def test_outer_rings_turn_left_and_holes_right_whatever_came_in(name, clockwise):
    geometries = shapely.orient_polygons(array_of(MIXES[name]), exterior_cw=clockwise)
    flat = flatten(geometries)
    outer = set(flat.parts[:-1].tolist())
    for ring in range(len(flat.rings) - 1):
        assert (signed_area(ring_of(flat, ring)) > 0) == (ring in outer)
    areas = [
        sum(signed_area(ring_of(flat, ring)) for ring in range(begin, end))
        for begin, end in zip(flat.first_rings[:-1], flat.first_rings[1:], strict=True)
    ]
    assert areas == np.nan_to_num(shapely.area(geometries)).tolist()


@pytest.mark.parametrize("z", [5.0, math.nan, math.inf])
def test_heights_are_dropped(z):
    high = shapely.transform(
        array_of([shapely.force_3d(SQUARE), shapely.force_3d(PAIR)]),
        lambda xyz: np.column_stack([xyz[:, :2], np.full(len(xyz), z)]),
        include_z=True,
    )
    assert shapely.has_z(high).all()
    flat, plain = flatten(high), flatten(array_of([SQUARE, PAIR]))
    for one, other in zip(flat, plain, strict=True):
        assert one.tolist() == other.tolist()
    assert flatten(high[:1]).xy.shape == (5, 2)


def test_what_is_given_stays_as_it_was():
    clockwise = shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)])
    geometries = array_of([clockwise, shapely.Point()])
    flatten(geometries)
    assert shapely.get_coordinates(geometries[0]).tolist()[1] == [0, 4]
    assert geometries[1] == shapely.Point()


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("measure", [flatten, require_finite])
def test_a_coordinate_that_is_not_finite_is_named_with_its_row(bad, measure):
    with np.errstate(invalid="ignore"):
        wrong = shapely.MultiPolygon([SQUARE, shapely.Polygon([(0, 0), (bad, 1), (1, 1)])])
    with pytest.raises(GeometryError) as caught:
        measure(array_of([None, shapely.Polygon(), SQUARE, wrong, wrong]))
    assert caught.value.code == "geometry-not-finite"
    assert caught.value.facts == {"row": 4}


@pytest.mark.parametrize(
    "wrong",
    [
        shapely.Point(1, 1),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPoint([(0, 0), (1, 1)]),
        shapely.GeometryCollection([SQUARE]),
        shapely.LinearRing([(0, 0), (1, 1), (1, 0)]),
    ],
    ids=lambda geometry: geometry.geom_type,
)
def test_what_is_no_polygon_is_named_with_its_row_and_kind(wrong):
    with pytest.raises(GeometryError) as caught:
        flatten(array_of([SQUARE, None, wrong, wrong]))
    assert caught.value.code == "geometry-not-polygon"
    assert caught.value.facts == {"row": 3, "kind": wrong.geom_type}


# --- long edges -----------------------------------------------------------------------------


def to_degrees(points) -> np.ndarray:
    back = pyproj.Transformer.from_crs(GAUSS, "EPSG:4490", always_xy=True)
    return np.column_stack(back.transform(*np.asarray(points, dtype=float).T))


def to_gauss(points) -> np.ndarray:
    forth = pyproj.Transformer.from_crs("EPSG:4490", GAUSS, always_xy=True)
    return np.column_stack(forth.transform(*np.asarray(points, dtype=float).T))


def cut(geometry) -> shapely.Geometry:
    return to_measure_plane(array_of([geometry]), GAUSS)[0]


def points_between(first, second) -> list[list[float]]:
    """Give the vertices that a line from one position to another gets, both ends included."""
    return shapely.get_coordinates(cut(shapely.LineString([first, second]))).tolist()


def expected_count(length: float) -> int:
    return math.floor(length / 70) + 2 if length > 70 else 2


BEARINGS = np.linspace(0, 2 * np.pi, 24, endpoint=False)


@pytest.mark.parametrize("bearing", BEARINGS)
def test_both_neighbours_of_a_long_edge_get_the_same_bits(bearing):
    origin = np.array([412_345.678, 3_212_345.678])
    along = np.array([math.cos(bearing), math.sin(bearing)])
    aside = np.array([-along[1], along[0]])
    first, second, left, right = to_degrees(
        [origin, origin + 1000 * along, origin + 300 * aside, origin - 300 * aside]
    ).tolist()
    one, other = to_measure_plane(
        array_of([shapely.Polygon([first, second, left]), shapely.Polygon([second, first, right])]),
        GAUSS,
    )
    edge = points_between(first, second)
    assert len(edge) == expected_count(1000)
    assert edge == points_between(second, first)[::-1]
    assert shapely.get_coordinates(one)[: len(edge)].tolist() == edge
    assert shapely.get_coordinates(other)[: len(edge)].tolist() == edge[::-1]


@pytest.mark.parametrize("meridian", ["same longitude", "same latitude"])
def test_edges_along_meridians_and_parallels_are_cut_alike_from_both_ends(meridian):
    first, second = (110.5, 29.4), (110.5, 29.43)
    if meridian == "same latitude":
        second = (110.53, 29.4)
    assert points_between(first, second) == points_between(second, first)[::-1]
    assert len(points_between(first, second)) > 40


def test_an_edge_of_exactly_70_m_is_not_cut():
    rng = np.random.default_rng(0)
    starts = rng.uniform((450_000, 3_200_000), (550_000, 3_300_000), (20_000, 2))
    first, second = to_degrees(starts), to_degrees(np.add(starts, (70, 0)))
    lengths = np.hypot(*(to_gauss(second) - to_gauss(first)).T)
    for rows, count in ((lengths == 70, 2), (lengths > 70, 3), (lengths < 70, 2)):
        assert rows.any()
        lines = shapely.linestrings(np.stack([first[rows], second[rows]], axis=1)[:500])
        made = to_measure_plane(lines, GAUSS)
        assert set(shapely.get_num_coordinates(made).tolist()) == {count}


@pytest.mark.parametrize(
    "middle",
    [
        (500_000.0, 3_200_000.0),
        (1_050_000.0, 200_000.0),
        (-150_000.0, 5_500_000.0),
        (2_500_000.0, 3_200_000.0),
    ],
)
def test_edges_of_any_bearing_and_length_are_cut_as_the_procedure_cuts_them(middle):
    """Also far from the meridian and the equator, where degrees tell little about metres."""
    rng = np.random.default_rng(1)
    length = np.concatenate([rng.uniform(69.9, 70.1, 300), rng.uniform(0.1, 3000, 300)])
    length = length[np.abs(length / 70 - np.round(length / 70)) > 1e-6]
    bearing = rng.uniform(0, 2 * np.pi, len(length))
    start = rng.uniform(-50_000, 50_000, (len(length), 2)) + middle
    end = start + length[:, None] * np.column_stack([np.cos(bearing), np.sin(bearing)])
    pairs = np.stack([to_degrees(start), to_degrees(end)], axis=1)
    made = to_measure_plane(shapely.linestrings(pairs), GAUSS)
    for line, *ends in zip(made, start.tolist(), end.tolist(), strict=True):
        procedure = ellipsoid.cut_edges([tuple(point) for point in ends], decimals=None)
        found = shapely.get_coordinates(line)
        assert len(found) == len(procedure)
        expected = transform_points(to_degrees(procedure), "EPSG:4490", measure_plane(GAUSS))
        assert found == pytest.approx(expected, abs=1e-6, rel=0)


def test_the_given_vertices_stay_where_they_are_bit_for_bit():
    rng = np.random.default_rng(2)
    points = rng.uniform((110.2, 29.1), (110.8, 29.6), (50, 2))
    made = shapely.get_coordinates(cut(shapely.LineString(points))).tolist()
    kept = transform_points(points, "EPSG:4490", measure_plane(GAUSS)).tolist()
    assert [point for point in made if point in kept] == kept


def on_earth(geometry) -> shapely.Geometry:
    """Put a drawing in units of 100 m onto the ellipsoid."""
    return shapely.transform(geometry, lambda xy: to_degrees(xy * 100 + (450_000, 3_250_000)))


SHAPES = {
    "polygon": SQUARE,
    "polygon with holes": FRAME,
    "multipolygon": PAIR,
    "line": shapely.LineString([(0, 0), (3, 1), (3, 1.2)]),
    "multiline": shapely.MultiLineString([[(0, 0), (3, 1)], [(5, 5), (6, 6), (7, 7)]]),
    "ring": shapely.LinearRing([(0, 0), (3, 1), (3, 3)]),
    "point": shapely.Point(1, 1),
    "multipoint": shapely.MultiPoint([(1, 1), (2, 2)]),
    "collection": shapely.GeometryCollection([SQUARE, shapely.LineString([(0, 0), (3, 1)])]),
    "empty polygon": shapely.Polygon(),
    "empty multipolygon": shapely.MultiPolygon(),
    "empty line": shapely.LineString(),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_kind_of_geometry_stays_its_kind(name):
    shape = SHAPES[name]
    alone = cut(on_earth(shape))
    assert alone.geom_type == shape.geom_type
    assert alone.is_empty == shape.is_empty
    assert len(shapely.get_parts(alone)) == len(shapely.get_parts(shape))
    rings = shapely.get_num_interior_rings(shapely.get_parts(shape))
    assert shapely.get_num_interior_rings(shapely.get_parts(alone)).tolist() == rings.tolist()


def test_all_kinds_in_one_array_come_out_as_alone():
    shapes = [*(on_earth(shape) for shape in SHAPES.values()), None]
    together = to_measure_plane(array_of([*shapes, *shapes[::-1]]), GAUSS)
    alone = [None if shape is None else cut(shape) for shape in shapes]
    for made, expected in zip(together, [*alone, *alone[::-1]], strict=True):
        assert (made is None) == (expected is None)
        assert made is None or shapely.equals_identical(made, expected)


def test_nothing_is_cut_between_one_path_and_the_next():
    """Lines that lie far apart follow one another in the arrays."""
    lines = [shapely.LineString([(10 * k, 0), (10 * k + 0.5, 0)]) for k in range(20)]
    for shape in (shapely.MultiLineString(lines), *lines):
        made = cut(on_earth(shape))
        assert shapely.get_num_coordinates(made) == shapely.get_num_coordinates(shape)
    together = to_measure_plane(array_of([on_earth(line) for line in lines]), GAUSS)
    assert set(shapely.get_num_coordinates(together).tolist()) == {2}


def test_flat_polygons_are_measured_as_geometries_are():
    shapes = array_of([on_earth(SHAPES[n]) for n in SHAPES if "polygon" in n])
    shapes = np.append(shapes, array_of([None, on_earth(shapely.box(0, 0, 0.1, 0.1))]))
    made = unflatten(without_bare_parts(measure_flat(flatten(shapes), GAUSS)))
    areas = np.nan_to_num(official_areas(shapes, GAUSS))
    assert shapely.area(made) == pytest.approx(areas, abs=1e-6)
    expected = shapely.get_num_coordinates(to_measure_plane(shapes, GAUSS))
    assert shapely.get_num_coordinates(made).tolist() == expected.tolist()


def test_flat_polygons_of_no_rows_are_measured():
    made = measure_flat(flatten(array_of([])), GAUSS)
    assert made.xy.shape == (0, 2)
    assert made.features.tolist() == [0]


def test_parts_of_a_line_are_as_long_as_the_line():
    line = on_earth(shapely.LineString([(0, 0), (30, 10), (30, 12)]))
    geod = pyproj.Geod(ellps="GRS80")
    made = to_measure_plane(array_of([line, shapely.Point(110.5, 29.4), None]), GAUSS)
    lengths = line_lengths(made[:2], GAUSS)
    assert lengths == pytest.approx([geod.geometry_length(line), 0], rel=1e-7)
