"""Townships and villages of one district on a coarse grid: where each lies, roughly.

The fine mosaic later gives them their true borders; here every unit gets one connected piece
and an area that fits its number of villages.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from geoapp.sample.grid import Flags, Floats, Grid, Ints, Shape
from geoapp.sample.growth import absorb_islands, grow, step_costs
from geoapp.sample.scatter import scatter
from geoapp.sample.terrain import Terrain, valley_share

COARSEST_M = 280.0
MARGIN_CELLS = 6
BALANCE_ROUNDS = 14
STREET_SHARE = 0.35  # area of an urban village, compared with a rural one
LAST_STREET = 99  # GB/T 10114: 001-099 are subdistricts, 100-199 towns, 200-399 townships


@dataclass(frozen=True, slots=True)
class District:
    """One district before its parcels are drawn.

    Attributes:
        code: Six digits.
        outline: Real outline, projected CRS.
        grid: Coarse frame.
        village: ``grid.shape``; row of ``villages`` + 1, filled a little beyond the outline.
        inside: Cells well inside the outline.
        villages: Columns code, name, parent, x, y (centre, m), town (bool: urban).
        townships: Columns code, name, parent, x, y.
    """

    code: str
    outline: Shape
    grid: Grid
    village: NDArray[np.int32]
    inside: Flags
    villages: pd.DataFrame
    townships: pd.DataFrame


def burn(grid: Grid, shapes: list[tuple[Shape, int]], *, touched: bool) -> Ints:
    """Write numbers into the cells under shapes; later shapes win; 0 elsewhere."""
    if not shapes:
        return np.zeros(grid.shape, np.int32)
    a, b, c, d, e, f = grid.affine
    burnt: Ints = rasterize(
        shapes,
        out_shape=grid.shape,
        transform=(a, b, c, d, e, f),
        all_touched=touched,
        dtype="int32",
    )
    return burnt


def _township_seeds(
    townships: pd.DataFrame,
    target: Floats,
    grid: Grid,
    deep: Flags,
    seats: dict[str, tuple[float, float]],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Choose a flat seed cell for every township: real seats, streets round them, the rest."""
    row, column = np.nonzero(deep)
    x = grid.x0 + (column + 0.5) * grid.step
    y = grid.y0 + (row + 0.5) * grid.step
    free = np.ones(row.size, np.bool_)
    chosen = np.full(len(townships), -1, np.int64)
    codes = townships["code"].tolist()
    known = [k for k, code in enumerate(codes) if code in seats]
    streets = [k for k, code in enumerate(codes) if int(code[6:9]) <= LAST_STREET]
    reach = 0.8 * np.sqrt(target[streets].mean()) * grid.step if streets else 0.0
    spots = [(k, *seats[codes[k]]) for k in known]
    if known and streets:
        mid_x, mid_y = seats[codes[known[0]]]
        others = [k for k in streets if k not in known]
        turn = rng.uniform(0, 2 * np.pi)
        for n, k in enumerate(others):
            angle = turn + 2 * np.pi * n / len(others)
            spots.append((k, mid_x + reach * np.cos(angle), mid_y + reach * np.sin(angle)))
    for k, spot_x, spot_y in spots:
        away = np.where(free, np.hypot(x - spot_x, y - spot_y), np.inf)
        chosen[k] = int(np.argmin(away))
        free &= np.hypot(x - x[chosen[k]], y - y[chosen[k]]) > max(2.5 * grid.step, 0.5 * reach)
    rest = np.flatnonzero(chosen < 0)
    candidates = np.flatnonzero(free)
    if rest.size:
        drawn = scatter(
            (row[candidates], column[candidates]),
            np.zeros(candidates.size, np.int64),
            np.ones(candidates.size),
            np.array([rest.size]),
            rng,
        )
        chosen[rest] = candidates[drawn]
    return row[chosen] * grid.columns + column[chosen]


def _balanced(
    seeds: Ints, area: Flags, costs: tuple[Ints, Ints], target: Floats
) -> NDArray[np.int32]:
    """Grow townships whose areas come near their targets by slowing the large ones."""
    start = np.zeros(area.shape, np.int32)
    start.ravel()[seeds] = np.arange(1, seeds.size + 1)
    burden = np.ones(seeds.size + 1)
    label = grow(start, area, costs, burden=burden)
    for _ in range(BALANCE_ROUNDS):
        size = np.bincount(label[area], minlength=burden.size)[1:]
        burden[1:] = np.clip(burden[1:] * (np.maximum(size, 1) / target) ** 0.35, 0.15, 8)
        label = grow(start, area, costs, burden=burden)
    return absorb_islands(label, np.concatenate([[0], seeds]))


def _fence(costs: tuple[Ints, Ints], label: Ints) -> tuple[Ints, Ints]:
    """Make steps across the borders of regions dearer than any way inside them."""
    east, north = costs[0].copy(), costs[1].copy()
    east[:, :-1][label[:, 1:] != label[:, :-1]] = 10_000_000
    north[:-1][label[1:] != label[:-1]] = 10_000_000
    return east, north


def _centres(
    label: Ints, inside: Flags, lowness: Floats, grid: Grid, seeds: Ints
) -> tuple[Floats, Floats]:
    """Place the middle of every region: low ground near its seed; x and y, m."""
    flat = np.flatnonzero((inside & (label > 0)).ravel())
    region = label.ravel()[flat] - 1
    row, column = np.divmod(flat, grid.columns)
    seed_row, seed_column = np.divmod(seeds, grid.columns)
    away = np.hypot(row - seed_row[region], column - seed_column[region])
    score = lowness.ravel()[flat] / 40 + away
    order = np.lexsort((score, region))
    first = order[np.searchsorted(region[order], np.arange(seeds.size))]
    return grid.x0 + (column[first] + 0.5) * grid.step, grid.y0 + (row[first] + 0.5) * grid.step


def _village_seeds(
    township: Ints, spread: Floats, owner: Ints, seats: Ints, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose a flat seed cell for every village.

    Args:
        township: Township of every cell, from 1.
        spread: Wanted density of villages; 0 where none may start.
        owner: Township row per village.
        seats: Flat cell of every township's seat.
        rng: Source of the randomness.
    """
    row, column = np.nonzero(spread)
    group = township[row, column].astype(np.int64) - 1
    number = np.bincount(owner, minlength=seats.size).astype(np.int64)
    drawn = scatter((row, column), group, spread[row, column], number, rng)
    cell = row[drawn] * township.shape[1] + column[drawn]
    seat_row, seat_column = np.divmod(seats[owner], township.shape[1])
    away = np.hypot(row[drawn] - seat_row, column[drawn] - seat_column)
    # The lowest codes are the urban communities: they go nearest to the seat.
    return np.asarray(cell[np.lexsort((away, owner))], np.int64)


def lay_out(
    code: str,
    outline: Shape,
    units: pd.DataFrame,
    seats: dict[str, tuple[float, float]],
    terrain: Terrain,
    rng: np.random.Generator,
) -> District:
    """Divide one district into townships and villages.

    Args:
        code: Code of the district.
        outline: Its outline, projected CRS.
        units: Columns code, name, level, parent; units of other districts are ignored.
        seats: Known seats by township code, projected CRS, m.
        terrain: Terrain of the city.
        rng: Source of the randomness.
    """
    inner = units[units["code"].str.startswith(code)]
    townships = inner[inner["level"] == "township"].sort_values("code").reset_index(drop=True)
    villages = inner[inner["level"] == "village"].sort_values("code").reset_index(drop=True)
    step = min(COARSEST_M, float(np.sqrt(outline.area / (60 * len(villages)))))
    grid = Grid.over(outline.bounds, step, MARGIN_CELLS)
    inside = burn(grid, [(outline, 1)], touched=False) > 0
    area = ndimage.binary_dilation(inside, iterations=MARGIN_CELLS - 1)
    deep = ndimage.binary_erosion(inside, iterations=2)
    east, north = np.meshgrid(*grid.centres())
    height = terrain.grid.sample(terrain.height, east, north)
    valley = terrain.grid.sample(valley_share(terrain), east, north)
    above = terrain.grid.sample(terrain.above_valley, east, north)
    costs = step_costs(height, rng, climb=300 / step)

    owner = np.asarray(townships["code"].searchsorted(villages["parent"]))
    number = np.bincount(owner, minlength=len(townships)).astype(np.float64)
    street = townships["code"].str[6:9].astype(int).to_numpy() <= LAST_STREET
    claim = number * np.where(street, STREET_SHARE, 1.0)
    target = inside.sum() * claim / claim.sum()
    seeds = _township_seeds(townships, target, grid, deep, seats, rng)
    # First inside, so that no unit hangs together only beyond the outline; then outwards.
    township = grow(_balanced(seeds, inside, costs, target), area, costs)

    spread = np.where(deep, 0.35 + valley, 0)
    cell = _village_seeds(township, spread, owner, seeds, rng)
    start = np.zeros(grid.shape, np.int32)
    start.ravel()[cell] = np.arange(1, cell.size + 1)
    fenced = _fence(costs, township)
    village = grow(grow(start, inside, fenced), area, fenced)

    x, y = _centres(township, deep, above, grid, seeds)
    for k, name in enumerate(townships["code"]):
        x[k], y[k] = seats.get(name, (x[k], y[k]))
    vx, vy = _centres(village, deep, above, grid, cell)
    return District(
        code=code,
        outline=outline,
        grid=grid,
        village=village,
        inside=inside,
        villages=villages.assign(x=vx, y=vy, town=street[owner]),
        townships=townships.assign(x=x, y=y),
    )
