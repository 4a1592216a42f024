"""Cutting features along the borders of zones."""

from typing import NamedTuple

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows, cut_into_fragments, intersect_pairs, polygon_parts
from geoapp.overlay.lattice import OPEN, OUTSIDE
from geoapp.overlay.share import settle
from geoapp.overlay.zones import Zones


class Pieces(NamedTuple):
    """Features cut along borders.

    Attributes:
        geometries: ``(k,)`` polygons; those of one feature tile it.
        feature: ``(k,)`` row of the feature that each is a part of.
        zone: ``(k,)`` zone that each lies in, ``OUTSIDE`` for none.
    """

    geometries: Geometries
    feature: Rows
    zone: Rows


def cut_among(geometries: Geometries, zones: Zones) -> Pieces:
    """Cut polygons along the borders of zones.

    Args:
        geometries: ``(n,)`` valid polygons or multipolygons.
        zones: Zones with the ground around.
    """
    small, owner = cut_into_fragments(geometries, np.arange(len(geometries)))
    homes = settle(np.ascontiguousarray(shapely.bounds(small)), zones).astype(np.intp)
    whole, crossed = np.flatnonzero(homes >= OUTSIDE), np.flatnonzero(homes == OPEN)
    fragments = zones.fragments()
    piece, fragment = shapely.STRtree(fragments).query(small[crossed])
    pairs = intersect_pairs(small[crossed][piece], fragments[fragment])
    parts, pair = polygon_parts(pairs, np.arange(len(pairs)))
    return Pieces(
        np.concatenate([small[whole], parts]),
        np.concatenate([owner[whole], owner[crossed][piece[pair]]]),
        np.concatenate([homes[whole], zones.zone[fragment[pair]]]).astype(np.intp),
    )
