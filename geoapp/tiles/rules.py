"""What is drawn at which zoom: every constant of it, in one place."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_ZOOM: Final = 6
MAX_ZOOM: Final = 18  # the browser enlarges these tiles when it zooms in further
TILE_PX: Final = 256
EXTENT: Final = 4096  # units along the side of a vector tile
BUFFER: Final = 64
UNITS_PER_PX: Final = EXTENT // TILE_PX

# A polygon layer is drawn as a picture of its classes until no tile holds more features than
# this: a dozen pixels a feature there, where single parcels begin to be told apart.
MOST_FEATURES: Final = 6000
# A vertex is left out where the line without it runs less than this beside it.
TOLERANCE_PX: Final = 0.4
# A polygon of a layer that need not cover the ground never vanishes: where nothing is left of
# it, a square of this side is drawn, or a strip half as wide.
DOT_PX: Final = 1
# Of pieces of lines that fit into a square of this side, one of each class is drawn in each such
# cell, and as a dash of ``DOT_PX`` where it is shorter than that. Whatever is left out has a
# neighbour of its class in the same two pixels, so that a road cut into very short pieces is still
# seen. At the largest zoom every piece is drawn.
LINE_CELL_PX: Final = 2
# A polygon of a layer drawn as clusters is a point until one side has this length.
POINT_BELOW_PX: Final = 6
# In a tile with more than ``MOST_FEATURES`` points, those of one class in one cell are one
# point that says how many it stands for.
CELL_PX: Final = 8


def switch_zoom(fullest: NDArray[np.int64]) -> int:
    """Give the zoom from which single features are drawn.

    Args:
        fullest: Number of features of the fullest tile at each zoom, 0 to ``MAX_ZOOM``.

    >>> switch_zoom(np.array([9000] * 13 + [4000] * 6))
    13
    """
    for zoom in range(MIN_ZOOM, MAX_ZOOM):
        if fullest[zoom] <= MOST_FEATURES:
            return zoom
    return MAX_ZOOM
