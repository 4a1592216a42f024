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
    parts, _, zone = cut_rows_among(pieces, np.arange(len(pieces)), zones)
    return parts, zone


def cut_rows_among(pieces: Geometries, rows: Rows, zones: Zones) -> tuple[Geometries, Rows, Rows]:
    """Cut polygons like ``cut_among`` and remember what each belongs to.

    Args:
        pieces: See ``cut_among``.
        rows: ``(n,)`` what each belongs to.
        zones: See ``cut_among``.

    Returns:
        ``(k,)`` polygons, what each belongs to, and the zone of each.
    """
    bounds = np.ascontiguousarray(shapely.bounds(pieces))
    homes = settle(bounds, zones).astype(np.int64)
    whole, crossed = np.flatnonzero(homes >= OUTSIDE), np.flatnonzero(homes == OPEN)
    fragments = zones.fragments()
    piece, fragment = shapely.STRtree(fragments).query(pieces[crossed])
    parts = intersect_pairs(pieces[crossed][piece], fragments[fragment])
    parts, pair = polygon_parts(parts, np.arange(len(parts)))
    return (
        np.concatenate([pieces[whole], parts]),
        np.concatenate([rows[whole], rows[crossed][piece[pair]]]),
        np.concatenate([homes[whole], zones.zone[fragment[pair]]]),
    )
