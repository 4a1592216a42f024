"""Parcels cut by the real outlines, neighbours on both sides sharing every node.

The parcels of a district reach a little beyond its outline. Each crossing of a parcel edge
with an outline edge is computed once and becomes a node of all that meet there: both parcels
beside the edge, and the parcels of the district across the outline.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.sample.grid import Flags, Ints, Shape
from geoapp.sample.rings import Polygons

SNAP_M = 0.01  # crossings nearer than this to one another become one node
NEAR_M = 0.1  # vertices nearer to the outline are moved off it
CLEARANCE_M = 0.3

Segments = NDArray[np.float64]  # (n, 4): x, y of one end, x, y of the other, ends in order


def segments_of(geometries: Polygons) -> Segments:
    """List the distinct edges of geometries, each once whatever its direction."""
    rings = shapely.get_rings(shapely.get_parts(geometries))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    start, end = points[:-1][inside], points[1:][inside]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    both = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    both = both[np.lexsort(both.T[::-1])]
    fresh = np.concatenate([[True], (both[1:] != both[:-1]).any(axis=1)])
    return np.asarray(both[fresh], np.float64)


def _as_lines(segments: Segments) -> Polygons:
    return np.asarray(shapely.linestrings(segments.reshape(-1, 2, 2)))


@dataclass(frozen=True, slots=True)
class Crossings:
    """Where the parcel edges of one district meet the outlines of the city.

    Attributes:
        parcels: Rows of the parcels that meet the outline.
        edges: Distinct edges of those parcels.
        edge: ``(k,)`` row in ``edges`` per crossing.
        rim: ``(k,)`` row in the outline's segments per crossing.
        on_edge: ``(k,)`` position along the edge, 0 to 1.
        on_rim: ``(k,)`` position along the outline's segment, 0 to 1.
    """

    parcels: NDArray[np.int64]
    edges: Segments
    edge: NDArray[np.int64]
    rim: NDArray[np.int64]
    on_edge: NDArray[np.float64]
    on_rim: NDArray[np.float64]


def keep_clear(polygons: Polygons, outline: Shape) -> Polygons:
    """Move vertices that all but lie on the outline a little off it.

    A straight outline edge of some 100 m bends by millimetres in geographic coordinates; a
    vertex nearer than that would change sides there.

    Args:
        polygons: Uncut parcels.
        outline: The district.
    """
    rim = shapely.boundary(outline)
    shapely.prepare(rim)

    def push(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lines = shapely.shortest_line(shapely.points(points), rim)
        away = points - shapely.get_coordinates(shapely.get_point(lines, 1))
        distance = np.hypot(*away.T)[:, None]
        direction = np.where(distance > 0, away / np.maximum(distance, 1e-9), 0.7)
        return np.where(distance < NEAR_M, points + CLEARANCE_M * direction, points)

    close = shapely.STRtree(polygons).query(rim, predicate="dwithin", distance=NEAR_M)
    moved = polygons.copy()
    moved[close] = shapely.transform(polygons[close], push)
    return moved


def find_crossings(polygons: Polygons, outline: Shape, rims: Segments) -> Crossings:
    """Meet the parcels of one district with its outline.

    Args:
        polygons: Uncut parcels.
        outline: The district.
        rims: Distinct outline segments of the whole city, from :func:`segments_of`.
    """
    mine = rows_within(rims, outline)
    lines = _as_lines(rims[mine])
    touched = shapely.STRtree(polygons).query(lines, predicate="intersects")[1]
    parcels = np.unique(touched)
    edges = segments_of(polygons[parcels])
    rim, edge = shapely.STRtree(_as_lines(edges)).query(lines, predicate="intersects")
    rim = mine[rim]
    p, r = edges[edge, :2], edges[edge, 2:] - edges[edge, :2]
    q, s = rims[rim, :2], rims[rim, 2:] - rims[rim, :2]
    cross = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    gap = q - p
    return Crossings(
        parcels=parcels,
        edges=edges,
        edge=edge,
        rim=rim,
        on_edge=np.clip((gap[:, 0] * s[:, 1] - gap[:, 1] * s[:, 0]) / cross, 0, 1),
        on_rim=np.clip((gap[:, 0] * r[:, 1] - gap[:, 1] * r[:, 0]) / cross, 0, 1),
    )


def rows_within(rims: Segments, outline: Shape) -> NDArray[np.int64]:
    """Find the outline segments of the city that belong to one district."""
    return np.flatnonzero(np.isin(_keys(rims), _keys(segments_of(np.array([outline])))))


def _keys(segments: Segments) -> NDArray[np.void]:
    """See each row of four numbers as one comparable thing."""
    rows = np.ascontiguousarray(segments)
    keys: NDArray[np.void] = rows.view(np.dtype((np.void, rows.shape[1] * 8))).ravel()
    return keys


def place_nodes(rims: Segments, crossings: list[Crossings]) -> list[NDArray[np.float64]]:
    """Give every crossing its node, the same for crossings that fall together.

    Returns:
        Per district ``(k, 2)`` points, in the order of its crossings.
    """
    rim = np.concatenate([c.rim for c in crossings])
    along = np.concatenate([c.on_rim for c in crossings])
    length = np.hypot(*(rims[rim, 2:] - rims[rim, :2]).T)
    order = np.lexsort((along, rim))
    spot = rims[rim, :2] + along[:, None] * (rims[rim, 2:] - rims[rim, :2])
    held_rim, held = -1, np.zeros(2)
    for row in order.tolist():
        start, end = rims[rim[row], :2], rims[rim[row], 2:]
        if along[row] * length[row] < SNAP_M:
            spot[row] = start
        elif (1 - along[row]) * length[row] < SNAP_M:
            spot[row] = end
        elif held_rim == rim[row] and np.hypot(*(spot[row] - held)) < SNAP_M:
            spot[row] = held
        held_rim, held = int(rim[row]), spot[row]
    return np.split(spot, np.cumsum([c.rim.size for c in crossings])[:-1])


def _split(segments: Segments, row: Ints, along: Segments, nodes: Segments) -> Segments:
    """Cut segments at nodes; those without nodes stay whole, pieces of no length vanish."""
    number = np.arange(len(segments))
    who = np.concatenate([number, row, number])
    where = np.concatenate([np.full(len(segments), -1.0), along, np.full(len(segments), 2.0)])
    points = np.vstack([segments[:, :2], nodes, segments[:, 2:]])
    order = np.lexsort((where, who))
    who, points = who[order], points[order]
    joined = who[1:] == who[:-1]
    pieces = np.hstack([points[:-1][joined], points[1:][joined]])
    return np.asarray(pieces[(pieces[:, :2] != pieces[:, 2:]).any(axis=1)], np.float64)


def cut_faces(
    outline: Shape,
    polygons: Polygons,
    crossings: Crossings,
    nodes: Segments,
    rim_pieces: Segments,
) -> tuple[Polygons, NDArray[np.int64]]:
    """Cut the parcels on the border of a district.

    Args:
        outline: The district.
        polygons: Its uncut parcels.
        crossings: As found for it.
        nodes: Their nodes.
        rim_pieces: Its outline, cut at the nodes of all districts.

    Returns:
        Faces inside the outline and the row of the parcel each belongs to.
    """
    pieces = _split(crossings.edges, crossings.edge, crossings.on_edge, nodes)
    middle = (pieces[:, :2] + pieces[:, 2:]) / 2
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, middle[:, 0], middle[:, 1])
    lines = _as_lines(np.vstack([pieces[inside], rim_pieces]))
    faces = shapely.get_parts(shapely.polygonize(lines))
    tree = shapely.STRtree(polygons[crossings.parcels])
    face, owner = tree.query(shapely.point_on_surface(faces), predicate="within")
    return faces[face], crossings.parcels[owner]


def split_rims(
    rims: Segments, crossings: list[Crossings], nodes: list[Segments]
) -> tuple[Segments, NDArray[np.int64]]:
    """Cut all outline segments at all nodes; also say which segment each piece comes from."""
    row = np.concatenate([c.rim for c in crossings])
    along = np.concatenate([c.on_rim for c in crossings])
    points = np.vstack(nodes)
    pieces = _split(rims, row, along, points)
    tree = shapely.STRtree(_as_lines(rims))
    middle = shapely.points((pieces[:, :2] + pieces[:, 2:]) / 2)
    return pieces, np.asarray(tree.nearest(middle), np.int64)


def join_faces(
    faces: Polygons, owner: Ints, kept: Polygons, village: Ints, inner: Flags
) -> Polygons:
    """Make one polygon per parcel: scraps and slivers go to a neighbour.

    Args:
        faces: Pieces of the border parcels.
        owner: Parcel row of each piece.
        kept: Uncut parcels; those marked ``inner`` stay as they are.
        village: Village of each parcel: a scrap stays in its village if it can.
        inner: Parcels that do not meet the outline.
    """
    area = shapely.area(faces)
    order = np.lexsort((-area, owner))
    largest = np.zeros(len(faces), np.bool_)
    _, first = np.unique(owner[order], return_index=True)
    largest[order[first]] = True
    result = kept.copy()
    result[owner[largest]] = faces[largest]
    scraps = np.flatnonzero(~largest)
    scraps = scraps[np.argsort(-area[scraps], kind="stable")]
    tree = shapely.STRtree(result)
    added: dict[int, list[int]] = {}
    for scrap in scraps.tolist():
        near = np.sort(tree.query(faces[scrap], predicate="intersects"))
        touching = shapely.intersection(faces[scrap], result[near])
        shared = np.where(inner[near] | (near != owner[scrap]), shapely.length(touching), 0.0)
        if not (shared > 0).any():
            added.setdefault(int(owner[scrap]), []).append(scrap)
            continue
        rank = shared * np.where(village[near] == village[owner[scrap]], 1000.0, 1.0)
        added.setdefault(int(near[np.argmax(rank)]), []).append(scrap)
    for row, parts in added.items():
        together = np.concatenate([[result[row]], faces[parts]])
        result[row] = shapely.coverage_union_all(shapely.get_parts(together))
    return result
