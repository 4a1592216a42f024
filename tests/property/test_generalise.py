"""Laws of the public form's shapes: coarse, on the grid, and still edge to edge."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import shapely

from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.publishing.generalise import DECIMALS, GRID_DEG, TOLERANCE_M, generalise, on_grid

GAUSS = "EPSG:4546"
WEST, SOUTH = 110.40037, 29.10021  # off the grid, as true positions are
GRID_M = 111.4 * GRID_DEG * 1000  # one step of the grid at most


def coverage(seed: int, sites: int) -> np.ndarray:
    """Cut a square of some 7 km into cells with wavy sides, all edge to edge."""
    random = np.random.default_rng(seed)
    square = shapely.box(WEST, SOUTH, WEST + 0.07, SOUTH + 0.06)
    points = random.uniform((WEST, SOUTH), (WEST + 0.07, SOUTH + 0.06), (sites, 2))
    edges = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=square, only_edges=True)
    lines = shapely.union_all([shapely.intersection(edges, square), square.boundary])
    wavy = shapely.segmentize(lines, 0.002)
    moved = {
        tuple(xy): xy + random.normal(0, 0.0003, 2)
        for xy in shapely.get_coordinates(wavy).tolist()
        if shapely.Point(xy).distance(square.boundary) > 0.003
    }
    wavy = shapely.transform(
        wavy, lambda xy: np.array([moved.get(tuple(one), one) for one in xy.tolist()])
    )
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(wavy))))
    return faces[shapely.area(faces) > 25 * GRID_DEG**2]


@hypothesis.given(st.integers(0, 10_000), st.integers(2, 12))
def test_neighbours_keep_their_edge_and_no_vertex_tells_more_than_the_grid(
    seed: int, sites: int
) -> None:
    exact = coverage(seed, sites)
    hypothesis.assume(len(exact) > 1 and bool(shapely.coverage_is_valid(exact)))
    public = generalise(exact, "polygon", GAUSS)
    assert shapely.is_valid(public).all()
    assert shapely.coverage_is_valid(public)
    vertices = shapely.get_coordinates(public)
    assert on_grid(vertices).all()
    # An exact vertex within a metre of a public one is a coincidence of the grid, some 3 in
    # 10 000: a form that kept vertices would have them all.
    plane = transform(shapely.points(shapely.get_coordinates(exact)), GEOGRAPHIC, GAUSS)
    near = shapely.STRtree(plane).query_nearest(
        transform(shapely.points(vertices), GEOGRAPHIC, GAUSS), max_distance=1.0
    )
    assert len(np.unique(near[0])) <= 0.02 * len(vertices) + 2


@hypothesis.given(st.integers(0, 10_000), st.integers(2, 12))
def test_nothing_moves_further_than_generalising_says(seed: int, sites: int) -> None:
    exact = coverage(seed, sites)
    hypothesis.assume(len(exact) > 1 and bool(shapely.coverage_is_valid(exact)))
    public = generalise(exact, "polygon", GAUSS)
    before = transform(shapely.boundary(exact), GEOGRAPHIC, GAUSS)
    after = transform(shapely.boundary(public), GEOGRAPHIC, GAUSS)
    # A bend of the tolerance may be long and flat: what is bounded is the ground between.
    assert shapely.hausdorff_distance(before, after).max() < 8 * TOLERANCE_M + GRID_M
    whole = abs(shapely.area(shapely.union_all(public)) / shapely.area(shapely.union_all(exact)))
    assert abs(whole - 1) < 0.03


@hypothesis.given(st.lists(st.tuples(st.floats(110, 111), st.floats(29, 30)), min_size=1))
def test_a_point_is_moved_to_the_grid_and_no_further(places: list[tuple[float, float]]) -> None:
    exact = shapely.points(np.array(places))
    public = shapely.get_coordinates(generalise(exact, "point", GAUSS))
    assert on_grid(public).all()
    assert np.abs(public - np.array(places)).max() <= 0.5 * 10.0**-DECIMALS + 1e-9
