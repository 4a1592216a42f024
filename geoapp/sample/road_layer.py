"""The roads of the sample city as a layer of lines."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.strips import HIGHWAY, LANE

_GRADES = {HIGHWAY: "X", LANE: "C"}  # county and village roads
_DIGITS = "11"


def build_road_layer(city: City) -> gpd.GeoDataFrame:
    """Take the middle lines of highways and lanes, cut off at the city's outline."""
    roads = [course for course in city.courses if course.kind in _GRADES]
    outline = shapely.union_all(city.districts.geometry.to_numpy())
    lines = shapely.intersection(np.array([road.line for road in roads], dtype=object), outline)
    parts, row = shapely.get_parts(lines, return_index=True)
    kept = shapely.length(parts) > 0
    parts, row = parts[kept], row[kept]
    districts = shapely.STRtree(city.districts.geometry.to_numpy())
    home = districts.nearest(shapely.line_interpolate_point(parts, 0.5, normalized=True))
    grades = np.array([_GRADES[road.kind] for road in roads], dtype=object)
    widths = np.array([road.width_m for road in roads])
    columns = pd.DataFrame(
        {
            "bsm": identifiers(city.districts["code"].iloc[home].tolist(), _DIGITS),
            "mc": "",
            "dldj": grades[row],
            "kd": widths[row],
        }
    )
    return layer(city.crs, parts, columns)
