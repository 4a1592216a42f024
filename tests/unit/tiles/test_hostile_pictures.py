"""Rasters that would fill the memory of whoever reads them whole."""

import resource
import time

import pytest
import rasterio
from rasterio.transform import from_origin

from tests.unit.tiles.test_rasters import NORTH, WEST, middle, open_rasters

SIDE = 100_000  # 10 000 million pixels: 10 GB once unpacked


def bomb(path, **profile):
    """Write a small file that says it is a very large picture; its blocks were never written."""
    place = from_origin(WEST, NORTH, 0.5, 0.5)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=SIDE, width=SIDE, dtype="uint8",
        crs="EPSG:4546", transform=place, sparse_ok=True, bigtiff="yes", **profile
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 10_000_000
    return path


def memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("profile", [{"tiled": True, "blockxsize": 512, "blockysize": 512}, {}])
def test_a_raster_of_very_many_pixels_is_never_read_whole(tmp_path, profile):
    bomb(tmp_path / "imagery-2024.tif", **profile)
    before, start = memory_mb(), time.monotonic()
    rasters = open_rasters(tmp_path)
    for raster in rasters.catalogue().rasters.values():
        for zoom in {*raster.least_zoom.values(), raster.most_zoom}:
            content = rasters.tile(raster, middle(raster, zoom), "", "png")
            assert len(content or b"") < 100_000
    assert memory_mb() - before < 500
    assert time.monotonic() - start < 10


def test_a_raster_whose_single_block_fills_the_memory_is_refused(tmp_path):
    path = bomb(tmp_path / "imagery-2024.tif", blockysize=50_000)
    rasters = open_rasters(tmp_path)
    catalogue = rasters.catalogue()
    assert not catalogue.rasters
    assert [(name, error.code) for name, error in catalogue.unusable] == [
        (path.name, "raster-block-too-large")
    ]
