"""Traditional villages and model hamlets: places in villages."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.cover import draw
from geoapp.sample.outline import areas_of, blob, share_nodes
from geoapp.sample.scatter import allot

CORE_M = (220.0, 420.0)


def _homes(city: City) -> NDArray[np.float64]:
    """Find a settlement of every village: x, y; a point inside where nothing is built."""
    built = np.flatnonzero(city.in_group("built"))
    spots = shapely.get_coordinates(shapely.point_on_surface(city.parcels.polygons[built]))
    middles = city.villages[["x", "y"]].to_numpy(np.float64)
    homes = shapely.get_coordinates(shapely.point_on_surface(city.villages.geometry.to_numpy()))
    village = city.parcels.village[built]
    away = np.hypot(*(spots - middles[village]).T)
    order = np.lexsort((away, village))
    first = order[np.concatenate([[True], np.diff(village[order]) > 0])] if built.size else order
    homes[village[first]] = spots[first]
    return np.asarray(homes, np.float64)


def _spread(city: City, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose village rows spread over the districts, rural ones first, each once if possible."""
    rural = ~city.villages["town"].to_numpy(bool)
    district = city.villages["code"].str[:6].to_numpy(object)
    names, place = np.unique(district, return_inverse=True)
    size = np.bincount(place, rural + 0.01)
    number = allot(count, size, np.zeros(names.size, int), np.full(names.size, count))
    rows = []
    for k, wanted in enumerate(number.tolist()):
        mine = np.flatnonzero(place == k)
        mine = mine[np.lexsort((rng.random(mine.size), ~rural[mine]))]
        rows.append(np.resize(mine, wanted))
    return np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)


def build_traditional(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw the core zone of every traditional village and the control zone round it."""
    plan = city.plan.traditional
    homes = _homes(city)
    rows = _spread(city, plan.count, rng)
    shapes, records = [], []
    batches = draw(dict.fromkeys(plan.batches, 1.0), rows.size, rng)
    for row, batch in zip(rows.tolist(), batches, strict=True):
        x, y = homes[row]
        width, height = rng.uniform(*CORE_M, 2)
        core = blob(x, y, width, height, rng)
        around = blob(x, y, 2.3 * width, 2.3 * height, rng)
        home = city.villages.geometry.iloc[row]
        core = areas_of(shapely.intersection(core, home))
        control = areas_of(
            shapely.difference(areas_of(shapely.intersection(around, home)), core), 1.0
        )
        name = city.place_name(city.villages["name"].iloc[row]) + plan.suffix
        for zone, shape in zip(plan.zones, share_nodes((core, control)), strict=True):
            if not shape.is_empty:
                shapes.append(shape)
                records.append((name, row, zone, batch))
    columns = pd.DataFrame(records, columns=["mc", "row", "lx", "pc"])
    where = city.village_columns(columns.pop("row").to_numpy(np.int64))
    columns.insert(1, "zldwdm", where["zldwdm"])
    columns.insert(0, "bsm", identifiers(where["zldwdm"].str[:6].tolist(), "07"))
    return layer(city.crs, np.array(shapes, dtype=object), columns)


def build_hamlets(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Place the model hamlets beside settlements, exactly as many as planned."""
    plan = city.plan.hamlets
    rows = _spread(city, plan.count, rng)
    homes = _homes(city)[rows]
    suffix = draw(dict.fromkeys(plan.suffixes, 1.0), rows.size, rng)
    where = city.village_columns(rows)
    names = [city.place_name(name) for name in city.villages["name"].iloc[rows]]
    columns = pd.DataFrame(
        {
            "bsm": identifiers(where["zldwdm"].str[:6].tolist(), "08"),
            "mc": np.array(names, object) + suffix,
            "zldwdm": where["zldwdm"],
            "zldwmc": where["zldwmc"],
            "nd": rng.integers(plan.years[0], plan.years[1] + 1, rows.size),
            "dj": draw(plan.grades, rows.size, rng),
        }
    )
    return layer(city.crs, np.asarray(shapely.points(homes)), columns)
