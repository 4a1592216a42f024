"""Windows: stretches of the measure plane in which features are looked for."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import GEOGRAPHIC, Coordinates, transform_points
from geoapp.geometry.measure import measure_plane

Box = tuple[float, float, float, float]  # west, south, east, north

# A straight edge bends in degrees: by metres over tens of kilometres. So much farther than the
# corners of its vertices may a feature reach.
_BEND_DEGREES: Final = 0.01
_BEND_M: Final = 1000.0
_STEPS: Final = 64
_ROUNDING_M: Final = 1e-6  # what only touches must not be lost to the last digit


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the measure plane.

    Attributes:
        outer: Box around it.
        inner: Box that lies wholly in it; inverted where there is none.
        shape: It itself, a shapely geometry.
    """

    outer: Box
    inner: Box
    shape: shapely.Geometry


def make_windows(box: Box, crs: str, *, gauss: str, bounds: Box | None) -> list[Window]:
    """Make the windows of a box, cut to where there are features at all.

    Args:
        box: In ``crs``; in degrees west may lie east of east, across the 180th meridian.
        crs: ``EPSG:4490``, or a plane in which the box is straight.
        gauss: The Gauss plane of the city.
        bounds: Of the features, degrees; ``None`` where there are none.

    Returns:
        One window, two across the 180th meridian, none where the box holds nothing.
    """
    if bounds is None:
        return []
    west, south, east, north = box
    if crs == GEOGRAPHIC:
        room = _widen(bounds, _BEND_DEGREES)
        halves = (
            [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
        )
        cut = (_cut(half, room) for half in halves)
        return [_upright(part, gauss) for part in cut if part]
    corners = transform_points(_outline(_widen(bounds, _BEND_DEGREES)), GEOGRAPHIC, crs)
    room = _widen(_around(corners), _BEND_M)
    part = _cut(box, room)
    return [_leaning(part, crs, gauss)] if part else []


def _upright(box: Box, gauss: str) -> Window:
    """Make a window of degrees: meridians and parallels are straight in the measure plane."""
    corners = np.array([box[:2], box[2:]])
    plane = _around(transform_points(corners, GEOGRAPHIC, measure_plane(gauss)))
    touched = _widen(plane, _ROUNDING_M)
    return Window(touched, plane, shapely.box(*touched))


def _leaning(box: Box, crs: str, gauss: str) -> Window:
    """Make a window of a box of another plane, whose sides are bent and lean here."""
    degrees = transform_points(_outline(box), crs, GEOGRAPHIC)
    outline = transform_points(degrees, GEOGRAPHIC, measure_plane(gauss))
    south, east, north, west = np.split(outline, 4)
    inner = (west[:, 0].max(), south[:, 1].max(), east[:, 0].min(), north[:, 1].min())
    flat = box[0] == box[2] or box[1] == box[3]
    shape = shapely.LineString(outline) if flat else shapely.Polygon(outline)
    return Window(
        _widen(_around(outline), _ROUNDING_M),
        (float(inner[0]), float(inner[1]), float(inner[2]), float(inner[3])),
        shapely.buffer(shape, _ROUNDING_M, quad_segs=1),
    )


def _outline(box: Box) -> Coordinates:
    """Walk around a box in small steps: south side, east, north, west."""
    west, south, east, north = box
    steps = np.linspace(0.0, 1.0, _STEPS)[:, None]
    turns = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])
    return np.concatenate([a + (b - a) * steps for a, b in pairwise(turns)])


def _around(points: Coordinates) -> Box:
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return west, south, east, north


def _widen(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _cut(box: Box, room: Box) -> Box | None:
    west, south = max(box[0], room[0]), max(box[1], room[1])
    east, north = min(box[2], room[2]), min(box[3], room[3])
    return (west, south, east, north) if west <= east and south <= north else None
