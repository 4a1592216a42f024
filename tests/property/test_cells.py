"""Cells under polygons, against each cell cut by shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geoapp.geometry.measure import official_areas
from geoapp.planning.cells import CellGrid, cover_cells
from geoapp.planning.slope import grade_polygons
from geoapp.planning.zonal import describe_zones

WEST, NORTH, SIDE, ROWS, COLUMNS = 110.0, 29.0, 0.001, 6, 8
GAUSS = "EPSG:4546"
GRADES = st.sampled_from([np.nan, 1.0, 2.0, 3.0, 4.0, 5.0])
PLACES = st.tuples(st.integers(-20, 100), st.integers(-20, 80))


def grid_of(values):
    bounds = (WEST, NORTH - ROWS * SIDE, WEST + COLUMNS * SIDE, NORTH)
    cells = np.array(values).reshape(ROWS, COLUMNS)
    return CellGrid(cells, bounds, CRS("EPSG:4490").to_wkt(), "dem-1", sample=False)


def polygon_of(corners):
    """Hull of corners told in tenths of a cell, east and south of the grid's first corner."""
    points = [(WEST + x * SIDE / 10, NORTH - y * SIDE / 10) for x, y in corners]
    return shapely.MultiPoint(points).convex_hull


def slow_shares(grid, polygon):
    """Cut every cell with the polygon: value → part of the polygon."""
    shares = {}
    for row in range(ROWS):
        for column in range(COLUMNS):
            west, north = WEST + column * SIDE, NORTH - row * SIDE
            cell = shapely.box(west, north - SIDE, west + SIDE, north)
            part = polygon.intersection(cell).area / polygon.area
            value = grid.values[row, column]
            if np.isfinite(value) and part > 0:
                shares[value] = shares.get(value, 0.0) + part
    return shares


@settings(max_examples=80, deadline=None)
@given(
    st.lists(GRADES, min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS),
    st.lists(PLACES, min_size=3, max_size=6),
)
def test_parts_in_cells_are_those_of_cutting_every_cell(values, corners):
    grid, polygon = grid_of(values), polygon_of(corners)
    if polygon.area < (SIDE / 10) ** 2:
        return
    expected = slow_shares(grid, polygon)
    found = cover_cells(grid, [polygon])[0]
    assert found.known_share == pytest.approx(sum(expected.values()), abs=1e-4)
    area, graded = grade_polygons(grid, [polygon], GAUSS)
    assert area == pytest.approx(official_areas(np.array([polygon]), GAUSS))
    assert graded.sum() == pytest.approx(area[0], rel=1e-9)
    for grade in range(1, 6):
        share = expected.get(float(grade), 0.0)
        assert graded[0, grade] == pytest.approx(area[0] * share, abs=area[0] * 1e-4)


def test_what_lies_beside_the_raster_is_not_known():
    grid = grid_of([5.0] * (ROWS * COLUMNS))
    half = shapely.box(WEST - SIDE, NORTH - SIDE, WEST + SIDE, NORTH)
    _, graded = grade_polygons(grid, [half], GAUSS)
    assert graded[0, 5] == pytest.approx(graded[0].sum() / 2, rel=1e-6)
    assert graded[0, 0] == pytest.approx(graded[0, 5], rel=1e-6)


def test_a_change_is_told_only_where_both_rasters_are_whole():
    now, then = grid_of([7.0] * (ROWS * COLUMNS)), grid_of([4.0] * (ROWS * COLUMNS))
    inside = shapely.box(WEST, NORTH - SIDE, WEST + SIDE, NORTH)
    beside = shapely.box(WEST - SIDE, NORTH - SIDE, WEST + SIDE, NORTH)
    names = [("1", "a"), ("2", "b")]
    whole, half = describe_zones(now, then, [inside, beside], names)
    assert (whole.least, whole.mean, whole.largest, whole.change) == (7.0, 7.0, 7.0, 3.0)
    assert half.change is None
    assert half.mean == 7.0
    assert half.known_share == pytest.approx(0.5)
