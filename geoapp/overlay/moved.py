"""What a boundary gains and loses when it is moved.

Edges that both boundaries have in common cancel, so all that differs lies in the box around
the other edges. There both polygons are clipped before they are subtracted; a long boundary
with one moved corner then costs what the corner costs.
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

# How far the areas may be off that clipped polygons give, before whole ones are taken.
_AGREES_M2: Final = 1e-6
_AGREES_SHARE: Final = 1e-12
_MARGIN_M: Final = 1.0


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
    try:
        near = shapely.clip_by_rect(both, *box)
        if shapely.is_valid(near).all():
            gained, lost = _subtract(near[0], near[1]), _subtract(near[1], near[0])
            if _agrees(both, gained, lost):
                return gained, lost
    except shapely.errors.GEOSException:  # a boundary that clips badly is subtracted whole
        pass
    try:
        return _subtract(after, before), _subtract(before, after)
    except shapely.errors.GEOSException as error:
        raise GeometryError("boundaries-not-comparable", reason=str(error)) from error


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
