"""Permanent basic farmland: clusters of cultivated parcels."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.landuse import slope_grades
from geoapp.sample.measure import official_areas
from geoapp.sample.parcels import unite
from geoapp.sample.rings import Polygons

CONFLICTS = 6  # parcels kept on purpose inside the urban boundary, and inside the redline
STABLE_DEG = 15.0


def _chosen(city: City, avoided: Sequence[Polygons], rng: np.random.Generator) -> NDArray[np.int64]:
    """Pick the parcels: gentle ground first, few inside each of the avoided layers."""
    tilled = np.flatnonzero(city.in_group("cultivated"))
    points = shapely.point_on_surface(city.parcels.polygons[tilled])
    inside = [np.unique(shapely.STRtree(a).query(points, predicate="within")[0]) for a in avoided]
    spared = np.concatenate([rng.permutation(rows)[:CONFLICTS] for rows in inside])
    out = np.setdiff1d(np.concatenate(inside), spared)
    score = city.parcels.ground["slope"][tilled] / 10 + rng.standard_normal(tilled.size)
    score[spared] = -100
    score[out] = 1e9
    order = np.argsort(score, kind="stable")
    filled = np.cumsum(city.area_m2[tilled[order]])
    last = int(np.searchsorted(filled, city.plan.farmland.share * filled[-1])) if tilled.size else 0
    picked = order[: last + 1]
    return np.sort(tilled[picked[score[picked] < 1e9]])


def _clusters(city: City, picked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups of touching parcels of one village and class."""
    member = np.full(len(city.code), -1)
    member[picked] = np.arange(picked.size)
    one, two = city.parcels.links
    same = (member[one] >= 0) & (member[two] >= 0)
    same &= city.parcels.village[one] == city.parcels.village[two]
    same &= city.code[one] == city.code[two]
    links = (member[one[same]], member[two[same]])
    graph = sparse.coo_matrix((np.ones(links[0].size), links), shape=(picked.size, picked.size))
    group: NDArray[np.int64] = csgraph.connected_components(graph, directed=False)[1]
    return group.astype(np.int64)


def build_farmland(
    city: City, avoided: Sequence[Polygons], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Merge cultivated parcels into permanent farmland; edges shared with the parcels.

    Args:
        city: The city.
        avoided: Layers that farmland keeps out of, but for a few parcels.
        rng: Source of the randomness.
    """
    picked = _chosen(city, avoided, rng)
    group = _clusters(city, picked)
    count = int(group.max(initial=-1)) + 1
    shapes = unite(city.parcels.polygons[picked], group, count)
    lead = picked[np.unique(group, return_index=True)[1]]
    size = np.bincount(group, city.area_m2[picked])
    slope = np.bincount(group, city.parcels.ground["slope"][picked] * city.area_m2[picked]) / size
    where = city.village_columns(city.parcels.village[lead])
    district = where["zldwdm"].str[:6].to_numpy(object)
    area = official_areas(shapes, city.crs)
    stable = city.plan.farmland.stable
    columns = pd.DataFrame(
        {
            "bsm": identifiers(district, "03"),
            "yjjbnttbbh": [f"{code}{k:07d}" for k, code in enumerate(district, start=1)],
            "dlbm": city.code[lead],
            "dlmc": city.name[lead],
            "zldwdm": where["zldwdm"],
            "zldwmc": where["zldwmc"],
            "yjjbnttbmj": area,
            "yjjbntmj": area,
            "gdpdjb": slope_grades(slope),
            "sjnf": city.plan.landuse.year,
            "wdgd": np.where(slope <= STABLE_DEG, stable[0], stable[1]),
        }
    )
    return layer(city.crs, shapes, columns)
