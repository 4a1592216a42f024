"""The land-use layer (DLTB)."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.cover import draw
from geoapp.sample.grid import Floats

SLOPE_GRADES_DEG = (2.0, 6.0, 15.0, 25.0)  # upper bounds, inclusive, of grades 1 to 4
LEAST_TERRACED_DEG = 6.0


def slope_grades(slope_deg: Floats) -> NDArray[np.object_]:
    """Grade slopes from "1" (up to 2 degrees) to "5" (over 25 degrees)."""
    return (np.searchsorted(SLOPE_GRADES_DEG, slope_deg) + 1).astype(str).astype(object)


def _running(village: NDArray[np.int64]) -> list[str]:
    """Number the parcels of every village from 1."""
    order = np.argsort(village, kind="stable")
    starts = np.searchsorted(village[order], village[order])
    number = np.empty(village.size, np.int64)
    number[order] = np.arange(village.size) - starts + 1
    return [f"{k:05d}" for k in number]


def build_landuse(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Write the parcels with the fields of the survey standard."""
    plan, parcels = city.plan.landuse, city.parcels
    where = city.village_columns(parcels.village)
    tilled = city.in_group("cultivated")
    slope = parcels.ground["slope"]
    state = city.in_group("water") | (city.in_group("built", "road") & _urban(city))
    crops = np.full(tilled.size, "", object)
    for row, wanted in enumerate(plan.classes):
        mine = np.flatnonzero(city.chosen == row)
        crops[mine] = draw(wanted.crops, mine.size, rng)
    kind = np.where(slope > LEAST_TERRACED_DEG, plan.terrace[0], plan.terrace[1])
    sloping = tilled & (slope > SLOPE_GRADES_DEG[0])
    columns = pd.DataFrame(
        {
            "bsm": identifiers(where["zldwdm"].str[:6].to_numpy(object), "01"),
            "tbbh": _running(parcels.village),
            "dlbm": city.code,
            "dlmc": city.name,
            "qsxz": np.where(state, plan.ownership[0], plan.ownership[1]),
            "qsdwdm": where["zldwdm"],
            "qsdwmc": where["zldwmc"],
            "zldwdm": where["zldwdm"],
            "zldwmc": where["zldwmc"],
            "tbmj": city.area_m2,
            "kcdlbm": "",
            "kcxs": 0.0,
            "kcmj": 0.0,
            "tbdlmj": city.area_m2,
            "gdlx": np.where(sloping, kind, ""),
            "gdpdjb": np.where(tilled, slope_grades(slope), ""),
            "zzsxdm": crops,
            "sjnf": plan.year,
        }
    )
    return layer(city.crs, parcels.polygons, columns)


def _urban(city: City) -> NDArray[np.bool_]:
    town: NDArray[np.bool_] = city.villages["town"].to_numpy(bool)[city.parcels.village]
    return town
