"""Roads as a network, and the time in which its points are reached from stations."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats, Integers

_GRID_M: Final = 0.01  # ends of roads this close are one place
_KMH_IN_M_PER_MINUTE: Final = 1000 / 60
_NOTHING: Final[Geometries] = np.zeros(0, dtype=object)


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """Roads cut where they meet.

    Attributes:
        edges: ``(n,)`` straight or bent lines from node to node, plane of metres.
        begins: ``(n,)`` node that each begins at.
        ends: ``(n,)`` node that each ends at.
        minutes: ``(n,)`` time that driving along each takes.
        nodes: ``(k, 2)`` places.
        joined: Loose ends that were led to a road close by.
    """

    edges: Geometries
    begins: Integers
    ends: Integers
    minutes: Floats
    nodes: Floats
    joined: int

    def times_from(self, nodes: Integers) -> Floats:
        """Give ``(k,)`` minutes to each node from the nearest of some nodes; else infinite."""
        count = len(self.nodes)
        if not len(nodes) or not len(self.edges):
            return np.full(count, np.inf)
        tails = np.concatenate([self.begins, self.ends])
        heads = np.concatenate([self.ends, self.begins])
        weights = np.concatenate([self.minutes, self.minutes])
        order = np.lexsort((weights, heads, tails))  # of two roads side by side the faster
        tails, heads, weights = tails[order], heads[order], weights[order]
        first = np.ones(len(tails), dtype=bool)
        first[1:] = (np.diff(tails) != 0) | (np.diff(heads) != 0)
        graph = coo_array((weights[first], (tails[first], heads[first])), shape=(count, count))
        found = dijkstra(graph.tocsr(), indices=np.unique(nodes), min_only=True)
        return np.asarray(found, dtype=np.float64)


def build_network(
    lines: Geometries, speeds_kmh: Floats, join_m: float, ways: Geometries = _NOTHING
) -> RoadNetwork:
    """Cut roads where they meet or cross.

    Where two roads cross one can turn: nothing says which crossing is a bridge.

    Args:
        lines: ``(n,)`` lines in a plane of metres.
        speeds_kmh: ``(n,)`` above zero.
        join_m: A road that ends this close to another is led to it.
        ways: ``(w,)`` more ways, at the speed of the slowest road, that meet roads already.
    """
    parts, row = shapely.get_parts(lines, return_index=True)
    kept = shapely.length(parts) > _GRID_M
    parts, speeds = parts[kept], speeds_kmh[row[kept]]
    links, slower = _join_loose_ends(parts, speeds, join_m)
    slowest = np.full(len(ways), speeds.min(initial=np.inf))
    parts = np.concatenate([parts, links, ways])
    speeds = np.concatenate([speeds, slower, slowest])
    if not len(parts):
        nothing = np.zeros(0, dtype=np.int64)
        return RoadNetwork(parts, nothing, nothing, np.zeros(0), np.zeros((0, 2)), 0)
    cut = shapely.get_parts(shapely.union_all(parts, grid_size=_GRID_M))
    cut = cut[shapely.length(cut) > 0]
    fastest = _find_speeds(cut, parts, speeds)
    first, last = shapely.get_point(cut, 0), shapely.get_point(cut, -1)
    ends = np.concatenate([shapely.get_coordinates(first), shapely.get_coordinates(last)])
    cells = np.rint(ends / _GRID_M).astype(np.int64)
    _, index, number = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    number = number.reshape(2, -1)
    minutes = shapely.length(cut) / (fastest * _KMH_IN_M_PER_MINUTE)
    return RoadNetwork(cut, number[0], number[1], minutes, ends[index], len(links))


def _join_loose_ends(lines: Geometries, speeds: Floats, join_m: float) -> tuple[Geometries, Floats]:
    """Make the links from ends of roads to other roads that they all but meet."""
    if not len(lines):
        return lines, speeds
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    owner = np.tile(np.arange(len(lines)), 2)
    at, other = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=join_m)
    foreign = other != owner[at]
    at, other = at[foreign], other[foreign]
    links = shapely.shortest_line(ends[at], lines[other])
    apart = shapely.length(links) > _GRID_M
    return links[apart], np.minimum(speeds[owner[at]], speeds[other])[apart]


def _find_speeds(cut: Geometries, lines: Geometries, speeds: Floats) -> Floats:
    """Give the speed of each piece: of the fastest road that it lies on."""
    middles = shapely.line_interpolate_point(cut, 0.5, normalized=True)
    tree = shapely.STRtree(lines)
    piece, line = tree.query(middles, predicate="dwithin", distance=4 * _GRID_M)
    found = np.zeros(len(cut))
    np.maximum.at(found, piece, speeds[line])
    lost = np.flatnonzero(found == 0.0)
    if len(lost):  # moved a little further by rounding to the grid
        found[lost] = speeds[tree.nearest(middles[lost])]
    return found
