"""Rivers and roads of a city, most important first."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.sample.plan import Relief
from geoapp.sample.roads import build_roads
from geoapp.sample.strips import HIGHWAY, LANE, RIVER, Course
from geoapp.sample.terrain import Terrain

HIGHWAY_M = 14.0
LANE_M = 6.0


def _rivers(terrain: Terrain, relief: Relief) -> list[Course]:
    """Take the streams with enough water; their width follows the flow at their mouth."""
    drainage = terrain.drainage
    top = float(drainage.flow.max())
    rivers = []
    for path in drainage.paths:
        wet = path[drainage.flow[path] >= relief.river_cells]
        if wet.size > 2:
            width = relief.river_width_m * (float(drainage.flow[path[1]]) / top) ** 0.4
            rivers.append(Course(shapely.linestrings(drainage.line(wet)), RIVER, width))
    return rivers


def build_courses(
    terrain: Terrain,
    relief: Relief,
    seats: NDArray[np.float64],
    townships: pd.DataFrame,
    villages: pd.DataFrame,
) -> list[Course]:
    """Draw rivers, then highways, then lanes."""
    highways, lanes = build_roads(terrain, seats, townships, villages)
    return [
        *_rivers(terrain, relief),
        *(Course(shapely.linestrings(line), HIGHWAY, HIGHWAY_M) for line in highways),
        *(Course(shapely.linestrings(line), LANE, LANE_M) for line in lanes),
    ]
