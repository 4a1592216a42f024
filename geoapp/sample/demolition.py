"""The demolition register: cases whose sums are the reported figures, to the cent."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.cover import draw
from geoapp.sample.footprint import draw_footprints
from geoapp.sample.grid import Flags, Ints
from geoapp.sample.measure import official_areas
from geoapp.sample.plan_layers import Demolition
from geoapp.sample.shares import exact_amounts, exact_counts

MOST_HOUSEHOLDS = 30
LARGE_M2 = 900.0  # typical floor area of a building of an enterprise
LONGEST_CASE_DAYS = 400


def build_demolition(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Write the register.

    Raises:
        ValueError: The plan's households do not fit its number of cases.
    """
    plan = city.plan.demolition
    pending = round(plan.cases * plan.open_share)
    done = np.arange(plan.cases + pending) < plan.cases
    owner = draw(plan.owners, done.size, rng)
    large = owner == list(plan.owners)[min(1, len(plan.owners) - 1)]
    households, floor = _sizes(plan, done, large, rng)
    spots, village = _spots(city, done.size, rng)
    storeys = rng.choice([1.0, 1.5, 2.0, 2.5, 3.0], done.size, p=[0.3, 0.2, 0.3, 0.1, 0.1])
    shapes = draw_footprints(spots, floor / storeys, rng)
    found, demolished = _dates(plan, done, rng)
    where = city.village_columns(village)
    district = where["zldwdm"].str[:6].to_numpy(object)
    status = np.where(done, draw(plan.done, done.size, rng), draw(plan.pending, done.size, rng))
    land = official_areas(shapes, city.crs)
    columns = pd.DataFrame(
        {
            "status": status,
            "mode": np.where(done, draw(plan.modes, done.size, rng), ""),
            "owner_kind": owner,
            "cause": draw(plan.causes, done.size, rng),
            "households": households,
            "floor_area_m2": floor,
            "land_area_m2": land,
            "demolished_households": np.where(done, households, 0),
            "demolished_floor_area_m2": np.where(done, floor, 0.0),
            "demolished_land_area_m2": np.where(done, land, 0.0),
            "zldwdm": where["zldwdm"],
            "zldwmc": where["zldwmc"],
            "found_on": found,
            "demolished_on": demolished,
        }
    )
    order = np.lexsort((np.arange(done.size), found, district))
    columns = columns.iloc[order].reset_index(drop=True)
    columns.insert(0, "bsm", identifiers(columns["zldwdm"].str[:6].tolist(), "09"))
    columns.insert(1, "case_no", _numbers(columns["zldwdm"].str[:6], columns["found_on"].str[:4]))
    return layer(city.crs, shapes[order], columns)


def _sizes(
    plan: Demolition, done: Flags, large: Flags, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw households and floor area (m²) of every case; those done have exact sums."""
    low = np.where(large, 0, 1)
    high = np.where(large, 1, MOST_HOUSEHOLDS)
    mean = max(plan.households / plan.cases - 1, 0.2)
    households = np.empty(done.size, np.int64)
    floor = np.empty(done.size)
    per_household = plan.floor_area_m2 / plan.households
    dwelling = np.exp(rng.normal(0, 0.35, done.size)) * per_household
    for part, total in ((done, plan.households), (~done, None)):
        size = int(part.sum())
        whole = total if total is not None else max(round(size * (mean + 1)), int(low[part].sum()))
        whole = min(whole, int(high[part].sum())) if total is None else whole
        households[part] = exact_counts(whole, low[part], high[part], mean, rng)
    big = LARGE_M2 * np.exp(rng.normal(0, 0.7, done.size))
    weight = np.where(large, big, dwelling * np.maximum(households, 1))
    floor[done] = exact_amounts(round(plan.floor_area_m2 * 100), weight[done]) / 100
    floor[~done] = np.round(np.maximum(weight[~done], 1), 2)
    return households, floor


def _spots(
    city: City, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Choose places on built-up parcels: coordinates and village rows."""
    built = np.flatnonzero(city.in_group("built"))
    ground = built if built.size else np.arange(len(city.code))
    weight = np.sqrt(city.area_m2[ground])
    parcel = ground[rng.choice(ground.size, count, p=weight / weight.sum())]
    shapes = city.parcels.polygons[parcel]
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    spots = middle.copy()
    reach = 0.6 * np.sqrt(shapely.area(shapes))
    waiting = np.arange(count)
    for _ in range(12):
        trial = middle[waiting] + reach[waiting, None] * rng.uniform(-1, 1, (waiting.size, 2))
        good = shapely.contains_xy(shapes[waiting], trial)
        spots[waiting[good]] = trial[good]
        waiting = waiting[~good]
    return spots, city.parcels.village[parcel]


def _dates(
    plan: Demolition, done: Flags, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Draw the day found and the day demolished, ISO text; "" for those that still stand."""
    first = date(plan.years[0], 1, 1).toordinal()
    last = plan.last_day.toordinal()
    torn = rng.integers(first + LONGEST_CASE_DAYS // 8, last + 1, done.size)
    took = rng.integers(20, LONGEST_CASE_DAYS, done.size)
    found = np.where(done, np.maximum(torn - took, first), last - took // 2)

    def written(days: Ints) -> NDArray[np.object_]:
        return np.array([date.fromordinal(day).isoformat() for day in days.tolist()], object)

    return written(found), np.where(done, written(torn), "")


def _numbers(district: pd.Series, year: pd.Series) -> pd.Series:
    """Number the cases of every district and year from 1."""
    running = district.groupby([district, year]).cumcount() + 1
    return district + "-" + year + "-" + running.astype(str).str.zfill(4)
