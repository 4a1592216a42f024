"""The network of streams: a shortest-path tree over rough ground, rooted in the main rivers."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geoapp.sample.grid import Floats, Grid, Ints
from geoapp.sample.noise import fractal
from geoapp.sample.plan import Relief

STEP_M = 400.0
MARGIN_CELLS = 10


@dataclass(frozen=True, slots=True)
class Drainage:
    """Streams as nodes that each flow to one other node.

    Attributes:
        x: East of every node, m; places are moved a little off the grid.
        y: North of every node, m.
        flow: Number of cells that drain through the node.
        level_m: Height of the stream bed.
        paths: Node indices of every stream from mouth to source, largest flow first.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    flow: NDArray[np.float64]
    level_m: NDArray[np.float64]
    paths: tuple[NDArray[np.int64], ...]

    def line(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """Trace one path as smooth ``(n, 2)`` points, m."""
        return smooth_line(np.column_stack([self.x[path], self.y[path]]))


def smooth_line(points: NDArray[np.float64], *, rounds: int = 3) -> NDArray[np.float64]:
    """Cut the corners of a line (Chaikin), both ends kept; ``(n, 2)`` in and out."""
    for _ in range(rounds):
        early = 0.75 * points[:-1] + 0.25 * points[1:]
        late = 0.25 * points[:-1] + 0.75 * points[1:]
        inner = np.stack([early, late], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], inner[1:-1], points[-1:]])
    return points


def lattice_graph(weight: Floats) -> sparse.csr_matrix:
    """Link every cell with its eight neighbours; a link costs its length times the mean weight."""
    rows, columns = weight.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    tails, heads, costs = [], [], []
    for down, right, length in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.414), (1, -1, 1.414)):
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        tails.append(number[here].ravel())
        heads.append(number[there].ravel())
        costs.append((length * (weight[here] + weight[there]) / 2).ravel())
    links = (np.concatenate(costs), (np.concatenate(tails), np.concatenate(heads)))
    return sparse.csr_matrix(links, shape=(number.size, number.size))


def _walk_upstream(parent: Ints, flow: Floats, roots: Ints, least: float) -> list[Ints]:
    """Split the tree into paths, each following the larger branch up to ``least`` flow."""
    strong = np.flatnonzero((flow >= least) & (parent >= 0))
    strong = strong[np.argsort(-flow[strong], kind="stable")]
    children: dict[int, list[int]] = {}
    for node in strong.tolist():
        children.setdefault(int(parent[node]), []).append(node)
    paths = []
    starts = [(int(root), -1) for root in roots]
    while starts:
        node, joined = starts.pop(0)
        path = [joined] if joined >= 0 else []
        while node >= 0:
            path.append(node)
            ahead = children.get(node, [])
            starts += [(branch, node) for branch in ahead[1:]]
            node = ahead[0] if ahead else -1
        if len(path) > 3:
            paths.append(np.array(path))
    return sorted(paths, key=lambda path: -float(flow[path[1]]))


def _accumulate(parent: Ints, remote: Floats) -> NDArray[np.float64]:
    """Add up the cells that drain through each node, farthest node first."""
    flow = np.ones(parent.size)
    for node in np.argsort(-remote, kind="stable").tolist():
        if parent[node] >= 0:
            flow[parent[node]] += flow[node]
    return flow


def trace_drainage(
    bounds: tuple[float, float, float, float],
    rivers: list[NDArray[np.float64]],
    seats: NDArray[np.float64],
    relief: Relief,
    rng: np.random.Generator,
) -> Drainage:
    """Find the streams of a city; see :func:`geoapp.sample.terrain.shape_terrain`."""
    grid = Grid.over(bounds, STEP_M, MARGIN_CELLS)
    rough = fractal(grid.shape, rng, wavelength=40) + 0.6 * fractal(grid.shape, rng, wavelength=9)
    weight = np.exp(0.9 * rough)
    graph = lattice_graph(weight)
    mains = _main_rivers(grid, graph, rivers, seats)
    trunk = np.concatenate(mains)
    remote, parent, _ = csgraph.dijkstra(
        graph, directed=False, indices=np.unique(trunk), return_predecessors=True, min_only=True
    )
    parent = np.where(parent < 0, -1, parent).astype(np.int64)
    remote = remote + 0.0
    for main in mains:
        # Inside a main river water runs along it; a tributary ends where it meets the trunk.
        fresh = parent[main[1:]] < 0
        parent[main[1:][fresh]] = main[:-1][fresh]
    remote[trunk] = 0
    upstream = _distance_to_root(parent, grid)
    flow = _accumulate(parent, upstream)
    east, north = grid.centres()
    shift = rng.uniform(-0.33, 0.33, (2, parent.size)) * grid.step
    level = relief.outlet_m + relief.gradient * upstream**0.85
    roots = np.array([main[0] for main in mains if parent[main[0]] < 0])
    paths = _walk_upstream(parent, flow, roots, relief.stream_cells)
    on_stream = np.zeros(parent.size, np.bool_)
    on_stream[np.concatenate(paths)] = True
    number = np.cumsum(on_stream) - 1
    x = np.tile(east, grid.rows) + shift[0]
    y = np.repeat(north, grid.columns) + shift[1]
    return Drainage(
        x=x[on_stream],
        y=y[on_stream],
        flow=flow[on_stream],
        level_m=level[on_stream],
        paths=tuple(number[path] for path in paths),
    )


def _main_rivers(
    grid: Grid, graph: sparse.csr_matrix, rivers: list[NDArray[np.float64]], seats: Floats
) -> list[NDArray[np.int64]]:
    """Lay the given rivers on the grid, mouth first; without any, the first seat is the mouth."""
    if not rivers:
        row, column = grid.cell_of(seats[:1, 0], seats[:1, 1])
        return [row * grid.columns + column]
    mains = []
    for river in rivers:
        row, column = grid.cell_of(river[::-1, 0], river[::-1, 1])
        stops = row * grid.columns + column
        legs = [stops[:1]]
        for start, end in pairwise(stops.tolist()):
            _, before = csgraph.dijkstra(
                graph, directed=False, indices=int(end), return_predecessors=True
            )
            leg, node = [], int(start)
            while node != end and node >= 0:
                node = int(before[node])
                leg.append(node)
            legs.append(np.array(leg, np.int64))
        cells = np.concatenate(legs)
        _, first = np.unique(cells, return_index=True)
        mains.append(cells[np.sort(first)])
    return mains


def _distance_to_root(parent: Ints, grid: Grid) -> NDArray[np.float64]:
    """Measure the way down to the mouth for every node, m, by doubling the jumps."""
    number = np.arange(parent.size)
    down = np.where(parent >= 0, parent, number)
    rows, columns = np.divmod(number, grid.columns)
    way = np.hypot(rows - rows[down], columns - columns[down]) * grid.step
    while not np.array_equal(down, down[down]):
        way = way + way[down]
        down = down[down]
    return np.asarray(way, np.float64)
