"""Compiling what tiles are made with ahead of the first one.

``python -m geoapp.tiles.warming`` does it once after an installation; a server does it on a
thread of its own when it starts.
"""

import numpy as np
import shapely

from geoapp.overlay.kinds import one_kind
from geoapp.tiles.building import make_drawn
from geoapp.tiles.burning import burn, halve
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.vector import Labels, encode_tile, merge_points


def warm_tiles() -> None:
    """Make tiles of squares, points and lines, and a picture of a few pixels."""
    none = np.zeros(0, dtype=object)
    kinds = one_kind(2)
    squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 0.01, 0.01)], dtype=object)
    lines = shapely.boundary(squares)
    for kind in ("polygon", "cluster", "line"):
        drawn = make_drawn(lines if kind == "line" else squares, kinds, kind)
        for zoom in (MIN_ZOOM, MAX_ZOOM):
            half = 1 << (zoom - 1)
            address = TileAddress(zoom, half, half - 1)
            encode_tile(drawn, Labels(kinds, none, none), address, "-", keep_all=True)
            if kind == "cluster":
                merge_points(drawn, kinds, np.zeros(1, dtype=np.int64), address)
    drawn = make_drawn(squares, kinds)
    pixel = 1 << 20
    window = (512, 500, 4, 4)
    boxes = drawn.nodes[: drawn.count]
    picture = burn(drawn.placed, drawn.rings, drawn.features, boxes, pixel, window)
    halve(picture, kinds.numbers, 1)


if __name__ == "__main__":
    warm_tiles()
