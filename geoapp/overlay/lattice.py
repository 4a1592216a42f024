"""A grid over zones: where a cell is met by no border, it lies in one zone or in none."""

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geoapp.geometry.crs import Coordinates
from geoapp.geometry.flat import FlatPolygons
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers

Cells = NDArray[np.int32]

OUTSIDE: Final = -1
OPEN: Final = -2  # several zones, or a border
_MOST_CELLS: Final = 1 << 21
_CELLS_AN_EDGE: Final = 64
_FEWEST_CELLS: Final = 1 << 12
# Borders are drawn this much wider than they are, in cells, so that rounding hides none.
_MARGIN: Final = 1e-6


class Lattice(NamedTuple):
    """Cells over zones; outside of them lies no zone.

    Attributes:
        cells: ``(rows, columns)`` zone of each cell, ``OUTSIDE`` or ``OPEN``.
        opens: ``(rows + 1, columns + 1)`` number of open cells to the south-west.
        west: Left edge.
        south: Lower edge.
        size: Width and height of a cell, in the unit of the plane.
    """

    cells: Cells
    opens: Cells
    west: float
    south: float
    size: float


def make_lattice(cells: Cells, west: float, south: float, size: float) -> Lattice:
    """Make a lattice from its cells."""
    opens = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), dtype=np.int32)
    np.cumsum(np.cumsum(cells == OPEN, axis=0, dtype=np.int32), axis=1, out=opens[1:, 1:])
    return Lattice(np.ascontiguousarray(cells, dtype=np.int32), opens, west, south, size)


def build_lattice(borders: FlatPolygons, tree: shapely.STRtree, zones: Integers) -> Lattice:
    """Lay a lattice over zones.

    Args:
        borders: Polygons whose rings are all borders between zones.
        tree: Index of polygons, each of one zone, that tell what lies between the borders.
        zones: Zone of each polygon in the tree. A place in several zones is open.
    """
    wanted = min(_MOST_CELLS, max(_FEWEST_CELLS, _CELLS_AN_EDGE * len(borders.xy)))
    return draw_lattice(borders, wanted, lambda middles: _find_zones(middles, tree, zones))


def draw_lattice(
    borders: FlatPolygons, wanted: int, find_zones: Callable[[Coordinates], Integers]
) -> Lattice:
    """Lay a lattice of about so many cells over polygons.

    Args:
        borders: Polygons whose rings are all borders between zones.
        wanted: About how many cells.
        find_zones: Gives the zone of each of ``(k, 2)`` positions that lie on no border.
    """
    if len(borders.xy) == 0:
        return make_lattice(np.full((1, 1), OUTSIDE, dtype=np.int32), 0.0, 0.0, 1.0)
    low, high = borders.xy.min(axis=0), borders.xy.max(axis=0)
    size = _choose_size(high - low, wanted)
    # One cell of nothing all around stands for all that lies beyond.
    west, south = low - 1.5 * size
    columns, rows = np.ceil((high - (west, south)) / size).astype(int) + 2
    crossed = np.zeros((rows, columns), dtype=np.bool_)
    _mark_crossed(borders.xy, borders.rings, float(west), float(south), size, crossed)
    labels, count = ndimage.label(~crossed)
    row, column = _first_cells(labels, count)
    middles = np.column_stack([west + (column + 0.5) * size, south + (row + 0.5) * size])
    zone_of = np.append(OPEN, find_zones(middles)).astype(np.int32)
    return make_lattice(zone_of[labels], float(west), float(south), size)


def _choose_size(span: Floats, cells: int) -> float:
    """Choose a power of two, so that cells of several layers fit on one another."""
    longest = float(span.max())
    area = float(max(span[0], longest / 1024) * max(span[1], longest / 1024))
    return 2.0 ** math.ceil(math.log2(max(math.sqrt(area / cells), 1e-9)))


def _first_cells(labels: Cells, count: int) -> tuple[Integers, Integers]:
    """Give row and column of the first cell of each connected area of cells."""
    cells = np.zeros(count + 1, dtype=np.int64)
    cells[labels.ravel()[::-1]] = np.arange(labels.size)[::-1]  # the first cell is written last
    row, column = np.divmod(cells[1:], labels.shape[1])
    return row, column


def _find_zones(middles: Coordinates, tree: shapely.STRtree, zones: Integers) -> Integers:
    """Give the zone of each position, by polygons in a tree."""
    zone_of = np.full(len(middles), OUTSIDE, dtype=np.int64)
    positions = np.asarray(shapely.points(middles), dtype=object)
    point, polygon = tree.query(positions, predicate="intersects")
    # The same zone twice is no doubt: a middle may lie on a cut inside of a zone.
    pairs = np.unique(np.column_stack([point, zones[polygon]]), axis=0)
    point, zone = pairs[:, 0], pairs[:, 1]
    several = np.bincount(point, minlength=len(middles))[point] > 1
    zone_of[point] = np.where(several, OPEN, zone)
    return zone_of


@compiled
def _mark_crossed(
    xy: Floats, rings: Integers, west: float, south: float, size: float, crossed: NDArray[np.bool_]
) -> None:
    rows, columns = crossed.shape
    for ring in range(len(rings) - 1):
        for k in range(rings[ring], rings[ring + 1] - 1):
            x1, y1 = (xy[k, 0] - west) / size, (xy[k, 1] - south) / size
            x2, y2 = (xy[k + 1, 0] - west) / size, (xy[k + 1, 1] - south) / size
            if x1 > x2:
                x1, y1, x2, y2 = x2, y2, x1, y1
            slope = (y2 - y1) / (x2 - x1) if x2 > x1 else 0.0
            first = max(0, math.floor(x1 - _MARGIN))
            last = min(columns - 1, math.floor(x2 + _MARGIN))
            for column in range(first, last + 1):
                if first == last or x2 - x1 < 1e-9:
                    low, high = min(y1, y2), max(y1, y2)
                else:
                    left = min(max(column - _MARGIN, x1), x2)
                    right = max(min(column + 1 + _MARGIN, x2), x1)
                    at_left, at_right = y1 + (left - x1) * slope, y1 + (right - x1) * slope
                    low, high = min(at_left, at_right), max(at_left, at_right)
                bottom = max(0, math.floor(low - _MARGIN))
                top = min(rows - 1, math.floor(high + _MARGIN))
                for row in range(bottom, top + 1):
                    crossed[row, column] = True


@compiled
def find_cell_zone(
    cells: Cells,
    opens: Cells,
    west: float,
    south: float,
    size: float,
    box: Floats,
) -> int:
    """Give the zone that a box lies in wholly, ``OUTSIDE`` or ``OPEN``."""
    rows, columns = cells.shape
    left = min(max(math.floor((box[0] - west) / size), 0), columns - 1)
    right = min(max(math.floor((box[2] - west) / size), 0), columns - 1)
    bottom = min(max(math.floor((box[1] - south) / size), 0), rows - 1)
    top = min(max(math.floor((box[3] - south) / size), 0), rows - 1)
    found = (
        opens[top + 1, right + 1]
        - opens[bottom, right + 1]
        - opens[top + 1, left]
        + opens[bottom, left]
    )
    return OPEN if found else cells[bottom, left]
