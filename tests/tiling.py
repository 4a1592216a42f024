"""Drawings in units of a tile, put on the ground and cut into tiles again."""

import numpy as np
import shapely

from geoapp.overlay.kinds import one_kind
from geoapp.tiles.building import make_drawn
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import BUFFER, EXTENT
from geoapp.tiles.vector import Labels, encode_tile

NONE = np.zeros(0, dtype=object)
SIDE = 1 << 30
BUFFER_BOX = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def degrees(x, y):
    """Invert Web Mercator, grid units to degrees, by the textbook formula."""
    longitude = np.asarray(x) / SIDE * 360 - 180
    latitude = np.degrees(2 * np.arctan(np.exp(np.pi * (1 - 2 * np.asarray(y) / SIDE))) - np.pi / 2)
    return np.column_stack([longitude, latitude])


def in_tile(shape, address):
    """Place a drawing in units of a tile on the ground."""
    unit = 1 << address.shift

    def move(xy):
        # the middle of a grid unit, so that rounding has nothing to decide
        x = (xy[:, 0] + address.x * EXTENT) * unit + 0.5
        y = (xy[:, 1] + address.y * EXTENT) * unit + 0.5
        return degrees(x, y)

    return shapely.transform(shape, move)


AT = TileAddress(14, 13193, 6773)


def tile_of(shapes, address=AT, *, kind="polygon", keep_all=False, kinds=None, placed=None):
    placed = placed or address
    ground = np.array([in_tile(shape, placed) for shape in shapes], dtype=object)
    kinds = kinds or one_kind(len(shapes))
    drawn = make_drawn(ground, kinds, kind)
    labels = Labels(kinds, NONE, NONE)
    return encode_tile(drawn, labels, address, "things", keep_all=keep_all)


def mosaic(cells, vertices, rng, *, low=-600.0, high=4700.0, rough=0.4):
    """Fill a square with ``cells`` by ``cells`` polygons whose borders wander.

    Every border is one line of ``vertices`` steps, used by both its neighbours. It stays in a
    narrow wedge at either end, so that borders never cross.
    """
    step = (high - low) / cells
    nodes = np.stack(np.meshgrid(np.arange(cells + 1), np.arange(cells + 1)), axis=2) * step + low
    inner = (slice(1, -1), slice(1, -1))
    nodes[inner] += rng.uniform(-0.12, 0.12, nodes[inner].shape) * step
    borders = {}

    def border(a, b):
        if (b, a) in borders:
            return borders[b, a][::-1]
        if (a, b) not in borders:
            start, end = nodes[a], nodes[b]
            share = np.linspace(0, 1, vertices + 1)[:, None]
            line = start + share * (end - start)
            outside = any(a[k] == b[k] and a[k] in {0, cells} for k in (0, 1))
            if not outside:
                reach = rough * np.minimum(share, 1 - share)
                line += rng.uniform(-1, 1, share.shape) * reach * (end - start)[::-1] * [-1, 1]
            borders[a, b] = line
        return borders[a, b]

    shapes = []
    for row in range(cells):
        for column in range(cells):
            corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            lines = [
                border(a, b)[:-1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
            ]
            shapes.append(shapely.Polygon(np.concatenate(lines)))
    return shapes
