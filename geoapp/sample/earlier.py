"""Land use a survey earlier: the same parcels, some of them of another class."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoapp.sample.city import City
from geoapp.sample.landuse import build_landuse
from geoapp.sample.plan import Earlier

_BY_CLASS = ["dlbm", "dlmc", "qsxz", "gdlx", "gdpdjb", "zzsxdm"]  # what goes with the class


def choose_earlier(
    city: City, earlier: Earlier, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose the parcels that had another class, each once.

    Returns:
        Their rows, ascending, and the row in the plan's classes that each had.
    """
    row_of = {wanted.code: row for row, wanted in enumerate(city.plan.landuse.classes)}
    was = np.full(city.code.size, -1)
    for flow in earlier.flows:
        open_ = np.flatnonzero((city.code == flow.now) & (was < 0))
        number = min(open_.size, round(flow.share * np.count_nonzero(city.code == flow.now)))
        was[rng.permutation(open_)[:number]] = row_of[flow.was]
    rows = np.flatnonzero(was >= 0)
    return rows, was[rows]


def build_earlier(
    city: City, landuse: gpd.GeoDataFrame, earlier: Earlier, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Write the parcels as they were: what did not change stays as it is in every field.

    Args:
        city: The city now.
        landuse: Its finished land use, a row a parcel.
        earlier: What has changed since.
        rng: Source of randomness.
    """
    rows, was = choose_earlier(city, earlier, rng)
    classes = city.plan.landuse.classes
    chosen, code, name = city.chosen.copy(), city.code.copy(), city.name.copy()
    chosen[rows] = was
    code[rows] = [classes[row].code for row in was]
    name[rows] = [classes[row].name for row in was]
    then = build_landuse(replace(city, chosen=chosen, code=code, name=name), rng)
    frame = landuse.assign(sjnf=earlier.as_of.year)
    for column in _BY_CLASS:
        values = frame[column].to_numpy(object, copy=True)
        values[rows] = then[column].to_numpy(object)[rows]
        frame[column] = values
    return frame
