"""Sharing features out among zones."""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import FlatPolygons, unflatten
from geoapp.overlay.compiling import compiled, read_only
from geoapp.overlay.kernel import Floats, Integers, count_edges, shared_area
from geoapp.overlay.lattice import OPEN, find_cell_zone
from geoapp.overlay.tree import find_boxes
from geoapp.overlay.zones import Zones

Homes = NDArray[np.int32]

EMPTY: Final = -3
# Polygons that only touch share some 1e-10 m² by rounding.
_ROUNDING: Final = 1e-9


class Batch(NamedTuple):
    """Features that are shared out in one go.

    Attributes:
        bounds: ``(n, 4)`` west, south, east, north; inverted where there is no geometry.
        area: ``(n,)`` planar area.
        xy: ``(m, 2)`` vertices.
        rings: Where rings begin.
        firsts: ``(n + 1,)`` where the rings of each feature begin.
    """

    bounds: Floats
    area: Floats
    xy: Floats
    rings: Integers
    firsts: Integers


def batch_geometries(batch: Batch, rows: Integers) -> Geometries:
    """Make ``(k,)`` multipolygons of rows of a batch."""
    chosen = [np.arange(batch.firsts[row], batch.firsts[row + 1]) for row in rows]
    ring_rows = np.concatenate([np.zeros(0, np.int64), *chosen])
    lengths = batch.rings[ring_rows + 1] - batch.rings[ring_rows]
    spans = [np.arange(batch.rings[ring], batch.rings[ring + 1]) for ring in ring_rows]
    xy = batch.xy[np.concatenate([np.zeros(0, np.int64), *spans])]
    rings = np.cumsum([0, *lengths])
    features = np.cumsum([0, *(len(each) for each in chosen)])
    # Outer rings turn left; each begins a polygon, and its holes follow.
    outer = np.flatnonzero(_ring_areas(xy, rings) > 0)
    parts = np.append(outer, len(ring_rows))
    return unflatten(FlatPolygons(xy, rings, parts, np.searchsorted(outer, features)))


def _ring_areas(xy: Floats, rings: Integers) -> Floats:
    areas = np.empty(len(rings) - 1)
    for ring, (begin, end) in enumerate(pairwise(rings)):
        x, y = (xy[begin:end] - xy[begin]).T
        areas[ring] = np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])
    return areas


class BatchShares(NamedTuple):
    """How the features of a batch are shared out.

    Attributes:
        home: ``(n,)`` zone that a feature lies in wholly, ``OUTSIDE``, ``EMPTY``, or ``OPEN``
            for those with entries.
        feature: ``(k,)`` row in the batch of each entry, rising.
        zone: ``(k,)`` zone, ``OUTSIDE`` where zones know the ground around.
        area: ``(k,)`` shared area.
    """

    home: Homes
    feature: Integers
    zone: Integers
    area: Floats


def hide(batch: Batch, rows: Integers) -> Batch:
    """Give a batch in which some rows are empty."""
    if len(rows) == 0:
        return batch
    bounds, area = batch.bounds.copy(), batch.area.copy()
    bounds[rows] = [np.inf, np.inf, -np.inf, -np.inf]
    area[rows] = 0.0
    return read_only(batch._replace(bounds=bounds, area=area))


@compiled
def settle(bounds: Floats, zones: Zones) -> Homes:
    """Give the zone that each box lies in wholly, as far as the lattice tells."""
    lattice = zones.lattice
    homes = np.empty(len(bounds), np.int32)
    for k in range(len(bounds)):
        if not bounds[k, 0] <= bounds[k, 2]:
            homes[k] = EMPTY
            continue
        homes[k] = find_cell_zone(
            lattice.cells, lattice.opens, lattice.west, lattice.south, lattice.size, bounds[k]
        )
    return homes


@compiled
def share_batch(batch: Batch, zones: Zones) -> BatchShares:
    """Share the features of a batch out among zones."""
    homes = settle(batch.bounds, zones)
    return share_open(batch, zones, homes)


@compiled
def share_open(batch: Batch, zones: Zones, homes: Homes) -> BatchShares:
    """Measure the features that the lattice left open, fragment by fragment."""
    most = 1
    for fragment in range(len(zones.zone)):
        first, end = zones.firsts[fragment], zones.firsts[fragment + 1]
        most = max(most, count_edges(zones.rings, first, end))
    other_edges = np.empty((2 * most, 6))
    edges = np.empty((64, 6))
    found = np.empty(64, np.int64)
    room = 1024
    count = 0
    features, names, areas = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    box = np.empty(4)
    for k in range(len(homes)):
        if homes[k] != OPEN:
            continue
        first, end = batch.firsts[k], batch.firsts[k + 1]
        needed = count_edges(batch.rings, first, end)
        if 2 * needed > len(edges):
            edges = np.empty((4 * needed, 6))
        met = find_boxes(zones.nodes, zones.begins, batch.bounds[k], found)
        if met > len(found):
            found = np.empty(2 * met, np.int64)
            met = find_boxes(zones.nodes, zones.begins, batch.bounds[k], found)
        begin = count
        for index in range(met):
            fragment = found[index]
            box[0] = max(batch.bounds[k, 0], zones.nodes[fragment, 0])
            box[1] = max(batch.bounds[k, 1], zones.nodes[fragment, 1])
            box[2] = min(batch.bounds[k, 2], zones.nodes[fragment, 2])
            box[3] = min(batch.bounds[k, 3], zones.nodes[fragment, 3])
            area = shared_area(
                batch.xy,
                batch.rings,
                first,
                end,
                zones.xy,
                zones.rings,
                zones.firsts[fragment],
                zones.firsts[fragment + 1],
                box,
                edges,
                other_edges,
            )
            zone = zones.zone[fragment]
            entry = begin
            while entry < count and names[entry] != zone:
                entry += 1
            if entry == count:
                if count == room:
                    room *= 2
                    features = _grown(features, room)
                    names = _grown(names, room)
                    areas = _grown_areas(areas, room)
                features[count], names[count], areas[count] = k, zone, 0.0
                count += 1
            areas[entry] += area
        count = _drop_nothing(features, names, areas, begin, count)
    return BatchShares(homes, features[:count].copy(), names[:count].copy(), areas[:count].copy())


@compiled
def _grown(values: Integers, room: int) -> Integers:
    longer = np.empty(room, np.int64)
    longer[: len(values)] = values
    return longer


@compiled
def _grown_areas(values: Floats, room: int) -> Floats:
    longer = np.empty(room)
    longer[: len(values)] = values
    return longer


@compiled
def _drop_nothing(features: Integers, names: Integers, areas: Floats, begin: int, end: int) -> int:
    """Close the gaps of entries that are nothing but rounding; give the new end."""
    kept = begin
    for entry in range(begin, end):
        if areas[entry] > _ROUNDING:
            features[kept], names[kept], areas[kept] = (
                features[entry],
                names[entry],
                areas[entry],
            )
            kept += 1
    return kept
