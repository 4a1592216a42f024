"""Finding the zone that a point lies in."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows
from geoapp.overlay.lattice import OUTSIDE


@dataclass(frozen=True)
class Places:
    """Zones to find points in.

    Attributes:
        geometries: ``(m,)`` valid polygons or multipolygons in the measure plane.
    """

    geometries: Geometries

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the zones."""
        return shapely.STRtree(self.geometries)


def find_containing(points: Geometries, places: Places) -> Rows:
    """Find the zone of each point; on a shared border the first zone has it.

    Returns:
        ``(n,)`` zone rows, ``OUTSIDE`` where no zone holds the point.
    """
    found = np.full(len(points), OUTSIDE, dtype=np.intp)
    point, zone = places.tree.query(points, predicate="intersects")
    order = np.lexsort((zone, point))[::-1]  # the lowest zone row is written last
    found[point[order]] = zone[order]
    return found
