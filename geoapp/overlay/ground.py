"""One polygon as ground in which features are measured, prepared while somebody waits.

The same lattice and fragments as of published zones, but cut without building geometries,
which takes a tenth of the time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Coordinates
from geoapp.geometry.flat import FlatPolygons, flatten
from geoapp.overlay.clipping import clip_to_box, halve_until_small, join_features, pick_features
from geoapp.overlay.compiling import compiled, read_only
from geoapp.overlay.index import describe
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OPEN, OUTSIDE, draw_lattice
from geoapp.overlay.share import EMPTY, Batch, settle, share_batch, share_open
from geoapp.overlay.tree import build_tree
from geoapp.overlay.zones import Zones

MOST_VERTICES: Final = 96
_CELLS_AN_EDGE: Final = 16
_FEWEST_CELLS: Final = 1 << 12
_MOST_CELLS: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Ground:
    """A polygon of the measure plane, prepared.

    Attributes:
        geometry: Polygon or multipolygon; empty ground is allowed.
        area_m2: Its official area.
        bounds: ``(4,)`` west, south, east, north; inverted when it is empty.
        zones: It as zone 0.
        pieces: Its fragments, to be shared out among other zones.
    """

    geometry: shapely.Geometry
    area_m2: float
    bounds: Floats
    zones: Zones
    pieces: Batch


def prepare_ground(geometry: shapely.Geometry) -> Ground:
    """Prepare a polygon.

    Args:
        geometry: Polygon or multipolygon in the measure plane, valid or empty.
    """
    only = np.array([geometry], dtype=object)
    flat = join_features(flatten(only))
    bounds, areas, _ = describe(flat)
    pieces, _ = halve_until_small(flat, MOST_VERTICES)
    batch = batch_of(pieces)
    nodes, begins = build_tree(batch.bounds)
    wanted = min(_MOST_CELLS, max(_FEWEST_CELLS, _CELLS_AN_EDGE * len(flat.xy)))
    shapely.prepare(geometry)

    def find_zones(middles: Coordinates) -> Integers:
        inside = shapely.contains_xy(geometry, middles[:, 0], middles[:, 1])
        return np.where(inside, 0, OUTSIDE)

    lattice = draw_lattice(flat, wanted, find_zones)
    zone = np.zeros(len(batch.area), dtype=np.int64)
    zones = Zones(lattice, nodes, begins, batch.xy, batch.rings, batch.firsts, zone)
    return Ground(geometry, float(areas[0]), bounds[0], read_only(zones), batch)


def measure_ground(geometry: shapely.Geometry) -> float:
    """Give the official area of a polygon of the measure plane, as ``prepare_ground`` does."""
    _, areas, _ = describe(join_features(flatten(np.array([geometry], dtype=object))))
    return float(areas[0])


def batch_of(flat: FlatPolygons) -> Batch:
    """Give flat features to the kernel."""
    bounds, areas, _ = describe(flat)
    return read_only(Batch(bounds, areas, flat.xy, flat.rings, flat.first_rings))


def measure_inside(batch: Batch, ground: Ground) -> tuple[Integers, Floats]:
    """Measure what the features of a batch have inside of ground.

    Returns:
        ``(k,)`` rows whose boxes meet the ground's, rising, and the m² of each inside.
    """
    rows = find_near(batch.bounds, ground.bounds)
    homes = settle(batch.bounds[rows], ground.zones)
    areas = np.where(homes == 0, batch.area[rows], 0.0)
    unsettled = np.flatnonzero(homes == OPEN)
    if len(unsettled):
        vertices = batch.rings[batch.firsts[rows + 1]] - batch.rings[batch.firsts[rows]]
        is_large = vertices[unsettled] > 2 * MOST_VERTICES
        small, large = unsettled[~is_large], unsettled[is_large]
        todo = np.full(len(batch.area), EMPTY, dtype=np.int32)
        todo[rows[small]] = OPEN
        shares = share_open(batch, ground.zones, todo)
        areas[np.searchsorted(rows, shares.feature)] = shares.area
        if len(large):
            areas[large] = _measure_large(batch, rows[large], ground)
    return rows, areas


def _measure_large(batch: Batch, rows: Integers, ground: Ground) -> Floats:
    """Cut features with many vertices to what is near the ground, and that into pieces."""
    features = pick_features(batch.xy, batch.rings, batch.firsts, rows)
    near = clip_to_box(features, ground.bounds)
    pieces, owner = halve_until_small(near, MOST_VERTICES)
    cut = batch_of(pieces)
    homes, piece, _, shared = share_batch(cut, ground.zones)
    inside = np.where(homes == 0, cut.area, 0.0)
    inside[piece] += shared
    return np.bincount(owner, inside, minlength=len(rows)).astype(np.float64)


@compiled
def find_near(boxes: Floats, box: Floats) -> Integers:
    """Find the boxes that share area with one, in rising order."""
    found = np.empty(len(boxes), np.int64)
    count = 0
    for k in range(len(boxes)):
        if (
            boxes[k, 0] < box[2]
            and boxes[k, 2] > box[0]
            and boxes[k, 1] < box[3]
            and boxes[k, 3] > box[1]
        ):
            found[count] = k
            count += 1
    return found[:count].copy()
