"""A batch of satellite patches around the sample's cases: known ground, rebuilt ground, and new."""

from datetime import timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoapp.sample.plan_layers import Demolition
from geoapp.sample.randomness import generator

COUNT: Final = 48
_STREAM: Final = "patches"
_WINDOW_DAYS: Final = 90
_ASIDE_DEGREES: Final = 0.0009  # some 100 m: beside a building, not on it


def build_patches(demolition: gpd.GeoDataFrame, plan: Demolition, seed: int) -> gpd.GeoDataFrame:
    """Lay patches over cases: a third on open ones, a third on torn-down ones, a third beside.

    Args:
        demolition: The sample's cases, EPSG:4490.
        plan: When the register ends.
        seed: The same seed gives the same patches.

    Returns:
        Fields as a superior office hands them over, EPSG:4490.
    """
    rng = generator(seed, _STREAM)
    torn = demolition["demolished_on"].to_numpy(object) != ""
    third = COUNT // 3
    rows = np.concatenate(
        [
            rng.choice(np.flatnonzero(~torn), third, replace=False),
            rng.choice(np.flatnonzero(torn), COUNT - third, replace=False),
        ]
    )
    shapes = demolition.geometry.to_numpy()[rows]
    aside = np.arange(COUNT) >= 2 * third
    shapes[aside] = shapely.transform(shapes[aside], lambda xy: xy + _ASIDE_DEGREES)
    kinds = plan.patch_kinds or ("",)
    ages = rng.integers(0, _WINDOW_DAYS, COUNT)
    after = [plan.last_day - timedelta(days=int(age)) for age in ages]
    before = plan.last_day - timedelta(days=2 * _WINDOW_DAYS)
    return gpd.GeoDataFrame(
        {
            "JCBH": [f"{plan.last_day.year}Q4-{place:03d}" for place in range(1, COUNT + 1)],
            "TBLX": [kinds[place % len(kinds)] for place in range(COUNT)],
            "QSX": [before.isoformat()] * COUNT,
            "HSX": [day.isoformat() for day in after],
        },
        geometry=shapes,
        crs=demolition.crs,
    )
