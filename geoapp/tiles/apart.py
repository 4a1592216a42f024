"""Features taken apart into flat arrays of vertices."""

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import Offsets
from geoapp.overlay.kernel import Floats
from geoapp.tiles.grid import Bytes


def take_apart(geometries: Geometries) -> tuple[Floats, Offsets, Bytes, Offsets]:
    """Take polygons apart: vertices, rings, which are holes, where features begin in rings."""
    # A lone multipolygon makes GEOS give the three offset arrays of multipolygons, always.
    lone = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
    xy, (rings, parts, features) = _flatten(geometries, lone)
    xy, rings, parts, features = xy[:-5], rings[:-1], parts[:-1], features[:-1]
    holes = np.ones(len(rings) - 1, dtype=np.uint8)
    holes[parts[:-1]] = 0
    return xy, rings, holes, parts[features].astype(np.int64)


def take_lines(geometries: Geometries) -> tuple[Floats, Offsets, Bytes, Offsets]:
    """Take lines apart as ``take_apart`` does polygons: parts stand for rings, none are holes."""
    xy, (parts, features) = _flatten(geometries, shapely.MultiLineString([[(0, 0), (1, 1)]]))
    xy, parts, features = xy[:-2], parts[:-1], features[:-1]
    return xy, parts, np.zeros(len(parts) - 1, dtype=np.uint8), features


def _flatten(geometries: Geometries, lone: shapely.Geometry) -> tuple[Floats, tuple[Offsets, ...]]:
    """Give vertices and offsets of features and one more that decides the kind of all."""
    usable = geometries.copy()
    usable[shapely.is_empty(geometries)] = None  # an empty part has no rings, which GEOS dislikes
    joined = np.concatenate([usable, np.array([lone], dtype=object)])
    _, xy, offsets = shapely.to_ragged_array(joined, include_z=False)
    vertices = np.ascontiguousarray(xy, dtype=np.float64)
    return vertices, tuple(part.astype(np.int64) for part in offsets)
