"""The grid of all tiles: Web Mercator in whole numbers, x east and y south.

The world is 2^30 units wide, 3.7 cm at the equator, so that one unit of a tile at the largest
zoom is one unit of the grid. Only for drawing: CGCS2000 counts as WGS 84 here, and no figure
is taken from it.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats
from geoapp.tiles.rules import EXTENT, MAX_ZOOM

GRID_BITS: Final = 30
_LIMIT: Final = 85.0511287798066  # latitude at which the square of the world ends

Units = NDArray[np.int32]
Bytes = NDArray[np.uint8]


class TileAddress(NamedTuple):
    """A tile of the XYZ scheme; rows count from the north."""

    zoom: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Tell whether the scheme has such a tile."""
        side = 1 << min(max(self.zoom, 0), GRID_BITS)
        return 0 <= self.zoom <= GRID_BITS and 0 <= self.x < side and 0 <= self.y < side

    @property
    def shift(self) -> int:
        """Bits between a unit of the tile and a unit of the grid."""
        return MAX_ZOOM - self.zoom

    def box(self, reach: int) -> Floats:
        """West, north, east, south in the grid, and some units further, wide for rounding."""
        unit = float(1 << self.shift)
        west, north = self.x * EXTENT - reach - 1, self.y * EXTENT - reach - 1
        side = EXTENT + 2 * (reach + 1)
        corners = (west, north, west + side, north + side)
        return np.array(corners, dtype=np.float64) * unit


@compiled
def project(longitude: float, latitude: float) -> tuple[int, int]:
    """Give the position of a place in the grid."""
    side = float(1 << 30)
    bounded = min(max(latitude, -_LIMIT), _LIMIT)
    y = 0.5 - math.log(math.tan(math.pi / 4 + math.radians(bounded) / 2)) / (2 * math.pi)
    x = longitude / 360.0 + 0.5
    return (
        int(min(max(math.floor(x * side), 0.0), side - 1)),
        int(min(max(math.floor(y * side), 0.0), side - 1)),
    )


@compiled
def project_all(degrees: Floats, placed: Units) -> None:
    """Write the positions of ``(n, 2)`` places."""
    for k in range(len(degrees)):
        placed[k, 0], placed[k, 1] = project(degrees[k, 0], degrees[k, 1])


@compiled
def settle_rings(
    degrees: Floats, rings: Offsets, holes: Bytes, placed: Units, sizes: Offsets
) -> int:
    """Put rings into the grid, outer ones clockwise as seen on the map, holes the other way.

    Args:
        degrees: ``(m, 2)`` longitude and latitude; each ring ends where it begins.
        rings: ``(r + 1,)`` where each ring begins.
        holes: ``(r,)`` 1 for a hole.
        placed: Room for ``(m, 2)`` positions; rings follow one another, not closed.
        sizes: Room for ``(r,)`` numbers of vertices, equal neighbours counted once.

    Returns:
        How many positions were written.
    """
    at = 0
    for ring in range(len(rings) - 1):
        begin = at
        for v in range(rings[ring], rings[ring + 1] - 1):
            x, y = project(degrees[v, 0], degrees[v, 1])
            if at == begin or placed[at - 1, 0] != x or placed[at - 1, 1] != y:
                placed[at, 0], placed[at, 1] = x, y
                at += 1
        while at - begin > 1 and (
            placed[at - 1, 0] == placed[begin, 0] and placed[at - 1, 1] == placed[begin, 1]
        ):
            at -= 1
        sizes[ring] = at - begin
        double = 0.0
        for v in range(begin, at):
            w = v + 1 if v + 1 < at else begin
            x0, y0 = float(placed[v, 0] - placed[begin, 0]), float(placed[v, 1] - placed[begin, 1])
            x1, y1 = float(placed[w, 0] - placed[begin, 0]), float(placed[w, 1] - placed[begin, 1])
            double += x0 * y1 - x1 * y0
        if (double < 0) != (holes[ring] == 1):
            reverse(placed, begin, at)
    return at


@compiled
def settle_lines(degrees: Floats, lines: Offsets, placed: Units, sizes: Offsets) -> int:
    """Put lines into the grid, each in its own direction; see ``settle_rings``.

    A line that ends where it begins keeps its last vertex.
    """
    at = 0
    for line in range(len(lines) - 1):
        begin = at
        for v in range(lines[line], lines[line + 1]):
            x, y = project(degrees[v, 0], degrees[v, 1])
            if at == begin or placed[at - 1, 0] != x or placed[at - 1, 1] != y:
                placed[at, 0], placed[at, 1] = x, y
                at += 1
        sizes[line] = at - begin
    return at


@compiled
def reverse(placed: Units, begin: int, end: int) -> None:
    """Turn the direction of a stretch of vertices."""
    low, high = begin, end - 1
    while low < high:
        x, y = placed[low, 0], placed[low, 1]
        placed[low, 0], placed[low, 1] = placed[high, 0], placed[high, 1]
        placed[high, 0], placed[high, 1] = x, y
        low += 1
        high -= 1


@compiled
def bound_features(placed: Units, rings: Offsets, features: Offsets, boxes: Floats) -> None:
    """Write ``(n, 4)`` west, north, east, south of features; inverted where there is nothing."""
    for k in range(len(features) - 1):
        boxes[k, 0], boxes[k, 1] = np.inf, np.inf
        boxes[k, 2], boxes[k, 3] = -np.inf, -np.inf
        for v in range(rings[features[k]], rings[features[k + 1]]):
            x, y = float(placed[v, 0]), float(placed[v, 1])
            boxes[k, 0], boxes[k, 2] = min(boxes[k, 0], x), max(boxes[k, 2], x)
            boxes[k, 1], boxes[k, 3] = min(boxes[k, 1], y), max(boxes[k, 3], y)
