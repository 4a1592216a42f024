"""Cells of a raster under polygons; every cell counts by its part inside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import FeatureSource, JSONFeature
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform

Floats = NDArray[np.float64]
_ROUNDING: Final = 1e-5  # parts of cells are told in single precision


@dataclass(frozen=True, slots=True)
class CellGrid:
    """Values of a raster, north up.

    Attributes:
        values: ``(rows, columns)``, not a number where nothing is known.
        bounds: West, south, east, north in ``crs``.
        crs: Its system.
        name: Id and version of the raster, so that a result can say what it read.
        sample: Whether it is made-up data.
    """

    values: NDArray[Any]
    bounds: tuple[float, float, float, float]
    crs: str
    name: str
    sample: bool

    @property
    def cell_area(self) -> float:
        """Area of a cell, square units of ``crs``."""
        west, south, east, north = self.bounds
        return (east - west) * (north - south) / self.values.size


@dataclass(frozen=True, slots=True)
class Covered:
    """Known cells under one polygon.

    Attributes:
        values: Value of each.
        shares: Part of the polygon that lies in each; their sum is what is known of it.
    """

    values: Floats
    shares: Floats

    @property
    def known_share(self) -> float:
        """Part of the polygon of which values are known."""
        return float(self.shares.sum())


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells under one polygon: their numbers, their parts inside, and its size in cells."""

    cells: NDArray[np.int32]
    parts: Floats
    whole: float


class _Feature(JSONFeature):  # type: ignore[misc]
    """A polygon that goes to exactextract as WKB: written and read much faster than GeoJSON."""

    def __init__(self, wkb: bytes) -> None:
        super().__init__()
        self._wkb = wkb

    def geometry(self) -> bytes:
        return self._wkb


class _Source(FeatureSource):  # type: ignore[misc]
    def __init__(self, polygons: Geometries, crs: str) -> None:
        super().__init__()
        self._polygons, self._crs = polygons, crs

    def count(self) -> int:
        return len(self._polygons)

    def __iter__(self) -> Iterator[_Feature]:
        return map(_Feature, shapely.to_wkb(self._polygons))

    def srs_wkt(self) -> str:
        return self._crs


def cover_cells(grid: CellGrid, polygons: Sequence[shapely.Geometry]) -> list[Covered]:
    """Find the cells under each polygon, EPSG:4490.

    A polygon that lies in the grid but for rounding counts as wholly in it.
    """
    return cover_alike([grid], polygons)[0]


def cover_alike(
    grids: Sequence[CellGrid], polygons: Sequence[shapely.Geometry]
) -> list[list[Covered]]:
    """Find the cells of several grids under each polygon; grids that lie alike share the work."""
    found: dict[tuple[object, ...], list[_Cells]] = {}
    for grid in grids:
        place = (grid.bounds, grid.values.shape, grid.crs)
        if place not in found:
            found[place] = _find_cells(grid, polygons)
    answers = []
    for grid in grids:
        values = grid.values.ravel()
        cells = found[grid.bounds, grid.values.shape, grid.crs]
        answers.append(
            [_share(values[one.cells].astype(np.float64), one.parts, one.whole) for one in cells]
        )
    return answers


def average_cells(grid: CellGrid, polygons: Geometries) -> tuple[Floats, Floats]:
    """Tell mean and known part of each polygon, EPSG:4490; the cells themselves are not held.

    Returns:
        ``(n,)`` means, not a number where nothing is known, and ``(n,)`` shares as
        ``Covered.known_share`` gives them.
    """
    if not len(polygons):
        return np.zeros(0), np.zeros(0)
    placed = transform(shapely.force_2d(polygons), GEOGRAPHIC, grid.crs)
    west, south, east, north = grid.bounds
    source = NumPyRasterSource(
        grid.values,
        nodata=np.nan,
        xmin=west,
        ymin=south,
        xmax=east,
        ymax=north,
        srs_wkt=grid.crs,
    )
    found = exact_extract(source, _Source(placed, grid.crs), ["mean", "count"], output="pandas")
    means = found["mean"].to_numpy(dtype=np.float64)
    known = found["count"].to_numpy(dtype=np.float64)
    whole = shapely.area(placed) / grid.cell_area
    shares = np.divide(known, whole, out=np.zeros(len(whole)), where=whole > 0)
    shares[np.abs(known - whole) <= _ROUNDING * np.maximum(whole, 1.0)] = 1.0
    shares[known == 0] = 0.0
    return means, shares


def _find_cells(grid: CellGrid, polygons: Sequence[shapely.Geometry]) -> list[_Cells]:
    if not len(polygons):
        return []
    shapes = shapely.force_2d(np.array(polygons, dtype=object))
    placed = transform(shapes, GEOGRAPHIC, grid.crs)
    west, south, east, north = grid.bounds
    # Asked for numbers of cells, not their values: unknown ones are counted as inside, too.
    numbers = np.arange(grid.values.size, dtype=np.int32).reshape(grid.values.shape)
    source = NumPyRasterSource(
        numbers, xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=grid.crs
    )
    found = exact_extract(
        source, _Source(placed, grid.crs), ["coverage", "values"], output="pandas"
    )
    whole = shapely.area(placed) / grid.cell_area
    return [
        _Cells(cells, np.asarray(parts, dtype=np.float64), float(size))
        for cells, parts, size in zip(found["values"], found["coverage"], whole, strict=True)
    ]


def _share(values: Floats, parts: Floats, whole: float) -> Covered:
    inside = float(parts.sum())
    if abs(inside - whole) <= _ROUNDING * max(whole, 1.0):
        whole = inside
    known = np.isfinite(values)
    shares = parts[known] / whole if whole > 0 else np.zeros(int(known.sum()))
    return Covered(values[known], shares)
