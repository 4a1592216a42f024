"""Smooth outlines: drawn round a place, or round the cells of a grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.features import shapes

from geoapp.sample.drainage import smooth_line
from geoapp.sample.grid import Flags, Grid, Shape

if TYPE_CHECKING:
    from geoapp.sample.rings import Polygons

CORNERS = 180
SNAP_M = 0.05


def blob(x: float, y: float, width_m: float, height_m: float, rng: np.random.Generator) -> Shape:
    """Draw an uneven oval that fills ``width_m`` by ``height_m`` round a point, m."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = np.ones(CORNERS)
    for wave in range(2, 20):
        phase = rng.uniform(0, 2 * np.pi)
        radius += 0.26 * rng.uniform(0.3, 1) / wave * np.cos(wave * angle + phase)
    east, north = radius * np.cos(angle), radius * np.sin(angle)
    east = x + width_m * ((east - east.min()) / np.ptp(east) - 0.5)
    north = y + height_m * ((north - north.min()) / np.ptp(north) - 0.5)
    return _tidy(shapely.polygons(np.column_stack([east, north])))


def _tidy(shape: Shape) -> Shape:
    """Keep the areas of a valid version of a shape."""
    return areas_of(shapely.make_valid(shape))


def areas_of(shape: Shape, least_m2: float = 0.0) -> Shape:
    """Keep the polygons over ``least_m2`` of any geometry, as one (multi)polygon."""
    parts = shapely.get_parts(shapely.get_parts(np.atleast_1d(shape)))
    parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > least_m2)]
    if len(parts) == 1:
        return parts[0]
    if not len(parts):
        return shapely.MultiPolygon()
    return shapely.multipolygons(parts)


def _smooth_ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut the corners of a closed ring, its seam as well."""
    middle = (points[0] + points[1]) / 2
    opened = np.vstack([middle, points[1:], middle])
    return smooth_line(opened, rounds=2)


def smooth_area(flags: Flags, grid: Grid, least_m2: float) -> Shape:
    """Draw a smooth (multi)polygon round the marked cells, holes included."""
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not rows.size:
        return shapely.MultiPolygon()
    # Only the part of the grid around the marked cells: most areas are small.
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x0, y0 = grid.x0 + columns[0] * grid.step, grid.y0 + rows[0] * grid.step
    transform = Affine(grid.step, 0, x0, 0, grid.step, y0)
    marked = flags[part]
    found: Polygons = np.array(
        [
            shapely.geometry.shape(geometry)
            for geometry, _ in shapes(marked.astype(np.uint8), mask=marked, transform=transform)
        ],
        dtype=object,
    )
    rough = shapely.simplify(found, 0.8 * grid.step)
    smooth = []
    for polygon in rough:
        rings = [_smooth_ring(shapely.get_coordinates(r)) for r in shapely.get_rings(polygon)]
        holes = [ring for ring in rings[1:] if len(ring) > 3]
        smooth.append(shapely.make_valid(shapely.Polygon(rings[0], holes)))
    return areas_of(shapely.union_all(smooth), least_m2)


def share_nodes(parts: Sequence[Shape]) -> list[Shape]:
    """Give areas that lie side by side the same vertices along their common border.

    Args:
        parts: Areas that do not overlap.

    Returns:
        The same areas; where two of them meet, both have every vertex of either.
    """
    # Snapping keeps lines a few centimetres apart, more than long edges bend on the way to
    # geographic coordinates; else two lines that all but touch might cross there.
    lines = shapely.union_all([shapely.boundary(part) for part in parts], grid_size=SNAP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(faces)
    return [
        areas_of(shapely.coverage_union_all(faces[shapely.contains(part, inner)])) for part in parts
    ]
