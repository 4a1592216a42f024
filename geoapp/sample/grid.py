"""A regular grid of points over the plane: the frame of every raster the generator thinks in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Shape = Any  # one shapely geometry: its stubs know neither what a call returns nor its parts


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells, row 0 in the south, column 0 in the west; metres of the projected CRS.

    Attributes:
        x0: West edge of column 0.
        y0: South edge of row 0.
        step: Side of a cell, m.
        rows: Number of rows.
        columns: Number of columns.
    """

    x0: float
    y0: float
    step: float
    rows: int
    columns: int

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], step: float, margin: int) -> "Grid":
        """Cover ``(west, south, east, north)`` with ``margin`` more cells on every side."""
        west, south, east, north = bounds
        return cls(
            x0=west - margin * step,
            y0=south - margin * step,
            step=step,
            rows=int(np.ceil((north - south) / step)) + 2 * margin,
            columns=int(np.ceil((east - west) / step)) + 2 * margin,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, then columns, as numpy wants them."""
        return self.rows, self.columns

    @property
    def affine(self) -> tuple[float, float, float, float, float, float]:
        """Cell to plane, in rasterio's order of coefficients (row 0 in the south)."""
        return self.step, 0.0, self.x0, 0.0, self.step, self.y0

    def centres(self) -> tuple[Floats, Floats]:
        """East of every column and north of every row, cell centres, m."""
        east = self.x0 + (np.arange(self.columns) + 0.5) * self.step
        north = self.y0 + (np.arange(self.rows) + 0.5) * self.step
        return east, north

    def cell_of(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Row and column of the cell that holds each point; points outside go to the rim."""
        row = np.clip(((y - self.y0) / self.step).astype(np.int64), 0, self.rows - 1)
        column = np.clip(((x - self.x0) / self.step).astype(np.int64), 0, self.columns - 1)
        return row, column

    def sample(self, values: Floats, x: Floats, y: Floats) -> NDArray[np.float32]:
        """Read ``values`` (one per cell) between the cell centres, bilinear; any shape."""
        where = np.stack([(y - self.y0) / self.step - 0.5, (x - self.x0) / self.step - 0.5])
        read = ndimage.map_coordinates(values, where, order=1, mode="nearest")
        return np.asarray(read, np.float32)
