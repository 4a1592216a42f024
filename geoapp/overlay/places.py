"""Finding the zone that a point lies in."""

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows
from geoapp.overlay.lattice import OUTSIDE


def find_containing(points: Geometries, zones: Geometries) -> Rows:
    """Find the zone of each point; on a shared border the first zone has it.

    Args:
        points: ``(n,)`` points.
        zones: ``(m,)`` valid polygons or multipolygons of the same plane.

    Returns:
        ``(n,)`` zone rows, ``OUTSIDE`` where no zone holds the point.
    """
    found = np.full(len(points), OUTSIDE, dtype=np.intp)
    # Points stand in the tree and zones ask, because what asks is prepared: few large polygons.
    zone, point = shapely.STRtree(points).query(zones, predicate="intersects")
    order = np.lexsort((zone, point))[::-1]  # the lowest zone row is written last
    found[point[order]] = zone[order]
    return found
