"""Cutting lines among polygons, edge by edge, so that nothing of a line is lost or doubled.

Planar, in the measure plane. A library's overlay melts a line that runs to and fro into one;
single edges cannot be melted. Where polygons meet or overlap, the first one has the line.
"""

from typing import Final, NamedTuple

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows

OUTSIDE: Final = -1
OPEN: Final = -2


class Edges(NamedTuple):
    """The edges of lines.

    Attributes:
        lines: ``(n,)`` the lines.
        geometries: ``(m,)`` their edges, lines of two different vertices.
        owner: ``(m,)`` row of the line of each, rising.
    """

    lines: Geometries
    geometries: Geometries
    owner: Rows


class Pieces(NamedTuple):
    """Parts of edges.

    Attributes:
        geometries: ``(k,)`` parts; what is no line has no length.
        edge: ``(k,)`` row of the edge of each.
        polygon: ``(k,)`` row of the polygon that has it, ``OUTSIDE`` for none.
    """

    geometries: Geometries
    edge: Rows
    polygon: Rows


def take_edges(lines: Geometries) -> Edges:
    """Take ``(n,)`` lines and multilines apart; ``None`` and edges without length vanish."""
    parts, line = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    ends = np.stack([xy[:-1], xy[1:]], axis=1) if len(xy) else np.zeros((0, 2, 2))
    real = (part[1:] == part[:-1]) & (ends[:, 0] != ends[:, 1]).any(axis=1)
    edges = np.asarray(shapely.linestrings(ends[real]), dtype=object)
    return Edges(lines, edges, line[part[1:][real]])


def find_homes(edges: Edges, polygons: Geometries) -> Rows:
    """Find the polygon that has each edge wholly.

    Args:
        edges: The edges.
        polygons: ``(p,)`` valid polygons, the first before others.

    Returns:
        ``(m,)`` rows of polygons, ``OUTSIDE``, or ``OPEN`` for an edge that must be cut.
    """
    of_line = _settle(edges.lines, polygons)
    homes = of_line[edges.owner]
    unsettled = np.flatnonzero(homes == OPEN)
    homes[unsettled] = _settle(edges.geometries[unsettled], polygons)
    return homes


def cut_edges(edges: Geometries, polygons: Geometries) -> Pieces:
    """Cut edges along the borders of polygons; each polygon takes from what earlier ones left.

    Args:
        edges: ``(m,)`` lines of two vertices.
        polygons: ``(p,)`` valid polygons, the first before others.
    """
    edge, polygon = _find_meeting(edges, polygons)
    turn = np.arange(len(edge)) - np.searchsorted(edge, edge)
    rest = edges.copy()
    taken = np.empty(len(edge), dtype=object)
    for step in range(int(turn.max(initial=-1)) + 1):
        now = turn == step
        left, zone = rest[edge[now]], polygons[polygon[now]]
        taken[now] = shapely.intersection(left, zone)
        rest[edge[now]] = shapely.difference(left, zone)
    return Pieces(
        np.concatenate([taken, rest]),
        np.concatenate([edge, np.arange(len(edges))]),
        np.concatenate([polygon, np.full(len(edges), OUTSIDE)]),
    )


def _settle(lines: Geometries, polygons: Geometries) -> Rows:
    """Give the first polygon that a line meets if it covers the line, else ``OPEN``."""
    line, polygon = _find_meeting(lines, polygons)
    homes = np.full(len(lines), OUTSIDE, dtype=np.intp)
    homes[line] = OPEN
    met, first = np.unique(line, return_index=True)
    earliest = np.full(len(lines), OUTSIDE, dtype=np.intp)
    earliest[met] = polygon[first]
    holder, held = shapely.STRtree(lines).query(polygons, predicate="covers")
    whole = earliest[held] == holder
    homes[held[whole]] = holder[whole]
    return homes


def _find_meeting(lines: Geometries, polygons: Geometries) -> tuple[Rows, Rows]:
    """Find which lines meet which polygons, ordered by line, then polygon."""
    polygon, line = shapely.STRtree(lines).query(polygons, predicate="intersects")
    order = np.lexsort((polygon, line))
    return line[order], polygon[order]
