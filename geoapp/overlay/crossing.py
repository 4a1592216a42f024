"""Cutting the ground of one layer along the borders of units, for tables of three."""

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows, intersect_pairs, polygon_parts
from geoapp.overlay.lattice import OPEN, OUTSIDE
from geoapp.overlay.share import settle
from geoapp.overlay.zones import Zones


def cut_among(pieces: Geometries, zones: Zones) -> tuple[Geometries, Rows]:
    """Cut polygons along the borders of zones.

    Args:
        pieces: ``(n,)`` valid polygons, small ones.
        zones: Zones with the ground around.

    Returns:
        ``(k,)`` polygons and the zone of each, ``OUTSIDE`` for what lies in none.
    """
    bounds = np.ascontiguousarray(shapely.bounds(pieces))
    homes = settle(bounds, zones).astype(np.int64)
    whole, crossed = np.flatnonzero(homes >= OUTSIDE), np.flatnonzero(homes == OPEN)
    fragments = zones.fragments()
    piece, fragment = shapely.STRtree(fragments).query(pieces[crossed])
    parts = intersect_pairs(pieces[crossed][piece], fragments[fragment])
    parts, owner = polygon_parts(parts, zones.zone[fragment])
    return np.concatenate([pieces[whole], parts]), np.concatenate([homes[whole], owner])
