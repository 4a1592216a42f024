"""Tiles of the Web Mercator plane: addresses, rectangles, size of a pixel on the ground.

Only for drawing: nothing is ever measured in this plane.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.errors import ChoiceError

PLANE: Final = "EPSG:3857"
TILE_PX: Final = 256
DEEPEST: Final = 24
RADIUS_M: Final = 6378137.0
HALF_M: Final = math.pi * RADIUS_M
_ECCENTRICITY_2: Final = 0.006694380022900788  # CGCS2000
_NUMBER: Final = re.compile("0|[1-9][0-9]{0,8}")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class TileAddress:
    """Zoom, column from the west and row from the north of one tile."""

    z: int
    x: int
    y: int

    @classmethod
    def parse(cls, z: str, x: str, y: str) -> "TileAddress":
        """Read an address as it stands in a path.

        Raises:
            ChoiceError: It is not the address of a tile.
        """
        if all(_NUMBER.fullmatch(part) for part in (z, x, y)) and int(z) <= DEEPEST:
            address = cls(int(z), int(x), int(y))
            if max(address.x, address.y) < 2**address.z:
                return address
        raise ChoiceError("tile-address-wrong", address=f"{z}/{x}/{y}"[:_SHOWN])


def pixel_m(zoom: int) -> float:
    """Give the side of a pixel in metres of the plane."""
    return 2 * HALF_M / (TILE_PX << zoom)


def ground_steps(zoom: int, row: int, count: int) -> tuple[NDArray[np.float64], ...]:
    """Give the size on the ground of the pixels of some rows.

    Args:
        zoom: Zoom of the grid of pixels.
        row: First row, counted in pixels from the north edge of the plane.
        count: How many rows.

    Returns:
        Two arrays ``(count, 1)``, metres: from west to east, and from north to south.
    """
    north = HALF_M - (row + np.arange(count) + 0.5) * pixel_m(zoom)
    latitude = np.arctan(np.sinh(north / RADIUS_M))
    shrink = 1 - _ECCENTRICITY_2 * np.sin(latitude) ** 2
    east = pixel_m(zoom) * np.cos(latitude) / np.sqrt(shrink)
    return east[:, None], (east * (1 - _ECCENTRICITY_2) / shrink)[:, None]


def deepest_useful(pixel: float) -> int:
    """Name the first zoom whose pixels are no larger than one of the plane's metres given."""
    exact = math.log2(2 * HALF_M / TILE_PX / pixel)
    return max(0, min(DEEPEST - 2, math.ceil(exact - 0.05)))
