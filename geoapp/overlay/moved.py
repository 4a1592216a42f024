"""What a boundary gains and loses when it is moved.

Edges that both boundaries have in common cancel, so all that differs lies in the box around
the other edges. There both polygons are clipped before they are subtracted; a long boundary
with one moved corner then costs what the corner costs.

Edges that all but coincide can make an overlay come out as if the polygons were apart. So what
is found is held against the kernel, which builds no geometry, and made again near the origin
where it differs; what differs even then is refused.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.errors import GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import flatten
from geoapp.overlay.fragment import polygon_parts
from geoapp.overlay.kernel import Floats
from geoapp.overlay.pairwise import shared_areas
from geoapp.overlay.tally import COUNTED_FROM_M2

# How far the areas may be off that clipped polygons give, before whole ones are taken.
_AGREES_M2: Final = 1e-6
_AGREES_SHARE: Final = 1e-12
_MARGIN_M: Final = 1.0
_GRID_M: Final = 1024.0  # moving by whole multiples of it loses no digit


def find_difference(
    after: shapely.Geometry, before: shapely.Geometry
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Give what a polygon gained and what it lost.

    Args:
        after: Polygon or multipolygon in the measure plane, valid.
        before: Likewise.

    Returns:
        Multipolygons, empty where there is nothing.

    Raises:
        GeometryError: The boundaries cannot be subtracted from each other.
    """
    both = np.array([after, before], dtype=object)
    box = _box_of_change(both)
    if not box[0] <= box[2]:
        return shapely.MultiPolygon(), shapely.MultiPolygon()
    near = _clip(both, box)
    if near is not None:
        found = _subtract_both(near)
        if found is not None and _agrees(both, *found):
            return found
    found = _subtract_both(both)
    if found is None:
        raise GeometryError("boundaries-not-comparable", reason="@scenario.edges_coincide")
    return found


def _clip(both: Geometries, box: Floats) -> Geometries | None:
    """Clip both polygons to a box; ``None`` where a boundary clips badly."""
    try:
        near: Geometries = shapely.clip_by_rect(both, *box)
    except shapely.errors.GEOSException:
        return None
    return near if shapely.is_valid(near).all() else None


def _subtract_both(both: Geometries) -> tuple[shapely.Geometry, shapely.Geometry] | None:
    """Subtract each from the other; ``None`` where the kernel measures something else."""
    shared = shared_areas(both[:1], both[1:])
    expected = shapely.area(both) - shared
    origin = np.floor(shapely.bounds(both[0])[:2] / _GRID_M) * _GRID_M
    for by in (None, origin):
        moved = both if by is None else shapely.transform(both, lambda xy: xy - origin)
        try:
            found = [_subtract(moved[0], moved[1]), _subtract(moved[1], moved[0])]
        except shapely.errors.GEOSException:
            continue
        wrong = np.abs(shapely.area(found) - expected)
        if (wrong <= COUNTED_FROM_M2 + _AGREES_SHARE * shapely.area(both)).all():
            back = found if by is None else shapely.transform(found, lambda xy: xy + origin)
            return back[0], back[1]
    return None


def _box_of_change(both: Geometries) -> Floats:
    """Give the box around the edges that only one of two polygons has, inverted if none."""
    edges = [_list_edges(both[k : k + 1]) for k in range(2)]
    hashes = [_hash_rows(part) for part in edges]
    only = [
        part[~np.isin(own, other)]
        for part, own, other in zip(edges, hashes, hashes[::-1], strict=True)
    ]
    ends = np.concatenate(only).reshape(-1, 2)
    if len(ends) == 0:
        return np.array([np.inf, np.inf, -np.inf, -np.inf])
    return np.concatenate([ends.min(axis=0) - _MARGIN_M, ends.max(axis=0) + _MARGIN_M])


def _list_edges(only: Geometries) -> Floats:
    flat = flatten(only)
    edges = np.column_stack([flat.xy[:-1], flat.xy[1:]])
    inside = np.ones(len(edges), dtype=bool)
    inside[flat.rings[1:-1] - 1] = False  # from one ring to the next
    return edges[inside]


def _hash_rows(edges: Floats) -> NDArray[np.uint64]:
    """Give ``(k,)`` fingerprints of edges; the areas tell should two ever be equal."""
    mixed = np.zeros(len(edges), dtype=np.uint64)
    for column in np.ascontiguousarray(edges.T).view(np.uint64):
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _subtract(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    rest = np.array([shapely.difference(one, other)], dtype=object)
    parts, _ = polygon_parts(rest, np.zeros(1, dtype=np.intp))
    return shapely.MultiPolygon(parts.tolist())


def _agrees(both: Geometries, gained: shapely.Geometry, lost: shapely.Geometry) -> bool:
    after, before = shapely.area(both).tolist()
    found = shapely.area(gained) - shapely.area(lost)
    return bool(abs(after - before - found) <= _AGREES_M2 + _AGREES_SHARE * (after + before))
