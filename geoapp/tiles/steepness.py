"""How much of a polygon is steep, by a height model: every cell counts by its part inside."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window

from geoapp.compliance.slope import Steepness
from geoapp.errors import FileError
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.tiles.hillshade import gradients, slope_degrees
from geoapp.tiles.raster import Rasters, cell_steps
from geoapp.tiles.raster_files import GDAL_OPTIONS, Raster

_DECIMALS: Final = 4  # of degrees, as slope classes are told
_MOST_CELLS: Final = 4_000_000


class HeightModel:
    """A height model of the workspace; slopes are those of its own cells."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster

    @property
    def name(self) -> str:
        """Its id and version."""
        return f"{self._raster.id}-{self._raster.version}"

    @property
    def sample(self) -> bool:
        """Whether it is made-up data."""
        return self._raster.sample

    def measure(self, parcels: Sequence[shapely.Geometry], degrees: float) -> list[Steepness]:
        """Measure polygons in EPSG:4490.

        Raises:
            FileError: The file cannot be read, or a polygon holds too many cells.
        """
        try:
            with (
                rasterio.Env(**GDAL_OPTIONS),
                rasterio.open(self._raster.path, driver="GTiff") as source,
            ):
                steps = cell_steps(source)
                system = source.crs.to_wkt()
                shapes = np.array(parcels, dtype=object)
                placed = transform(shapely.force_2d(shapes), GEOGRAPHIC, system)
                return [self._measure(source, steps, shape, degrees) for shape in placed]
        except FileError:
            raise
        except Exception as error:  # GDAL raises many kinds
            name = self._raster.path.name
            raise FileError("file-damaged", file=name, reason="slope") from error

    def _measure(
        self,
        source: Any,
        steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        shape: shapely.Geometry,
        degrees: float,
    ) -> Steepness:
        slopes, left, top = self._slopes(source, steps, shape)
        if slopes.size == 0:
            return Steepness(0.0, 0.0)
        inside = _cover(source, shape, slopes.shape, left, top)
        whole = float(shapely.area(shape)) / abs(source.transform.determinant)
        known = np.isfinite(slopes)
        steep = known & (np.round(slopes, _DECIMALS) > degrees)
        return Steepness(float(inside[steep].sum()) / whole, float(inside[known].sum()) / whole)

    def _slopes(
        self,
        source: Any,
        steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        shape: shapely.Geometry,
    ) -> tuple[NDArray[np.float64], int, int]:
        """Give slopes of the cells around a polygon, and the column and row of the first."""
        west, south, east, north = shapely.bounds(shape)
        back = ~source.transform
        corners = [back @ (x, y) for x in (west, east) for y in (south, north)]
        columns, rows = [c for c, _ in corners], [r for _, r in corners]
        left, top = max(math.floor(min(columns)), 1), max(math.floor(min(rows)), 1)
        right = min(math.ceil(max(columns)), source.width - 1)
        bottom = min(math.ceil(max(rows)), source.height - 1)
        if right <= left or bottom <= top:
            return np.zeros((0, 0)), left, top
        if (right - left) * (bottom - top) > _MOST_CELLS:
            raise FileError("raster-too-many-cells", file=source.name, most=_MOST_CELLS)
        window = Window(left - 1, top - 1, right - left + 2, bottom - top + 2)
        band = source.read(self._raster.bands[0], window=window, masked=True)
        if self._raster.nodata is not None:
            band = np.ma.masked_where(band.data == self._raster.nodata, band)
        heights = band.astype(np.float64) * source.scales[0] + source.offsets[0]
        inner = slice(top, bottom)
        rises = gradients(
            np.ma.filled(heights, np.nan), steps[0][inner, None], steps[1][inner, None]
        )
        return slope_degrees(*rises), left, top


def find_height_model(rasters: Rasters) -> HeightModel | None:
    """Find the finest height model that the principal may see."""
    models = [raster for raster in rasters.catalogue().rasters.values() if raster.kind == "dem"]
    finest = min(models, key=lambda raster: (raster.pixel, raster.id), default=None)
    return HeightModel(finest) if finest else None


def _cover(
    source: Any, shape: shapely.Geometry, size: tuple[int, ...], left: int, top: int
) -> NDArray[np.float64]:
    """Give the part of every cell that lies inside a polygon."""
    rows, columns = np.indices(size)
    x, y = columns + left, rows + top
    cells = shapely.box(x, y, x + 1, y + 1)
    back = ~source.transform
    drawn = shapely.transform(shape, lambda xy: np.column_stack(back @ (xy[:, 0], xy[:, 1])))
    shapely.prepare(drawn)
    parts = np.where(shapely.contains_properly(drawn, cells), 1.0, 0.0)
    edge = (parts == 0.0) & shapely.intersects(drawn, cells)
    parts[edge] = shapely.area(shapely.intersection(cells[edge], drawn))
    return parts
