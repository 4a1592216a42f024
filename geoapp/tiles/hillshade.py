"""Relief and slope of a height grid.

Gradients by Horn's weights over three by three heights. Relief: light from the north-west,
315 degrees, 45 degrees high. Slope classes of the 2008 grading rule for farmland.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Heights = NDArray[np.float64]
Flags = NDArray[np.bool_]

AZIMUTH_DEG: Final = 315.0
ALTITUDE_DEG: Final = 45.0
SLOPE_BOUNDS_DEG: Final = (2.0, 6.0, 15.0, 25.0)  # a slope on a bound is in the flatter class
_DECIMALS: Final = 4  # far below any height's worth; keeps a slope of exactly 2 degrees at 2


def gradients(
    heights: Heights, east_m: NDArray[np.float64], south_m: NDArray[np.float64]
) -> tuple[Heights, Heights]:
    """Give how steeply the ground rises to the east and to the north.

    Args:
        heights: ``(rows + 2, columns + 2)`` metres, north up: one more on every side.
        east_m: Ground size of a pixel from west to east, ``(rows, 1)`` or a number, metres.
        south_m: Likewise from north to south.

    Returns:
        Two grids ``(rows, columns)``, metres per metre; not a number beside a missing height.
    """
    across = heights[:, 2:] - heights[:, :-2]
    rise_east = (across[:-2] + 2 * across[1:-1] + across[2:]) / (8 * east_m)
    down = heights[:-2] - heights[2:]
    rise_north = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / (8 * south_m)
    return rise_east, rise_north


def relief(rise_east: Heights, rise_north: Heights) -> Heights:
    """Give the light on the ground, 0 (in shadow) to 1 (facing the light).

    Level ground gets the sine of the light's altitude.
    """
    azimuth, altitude = np.radians(AZIMUTH_DEG), np.radians(ALTITUDE_DEG)
    towards_east = np.sin(azimuth) * np.cos(altitude)
    towards_north = np.cos(azimuth) * np.cos(altitude)
    light = np.sin(altitude) - rise_east * towards_east - rise_north * towards_north
    lit: Heights = np.clip(light / np.sqrt(1 + rise_east**2 + rise_north**2), 0, 1)
    return lit


def slope_degrees(rise_east: Heights, rise_north: Heights) -> Heights:
    """Give the steepest slope, degrees from level."""
    slopes: Heights = np.degrees(np.arctan(np.hypot(rise_east, rise_north)))
    return slopes


def slope_classes(slopes: Heights) -> NDArray[np.uint8]:
    """Grade slopes 1 to 5, 0 where the slope is not known."""
    rounded = np.round(slopes, _DECIMALS)
    grades = np.digitize(rounded, SLOPE_BOUNDS_DEG, right=True) + 1
    return np.where(np.isfinite(slopes), grades, 0).astype(np.uint8)
