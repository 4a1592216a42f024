"""Looking at vertices: repeated ones, spikes, and how wide a polygon is, all rings at once."""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SPIKE_WIDTH_M: Final = 0.01
SPIKE_LENGTH_M: Final = 0.1  # shorter turns back are how surveyed corners look
SLIVER_WIDTH_M: Final = 0.2  # twice the area by the perimeter
SLIVER_AREA_M2: Final = 1.0
_DEGREE_M: Final = 111_320.0  # near enough to tell a centimetre from a decimetre


class Drawn(NamedTuple):
    """What stands out in some geometries; rows are counted from 0.

    Attributes:
        geometries: ``(n,)`` the same without repeated vertices.
        repeated_row: Geometries that had repeated vertices.
        repeated: How many.
        spike_row: One entry for each spike.
        spike_width_m: How wide it is where its shorter leg begins.
        spike_tip: ``(k, 2)`` its tip, degrees.
        sliver_row: Polygons that are narrower or smaller than anything surveyed.
        sliver_area_m2: Their area, roughly.
        sliver_width_m: Their mean width.
    """

    geometries: Geometries
    repeated_row: Integers
    repeated: Integers
    spike_row: Integers
    spike_width_m: Floats
    spike_tip: Floats
    sliver_row: Integers
    sliver_area_m2: Floats
    sliver_width_m: Floats


class _Edges(NamedTuple):
    """Edges of rings or lines, one after another.

    Attributes:
        owner: ``(m,)`` geometry of each edge.
        start: ``(m, 2)`` where it begins, degrees.
        step: ``(m, 2)`` how it goes on, metres.
        before: ``(m,)`` edge before it in its ring; -1 where there is none.
    """

    owner: Integers
    start: Floats
    step: Floats
    before: Integers


def look_at_polygons(polygons: Geometries) -> Drawn:
    """Look at ``(n,)`` polygons or ``None``, EPSG:4490."""
    kept = polygons.copy()
    edges = _ring_edges(kept)
    repeated_row, repeated = _drop_repeated(kept, edges)
    if len(repeated_row):
        edges = _ring_edges(kept)
    spikes = _find_spikes(edges)
    return Drawn(kept, repeated_row, repeated, *spikes, *_find_slivers(kept, edges))


def look_at_lines(lines: Geometries) -> Drawn:
    """Look at ``(n,)`` lines or ``None``, EPSG:4490, for repeated vertices only."""
    kept = lines.copy()
    parts, owner = shapely.get_parts(kept, return_index=True)
    repeated_row, repeated = _drop_repeated(kept, _edges(parts, owner, closed=False))
    none, nothing = np.zeros(0, np.int64), np.zeros(0)
    return Drawn(
        kept, repeated_row, repeated, none, nothing, np.zeros((0, 2)), none, nothing, nothing
    )


def _ring_edges(polygons: Geometries) -> _Edges:
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return _edges(rings, owner[part], closed=True)


def _edges(paths: Geometries, owner: Integers, *, closed: bool) -> _Edges:
    xy, path = shapely.get_coordinates(paths, return_index=True)
    if len(xy) < 2:
        none = np.zeros(0, np.int64)
        return _Edges(none, np.zeros((0, 2)), np.zeros((0, 2)), none)
    inside = path[1:] == path[:-1]
    start, of = xy[:-1][inside], path[:-1][inside]
    step = (xy[1:] - xy[:-1])[inside] * _DEGREE_M
    step[:, 0] *= np.cos(np.radians(start[:, 1]))
    before = np.arange(-1, len(of) - 1)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    before[first] = np.append(first[1:] - 1, len(of) - 1) if closed else -1
    return _Edges(owner[of], start, step, before)


def _drop_repeated(kept: Geometries, edges: _Edges) -> tuple[Integers, Integers]:
    """Drop vertices that stand on the one before, in place."""
    still = (edges.step[:, 0] == 0) & (edges.step[:, 1] == 0)
    rows, counts = np.unique(edges.owner[still], return_counts=True)
    if len(rows):
        kept[rows] = shapely.remove_repeated_points(kept[rows])
    return rows, counts


def _find_spikes(edges: _Edges) -> tuple[Integers, Floats, Floats]:
    """Find vertices where a ring turns back on itself within ``SPIKE_WIDTH_M``."""
    back = edges.step[edges.before]
    step = edges.step
    turn = np.flatnonzero(back[:, 0] * step[:, 0] + back[:, 1] * step[:, 1] < 0)
    back, step = back[turn], step[turn]
    lengths = np.hypot(*back.T), np.hypot(*step.T)
    across = np.abs(back[:, 0] * step[:, 1] - back[:, 1] * step[:, 0])
    width = across / np.maximum(*lengths)
    sharp = (width < SPIKE_WIDTH_M) & (np.minimum(*lengths) >= SPIKE_LENGTH_M)
    found = turn[sharp]
    return edges.owner[found], width[sharp], edges.start[found]


def _find_slivers(polygons: Geometries, edges: _Edges) -> tuple[Integers, Floats, Floats]:
    length = np.hypot(*edges.step.T)
    perimeter = np.bincount(edges.owner, length, minlength=len(polygons))
    south, north = shapely.bounds(polygons)[:, 1], shapely.bounds(polygons)[:, 3]
    scale = np.cos(np.radians((south + north) / 2)) * _DEGREE_M**2
    area = np.nan_to_num(shapely.area(polygons) * scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = 2 * area / perimeter
    rows = np.flatnonzero((area > 0) & ((width < SLIVER_WIDTH_M) | (area < SLIVER_AREA_M2)))
    return rows, area[rows], width[rows]
