"""Cultivated land by grade of slope: units add up to the whole, and to what is measured."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geoapp.geometry.measure import official_areas
from geoapp.planning.cells import CellGrid
from geoapp.planning.graded_parts import grade_parts
from geoapp.planning.parcel_change import average_parcels, find_changes, list_changes, place_parcels
from geoapp.planning.slope import grade_polygons
from geoapp.planning.steep import list_steep
from tests.property.test_cells import (
    COLUMNS,
    GAUSS,
    GRADES,
    NORTH,
    ROWS,
    SIDE,
    WEST,
    grid_of,
    slow_shares,
)

CELLS = st.lists(GRADES, min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS)
CUTS = st.lists(st.integers(-25, 105), min_size=1, max_size=4, unique=True)
CORNERS = st.tuples(st.integers(-20, 100), st.integers(-20, 80))
PARCELS = st.lists(st.lists(CORNERS, min_size=3, max_size=5), min_size=1, max_size=6)
NAMES = [(f"4308{number:02d}", f"unit {number}") for number in range(6)]


def hull(corners):
    points = [(WEST + x * SIDE / 10, NORTH - y * SIDE / 10) for x, y in corners]
    return shapely.MultiPoint(points).convex_hull


def strips(cuts):
    """Units side by side, from far in the west to far in the east of the raster."""
    edges = [-200, *sorted(cuts), 300]
    lower, upper = NORTH - 20 * SIDE, NORTH + 20 * SIDE
    return np.array(
        [
            shapely.box(WEST + west * SIDE / 10, lower, WEST + east * SIDE / 10, upper)
            for west, east in pairwise(edges)
        ],
        dtype=object,
    )


def told(count):
    return pd.DataFrame(
        {
            "key": [f"k{row}" for row in range(count)],
            "number": [f"{row:05d}" for row in range(count)],
            "class": ["0103"] * count,
        }
    )


@settings(max_examples=30, deadline=None)
@given(CELLS, PARCELS, CUTS)
def test_units_add_up_to_the_whole_to_official_areas_and_to_the_list(values, outlines, cuts):
    grid, units = grid_of(values), strips(cuts)
    drawn = [shape for shape in map(hull, outlines) if shape.area > (SIDE / 10) ** 2]
    if not drawn:
        return
    parcels = np.array(drawn, dtype=object)
    parts = grade_parts(grid, parcels, units, GAUSS)
    sums = parts.by_unit(len(units))
    areas, whole = grade_polygons(grid, drawn, GAUSS)
    total = float(areas.sum())
    # An edge of a kilometre that is straight in degrees lies centimetres beside one in the plane.
    assert sums.sum() == pytest.approx(total, rel=1e-9)
    assert sums.sum(axis=0) == pytest.approx(whole.sum(axis=0), abs=total * 1e-3 + 20.0)
    for unit, row in zip(units, sums, strict=True):
        cut = shapely.intersection(parcels, unit)
        cut = cut[shapely.area(cut) > 0]
        measured = official_areas(cut, GAUSS).sum() if len(cut) else 0.0
        assert row.sum() == pytest.approx(measured, abs=20.0 + measured * 1e-3)
    steep = list_steep(parts, NAMES[: len(units)], told(len(parcels)))
    listed = steep.groupby("unit_code")["steep_m2"].sum().to_dict()
    for (code, _), row in zip(NAMES[: len(units)], sums, strict=True):
        assert listed.get(code, 0.0) == pytest.approx(row[5], abs=0.01)
    assert steep["steep_m2"].is_monotonic_decreasing


@settings(max_examples=25, deadline=None)
@given(CELLS, PARCELS)
def test_a_parcel_is_listed_with_the_share_that_cutting_every_cell_finds(values, outlines):
    grid, units = grid_of(values), strips([])
    drawn = [shape for shape in map(hull, outlines) if shape.area > (SIDE / 10) ** 2]
    if not drawn:
        return
    parts = grade_parts(grid, np.array(drawn, dtype=object), units, GAUSS)
    steep = list_steep(parts, NAMES[:1], told(len(drawn))).set_index("feature")["share"]
    for row, shape in enumerate(drawn):
        expected = slow_shares(grid, shape).get(5.0, 0.0)
        assert steep.get(f"k{row}", 0.0) == pytest.approx(expected, abs=1e-4)


def test_what_only_touches_a_unit_is_no_ground_of_it():
    grid = grid_of([5.0] * (ROWS * COLUMNS))
    corner = shapely.box(WEST, NORTH - SIDE, WEST + SIDE, NORTH)
    # A parcel whose cut with the unit is a polygon and a line along its border.
    parcel = shapely.Polygon(
        [
            (WEST + SIDE / 2, NORTH - SIDE / 2), (WEST + SIDE, NORTH - SIDE / 2),
            (WEST + SIDE, NORTH - SIDE / 4), (WEST + 2 * SIDE, NORTH - SIDE / 4),
            (WEST + 2 * SIDE, NORTH - SIDE), (WEST + SIDE / 2, NORTH - SIDE),
        ]
    )  # fmt: skip
    parts = grade_parts(
        grid, np.array([parcel], dtype=object), np.array([corner], dtype=object), GAUSS
    )
    assert {shape.geom_type for shape in parts.shapes} <= {"Polygon", "MultiPolygon"}
    assert parts.grades[0, 5] == pytest.approx(
        official_areas(np.array([parcel.intersection(corner)]), GAUSS)[0], rel=1e-4
    )


@settings(max_examples=25, deadline=None)
@given(CELLS, CELLS, PARCELS, st.integers(1, 4))
def test_the_largest_changes_are_listed_and_no_others(before, after, outlines, most):
    now, then = grid_of(after), grid_of(before)
    shapes = np.array([shape for shape in map(hull, outlines) if shape.area > 0], dtype=object)
    if not len(shapes):
        return
    means, changes = changes_of(now, then, shapes)
    parcels = frame_of(shapes)
    listed = list_changes(parcels, means, changes, most, GAUSS)
    known = sorted((abs(one) for one in changes if np.isfinite(one) and one != 0), reverse=True)
    assert listed["change"].abs().tolist() == known[:most]
    for row, shape in enumerate(shapes):
        shares = [slow_shares(grid, shape) for grid in (now, then)]
        whole = all(sum(one.values()) == pytest.approx(1.0, abs=1e-9) for one in shares)
        if whole:
            mean = [sum(value * part for value, part in one.items()) for one in shares]
            assert changes[row] == pytest.approx(mean[0] - mean[1], abs=1e-3)
        elif min(sum(one.values()) for one in shares) < 1 - 1e-3:  # well above rounding
            assert np.isnan(changes[row])


def changes_of(now, then, shapes):
    return find_changes(average_parcels(now, shapes), average_parcels(then, shapes))


def frame_of(shapes):
    placed = place_parcels(shapes, strips([]), NAMES[:1])
    assert set(placed["unit_code"]) == {NAMES[0][0]}
    placed["feature"] = [f"k{row}" for row in range(len(shapes))]
    return gpd.GeoDataFrame(placed, geometry=list(shapes), crs="EPSG:4490")


def test_grids_that_lie_alike_or_apart_give_the_same_change():
    now = grid_of([float(number) for number in range(ROWS * COLUMNS)])
    then = grid_of([1.0] * (ROWS * COLUMNS))
    west, south, east, north = then.bounds
    wider = CellGrid(
        np.pad(then.values, 1, constant_values=1.0),
        (west - SIDE, south - SIDE, east + SIDE, north + SIDE),
        CRS("EPSG:4490").to_wkt(), "wider", sample=False,
    )  # fmt: skip
    shapes = np.array([hull([(3, 4), (51, 9), (33, 47)])], dtype=object)
    alike, apart = changes_of(now, then, shapes)[1], changes_of(now, wider, shapes)[1]
    assert alike == pytest.approx(apart, abs=1e-4)
