"""Time the tiles of a workspace: ``python benchmarks/tiles.py WORKSPACE [LAYER ...]``.

Tiles are drawn at random places of the layer, feature by feature, as people look at where
something is; each is made anew, compressed as it is sent. Missing arrays are built first, in
the workspace.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np

from geoapp.bootstrap import Workspace
from geoapp.tiles.grid import GRID_BITS, TileAddress
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.service import TileLayer, open_layer

TILES = 200
SEED = 1
VIEW_ZOOM = 9  # shows the whole city on a screen of 1200 by 620 pixels


def main() -> None:
    """Print the tables."""
    workspace = Workspace.open(Path(sys.argv[1]))
    chosen = sys.argv[2:] or ["landuse"]
    first_view = 0
    for state in workspace.layers():
        if state.snapshot is None:
            continue
        start, cpu = time.perf_counter(), time.process_time()
        layer = open_layer(state.snapshot, state.definition)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        shown = state.definition.style.visible or state.definition.style.draw == "picture"
        size = sum(view(layer)) if shown else 0
        first_view += size
        print(
            f"{layer.snapshot.layer:22} {layer.drawn.count:8} features, opened or built in"
            f" {wall:6.2f} s ({cpu:6.2f} s of processor), features from zoom"
            f" {layer.drawn.switch:2}, first view {size / 1000:7.1f} kB"
        )
        if layer.snapshot.layer in chosen:
            times(layer)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"first view of all layers shown at first: {first_view / 1000:.1f} kB; peak {peak:.0f} MB"
    )


def make(layer: TileLayer, address: TileAddress) -> bytes:
    """Make a tile as the browser would ask for it."""
    if address.zoom in layer.picture_zooms:
        return layer.picture_tile(address, layer.definition.class_field, frozenset())
    return layer.vector_tile(address)


def view(layer: TileLayer) -> list[int]:
    """Give the sizes of the tiles of the first view."""
    if layer.drawn.bounds is None:
        return []
    nodes = layer.drawn.nodes[-1]
    side = 1 << (GRID_BITS - VIEW_ZOOM)
    west, north, east, south = (int(value) // side for value in nodes)
    return [
        len(make(layer, TileAddress(VIEW_ZOOM, x, y)))
        for x in range(west, east + 1)
        for y in range(north, south + 1)
    ]


def times(layer: TileLayer) -> None:
    """Print time and size per zoom."""
    boxes = layer.drawn.nodes[: layer.drawn.count]
    random = np.random.default_rng(SEED)
    print(f"  {'zoom':>4} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8} {'p50 kB':>8} {'max kB':>8}")
    make(layer, TileAddress(MAX_ZOOM, 0, 0))  # compiled before the clock runs
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        rows = random.integers(0, layer.drawn.count, TILES)
        middles = ((boxes[rows, :2] + boxes[rows, 2:]) / 2).astype(int) >> (GRID_BITS - zoom)
        taken, sizes = [], []
        for x, y in middles.tolist():
            start = time.perf_counter()
            sizes.append(len(make(layer, TileAddress(zoom, x, y))) / 1000)
            taken.append((time.perf_counter() - start) * 1000)
        p50, p95, most = np.percentile(taken, [50, 95, 100])
        kind = "png" if zoom in layer.picture_zooms else "mvt"
        print(
            f"  {zoom:4} {p50:8.2f} {p95:8.2f} {most:8.2f} {np.median(sizes):8.1f}"
            f" {max(sizes):8.1f}  {kind}"
        )


if __name__ == "__main__":
    main()
