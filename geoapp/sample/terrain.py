"""Terrain of the whole city: rivers first, then valleys around them, then ridges between."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoapp.sample.drainage import Drainage, trace_drainage
from geoapp.sample.grid import Floats, Grid, Ints
from geoapp.sample.noise import fractal, smoothstep
from geoapp.sample.plan import Relief
from geoapp.sample.randomness import generator

STEP_M = 120.0
MARGIN_CELLS = 25


@dataclass(frozen=True, slots=True)
class Terrain:
    """What the ground looks like; every array is ``grid.shape``.

    Attributes:
        grid: Frame, projected CRS of the city.
        height: Height above sea level, m.
        above_valley: Height above the nearest valley floor, m.
        slope_deg: Slope, degrees.
        moisture: Soil moisture, standard deviations from the mean.
        kind: A second field like ``moisture``, free of it: which tree, which crop.
        drainage: Streams, main rivers first.
    """

    grid: Grid
    height: NDArray[np.float32]
    above_valley: NDArray[np.float32]
    slope_deg: NDArray[np.float32]
    moisture: NDArray[np.float32]
    kind: NDArray[np.float32]
    drainage: Drainage


def _nearest_stream(grid: Grid, drainage: Drainage, least: float) -> tuple[Floats, Ints]:
    """Find, for every cell, the nearest stream of at least that flow: distance (m) and node."""
    large = np.flatnonzero(drainage.flow >= least)
    order = large[np.argsort(drainage.flow[large], kind="stable")]
    row, column = grid.cell_of(drainage.x[order], drainage.y[order])
    owner = np.full(grid.shape, -1, np.int64)
    owner[row, column] = order
    near = ndimage.distance_transform_edt(owner < 0, return_distances=False, return_indices=True)
    nearest = owner[near[0], near[1]]
    east, north = grid.centres()
    away_x = east[None, :] - drainage.x[nearest]
    away_y = north[:, None] - drainage.y[nearest]
    return np.hypot(away_x, away_y), nearest


def _rise(away_m: Floats, length_m: float) -> Floats:
    """Climb from a valley: gentle at its foot, steep on its side, flat at the ridge; 0 to 1."""
    return 1 - np.exp(-((np.maximum(away_m, 0) / length_m) ** 1.4))


def _basins(grid: Grid, seats: NDArray[np.float64], radius_m: float) -> Floats:
    """Widen the valley floor around the seats, m."""
    east, north = grid.centres()
    widening = np.zeros(grid.shape)
    for x, y in seats:
        near = np.hypot(east[None, :] - x, north[:, None] - y)
        widening += radius_m * np.exp(-((near / radius_m) ** 2))
    return widening


def shape_terrain(
    bounds: tuple[float, float, float, float],
    rivers: list[NDArray[np.float64]],
    seats: NDArray[np.float64],
    relief: Relief,
    seed: int,
) -> Terrain:
    """Raise the mountains of a city.

    Args:
        bounds: West, south, east, north of the city, projected CRS, m.
        rivers: Main rivers as ``(n, 2)`` points from source to mouth; may be empty.
        seats: ``(k, 2)`` towns that must lie in a valley; the first one is the outlet of the
            water if there are no rivers.
        relief: Heights and distances to aim at.
        seed: Seed of the city.
    """
    rng = generator(seed, "terrain")
    grid = Grid.over(bounds, STEP_M, MARGIN_CELLS)
    drainage = trace_drainage(bounds, rivers, seats, relief, rng)
    wide = _basins(grid, seats, relief.basin_m)
    bend = 1 + 0.25 * fractal(grid.shape, rng, wavelength=25)
    brook_m, brook = _nearest_stream(grid, drainage, 0)
    valley_m, valley = _nearest_stream(grid, drainage, relief.valley_cells)
    strength = np.clip(drainage.flow / (40 * relief.valley_cells), 0.02, 1) ** 0.4
    floor_m = relief.valley_half_m * strength
    brook_rise = _rise(brook_m * bend - 0.4 * floor_m[brook] - wide, 0.45 * relief.slope_length_m)
    valley_rise = _rise(valley_m * bend - floor_m[valley] - wide, 2.2 * relief.slope_length_m)
    grandeur = 0.9 + 0.33 * fractal(grid.shape, rng, wavelength=200, roughness=2.6)
    rough = 1 + 0.3 * fractal(grid.shape, rng, wavelength=45, roughness=2.1)
    above = (0.3 * brook_rise + 0.7 * valley_rise) * np.clip(grandeur, 0.2, 1.8) * rough
    above = ndimage.gaussian_filter(relief.height_m * np.maximum(above, 0), 0.8)
    above = above.astype(np.float32)
    level = ndimage.gaussian_filter(drainage.level_m[valley], 8)
    height = (level + above).astype(np.float32)
    slope_y, slope_x = np.gradient(height, grid.step)
    return Terrain(
        grid=grid,
        height=height,
        above_valley=above,
        slope_deg=np.degrees(np.arctan(np.hypot(slope_x, slope_y))).astype(np.float32),
        moisture=fractal(grid.shape, rng, wavelength=90),
        kind=fractal(grid.shape, rng, wavelength=70),
        drainage=drainage,
    )


def valley_share(terrain: Terrain) -> NDArray[np.float32]:
    """Say how much of a valley each cell is: 1 on the floor, 0 high up."""
    return 1 - smoothstep(terrain.above_valley, 15.0, 160.0)
