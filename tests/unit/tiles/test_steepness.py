"""How steep a polygon is: planes of a known slope, cells weighted by their part inside."""

import math

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geoapp.access.policy import Principal
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.tiles.raster import Rasters
from geoapp.tiles.steepness import find_height_model
from geoapp.values import Extent

EXTENT = Extent(109.6, 28.0, 112.4, 31.0)
PLANNER = Principal("p", "planner")
WEST, NORTH, CELL = 480_000.0, 3_260_000.0, 10.0


def write_dem(folder, heights, name="dem.tif"):
    folder.mkdir(exist_ok=True)
    with rasterio.open(
        folder / name, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1,
        dtype="float32", crs="EPSG:4546", transform=from_origin(WEST, NORTH, CELL, CELL),
        nodata=-9999.0,
    ) as file:  # fmt: skip
        file.write(heights.astype(np.float32), 1)


def hillside(degrees_west, degrees_east):
    """Rise to the east by one slope, from the middle on by another."""
    rises = np.where(np.arange(60) < 30, math.tan(math.radians(degrees_west)), 0.0)
    rises[30:] = math.tan(math.radians(degrees_east))
    return np.tile(np.cumsum(rises * CELL), (40, 1))


def at(column, row, columns, rows):
    """Give a rectangle of cells, EPSG:4490."""
    x, y = WEST + column * CELL, NORTH - row * CELL
    shape = shapely.box(x, y - rows * CELL, x + columns * CELL, y)
    return transform(np.array([shape]), "EPSG:4546", GEOGRAPHIC)[0]


@pytest.fixture
def model(tmp_path):
    write_dem(tmp_path / "rasters", hillside(20, 30))
    return find_height_model(Rasters(tmp_path / "rasters", EXTENT, PLANNER))


def test_ground_is_steep_or_not_by_its_slope(model):
    gentle, steep = model.measure([at(5, 5, 10, 10), at(40, 5, 10, 10)], 25.0)
    assert (gentle.steep_share, steep.steep_share) == pytest.approx((0, 1), abs=1e-6)
    assert (gentle.known_share, steep.known_share) == pytest.approx((1, 1), abs=1e-6)


def test_cells_count_by_their_part_inside(model):
    (found,) = model.measure([at(35.25, 5.5, 2.5, 1.5)], 25.0)
    assert (found.steep_share, found.known_share) == pytest.approx((1, 1), abs=1e-6)
    (half,) = model.measure([at(21, 5, 20, 4)], 25.0)
    assert half.steep_share == pytest.approx(12 / 20, abs=1e-6)  # at the bend it is 25.2 degrees


def test_beside_the_raster_nothing_is_known(model):
    beside, edge = model.measure([at(100, 5, 4, 4), at(55, 5, 10, 4)], 25.0)
    assert (beside.steep_share, beside.known_share) == (0, 0)
    assert edge.known_share == pytest.approx(0.4, abs=1e-6)  # slope needs a cell on every side


def test_holes_in_the_heights_are_not_known(tmp_path):
    heights = hillside(30, 30)
    heights[10:14, 10:14] = -9999.0
    write_dem(tmp_path / "rasters", heights)
    model = find_height_model(Rasters(tmp_path / "rasters", EXTENT, PLANNER))
    (found,) = model.measure([at(9, 9, 6, 6)], 25.0)
    assert found.known_share == pytest.approx(0, abs=1e-9)
    (around,) = model.measure([at(7, 7, 10, 10)], 25.0)
    assert around.known_share == pytest.approx(1 - 36 / 100, abs=1e-6)


def test_the_finest_model_is_read_and_only_by_those_who_may(tmp_path):
    folder = tmp_path / "rasters"
    assert find_height_model(Rasters(folder, EXTENT, PLANNER)) is None
    write_dem(folder, hillside(1, 1), "coarse.tif")
    found = find_height_model(Rasters(folder, EXTENT, PLANNER))
    assert found.name.startswith("coarse-")
    assert found.sample is False
    assert find_height_model(Rasters(folder, EXTENT, Principal("g", "public"))) is None
