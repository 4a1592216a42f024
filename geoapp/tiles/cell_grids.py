"""Rasters of the workspace as grids of cells, for measuring under polygons."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from geoapp.errors import ChoiceError, FileError
from geoapp.planning.cells import CellGrid
from geoapp.tiles.hillshade import gradients, slope_classes, slope_degrees
from geoapp.tiles.raster import cell_steps
from geoapp.tiles.raster_files import GDAL_OPTIONS, Raster
from geoapp.tiles.vegetation import (
    INDEXES,
    Index,
    band_numbers,
    find_infrared,
    measure_greenness,
    measure_ndvi,
)

_STRIP: Final = 256  # rows read at a time
_MOST_CELLS: Final = 100_000_000


def read_slope_grades(raster: Raster) -> CellGrid:
    """Grade the slope of every cell of a height model: 1 to 5, not a number if unknown.

    Raises:
        FileError: The file cannot be read, is turned, or holds too many cells.
    """
    return _read(raster, _grade)


def read_values(raster: Raster, index: Index = "") -> CellGrid:
    """Read heights of a height model, or brightness of a picture: the mean of its bands.

    Args:
        raster: The raster.
        index: Instead of brightness how green a picture is; see ``vegetation``.

    Raises:
        FileError: The file cannot be read, is turned, or holds too many cells.
        ChoiceError: The picture lacks a band that the index needs, or is no picture.
    """
    if not index:
        return _read(raster, _values)
    return _read(raster, lambda source, raster: _greens(source, raster, index))


def offered_indexes(raster: Raster) -> tuple[Index, ...]:
    """List what can be read of a raster: ``""`` for heights or brightness, and indexes.

    Raises:
        FileError: The file cannot be read.
    """
    if raster.kind != "imagery":
        return ("",)
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(raster.path, driver="GTiff") as source:
            infrared = find_infrared(source)
    except Exception as error:  # GDAL raises many kinds
        raise FileError("file-damaged", file=raster.path.name, reason="cells") from error
    return tuple(
        index for index in INDEXES if not index or band_numbers(raster.bands, infrared, index)
    )


def name_grid(raster: Raster) -> str:
    """Name a raster and its version, as results do."""
    return f"{raster.id}-{raster.version}"


def _read(raster: Raster, fill: Callable[[Any, Raster], NDArray[np.float32]]) -> CellGrid:
    name = raster.path.name
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(raster.path, driver="GTiff") as source:
            _require_plain(source, name)
            bounds = tuple(source.bounds)
            return CellGrid(
                fill(source, raster),
                (bounds[0], bounds[1], bounds[2], bounds[3]),
                source.crs.to_wkt(),
                name_grid(raster),
                raster.sample,
            )
    except (FileError, ChoiceError):
        raise
    except Exception as error:  # GDAL raises many kinds
        raise FileError("file-damaged", file=name, reason="cells") from error


def _require_plain(source: Any, name: str) -> None:
    if source.width * source.height > _MOST_CELLS:
        raise FileError("raster-too-many-cells", file=name, most=_MOST_CELLS)
    place = source.transform
    if place.b or place.d or place.a <= 0 or place.e >= 0:
        raise FileError("raster-turned", file=name)


def _grade(source: Any, raster: Raster) -> NDArray[np.float32]:
    grades = np.full((source.height, source.width), np.nan, np.float32)
    east, south = cell_steps(source)
    for top in range(1, source.height - 1, _STRIP):
        bottom = min(top + _STRIP, source.height - 1)
        heights = _band(source, raster, raster.bands[0], top - 1, bottom + 1)
        inner = slice(top, bottom)
        rises = gradients(heights, east[inner, None], south[inner, None])
        found = slope_classes(slope_degrees(*rises)).astype(np.float32)
        grades[inner, 1:-1] = np.where(found > 0, found, np.nan)
    return grades


def _values(source: Any, raster: Raster) -> NDArray[np.float32]:
    values = np.empty((source.height, source.width), np.float32)
    for top in range(0, source.height, _STRIP):
        bottom = min(top + _STRIP, source.height)
        bands = [_band(source, raster, band, top, bottom) for band in raster.bands]
        if raster.kind == "imagery":
            bands = _colours(bands, 0.0 if raster.nodata is None else raster.nodata)
        values[top:bottom] = np.mean(bands, axis=0)
    return values


def _greens(source: Any, raster: Raster, index: Index) -> NDArray[np.float32]:
    infrared = find_infrared(source)
    numbers = band_numbers(raster.bands, infrared, index) if raster.kind == "imagery" else ()
    if not numbers:
        raise ChoiceError("zonal-no-band", raster=raster.id, index=index)
    absent = 0.0 if raster.nodata is None else raster.nodata
    values = np.empty((source.height, source.width), np.float32)
    for top in range(0, source.height, _STRIP):
        bottom = min(top + _STRIP, source.height)
        bands = _colours([_band(source, raster, n, top, bottom) for n in numbers], absent)
        measure = measure_greenness if index == "greenness" else measure_ndvi
        values[top:bottom] = measure(*bands)
    return values


def _colours(bands: list[NDArray[np.float64]], absent: float) -> list[NDArray[np.float64]]:
    """Make unknown what no band knows, and black fill; black in one band alone is a colour."""
    filled = [np.where(np.isfinite(band), band, absent) for band in bands]
    known = np.any(np.isfinite(bands), axis=0) & (np.max(filled, axis=0) > 0)
    return [np.where(known, band, np.nan) for band in filled]


def _band(source: Any, raster: Raster, band: int, top: int, bottom: int) -> NDArray[np.float64]:
    found = source.read(band, window=Window(0, top, source.width, bottom - top), masked=True)
    if raster.nodata is not None:
        found = np.ma.masked_where(found.data == raster.nodata, found)
    scaled = found.astype(np.float64) * source.scales[band - 1] + source.offsets[band - 1]
    filled: NDArray[np.float64] = np.ma.filled(scaled, np.nan)
    return filled
