"""A net of quadrilaterals bent out of every regular shape, from which parcels are cut.

Vertices are moved off the grid at random; every edge gets one more point beside its middle.
The net stays planar by construction: each cell is star-shaped seen from its centre (checked,
mended where not), and the extra point of an edge stays inside one of the two triangles that
the edge spans with the centres beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoapp.sample.grid import Flags, Floats, Grid, Ints

JITTER = 0.26  # of a cell, per axis
SMOOTHING = (0.8, 0.7, 0.5)  # how far border vertices move to the mean of their neighbours, in turn
BEND = 0.30  # of the way from the middle of an edge to a cell's centre
DECIMALS = 4  # the survey stores plane coordinates to 0.1 mm


@dataclass(frozen=True, slots=True)
class Lattice:
    """The bent net over a grid.

    Attributes:
        grid: The cells before bending.
        x: ``(rows + 1, columns + 1)`` east of the vertices, m.
        y: The same, north.
        bend: ``(2, rows + 1, columns + 1)``: where the extra point of the edge that leaves a
            vertex to the east (0) or north (1) lies, towards the right (< 0) or left (> 0)
            centre, in parts of the way.
    """

    grid: Grid
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    bend: NDArray[np.float32]

    def points(self, vertex: Ints) -> NDArray[np.float64]:
        """Read ``(n, 2)`` coordinates of flat vertex numbers."""
        return np.column_stack([self.x.ravel()[vertex], self.y.ravel()[vertex]])

    def middles(self, vertex: Ints, heading: Ints) -> NDArray[np.float64]:
        """Place the extra point of edges, the same for both directions of an edge.

        Args:
            vertex: Flat number of the vertex where each edge starts.
            heading: 0 east, 1 north, 2 west, 3 south.
        """
        width = self.grid.columns + 1
        origin = vertex - np.where(heading == 2, 1, 0) - np.where(heading == 3, width, 0)
        upright = heading % 2
        end = origin + np.where(upright, width, 1)
        middle = (self.points(origin) + self.points(end)) / 2
        bend = self.bend.reshape(2, -1)[upright, origin].astype(np.float64)
        # Left of an eastward edge is the cell above it; left of a northward one the cell before.
        row, column = np.divmod(origin, width)
        row = row - ((upright == 0) & (bend <= 0))
        column = column - ((upright == 1) & (bend > 0))
        rim = (row < 0) | (column < 0) | (row >= self.grid.rows) | (column >= self.grid.columns)
        corner = np.where(rim, 0, row * width + column)
        corners = np.concatenate([corner, corner + 1, corner + width, corner + width + 1])
        centre = self.points(corners).reshape(4, -1, 2).mean(axis=0)
        pull = np.where(rim, 0.0, np.abs(bend))[:, None]
        return np.asarray(np.round(middle + pull * (centre - middle), DECIMALS))


def _crooked(x: Floats, y: Floats) -> Flags:
    """Mark the cells that are not star-shaped, seen from the mean of their corners."""
    ring = ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))
    rows, columns = x.shape[0] - 1, x.shape[1] - 1
    corner_x = [x[r : r + rows, c : c + columns] for r, c in ring]
    corner_y = [y[r : r + rows, c : c + columns] for r, c in ring]
    middle_x, middle_y = sum(corner_x[:4]) / 4, sum(corner_y[:4]) / 4
    bad = np.zeros((rows, columns), np.bool_)
    for k in range(4):
        turn = (corner_x[k] - middle_x) * (corner_y[k + 1] - middle_y)
        turn -= (corner_x[k + 1] - middle_x) * (corner_y[k] - middle_y)
        bad |= turn < 0.02  # of a cell's area
    return bad


def _pull_to_strips(strip: Floats) -> tuple[Floats, Floats]:
    """Narrow the strips: move their corner vertices towards the strip's middle.

    Args:
        strip: ``(rows, columns)``; 0 outside strips, else the part of the way to move.

    Returns:
        Shifts of the vertices, in cells, east and north.
    """
    rows, columns = strip.shape
    total = np.zeros((4, rows + 1, columns + 1), np.float32)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        spot = (slice(down, rows + down), slice(right, columns + right))
        inside = strip > 0
        total[0][spot] += inside
        total[1][spot] += strip
        total[2][spot] += inside * (0.5 - right)
        total[3][spot] += inside * (0.5 - down)
    count = np.maximum(total[0], 1)
    factor = (total[1] / count) / count
    return total[2] * factor, total[3] * factor


def _smooth_borders(label: Ints, x: Floats, y: Floats) -> None:
    """Straighten the stairs of the borders between labels, in place.

    Args:
        label: ``(rows, columns)``.
        x: ``(rows + 1, columns + 1)`` vertices, in cells.
        y: The same.
    """
    east = np.zeros(x.shape, np.float32)  # 1 where the edge to the next vertex is a border
    north = np.zeros(x.shape, np.float32)
    east[1:-1, :-1] = label[1:] != label[:-1]
    north[:-1, 1:-1] = label[:, 1:] != label[:, :-1]
    degree = east + north
    degree[:, 1:] += east[:, :-1]
    degree[1:] += north[:-1]
    on_border = degree >= 2
    for strength in SMOOTHING:
        for part in (x, y):
            total = np.zeros(part.shape, np.float32)
            total[:, :-1] += east[:, :-1] * part[:, 1:]
            total[:, 1:] += east[:, :-1] * part[:, :-1]
            total[:-1] += north[:-1] * part[1:]
            total[1:] += north[:-1] * part[:-1]
            mean = total / np.maximum(degree, 1)
            # Half the way only: the vertex itself counts as much as its neighbours together.
            np.add(part, 0.5 * strength * (mean - part), out=part, where=on_border)


def bend_lattice(grid: Grid, label: Ints, strip: Floats, rng: np.random.Generator) -> Lattice:
    """Bend a grid.

    Args:
        grid: Frame.
        label: Parcel of every cell: borders between parcels are smoothed.
        strip: How much each cell is to be narrowed, 0 to 0.7; 0 for all but roads and rivers.
        rng: Source of the randomness.
    """
    shape = (grid.rows + 1, grid.columns + 1)
    calm = np.ones(shape, np.float32)
    shift_x = rng.uniform(-JITTER, JITTER, shape).astype(np.float32)
    shift_y = rng.uniform(-JITTER, JITTER, shape).astype(np.float32)
    pull_x, pull_y = _pull_to_strips(strip)
    near_strip = (pull_x != 0) | (pull_y != 0)
    shift_x = np.where(near_strip, 0.4 * shift_x, shift_x) + pull_x
    shift_y = np.where(near_strip, 0.4 * shift_y, shift_y) + pull_y
    column = np.arange(shape[1], dtype=np.float32)[None, :]
    row = np.arange(shape[0], dtype=np.float32)[:, None]
    smooth_x, smooth_y = column + shift_x, row + shift_y
    _smooth_borders(label, smooth_x, smooth_y)
    shift_x, shift_y = smooth_x - column, smooth_y - row
    while (bad := _crooked(column + calm * shift_x, row + calm * shift_y)).any():
        for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
            calm[down : down + grid.rows, right : right + grid.columns][bad] *= 0.8
    bend = rng.uniform(-BEND, BEND, (2, *shape)).astype(np.float32)
    x = grid.x0 + grid.step * (column + calm * shift_x).astype(np.float64)
    y = grid.y0 + grid.step * (row + calm * shift_y).astype(np.float64)
    return Lattice(grid=grid, x=np.round(x, DECIMALS), y=np.round(y, DECIMALS), bend=bend)
