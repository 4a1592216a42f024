"""What is compiled ahead is what tiles are made with."""

import numpy as np
import shapely

from geoapp.overlay.kinds import Kinds
from geoapp.tiles import encoding, vector
from geoapp.tiles.building import make_drawn
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.lines import encode_lines
from geoapp.tiles.vector import Labels, encode_tile
from geoapp.tiles.warming import warm_tiles


def test_the_first_tile_compiles_nothing_that_was_not_warmed(tmp_path):
    del tmp_path
    warm_tiles()
    kernels = (encoding.encode_polygons, encoding.encode_points, vector._count_cells, encode_lines)
    before = [len(kernel.signatures) for kernel in kernels]
    assert all(before)
    shapes = np.array([shapely.box(110 + n, 29, 110.5 + n, 29.5) for n in range(3)], dtype=object)
    kinds = Kinds(np.zeros(3, np.int32), ("a",), "k")
    none = np.zeros(0, dtype=object)
    for kind in ("polygon", "cluster", "line"):
        drawn = make_drawn(shapely.boundary(shapes) if kind == "line" else shapes, kinds, kind)
        for zoom, x, y in ((8, 206, 106), (6, 51, 26)):
            address = TileAddress(zoom, x, y)
            assert encode_tile(drawn, Labels(kinds, none, none), address, "x", keep_all=True)
    assert [len(kernel.signatures) for kernel in kernels] == before
