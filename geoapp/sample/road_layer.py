"""The roads of the sample city as a layer of lines."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.strips import HIGHWAY, LANE

_GRADES = {HIGHWAY: "X", LANE: "C"}  # county and village roads
_DIGITS = "11"
_PARTED_M = 150.0  # smoothing has drawn roads that meet so far apart at most


def build_road_layer(city: City) -> gpd.GeoDataFrame:
    """Take the middle lines of highways and lanes, cut off at the city's outline."""
    roads = [course for course in city.courses if course.kind in _GRADES]
    outline = shapely.union_all(city.districts.geometry.to_numpy())
    joined = _meet(np.array([road.line for road in roads], dtype=object))
    lines = shapely.intersection(joined, outline)
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


def _meet(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Lead each end of a road to the road that it branches off from."""
    tree, longer = shapely.STRtree(lines), lines.copy()
    for number, line in enumerate(lines):
        for at in (0, -1):
            end = shapely.get_point(line, at)
            near = tree.query(end, predicate="dwithin", distance=_PARTED_M)
            near = near[near != number]
            if not len(near):
                continue
            link = shapely.get_coordinates(shapely.shortest_line(end, lines[near]))
            ways = link.reshape(-1, 2, 2)
            goal = ways[np.hypot(*(ways[:, 1] - ways[:, 0]).T).argmin(), 1]
            points = shapely.get_coordinates(longer[number])
            if (points[at] != goal).any():
                parts = (goal[None], points) if at == 0 else (points, goal[None])
                longer[number] = shapely.linestrings(np.concatenate(parts))
    return longer
