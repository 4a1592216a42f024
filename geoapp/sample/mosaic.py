"""The parcels of one district before they are cut by its outline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoapp.sample.grid import Flags, Floats, Grid, Ints
from geoapp.sample.growth import absorb_islands, grow, step_costs
from geoapp.sample.hierarchy import COARSEST_M, District, burn
from geoapp.sample.lattice import bend_lattice
from geoapp.sample.rings import Polygons, trace
from geoapp.sample.scatter import allot, scatter
from geoapp.sample.settle import reunite, settle_strays
from geoapp.sample.strips import Course, Strips, lay_strips
from geoapp.sample.terrain import Terrain, valley_share

CELLS_PER_PARCEL = 30
STRIP_SHARE = 0.12  # of the parcels that are not needed to give every village one
CROWDING = 14.0  # parcels per area on a valley floor, compared with a mountain side


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Uncut parcels of a district, row by row.

    Attributes:
        polygons: ``(n,)``, projected CRS.
        village: ``(n,)`` row in the district's villages.
        exchange: Row of the villages that each laid-out village has become.
        strip: ``(n,)`` kind of course, 0 for fields.
        ground: Mean of the terrain per parcel.
        links: Neighbouring parcels: two arrays of rows, each pair once.
    """

    polygons: Polygons
    village: NDArray[np.int64]
    exchange: NDArray[np.int64]
    strip: NDArray[np.int64]
    ground: dict[str, NDArray[np.float32]]
    links: tuple[NDArray[np.int64], NDArray[np.int64]]


def _fine_grid(district: District, parcels: int) -> Grid:
    step = min(np.sqrt(district.outline.area / (CELLS_PER_PARCEL * parcels)), COARSEST_M)
    step = min(float(step), district.grid.step)
    return Grid.over(district.outline.bounds, step, 5)


def _villages_below(district: District, grid: Grid) -> NDArray[np.int32]:
    """Read the coarse village of every fine cell."""
    east, north = grid.centres()
    coarse = district.grid
    row, _ = coarse.cell_of(np.full(north.shape, east[0]), north)
    _, column = coarse.cell_of(east, np.full(east.shape, north[0]))
    below: NDArray[np.int32] = district.village[row[:, None], column[None, :]]
    return below


def _neighbours(label: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the pairs of labels that share a cell side, rows counted from 0, each pair once."""
    pairs = []
    for one, two in (
        (label[:, :-1], label[:, 1:]),
        (label[:-1], label[1:]),
    ):
        meet = (one != two) & (one > 0) & (two > 0)
        low = np.minimum(one[meet], two[meet]).astype(np.int64)
        pairs.append(low * (2**31) + np.maximum(one[meet], two[meet]))
    both = np.unique(np.concatenate(pairs))
    return both // 2**31 - 1, both % 2**31 - 1


def _field_counts(total: int, village: Ints, weight: Floats, villages: int) -> NDArray[np.int64]:
    """Share the fields out to the villages, at least one each."""
    room = np.bincount(village, minlength=villages)
    claim = np.bincount(village, weight, villages)
    most = np.maximum(1, (0.4 * room).astype(np.int64))
    return allot(total, claim, np.ones(villages, np.int64), most)


def _thin(strips: Strips, free: Ints, villages: int, village: Ints) -> Strips:
    """Take strips away from villages that they leave hardly any other ground."""
    poor = np.bincount(free, minlength=villages + 1) < 6
    gone = np.unique(strips.label[poor[village] & (strips.label > 0)])
    keep = np.setdiff1d(np.arange(1, strips.kind.size), gone)
    renumber = np.zeros(strips.kind.size, np.int32)
    renumber[keep] = np.arange(1, keep.size + 1)
    label = renumber[strips.label]
    return Strips(label, strips.kind[np.concatenate([[0], keep])], strips.narrow * (label > 0))


def build_mosaic(
    district: District,
    terrain: Terrain,
    courses: list[Course],
    parcels: int,
    rng: np.random.Generator,
) -> Mosaic:
    """Cut one district into parcels.

    Args:
        district: Its outline and villages.
        terrain: Terrain of the city.
        courses: Rivers and roads of the city, most important first.
        parcels: Exact number of parcels, at least one per village.
        rng: Source of the randomness.
    """
    count = len(district.villages)
    grid = _fine_grid(district, parcels)
    inside = burn(grid, [(district.outline, 1)], touched=False) > 0
    area = ndimage.binary_dilation(inside, iterations=3)
    deep = ndimage.binary_erosion(inside, iterations=2)
    village = np.where(area, _villages_below(district, grid), 0)
    most = int(STRIP_SHARE * (parcels - count))
    strips = lay_strips(courses, district.outline, grid, village, deep, most)
    strips = _thin(strips, village[deep & (strips.label == 0)], count, village)
    layers = _layers(grid, terrain)
    density = 1 + CROWDING * layers.pop("valley")
    sown = _sow(deep & (strips.label == 0), village, density, parcels - strips.kind.size + 1, rng)
    label = _grow_parcels(grid, area, strips, sown[0], layers["height"], rng)
    lattice = bend_lattice(grid, label, strips.narrow, rng)
    strip = np.concatenate([strips.kind[1:], np.zeros(sown[0].size, np.int64)])
    first = np.concatenate([_strip_villages(strips, village), sown[1]])
    township = district.townships["code"].searchsorted(district.villages["parent"])
    # Parcels that only meet beyond the outline are no neighbours once it has cut them.
    inner = np.where(inside, label, 0)
    links = _neighbours(inner)
    village_of = settle_strays(first, np.asarray(township), links)
    exchange = reunite(village_of, np.asarray(township), links)
    return Mosaic(
        polygons=trace(label, lattice),
        village=exchange[village_of],
        exchange=exchange,
        strip=strip,
        ground=_means(inner, layers, parcels),
        links=links,
    )


def _means(
    label: Ints, layers: dict[str, NDArray[np.float32]], parcels: int
) -> dict[str, NDArray[np.float32]]:
    """Average the terrain over the cells of every parcel."""
    flat = label.ravel()
    size = np.maximum(np.bincount(flat, minlength=parcels + 1)[1:], 1)
    return {
        name: (np.bincount(flat, values.ravel(), parcels + 1)[1:] / size).astype(np.float32)
        for name, values in layers.items()
    }


def _layers(grid: Grid, terrain: Terrain) -> dict[str, NDArray[np.float32]]:
    """Read the terrain at every fine cell."""
    east, north = grid.centres()
    frame = terrain.grid
    fields = {
        "height": terrain.height,
        "above": terrain.above_valley,
        "slope": terrain.slope_deg,
        "moisture": terrain.moisture,
        "kind": terrain.kind,
        "valley": valley_share(terrain),
    }
    out = {name: np.empty(grid.shape, np.float32) for name in fields}
    for low in range(0, grid.rows, 512):
        part = slice(low, low + 512)
        x, y = np.meshgrid(east, north[part])
        for name, values in fields.items():
            out[name][part] = frame.sample(values, x, y)
    return out


def _sow(
    open_: Flags, village: Ints, density: Floats, fields: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose the seed cells of the fields: flat cell and village row of each."""
    row, column = np.nonzero(open_ & (village > 0))
    group = village[row, column].astype(np.int64) - 1
    counts = _field_counts(fields, group, density[row, column], int(village.max()))
    uneven = density[row, column] * np.exp(rng.normal(0, 0.5, row.size))
    drawn = scatter((row, column), group, uneven, counts, rng)
    return row[drawn] * village.shape[1] + column[drawn], group[drawn]


def _grow_parcels(
    grid: Grid,
    area: Flags,
    strips: Strips,
    seeds: Ints,
    height: Floats,
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """Label every cell with its parcel: strips first, then fields grown round their seeds."""
    start = np.zeros(grid.rows * grid.columns, np.int32)
    start[seeds] = np.arange(strips.kind.size, strips.kind.size + seeds.size)
    costs = step_costs(height, rng, climb=350 / grid.step)
    fields = area & (strips.label == 0)
    label = grow(start.reshape(grid.shape), fields, costs, diagonal=True)
    # Strips are pieces by themselves; fields keep the piece round their seed.
    keep = np.concatenate([np.zeros(strips.kind.size, np.int64), seeds])
    label = absorb_islands(label, keep)
    label = np.where(strips.label > 0, strips.label, label)
    # Pockets between strips that hold no seed go to whatever surrounds them.
    return grow(label, area, costs)


def _strip_villages(strips: Strips, village: Ints) -> NDArray[np.int64]:
    """Read the village row of every strip; a strip never leaves its village."""
    home = np.zeros(strips.kind.size, np.int64)
    home[strips.label.ravel()] = village.ravel() - 1
    return home[1:]
