"""Cutting large polygons into small ones.

A polygon with thousands of vertices meets few small ones; after cutting, each meeting costs
only what is near. The parts of a polygon tile it, so areas of parts add up.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries
from geoapp.overlay.workers import in_threads

Rows = NDArray[np.intp]

MOST_VERTICES: Final = 96
_MOST_ROUNDS: Final = 24
_PORTION: Final = 256


def polygon_parts(geometries: Geometries, rows: Rows) -> tuple[Geometries, Rows]:
    """Take geometries apart into polygons; lines and points of an intersection have no area.

    Args:
        geometries: ``(n,)`` geometries of any type.
        rows: ``(n,)`` what each belongs to.

    Returns:
        ``(m,)`` polygons and what each belongs to.
    """
    parts, index = shapely.get_parts(geometries, return_index=True)
    kind = shapely.get_type_id(parts)
    nested = kind > shapely.GeometryType.POLYGON.value
    if nested.any():  # a collection that holds multipolygons
        inner, inner_rows = polygon_parts(parts[nested], rows[index[nested]])
        flat = (kind == shapely.GeometryType.POLYGON.value) & ~shapely.is_empty(parts)
        return np.concatenate([parts[flat], inner]), np.concatenate([rows[index[flat]], inner_rows])
    keep = (kind == shapely.GeometryType.POLYGON.value) & ~shapely.is_empty(parts)
    return parts[keep], rows[index[keep]]


def cut_into_fragments(geometries: Geometries, rows: Rows) -> tuple[Geometries, Rows]:
    """Cut polygons until each part has at most ``MOST_VERTICES`` vertices.

    Args:
        geometries: ``(n,)`` valid polygons or multipolygons in one plane.
        rows: ``(n,)`` what each belongs to.

    Returns:
        ``(m,)`` polygons and what each belongs to.
    """
    parts, owners = polygon_parts(geometries, rows)
    done: list[tuple[Geometries, Rows]] = []
    for _ in range(_MOST_ROUNDS):
        small = shapely.get_num_coordinates(parts) <= MOST_VERTICES
        done.append((parts[small], owners[small]))
        parts, owners = parts[~small], owners[~small]
        if len(parts) == 0:
            break
        parts, owners = _halve(parts, owners)
    done.append((parts, owners))
    return np.concatenate([d[0] for d in done]), np.concatenate([d[1] for d in done])


def _halve(parts: Geometries, owners: Rows) -> tuple[Geometries, Rows]:
    west, south, east, north = shapely.bounds(parts).T
    wide = (east - west) >= (north - south)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    first = shapely.box(
        west, south, np.where(wide, middle_x, east), np.where(wide, north, middle_y)
    )
    second = shapely.box(
        np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north
    )
    both, sides = np.concatenate([parts, parts]), np.concatenate([first, second])
    return polygon_parts(intersect_pairs(both, sides), np.concatenate([owners, owners]))


def intersect_pairs(one: Geometries, other: Geometries) -> Geometries:
    """Intersect ``(n,)`` pairs on all cores."""
    portions = [slice(low, low + _PORTION) for low in range(0, len(one), _PORTION)]
    pieces = in_threads(lambda rows: shapely.intersection(one[rows], other[rows]), portions)
    return np.concatenate([np.zeros(0, dtype=object), *pieces])
