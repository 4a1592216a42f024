"""Fire stations of the sample city: one at each district's seat, more where people live."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.strips import HIGHWAY

_PER_DISTRICT = 4
_DIGITS = "12"
_BESIDE_M = 30.0  # a yard beside the road


def build_stations(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Place stations beside the highways of the largest townships of each district."""
    roads = [course.line for course in city.courses if course.kind == HIGHWAY]
    highways = shapely.union_all(np.array(roads, dtype=object))
    chosen = []
    for _, group in city.townships.groupby("parent", sort=True):
        sizes = shapely.area(group.geometry.to_numpy())
        chosen += group.index[np.argsort(-sizes, kind="stable")[:_PER_DISTRICT]].tolist()
    towns = city.townships.loc[chosen]
    middles = shapely.point_on_surface(towns.geometry.to_numpy())
    ways = shapely.get_coordinates(shapely.shortest_line(middles, highways)).reshape(-1, 2, 2)
    away = np.hypot(*(ways[:, 0] - ways[:, 1]).T)
    share = np.minimum(_BESIDE_M / np.maximum(away, _BESIDE_M), 1.0)[:, None]
    places = ways[:, 1] + (ways[:, 0] - ways[:, 1]) * share
    inside = shapely.contains_xy(shapely.union_all(city.districts.geometry.to_numpy()), places)
    places[~inside] = shapely.get_coordinates(middles)[~inside]
    columns = pd.DataFrame(
        {
            "bsm": identifiers(towns["parent"].tolist(), _DIGITS),
            "mc": [f"{name}消防救援站" for name in towns["name"]],
            "lx": np.where(np.arange(len(towns)) % _PER_DISTRICT == 0, "一级", "乡镇"),
            "cls": rng.integers(2, 7, len(towns)),
        }
    )
    return layer(city.crs, np.asarray(shapely.points(places)), columns)
