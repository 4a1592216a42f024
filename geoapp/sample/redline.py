"""Ecological redline: high forest and reserves; some zones follow parcels, some cut them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.grid import Flags, Floats, Ints
from geoapp.sample.hierarchy import burn
from geoapp.sample.measure import official_areas
from geoapp.sample.noise import fractal
from geoapp.sample.outline import areas_of, smooth_area
from geoapp.sample.parcels import unite
from geoapp.sample.rings import Polygons
from geoapp.sample.scatter import scatter

LEAST_PART_M2 = 60_000.0


@dataclass(frozen=True, slots=True)
class _Field:
    """Where the redline lies, on the terrain's grid.

    Attributes:
        inside: Cells of the redline.
        district: Row of the district + 1 per cell, 0 outside the city.
        zone: Zone per cell, 0 to k - 1.
        smooth: ``(k,)`` zones that are drawn smooth.
        x: ``(k,)`` east of the zones' middles, m.
        y: ``(k,)`` north.
    """

    inside: Flags
    district: Ints
    zone: NDArray[np.int64]
    smooth: Flags
    x: Floats
    y: Floats


def _field(city: City, reserves: Polygons, urban: Polygons, rng: np.random.Generator) -> _Field:
    """Choose the ground: high, wild, in reserves, and away from the towns."""
    plan, grid, terrain = city.plan.redline, city.terrain.grid, city.terrain
    outlines = city.districts.geometry.to_numpy()
    district = burn(grid, [(shape, k) for k, shape in enumerate(outlines, 1)], touched=False)
    value = ndimage.gaussian_filter(terrain.above_valley, 5) / 260
    value = value + 0.9 * fractal(grid.shape, rng, wavelength=110, roughness=2.6)
    value += 1.3 * (burn(grid, [(shape, 1) for shape in reserves], touched=False) > 0)
    value -= 1.2 * (burn(grid, [(shape, 1) for shape in urban], touched=False) > 0)
    value = ndimage.gaussian_filter(value, 2)
    in_city = district > 0
    # A little more than the share, for parcels with houses and fields are left out.
    inside = in_city & (value > np.quantile(value[in_city], 1 - 1.1 * plan.share))
    row, column = np.nonzero(inside)
    # Zones that come out as more than one feature, or none, about balance.
    number = np.array([min(plan.count, row.size // 3)])
    drawn = scatter((row, column), np.zeros(row.size, np.int64), np.ones(row.size), number, rng)
    seeds = np.column_stack([row[drawn], column[drawn]])
    cells = np.indices(grid.shape).reshape(2, -1).T
    warp = 6 * fractal(grid.shape, rng, wavelength=30).reshape(-1, 1)
    _, zone = cKDTree(seeds).query(cells + warp)
    order = np.argsort(terrain.kind[row[drawn], column[drawn]], kind="stable")
    smooth = np.zeros(seeds.shape[0], np.bool_)
    smooth[order[: round(plan.smooth * order.size)]] = True
    east, north = grid.centres()
    return _Field(
        inside, district, zone.reshape(grid.shape), smooth, east[column[drawn]], north[row[drawn]]
    )


def _parcel_zones(city: City, field: _Field) -> tuple[Polygons, NDArray[np.int64]]:
    """Unite wild parcels by zone and district; also the zone of each."""
    grid = city.terrain.grid
    middle = shapely.get_coordinates(shapely.point_on_surface(city.parcels.polygons))
    spot = grid.cell_of(middle[:, 0], middle[:, 1])
    zone = field.zone[spot]
    wild = city.in_group("forest", "grass", "bare", "water")
    picked = np.flatnonzero(field.inside[spot] & wild & ~field.smooth[zone])
    district = city.villages["code"].str[:6].to_numpy(object)[city.parcels.village[picked]]
    _, place = np.unique(district, return_inverse=True)
    key, group = np.unique(zone[picked] * 1000 + place, return_inverse=True)
    shapes = unite(city.parcels.polygons[picked], group.astype(np.int64), key.size)
    return shapes, key // 1000


def _smooth_zones(city: City, field: _Field, taken: Polygons) -> tuple[Polygons, NDArray[np.int64]]:
    """Draw smooth zones by zone and district, cut where other zones already lie."""
    tree = shapely.STRtree(taken)
    shapes, zones = [], []
    for number in np.flatnonzero(field.smooth).tolist():
        for row, outline in enumerate(city.districts.geometry.to_numpy(), start=1):
            mine = field.inside & (field.zone == number) & (field.district == row)
            # Smoothing moves outlines by up to a cell: the gap keeps neighbours apart.
            mine = ndimage.binary_erosion(mine) if mine.any() else mine
            shape = smooth_area(mine, city.terrain.grid, LEAST_PART_M2)
            if shape.is_empty:
                continue
            shape = areas_of(shapely.intersection(shape, outline))
            for other in np.sort(tree.query(shape, predicate="intersects")):
                shape = areas_of(shapely.difference(shape, taken[other]))
            shape = areas_of(shape, LEAST_PART_M2)
            if not shape.is_empty:
                shapes.append(shape)
                zones.append(number)
    return np.array(shapes, dtype=object), np.array(zones, np.int64)


def _kinds(city: City, field: _Field, zone: NDArray[np.int64]) -> NDArray[np.object_]:
    """Name the function of zones after their ground: wet, steep, or neither."""
    terrain, kinds = city.terrain, city.plan.redline.kinds
    spot = terrain.grid.cell_of(field.x, field.y)
    wet = ndimage.gaussian_filter(terrain.moisture, 10)[spot]
    steep = ndimage.gaussian_filter(terrain.slope_deg, 10)[spot]
    kind = np.full(field.x.size, kinds[1], object)
    kind[steep > np.quantile(steep, 0.65)] = kinds[2]
    kind[wet > np.quantile(wet, 0.65)] = kinds[0]
    chosen: NDArray[np.object_] = kind[zone]
    return chosen


def build_redline(
    city: City, reserves: Polygons, urban: Polygons, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Draw the redline.

    Args:
        city: The city.
        reserves: Areas that belong to it by preference.
        urban: Areas that it keeps away from, as a rule.
        rng: Source of the randomness.
    """
    field = _field(city, reserves, urban, rng)
    exact, exact_zone = _parcel_zones(city, field)
    smooth, smooth_zone = _smooth_zones(city, field, exact)
    shapes = np.concatenate([exact, smooth])
    zone = np.concatenate([exact_zone, smooth_zone])
    points = shapely.point_on_surface(shapes)
    home = shapely.STRtree(city.townships.geometry.to_numpy()).nearest(points)
    township = city.townships.iloc[home]
    kind = _kinds(city, field, zone)
    district = township["code"].str[:6].to_numpy(object)
    columns = pd.DataFrame(
        {
            "bsm": identifiers(district, "02"),
            "xzqdm": district,
            "mc": township["name"].to_numpy(object) + kind + city.plan.redline.suffix,
            "lhlx": kind,
            "mj": official_areas(shapes, city.crs),
        }
    )
    return layer(city.crs, shapes, columns)
