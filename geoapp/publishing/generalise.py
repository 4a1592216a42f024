"""Generalising what the public may see: coarse on purpose, and still fitting edge to edge.

Two steps. Bends smaller than ``TOLERANCE_M`` go, shared edges alike on both sides. Then every
vertex is moved to a grid of ``GRID_DEG``, with the lines broken where they then meet (snap
rounding), so that neighbours keep the very same vertices and nothing overlaps.

Source: public position accuracy not better than 50 m, 国测图字〔2009〕2号 and
国测成发〔2011〕9号.
"""

from typing import Final

import numpy as np
import shapely

from geoapp.catalog.definition import Geometry
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform

TOLERANCE_M: Final = 50.0
DECIMALS: Final = 3  # of a degree: some 100 m
GRID_DEG: Final = 10.0**-DECIMALS
_HALF: Final = 0.5


def generalise(geometries: Geometries, kind: Geometry, gauss: str) -> Geometries:
    """Generalise geometries.

    Args:
        geometries: ``(n,)`` valid geometries, EPSG:4490.
        kind: What they are.
        gauss: Plane of the city, in which 50 m are 50 m.

    Returns:
        ``(n,)`` geometries, EPSG:4490, all vertices on the grid; empty where one is too small
        for it. Polygons that fitted edge to edge still do.
    """
    if len(geometries) == 0:
        return geometries
    if kind == "point":
        return shapely.transform(shapely.force_2d(geometries), _round)
    plane = transform(geometries, GEOGRAPHIC, gauss)
    fits = kind == "polygon" and bool(shapely.coverage_is_valid(plane))
    coarse = shapely.coverage_simplify(plane, TOLERANCE_M) if fits else _simplify(plane)
    degrees = transform(coarse, gauss, GEOGRAPHIC)
    moved = _snap_coverage(degrees) if fits else shapely.set_precision(degrees, GRID_DEG)
    return shapely.transform(moved, _round)


def on_grid(lonlat: np.ndarray, slack_deg: float = 1e-9) -> np.ndarray:
    """Tell of ``(n, 2)`` positions whether they lie on the grid, but for a slack."""
    away: np.ndarray = np.abs(lonlat - _round(lonlat))
    return np.asarray((away <= slack_deg).all(axis=1))


def _round(lonlat: np.ndarray) -> np.ndarray:
    return np.round(lonlat, DECIMALS)


def _simplify(plane: Geometries) -> Geometries:
    simple = shapely.simplify(plane, TOLERANCE_M, preserve_topology=True)
    return np.where(shapely.is_empty(simple), plane, simple)


def _snap_coverage(degrees: Geometries) -> Geometries:
    """Move a coverage to the grid: its lines as one network, then its faces back to owners."""
    network = shapely.union_all(shapely.boundary(degrees), grid_size=GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    owners = _find_owners(faces, degrees)
    snapped = np.empty(len(degrees), dtype=object)
    for row in range(len(degrees)):
        snapped[row] = shapely.coverage_union_all(faces[owners == row])
    return snapped


def _find_owners(faces: Geometries, degrees: Geometries) -> np.ndarray:
    """Give each face the polygon that has most of it; -1 where most of it is nobody's."""
    owners = np.full(len(faces), -1, dtype=np.int64)
    face, polygon = shapely.STRtree(degrees).query(faces, predicate="intersects")
    shared = shapely.area(shapely.intersection(faces[face], degrees[polygon]))
    best, covered = np.zeros(len(faces)), np.zeros(len(faces))
    np.add.at(covered, face, shared)
    for one, owner, area in zip(face.tolist(), polygon.tolist(), shared.tolist(), strict=True):
        if area > best[one]:
            best[one], owners[one] = area, owner
    owners[covered < _HALF * shapely.area(faces)] = -1
    return owners
