"""The shortest shift of a polygon off forbidden ground, exactly.

A shift collides when it lies inside of the Minkowski sum of the forbidden ground and the
mirrored polygon. Both are cut into triangles; the sum of two triangles is the convex hull of
the sums of their corners, and the union of all is the whole. The shortest free shift is the
point nearest to the origin outside of it.
"""

from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries

MOST_PAIRS: Final = 60_000
_CIRCLE_QUARTER: Final = 32


class TooComplexError(Exception):
    """The polygons have too many corners for a search while somebody waits."""


def shortest_shift(
    shape: shapely.Geometry, forbidden: shapely.Geometry, most_m: float
) -> tuple[float, float] | None:
    """Find the shortest shift after which a polygon shares nothing with forbidden ground.

    Args:
        shape: Polygon or multipolygon, metres.
        forbidden: Polygons; what lies farther than ``most_m`` from the shape is not looked at.
        most_m: Greatest length of the shift.

    Returns:
        East and north, metres; ``None`` where there is none so short. A gap into which the
        shape fits without any room to spare is no way.

    Raises:
        TooComplexError: There are too many corners.
    """
    corner = shapely.bounds(shape)[:2]
    near = shapely.buffer(shape, most_m + 1.0, quad_segs=4)
    moving = _triangles(shapely.transform(shape, lambda xy: corner - xy))
    standing = _triangles(
        shapely.transform(shapely.intersection(forbidden, near), lambda xy: xy - corner)
    )
    if len(moving) * len(standing) > MOST_PAIRS:
        raise TooComplexError
    if len(standing) == 0:
        return 0.0, 0.0
    one, other = _corners(standing), _corners(moving)
    sums = one[:, None, :, None, :] + other[None, :, None, :, :]
    points = sums.reshape(-1, 9, 2)
    hulls = shapely.convex_hull(shapely.multipoints(points))
    colliding = shapely.union_all(hulls)
    origin = shapely.Point(0.0, 0.0)
    reach = shapely.buffer(origin, most_m, quad_segs=_CIRCLE_QUARTER)
    free = shapely.difference(reach, colliding)
    if shapely.is_empty(free):
        return None
    end = shapely.get_coordinates(shapely.shortest_line(origin, free))[-1]
    return float(end[0]), float(end[1])


def _triangles(shape: shapely.Geometry) -> Geometries:
    parts = shapely.get_parts(shape)
    ground = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON.value]
    if len(ground) == 0:
        return np.zeros(0, dtype=object)
    triangles: Geometries = shapely.get_parts(shapely.constrained_delaunay_triangles(ground))
    return triangles


def _corners(triangles: Geometries) -> np.ndarray:
    """Give ``(n, 3, 2)`` corners."""
    xy = shapely.get_coordinates(triangles).reshape(-1, 4, 2)
    return xy[:, :3]
