"""Roads: cheapest ways over the terrain, seats joined by highways, villages by lanes."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csgraph

from geoapp.sample.drainage import lattice_graph, smooth_line
from geoapp.sample.grid import Grid, Ints
from geoapp.sample.terrain import Terrain

Line = NDArray[np.float64]


def _branches(parent: Ints, ends: Ints) -> list[list[int]]:
    """Follow every end down the tree until it meets a way already taken."""
    taken: set[int] = set()
    ways = []
    for end in ends.tolist():
        way, node = [end], end
        while node not in taken and parent[node] >= 0:
            taken.add(node)
            node = int(parent[node])
            way.append(node)
        if len(way) > 2:
            ways.append(way)
    return ways


def build_roads(
    terrain: Terrain, seats: Line, townships: pd.DataFrame, villages: pd.DataFrame
) -> tuple[list[Line], list[Line]]:
    """Lay out the roads of a city.

    Args:
        terrain: Terrain of the city.
        seats: ``(k, 2)`` seats, m.
        townships: Columns x and y, m.
        villages: Columns x and y, m.

    Returns:
        Highways, then lanes, as ``(n, 2)`` points, m.
    """
    frame = terrain.grid
    grid = Grid(frame.x0, frame.y0, 2 * frame.step, frame.rows // 2, frame.columns // 2)
    crop = (slice(0, 2 * grid.rows, 2), slice(0, 2 * grid.columns, 2))
    weight = 1 + (terrain.slope_deg[crop] / 7.0) ** 2 + terrain.above_valley[crop] / 150
    stream = terrain.drainage
    wet = stream.flow > np.quantile(stream.flow, 0.8)
    weight[grid.cell_of(stream.x[wet], stream.y[wet])] += 6  # beside the river, not in it
    graph = lattice_graph(weight)

    def numbers(x: Line, y: Line) -> NDArray[np.int64]:
        row, column = grid.cell_of(x, y)
        return row * grid.columns + column

    def ways_to(roots: Ints, ends: Ints) -> list[list[int]]:
        _, parent, _ = csgraph.dijkstra(
            graph, directed=False, indices=np.unique(roots), return_predecessors=True, min_only=True
        )
        return _branches(parent, ends)

    def lines(ways: list[list[int]]) -> list[Line]:
        shape = grid.columns
        corners = [np.divmod(np.array(way), shape) for way in ways]
        return [
            smooth_line(
                np.column_stack(
                    [grid.x0 + (column + 0.5) * grid.step, grid.y0 + (row + 0.5) * grid.step]
                )
            )
            for row, column in corners
        ]

    seat = numbers(seats[:, 0], seats[:, 1])
    trunk = ways_to(seat[:1], seat[1:])
    reached = np.concatenate([seat, *(np.array(way) for way in trunk)])
    trunk += ways_to(reached, numbers(townships["x"].to_numpy(), townships["y"].to_numpy()))
    reached = np.concatenate([seat, *(np.array(way) for way in trunk)])
    lanes = ways_to(reached, numbers(villages["x"].to_numpy(), villages["y"].to_numpy()))
    return lines(trunk), lines(lanes)
