"""The official area of a polygon, and the length of a line, on the CGCS2000 ellipsoid.

The survey formula (国土调查办发〔2008〕32号) sums ellipsoid trapezoids below the edges of a
ring given in longitude and latitude, after edges longer than 70 m have been cut in the
Gauss plane. That sum equals, to 1e-13, the planar area in a cylindrical equal-area
projection of the same ellipsoid: this *measure plane* turns every official area into plain
planar geometry, so that areas of parts add up to the area of the whole.
"""

import math
from typing import Any, Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geoapp.errors import CrsError
from geoapp.geometry.crs import (
    GEOGRAPHIC,
    Coordinates,
    Geometries,
    central_meridian,
    gauss_zone,
    transform,
    transform_points,
)
from geoapp.geometry.flat import FlatPolygons, Offsets, require_finite

Areas = NDArray[np.float64]
Lengths = NDArray[np.float64]

LONGEST_EDGE_M: Final = 70.0
# No degree of the ellipsoid is longer than this, and the Gauss plane stretches by less than
# a hundredth within eight degrees of its meridian: shorter edges need no second look.
_DEGREE_M: Final = 111_700.0
_SURELY_SHORT_M: Final = LONGEST_EDGE_M / 1.01
_STRETCH_KNOWN_DEGREES: Final = 8.0

_POLYGONAL: Final = (
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
)
_LINEAR: Final = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
LINE_TYPES: Final = tuple(kind.value for kind in _LINEAR)


def measure_plane(gauss: str) -> str:
    """Name the equal-area plane that belongs to a Gauss plane.

    The axis is the zone's central meridian, which keeps coordinates small; it does not
    change any area.

    Raises:
        CrsError: ``gauss`` is not an unprefixed CGCS2000 3-degree plane.
    """
    return f"+proj=cea +lat_ts=0 +lon_0={_meridian(gauss)} +ellps=GRS80 +units=m +type=crs"


def to_measure_plane(geometries: Geometries, gauss: str) -> Geometries:
    """Bring geographic geometries to the measure plane, edges cut to 70 m first.

    Args:
        geometries: ``(n,)`` geometries in EPSG:4490; neighbours that share vertices keep
            sharing them, bit for bit.
        gauss: The Gauss plane in which edges are straight, for example ``EPSG:4546``.

    Returns:
        ``(n,)`` geometries whose planar area in m² is the official area.

    Raises:
        GeometryError: A coordinate is not finite.
    """
    require_finite(geometries)
    flat = shapely.force_2d(geometries)
    kinds = shapely.get_type_id(flat)
    measured = np.empty(len(flat), dtype=object)
    cut = np.zeros(len(flat), dtype=bool)
    for kind in (*_POLYGONAL, *_LINEAR):
        rows = (kinds == kind.value) & ~shapely.is_empty(flat)
        cut |= rows
        if rows.any():
            _, xy, offsets = shapely.to_ragged_array(flat[rows], include_z=False)
            xy, starts = _measure_paths(xy, offsets[0].astype(np.int64), gauss)
            levels: list[Any] = [starts, *offsets[1:]]
            measured[rows] = shapely.from_ragged_array(kind, xy, tuple(levels))
    plane = transform(flat[~cut], GEOGRAPHIC, gauss)  # points, and what hides in collections
    measured[~cut] = transform(
        shapely.segmentize(plane, LONGEST_EDGE_M), gauss, measure_plane(gauss)
    )
    return measured


def from_measure_plane(geometries: Geometries, gauss: str) -> Geometries:
    """Bring geometries of the measure plane back to EPSG:4490, vertex by vertex.

    Args:
        geometries: ``(n,)`` geometries in the measure plane.
        gauss: The Gauss plane that the measure plane belongs to.
    """
    return shapely.transform(geometries, lambda xy: points_from_measure_plane(xy, gauss))


def points_from_measure_plane(points: Coordinates, gauss: str) -> Coordinates:
    """Bring ``(n, 2)`` positions of the measure plane back to EPSG:4490.

    The library's way back is a short series that misses by more than a millimetre, its way
    there is not: what the one misses is measured by the other and taken off.

    Args:
        points: East and north in the measure plane.
        gauss: The Gauss plane that the measure plane belongs to.
    """
    plane = measure_plane(gauss)
    missed = transform_points(transform_points(points, plane, GEOGRAPHIC), GEOGRAPHIC, plane)
    return transform_points(2 * points - missed, plane, GEOGRAPHIC)


def measure_flat(flat: FlatPolygons, gauss: str) -> FlatPolygons:
    """Bring flat polygons in EPSG:4490 to the measure plane; see ``to_measure_plane``."""
    xy, rings = _measure_paths(flat.xy, flat.rings, gauss)
    return flat._replace(xy=xy, rings=rings)


def official_areas(geometries: Geometries, gauss: str) -> Areas:
    """Measure the official area of each geometry.

    Args:
        geometries: ``(n,)`` geometries in EPSG:4490; holes are subtracted, Z is ignored,
            lines, points and empty ones measure zero.
        gauss: The Gauss plane in which edges are straight.

    Returns:
        ``(n,)`` m², unrounded.

    Raises:
        GeometryError: A coordinate is not finite.
    """
    areas: Areas = shapely.area(to_measure_plane(geometries, gauss))
    return areas


def planar_areas(geometries: Geometries, gauss: str) -> Areas:
    """Measure the area in the Gauss plane, shown beside the official one."""
    require_finite(geometries)
    areas: Areas = shapely.area(transform(shapely.force_2d(geometries), GEOGRAPHIC, gauss))
    return areas


def line_lengths(lines: Geometries, gauss: str) -> Lengths:
    """Measure lines that lie in the measure plane along the ellipsoid.

    Args:
        lines: ``(n,)`` lines in the measure plane with edges of at most 70 m, or parts of
            such; everything that is no line measures zero.
        gauss: The Gauss plane that the measure plane belongs to.

    Returns:
        ``(n,)`` m: the sum over the edges of the length of the geodesic.
    """
    parts, feature = shapely.get_parts(lines, return_index=True)
    kept = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING.value
    xy, path = shapely.get_coordinates(parts[kept], return_index=True)
    lengths: Lengths = np.zeros(len(lines))
    if len(xy) > 1:
        degrees = points_from_measure_plane(xy, gauss)
        _, _, metres = pyproj.Geod(ellps="GRS80").inv(*degrees[:-1].T, *degrees[1:].T)
        within = path[1:] == path[:-1]
        np.add.at(lengths, feature[kept][path[1:][within]], np.asarray(metres)[within])
    return lengths


def total_length(geometries: Geometries, gauss: str) -> float:
    """Add the lengths of lines, m; the order of the lines changes no bit of the sum.

    Args:
        geometries: ``(n,)`` geometries in EPSG:4490; what is no line measures zero.
        gauss: The Gauss plane in which edges are straight.

    Raises:
        GeometryError: A coordinate is not finite.
    """
    return math.fsum(line_lengths(to_measure_plane(geometries, gauss), gauss))


def _meridian(gauss: str) -> int:
    zone = gauss_zone(gauss)
    if zone is None:
        raise CrsError("crs-not-gauss", crs=gauss)
    return central_meridian(zone)


def _measure_paths(lonlat: Coordinates, starts: Offsets, gauss: str) -> tuple[Coordinates, Offsets]:
    """Cut and transform paths (rings or lines) given one after another.

    Args:
        lonlat: ``(m, 2)`` vertices, degrees.
        starts: ``(k + 1,)`` where each path begins.
        gauss: The Gauss plane in which edges are straight.

    Returns:
        Vertices in the measure plane, and where each path begins now.
    """
    edge, added, before = _cut_long_edges(lonlat, starts, gauss)
    if len(edge):
        place = np.arange(len(lonlat)) + before
        whole = np.empty((len(lonlat) + len(added), 2))
        whole[place] = lonlat
        fresh = np.ones(len(whole), dtype=bool)
        fresh[place] = False
        whole[fresh] = added
        starts = starts + np.append(before, len(added))[starts]
    else:
        whole = lonlat
    return transform_points(whole, GEOGRAPHIC, measure_plane(gauss)), starts


def _cut_long_edges(
    lonlat: Coordinates, starts: Offsets, gauss: str
) -> tuple[Offsets, Coordinates, Offsets]:
    """Find points that cut every edge of more than 70 m into ``floor(length / 70) + 1``.

    Both neighbours of an edge get the same points, since they are counted from the same end.

    Returns:
        The edges that are cut, the new points in order, degrees, and for each vertex how many
        new points come before it.
    """
    edges = _maybe_long(lonlat, starts, gauss)
    first, second = lonlat[edges], lonlat[edges + 1]
    back = (first[:, 0] > second[:, 0]) | (
        (first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1])
    )
    low = transform_points(np.where(back[:, None], second, first), GEOGRAPHIC, gauss)
    high = transform_points(np.where(back[:, None], first, second), GEOGRAPHIC, gauss)
    length = np.hypot(*(high - low).T)
    count = np.where(length > LONGEST_EDGE_M, np.floor(length / LONGEST_EDGE_M), 0).astype(np.int64)
    long = count > 0
    edges, count, low, high, back = edges[long], count[long], low[long], high[long], back[long]
    owner = np.repeat(np.arange(len(edges)), count)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + 1
    turn = np.where(back[owner], count[owner] + 1 - turn, turn)
    share = (turn / (count[owner] + 1))[:, None]
    points = low[owner] + (high[owner] - low[owner]) * share
    before = np.zeros(len(lonlat) + 1, dtype=np.int64)
    before[edges + 1] = count
    return edges, transform_points(points, gauss, GEOGRAPHIC), np.cumsum(before)[:-1]


def _maybe_long(lonlat: Coordinates, starts: Offsets, gauss: str) -> Offsets:
    """Find the edges that are not surely shorter than 70 m, by a bound that needs no plane."""
    if len(lonlat) < 2:
        return np.zeros(0, dtype=np.int64)
    step = np.diff(lonlat, axis=0)
    nearest = np.minimum(np.abs(lonlat[:-1, 1]), np.abs(lonlat[1:, 1]))
    east = step[:, 0] * np.cos(np.radians(nearest))
    maybe = np.hypot(east, step[:, 1]) * _DEGREE_M >= _SURELY_SHORT_M
    far = np.abs(lonlat[:, 0] - _meridian(gauss)) > _STRETCH_KNOWN_DEGREES
    maybe |= far[:-1] | far[1:]
    ends = starts[1:-1]
    maybe[ends[(ends > 0) & (ends < len(lonlat))] - 1] = False  # from one path to the next
    return np.flatnonzero(maybe)
