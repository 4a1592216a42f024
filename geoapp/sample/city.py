"""The city once its parcels have a class: what every layer is built from."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoapp.sample.grid import Flags
from geoapp.sample.parcels import Parcels
from geoapp.sample.plan import SamplePlan
from geoapp.sample.rings import Polygons
from geoapp.sample.strips import Course
from geoapp.sample.terrain import Terrain

GROUP_DIGITS = "0000000"  # a village without groups, as the survey writes its 19-digit code


@dataclass(frozen=True, slots=True)
class City:
    """Everything known about the city before its layers are written.

    Attributes:
        plan: What was asked for.
        crs: Projected CRS.
        terrain: Its ground.
        courses: Its rivers and roads.
        towns: ``(k, 3)`` x, y and radius of the seats, m.
        parcels: Its mosaic.
        chosen: Row in the plan's classes per parcel.
        code: Class code per parcel, mixtures drawn.
        name: Class name per parcel.
        area_m2: Official area per parcel.
        districts: Columns code, name, geometry; projected.
        townships: Columns code, name, parent, x, y, geometry.
        villages: Columns code, name, parent, x, y, town, geometry.
    """

    plan: SamplePlan
    crs: str
    terrain: Terrain
    courses: list[Course]
    towns: NDArray[np.float64]
    parcels: Parcels
    chosen: NDArray[np.int64]
    code: NDArray[np.object_]
    name: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    districts: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame

    def in_group(self, *groups: str) -> Flags:
        """Mark the parcels whose class belongs to one of these groups."""
        wanted = np.array([c.group in groups for c in self.plan.landuse.classes])
        flags: Flags = wanted[self.chosen]
        return flags

    def village_columns(self, village: NDArray[np.int64]) -> pd.DataFrame:
        """Write zldwdm and zldwmc for village rows."""
        rows = self.villages.iloc[village]
        code = rows["code"].to_numpy(object) + GROUP_DIGITS
        return pd.DataFrame({"zldwdm": code, "zldwmc": rows["name"].to_numpy(object)})

    def place_name(self, village_name: str) -> str:
        """Cut the words for a village committee from a village's name."""
        for suffix in self.plan.village_suffixes:
            if village_name.endswith(suffix):
                return village_name.removesuffix(suffix)
        return village_name


def layer(crs: str, geometry: Polygons, columns: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put columns and projected geometries together."""
    return gpd.GeoDataFrame(columns.reset_index(drop=True), geometry=geometry, crs=crs)


def identifiers(prefix: NDArray[np.object_] | list[str], layer_digits: str) -> list[str]:
    """Number features: six digits of the district, two of the layer, ten running.

    >>> identifiers(["430802", "430811"], "07")
    ['430802070000000001', '430811070000000002']
    """
    return [f"{code}{layer_digits}{k:010d}" for k, code in enumerate(prefix, start=1)]
