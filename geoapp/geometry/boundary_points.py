"""The boundary points of a parcel, numbered as surveyors number them.

Outer rings run clockwise from their north-west point, holes the other way round; numbers run
on from ring to ring: J1 … Jn. Coordinates are those of the city's Gauss plane with the number
of the zone before the easting, rounded to the millimetre, and lengths are computed from the
rounded coordinates, so that whoever has the table can compute them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import GEOGRAPHIC, Coordinates, gauss_crs, transform_points
from geoapp.values import METRE_DECIMALS, round_half_up

COORDINATE_DECIMALS: Final = 3
_PREFIX_M: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class BoundaryPoint:
    """One boundary point (界址点) and the edge that begins at it.

    Attributes:
        number: From 1, running on from ring to ring.
        ring: From 1; the first is an outer one.
        hole: Whether the ring bounds a hole.
        north_m: X of the Gauss plane, three decimals.
        east_m: Y with the zone before it, three decimals.
        length_m: To the next point of the ring, two decimals.
    """

    number: int
    ring: int
    hole: bool
    north_m: Decimal
    east_m: Decimal
    length_m: Decimal

    @property
    def name(self) -> str:
        """Give the number as it is written, for example ``J1``."""
        return f"J{self.number}"


def number_boundary(geometry: shapely.Geometry, zone: int) -> tuple[tuple[BoundaryPoint, ...], ...]:
    """Number the boundary points of a polygon or multipolygon.

    Args:
        geometry: EPSG:4490 degrees.
        zone: The 3-degree zone of the plane.

    Returns:
        The points of each ring: parts from north-west to south-east, each followed by its
        holes. A closing point is not repeated.
    """
    parts = [part for part in shapely.get_parts(geometry) if not part.is_empty]
    planes = sorted((_to_plane(part, zone) for part in parts), key=_place)
    rings: list[tuple[BoundaryPoint, ...]] = []
    first = 1
    for plane in planes:
        for hole, vertices in _rings(plane):
            points = _number(vertices, first, len(rings) + 1, zone, hole=hole)
            first += len(points)
            rings.append(points)
    return tuple(rings)


def to_plane_xy(points: Sequence[BoundaryPoint], zone: int) -> Coordinates:
    """Give ``(n, 2)`` positions in the plane without the zone: east before north, m."""
    prefix = Decimal(zone * _PREFIX_M)
    return np.array([[float(p.east_m - prefix), float(p.north_m)] for p in points])


def _to_plane(part: shapely.Polygon, zone: int) -> shapely.Polygon:
    crs = gauss_crs(zone)
    return shapely.transform(
        shapely.force_2d(part), lambda xy: transform_points(xy, GEOGRAPHIC, crs)
    )


def _place(part: shapely.Polygon) -> float:
    """Order parts from north-west to south-east."""
    x, y = shapely.get_coordinates(part.exterior)[:-1].T
    return float((x - y).min())


def _rings(part: shapely.Polygon) -> list[tuple[bool, Coordinates]]:
    """Give the rings, turned and begun as they are numbered, without the closing point."""
    rings = [(False, _begin(part.exterior, clockwise=True))]
    holes = [_begin(ring, clockwise=False) for ring in part.interiors]
    holes.sort(key=lambda vertices: float(vertices[0, 0] - vertices[0, 1]))
    return rings + [(True, hole) for hole in holes]


def _begin(ring: shapely.LinearRing, *, clockwise: bool) -> Coordinates:
    vertices = shapely.get_coordinates(ring)[:-1]
    if ring.is_ccw == clockwise:
        vertices = vertices[::-1]
    return np.roll(vertices, -int(np.argmin(vertices[:, 0] - vertices[:, 1])), axis=0)


def _number(
    vertices: Coordinates, first: int, ring: int, zone: int, *, hole: bool
) -> tuple[BoundaryPoint, ...]:
    prefix = Decimal(zone * _PREFIX_M)
    rounded = [
        (round_half_up(x, COORDINATE_DECIMALS), round_half_up(y, COORDINATE_DECIMALS))
        for x, y in vertices.tolist()
    ]
    points = []
    for place, (x, y) in enumerate(rounded):
        next_x, next_y = rounded[(place + 1) % len(rounded)]
        length = ((next_x - x) ** 2 + (next_y - y) ** 2).sqrt()
        points.append(
            BoundaryPoint(
                number=first + place,
                ring=ring,
                hole=hole,
                north_m=y,
                east_m=x + prefix,
                length_m=round_half_up(float(length), METRE_DECIMALS),
            )
        )
    return tuple(points)
