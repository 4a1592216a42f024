"""The area two polygons share, against exact fractions."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geoapp.errors import GeometryError
from geoapp.geometry.flat import flatten
from geoapp.overlay import kernel
from geoapp.overlay.pairwise import shared_areas
from tests.building import cells_to_plane
from tests.oracles import grid, rational

RELATIVE = 1e-9
AXES = {(1, 0), (0, 1), (-1, 0), (0, -1)}
DIRECTIONS = {
    (x, y)
    for x, y in itertools.product(range(-3, 4), repeat=2)
    if math.gcd(x, y) == 1 and (x, y) not in AXES
}
STEP = st.integers(-12, 12)
OFFSETS = st.sampled_from(
    [(0, 0), (10**5, -(10**5)), (-123_457, 3_300_001), (3_300_000, 3_250_000)]
)
SQUARE = shapely.box(0, 0, 4, 4)
DIAMOND = shapely.Polygon([(2, 0), (4, 2), (2, 4), (0, 2)])
CELLS = st.frozensets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=40)


@st.composite
def stars(draw) -> shapely.Polygon:
    """Simple polygons around a centre; eighths of integers, so every vertex is exact."""
    directions = AXES | draw(st.frozensets(st.sampled_from(sorted(DIRECTIONS)), max_size=8))
    turning = sorted(directions, key=lambda d: math.atan2(d[1], d[0]))
    lengths = [draw(st.integers(2, 24)) / 8 for _ in turning]
    cx, cy = draw(STEP), draw(STEP)
    ring = [(cx + k * x, cy + k * y) for k, (x, y) in zip(lengths, turning, strict=True)]
    holes = []
    if draw(st.booleans()):
        holes = [[((x + cx) / 2, (y + cy) / 2) for x, y in ring]]
    return shapely.Polygon(ring, holes)


@st.composite
def polygons(draw) -> shapely.Geometry:
    first = draw(stars())
    if draw(st.booleans()):
        return first
    second = draw(stars())
    east = math.ceil(first.bounds[2] - second.bounds[0])
    return shapely.MultiPolygon([first, moved(second, east + draw(st.integers(0, 2)), 0)])


@st.composite
def companions(draw) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Two polygons that touch or nearly agree, as neighbours in a register do."""
    one = draw(stars())
    corners = shapely.get_coordinates(one)
    index = st.integers(0, len(corners) - 1)
    how = draw(st.sampled_from(["same", "corner", "mirror", "filled", "fan", "half"]))
    if how == "same":
        return one, one
    if how == "corner":  # moved by a difference of vertices: vertices and edges meet
        return one, moved(one, *(corners[draw(index)] - corners[draw(index)]))
    if how == "mirror":  # the neighbour across the line through the easternmost vertex
        east = one.bounds[2]
        return one, shapely.transform(
            one, lambda xy: np.column_stack([2 * east - xy[:, 0], xy[:, 1]])
        )
    if how == "filled":
        return one, shapely.Polygon(one.exterior)
    x, y = (corners[0] + corners[len(one.exterior.coords) // 2]) / 2
    if how == "half":
        return one, shapely.box(x, y - 40, x + 40, y + 40)
    ring = np.array(one.exterior.coords)
    k = draw(st.integers(0, len(ring) - 2))
    return one, shapely.Polygon([ring[k], ring[k + 1], (x, y)])


def moved(geometry, dx, dy):
    return shapely.transform(geometry, lambda xy: np.add(xy, (dx, dy)))


def rings_of(geometry: shapely.Geometry) -> list[list[tuple[float, float]]]:
    parts = shapely.get_parts(geometry)
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(ring).tolist() for ring in rings if not ring.is_empty]


def exact(one, other) -> float:
    return float(rational.shared_area(rings_of(one), rings_of(other)))


def measured(one, other) -> float:
    return float(shared_areas(np.array([one]), np.array([other]))[0])


def close(*geometries, relative=RELATIVE) -> float:
    """Give the tolerance: a part of the smaller bounding box."""
    return relative * min(shapely.box(*g.bounds).area for g in geometries)


def agrees(one, other) -> bool:
    expected = exact(one, other)
    assert measured(one, other) == pytest.approx(expected, rel=0, abs=close(one, other))
    return True


# --- the oracle itself ----------------------------------------------------------------------


@given(polygons())
def test_the_oracle_gives_the_shoelace_area(polygon):
    rings = [
        abs(grid.shoelace([(Fraction(x), Fraction(y)) for x, y in ring])) * (1 if shell else -1)
        for part in shapely.get_parts(polygon)
        for shell, ring in zip([True, False], rings_of(part), strict=False)
    ]
    assert rational.area(rings_of(polygon)) == sum(rings)


def test_the_oracle_gives_areas_known_by_heart():
    assert rational.area(rings_of(SQUARE)) == 16
    assert rational.shared_area(rings_of(SQUARE), rings_of(DIAMOND)) == 8
    thin = [[(0, 0), (3, 0), (0, 1), (0, 0)]]
    tilted = [[(0, 0), (3, 1), (0, 1), (0, 0)]]
    assert rational.shared_area(thin, tilted) == Fraction(3, 4)


@given(polygons(), polygons())
def test_the_polygons_drawn_here_are_valid(one, other):
    assert one.is_valid
    expected = shapely.intersection(one, other).area
    assert exact(one, other) == pytest.approx(expected, abs=1e-9)


# --- laws -----------------------------------------------------------------------------------


@given(polygons(), polygons(), OFFSETS)
def test_polygons_share_their_exact_area_wherever_they_lie(one, other, offset):
    assert agrees(moved(one, *offset), moved(other, *offset))


@settings(max_examples=100)
@given(companions(), OFFSETS)
def test_touching_and_nearly_equal_polygons_share_their_exact_area(pair, offset):
    assert agrees(*(moved(polygon, *offset) for polygon in pair))


@given(companions(), st.integers(-3, 3), st.integers(-3, 3))
def test_neighbours_a_hair_apart_share_their_exact_area(pair, dx, dy):
    assert agrees(pair[0], moved(pair[1], dx * 1e-6, dy * 1e-6))


@given(polygons(), polygons())
def test_neither_side_comes_first(one, other):
    assert measured(one, other) == pytest.approx(
        measured(other, one), rel=0, abs=close(one, other, relative=1e-13)
    )


@given(polygons())
def test_a_polygon_shares_all_of_itself(polygon):
    assert measured(polygon, polygon) == pytest.approx(polygon.area, rel=1e-12)


@given(polygons(), polygons(), st.floats(0, math.pi), st.floats(0.1, 0.9))
def test_what_is_cut_apart_shares_as_much_as_the_whole(one, other, angle, part):
    x, y = np.array(one.bounds[:2]) * part + np.array(one.bounds[2:]) * (1 - part)
    along, across = 200 * np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    begin, end = np.subtract((x, y), along), np.add((x, y), along)
    sides = [shapely.Polygon([begin, end, end + s * across, begin + s * across]) for s in (1, -1)]
    halves = [shapely.intersection(one, side) for side in sides]
    halves = [
        shapely.multipolygons([p for p in shapely.get_parts(h) if p.geom_type == "Polygon"])
        for h in halves
    ]
    total = sum(measured(half, other) for half in halves)
    assert total == pytest.approx(measured(one, other), rel=0, abs=close(one, other))


@given(stars(), polygons())
def test_triangles_around_a_vertex_share_as_much_as_the_polygon(one, other):
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(one))
    assert shapely.area(triangles).sum() == pytest.approx(one.area, rel=1e-12)
    total = shared_areas(triangles, np.full(len(triangles), other)).sum()
    assert total == pytest.approx(exact(one, other), rel=0, abs=close(one, other))


@given(polygons(), polygons(), st.integers(0, 20), OFFSETS)
def test_direction_start_height_and_extra_vertices_do_not_matter(one, other, turn, offset):
    def rewritten(geometry):
        parts = []
        for part in shapely.get_parts(geometry):
            shell, *holes = rings_of(part)
            shell = shell[:-1][::-1]
            k = turn % len(shell)
            shell = [(x, y, 7.0 * x) for x, y in shell[k:] + shell[:k]]
            parts.append(shapely.Polygon(shell, [[(x, y, math.nan) for x, y in h] for h in holes]))
        return shapely.segmentize(shapely.MultiPolygon(parts), 2.0)

    here, there = moved(one, *offset), moved(other, *offset)
    expected = measured(here, there)
    within = pytest.approx(expected, rel=0, abs=close(one, other))
    assert measured(rewritten(here), there) == within
    assert measured(here, rewritten(there)) == within
    assert measured(rewritten(here), rewritten(there)) == within


@settings(max_examples=200)
@given(CELLS, CELLS, st.integers(-7, 7), st.integers(-7, 7))
def test_sets_of_squares_share_the_counted_squares(cells, others, dx, dy):
    """Edges end above one another and run along the border of the common box."""
    there = frozenset((x + dx, y + dy) for x, y in others)
    one, other = cells_to_plane(cells), cells_to_plane(there)
    assert measured(one, other) == pytest.approx(len(cells & there), rel=0, abs=1e-12)
    leaning = [shapely.transform(g, lambda xy: xy @ [[1, 0.25], [0.5, 1]]) for g in (one, other)]
    assert measured(*leaning) == pytest.approx(0.875 * len(cells & there), rel=0, abs=1e-12)


@given(st.lists(st.tuples(polygons(), polygons()), max_size=5))
def test_a_pair_does_not_depend_on_its_neighbours_in_the_array(pairs):
    one, other = (np.array([pair[k] for pair in pairs], dtype=object) for k in (0, 1))
    together = shared_areas(one, other)
    assert together.tolist() == [measured(*pair) for pair in pairs]


@given(
    st.tuples(*[st.floats(-100, 100)] * 6),
    st.tuples(*[st.floats(-100, 100)] * 6),
    st.sampled_from([0.0, 3e6]),
)
def test_triangles_of_any_floats_share_their_exact_area(a, b, offset):
    one, other = (
        shapely.Polygon(np.add(np.reshape(corners, (3, 2)), (offset, -offset)))
        for corners in (a, b)
    )
    assume(one.area > 0)
    assume(other.area > 0)
    within = RELATIVE * max(shapely.box(*g.bounds).area for g in (one, other))
    assert measured(one, other) == pytest.approx(exact(one, other), rel=0, abs=within)


SKEW = st.sampled_from([0.0, 1e-12, 1e-9, 1e-6, 1e-3])


@given(SKEW, SKEW, st.integers(0, 3), OFFSETS, st.sampled_from([1e-6, 1e-3, 1.0]))
@example(1e-12, 1e-9, 0, (0, 0), 1e-6)
def test_nearly_vertical_edges_and_slivers(skew, other_skew, turns, offset, width):
    def turned(ring):
        for _ in range(turns):
            ring = [(-y, x) for x, y in ring]
        return moved(shapely.Polygon(ring), *offset)

    one = turned([(0, 0), (width, 0), (width + skew, 50), (skew, 50)])
    other = turned([(width / 2, -7), (9, -7), (9, 40), (width / 2 - other_skew, 40)])
    assume(one.is_valid and other.is_valid and one.area > 0)
    within = RELATIVE * max(one.area, 1e-9)
    assert measured(one, other) == pytest.approx(exact(one, other), rel=0, abs=within)


FRAME = shapely.Polygon(
    shapely.box(0, 0, 6, 6).exterior, [shapely.box(1, 1, 3, 3).exterior, [(4, 4), (5, 3), (5, 5)]]
)
KNOWN = {
    "same": (SQUARE, SQUARE, 16),
    "inside": (SQUARE, shapely.box(1, 1, 2, 2), 1),
    "inside at a corner": (SQUARE, shapely.box(0, 0, 1, 1), 1),
    "vertex to vertex": (SQUARE, shapely.box(4, 4, 5, 5), 0),
    "vertex to edge": (SQUARE, shapely.Polygon([(4, 2), (6, 0), (6, 4)]), 0),
    "part of an edge": (SQUARE, shapely.box(4, 1, 6, 2), 0),
    "part of an edge above": (SQUARE, shapely.box(1, 4, 2, 6), 0),
    "slanted edge shared": (DIAMOND, shapely.Polygon([(2, 0), (4, 2), (4, 0)]), 0),
    "slanted edge in common": (DIAMOND, shapely.Polygon([(2, 0), (4, 2), (2, 2)]), 2),
    "inscribed": (SQUARE, DIAMOND, 8),
    "apart": (SQUARE, shapely.box(5, 5, 6, 6), 0),
    "dips into a box": (
        shapely.box(0, 0, 6, 2),
        shapely.Polygon([(1, 3), (3, 3), (4, 1), (5, 3), (5, 4), (3, 4), (1, 4)]),
        0.5,
    ),
    "cross": (shapely.box(0, 2, 9, 3), shapely.box(2, 0, 3, 9), 1),
    "boxes meet, polygons not": (
        shapely.Polygon([(0, 0), (4, 0), (0, 4)]),
        shapely.Polygon([(4, 1), (4, 4), (1, 4)]),
        0,
    ),
    "fills the hole": (FRAME, shapely.box(1, 1, 3, 3), 0),
    "in the hole": (FRAME, shapely.box(1.5, 1.5, 2, 2), 0),
    "across the hole": (FRAME, shapely.box(0, 2, 6, 3), 6 - 2),
    "around a hole": (FRAME, shapely.box(-1, -1, 9, 9), 36 - 4 - 1),
    "hole in hole": (FRAME, FRAME, 36 - 4 - 1),
    "parts": (shapely.MultiPolygon([SQUARE, shapely.box(6, 0, 8, 4)]), shapely.box(3, 0, 7, 1), 2),
    "empty": (SQUARE, shapely.Polygon(), 0),
    "both empty": (shapely.MultiPolygon(), shapely.Polygon(), 0),
    "none": (None, SQUARE, 0),
    "empty line": (shapely.LineString(), SQUARE, 0),
    "collapsed": (SQUARE, shapely.Polygon([(1, 1), (3, 3), (1, 1)]), 0),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("turns", range(4))
def test_cases_known_by_heart(name, turns):
    def turned(geometry):
        for _ in range(turns):
            geometry = shapely.transform(
                geometry, lambda xy: np.column_stack([-xy[:, 1], xy[:, 0]])
            )
        return geometry

    one, other, area = KNOWN[name]
    one, other = turned(one), turned(other)
    assert measured(one, other) == pytest.approx(area, rel=0, abs=1e-12)
    assert measured(other, one) == pytest.approx(area, rel=0, abs=1e-12)


# --- many edges -----------------------------------------------------------------------------


def wavy(count, *, waves, radius, centre=(0.0, 0.0), depth=0.3) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    far = radius * (1 + depth * np.sin(waves * angle))
    ring = np.column_stack([far * np.cos(angle), far * np.sin(angle)]) + centre
    return shapely.Polygon(ring)


def comb(count, *, slant=0.0) -> shapely.Polygon:
    """Thousands of teeth side by side: long steep edges, all strips full."""
    x = np.arange(2 * count + 1, dtype=float)
    y = np.where(np.arange(2 * count + 1) % 2, 1000.0, 1.0)
    teeth = np.column_stack([x + slant * y, y])
    return shapely.Polygon([*teeth, (2 * count, 0.0), (0.0, 0.0)])


def listed(polygon, box) -> tuple[np.ndarray, int]:
    flat = flatten(np.array([polygon]))
    edges = np.empty((2 * len(flat.xy), 6))
    count = kernel.gather_edges(flat.xy, flat.rings, 0, len(flat.rings) - 1, box, edges)
    assert count <= len(edges)
    return edges, count


def common_box(one, other) -> np.ndarray:
    a, b = one.bounds, other.bounds
    return np.array([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])


CROWDS = {
    "wavy": (
        wavy(6000, waves=40, radius=5000),
        wavy(4000, waves=23, radius=5000, centre=(900, 700)),
    ),
    "far away": (
        wavy(3000, waves=11, radius=800, centre=(3.2e6, 3.3e6)),
        wavy(3000, waves=90, radius=900, centre=(3.2e6, 3.3001e6)),
    ),
    "combs": (comb(400), comb(350, slant=0.25)),
    "upright comb and few": (comb(2500), shapely.Polygon([(10, -5), (4990, 300), (2000, 900)])),
    "same": (wavy(3000, waves=7, radius=100), wavy(3000, waves=7, radius=100)),
    "lying combs": tuple(
        shapely.transform(c, lambda xy: xy[:, ::-1].copy())
        for c in (comb(300), comb(250, slant=0.5))
    ),
    "corner only": (
        wavy(3000, waves=50, radius=100),
        wavy(3000, waves=50, radius=100, centre=(205.0, 90.0)),
    ),
}


@pytest.mark.parametrize("name", CROWDS)
def test_crowded_polygons_share_what_geos_intersects(name):
    one, other = CROWDS[name]
    assert one.is_valid
    assert other.is_valid
    expected = shapely.intersection(one, other).area
    within = close(one, other, relative=1e-11)
    assert measured(one, other) == pytest.approx(expected, rel=0, abs=within)
    assert measured(other, one) == pytest.approx(expected, rel=0, abs=within)


@pytest.mark.parametrize("name", CROWDS)
def test_listing_by_strips_changes_nothing(name):
    one, other = CROWDS[name]
    box = common_box(one, other)
    mine, others = listed(one, box), listed(other, box)
    plain = kernel.add_pairs(*mine, *others)
    strips = kernel.add_pairs_by_strips(*mine, *others, float(box[2] - box[0]))
    assert strips == pytest.approx(plain, rel=0, abs=close(one, other, relative=1e-11))


@given(polygons(), polygons(), st.integers(0, 6))
def test_the_strips_give_the_exact_area_of_small_polygons_too(one, other, more):
    """More vertices make more strips; their number must not show."""
    finer = shapely.segmentize(other, 8.0 / 2**more)
    box = common_box(one, other)
    assume(box[0] < box[2] and box[1] < box[3])
    mine, others = listed(one, box), listed(finer, box)
    assume(mine[1] and others[1])
    strips = kernel.add_pairs_by_strips(*mine, *others, float(box[2] - box[0]))
    assert strips == pytest.approx(exact(one, other), rel=0, abs=close(one, other))


@pytest.mark.parametrize("seed", range(4))
def test_crowded_polygons_of_squares_share_the_counted_squares(seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((2, 70, 70)) < 0.6
    one, other = (
        shapely.union_all(shapely.box(x, y, x + 1, y + 1)) for x, y in map(np.nonzero, masks)
    )
    shared = int((masks[0] & masks[1]).sum())
    assert measured(one, other) == pytest.approx(shared, rel=0, abs=1e-8)
    there = [moved(g, 3_300_000, 2_900_000) for g in (one, other)]
    assert measured(*there) == pytest.approx(shared, rel=0, abs=1e-8)


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right"), [(1, 2), (0, 1), (3, 0)])
def test_arrays_of_unequal_length_are_refused(left, right):
    with pytest.raises(GeometryError) as caught:
        shared_areas(np.full(left, SQUARE), np.full(right, SQUARE))
    assert caught.value.facts == {"left": left, "right": right}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_a_coordinate_that_is_not_finite_is_named_with_its_row(bad, side):
    with np.errstate(invalid="ignore"):
        wrong = shapely.Polygon([(0, 0), (1, bad), (1, 1)])
    sides = [np.array([None, SQUARE, SQUARE]), np.array([SQUARE, SQUARE, SQUARE])]
    sides[side][2] = wrong
    with pytest.raises(GeometryError) as caught:
        shared_areas(*sides)
    assert (caught.value.code, caught.value.facts["row"]) == ("geometry-not-finite", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Point(1, 1),
        shapely.GeometryCollection([SQUARE]),
        shapely.LinearRing([(0, 0), (1, 1), (1, 0)]),
    ],
    ids=lambda geometry: geometry.geom_type,
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_no_polygon_is_named_with_its_row(wrong, side):
    sides = [np.array([SQUARE, SQUARE]), np.array([SQUARE, SQUARE])]
    sides[side][1] = wrong
    with pytest.raises(GeometryError) as caught:
        shared_areas(*sides)
    assert caught.value.facts == {"row": 2, "kind": wrong.geom_type}


def test_no_pairs_share_nothing():
    assert shared_areas(np.array([], dtype=object), np.array([], dtype=object)).tolist() == []
