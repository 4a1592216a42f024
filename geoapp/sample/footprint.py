"""Footprints of buildings: rectangles and L-shapes at any angle."""

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoapp.sample.grid import Floats
from geoapp.sample.rings import Polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray

L_SHARE = 0.35


def draw_footprints(spots: Floats, area_m2: Floats, rng: np.random.Generator) -> Polygons:
    """Draw one building per spot.

    Args:
        spots: ``(n, 2)`` middles, m.
        area_m2: ``(n,)`` wanted footprint areas.
        rng: Source of form and angle.

    Returns:
        ``(n,)`` polygons of those areas.
    """
    size = len(spots)
    ratio = rng.uniform(1.1, 2.4, size)
    notch = np.where(rng.random(size) < L_SHARE, rng.uniform(0.3, 0.6, (2, size)), 0.0)
    # An L is a rectangle without one corner; the rectangle is larger by that corner.
    full = area_m2 / (1 - notch[0] * notch[1])
    width = np.sqrt(full * ratio)
    depth = full / width
    cut_x, cut_y = 1 - notch
    zero, one = np.zeros(size), np.ones(size)
    x = np.stack([zero, one, one, cut_x, cut_x, zero]) - 0.5
    y = np.stack([zero, zero, cut_y, cut_y, one, one]) - 0.5
    x, y = x * width, y * depth
    angle = rng.uniform(0, np.pi, size)
    east = spots[:, 0] + x * np.cos(angle) - y * np.sin(angle)
    north = spots[:, 1] + x * np.sin(angle) + y * np.cos(angle)
    corners: NDArray[np.float64] = np.stack([east.T, north.T], axis=-1)
    shapes: Polygons = np.asarray(shapely.polygons(np.round(corners, 4)))
    plain = notch[0] == 0
    shapes[plain] = shapely.polygons(np.round(corners[plain][:, [0, 1, 2, 5]], 4))
    return shapes
