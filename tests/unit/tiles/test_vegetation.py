"""How green a picture is: against the definition, pixel by pixel; what lacks a band says so."""

import math

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geoapp.access.policy import Principal
from geoapp.errors import ChoiceError
from geoapp.tiles.cell_grids import offered_indexes, read_values
from geoapp.tiles.raster import Rasters
from geoapp.tiles.vegetation import measure_greenness, measure_ndvi
from geoapp.values import Extent

EXTENT = Extent(109.0, 28.0, 112.0, 31.0)
CELLS = st.lists(st.integers(0, 255), min_size=4, max_size=4)


@given(st.lists(CELLS, min_size=1, max_size=20))
def test_indexes_are_those_of_the_definition(cells):
    red, green, blue, infrared = np.array(cells, dtype=np.float64).T
    greens, ndvi = measure_greenness(red, green, blue), measure_ndvi(red, infrared)
    for at, (r, g, b, n) in enumerate(cells):
        if r + g + b == 0:
            assert math.isnan(greens[at])
        else:
            assert greens[at] == pytest.approx((2 * g - r - b) / (r + g + b))
            assert -1 <= greens[at] <= 2
        if r + n == 0:
            assert math.isnan(ndvi[at])
        else:
            assert ndvi[at] == pytest.approx((n - r) / (n + r))
            assert -1 <= ndvi[at] <= 1


def picture(folder, name, bands, said=()):
    values = np.random.default_rng(len(bands)).integers(1, 255, (len(bands), 40, 50))
    path = folder / f"{name}.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=40, width=50, dtype="uint8",
        crs="EPSG:4546", transform=from_origin(430_000, 3_230_000, 50, 50), photometric="RGB",
    ) as out:  # fmt: skip
        out.write(values.astype(np.uint8))
        for band, words in said:
            out.set_band_description(band, words)
    return values.astype(float)


def open_picture(folder, name):
    return Rasters(folder, EXTENT, Principal("a", "planner")).raster(name)


def test_the_near_infrared_is_the_band_that_the_file_calls_so(tmp_path):
    values = picture(tmp_path, "aerial", "RGBN", [(4, "NIR, 840 nm")])
    raster = open_picture(tmp_path, "aerial")
    assert offered_indexes(raster) == ("", "greenness", "ndvi")
    found = read_values(raster, "ndvi").values
    assert found == pytest.approx((values[3] - values[0]) / (values[3] + values[0]), abs=1e-6)
    found = read_values(raster, "greenness").values
    expected = (2 * values[1] - values[0] - values[2]) / values[:3].sum(axis=0)
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_fourth_band_without_a_name_is_not_taken_for_the_infrared(tmp_path):
    picture(tmp_path, "plain", "RGB?")
    raster = open_picture(tmp_path, "plain")
    assert offered_indexes(raster) == ("", "greenness")
    with pytest.raises(ChoiceError, match="zonal-no-band"):
        read_values(raster, "ndvi")


def test_a_height_model_is_no_picture(tmp_path):
    with rasterio.open(
        tmp_path / "dem.tif", "w", driver="GTiff", count=1, height=40, width=50, dtype="float32",
        crs="EPSG:4546", transform=from_origin(430_000, 3_230_000, 50, 50),
    ) as out:  # fmt: skip
        out.write(np.ones((1, 40, 50), np.float32))
    raster = open_picture(tmp_path, "dem")
    assert offered_indexes(raster) == ("",)
    with pytest.raises(ChoiceError, match="zonal-no-band"):
        read_values(raster, "greenness")
