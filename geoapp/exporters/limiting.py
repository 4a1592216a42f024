"""Which features of a layer belong to a unit, for writing only those."""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import Geometry
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import official_areas

# What a neighbour shares along a border that was digitised twice is no part of it.
SLIVER_M2: Final = 1.0


class Within(NamedTuple):
    """Features that share ground with a unit.

    Attributes:
        rows: Their rows, in order.
        reaching_out: How many of them reach beyond it.
    """

    rows: NDArray[np.int64]
    reaching_out: int


def find_within(
    geometries: Geometries, kind: Geometry, unit: shapely.Geometry, gauss: str
) -> Within:
    """Find the features that share more with a unit than its border.

    Args:
        geometries: ``(n,)`` of one kind, EPSG:4490.
        kind: Polygons count from a square metre on, lines from any length, points on the
            border too.
        unit: The unit, EPSG:4490.
        gauss: The Gauss plane in which edges are straight.
    """
    shapely.prepare(unit)
    rows = np.sort(shapely.STRtree(geometries).query(unit, predicate="intersects"))
    if kind == "point":
        return Within(rows, 0)
    crossing = ~shapely.covers(unit, geometries[rows])
    kept = np.ones(len(rows), dtype=bool)
    kept[crossing] = _matter(shapely.intersection(geometries[rows][crossing], unit), kind, gauss)
    rows, crossing = rows[kept], crossing[kept]
    beyond = _matter(shapely.difference(geometries[rows][crossing], unit), kind, gauss)
    return Within(rows, int(beyond.sum()))


def _matter(parts: Geometries, kind: Geometry, gauss: str) -> NDArray[np.bool_]:
    """Tell which parts of features are more than a touch."""
    if kind == "line":
        return np.asarray(shapely.length(parts) > 0, dtype=bool)
    return np.asarray(official_areas(parts, gauss) > SLIVER_M2, dtype=bool)
