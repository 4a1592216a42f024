"""Pictures of classes: of the features that somebody may see, and of no other."""

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from geoapp.tiles.colouring import Colouring, draw_tile
from geoapp.tiles.drawn import PictureLevel
from geoapp.tiles.grid import TileAddress


@pytest.mark.parametrize(
    ("shown", "columns"), [(None, {10, 20}), ([True, False], {10}), ([False, False], set())]
)
def test_a_picture_paints_what_is_shown(shown, columns):
    rows = np.zeros((256, 256), dtype=np.uint32)
    rows[:, 10], rows[:, 20] = 1, 2  # the first and the second feature
    drawn = SimpleNamespace(pictures={6: PictureLevel(0, 0, rows)})
    kinds = SimpleNamespace(numbers=np.zeros(2, dtype=np.int64))
    colours = np.array([[0, 0, 0, 0], [200, 30, 30, 255]], dtype=np.uint8)
    colouring = Colouring(np.array([0, 1], dtype=np.uint8), colours)
    mask = None if shown is None else np.array(shown)
    tile = draw_tile(drawn, kinds, colouring, TileAddress(6, 0, 0), mask)
    alpha = np.asarray(Image.open(BytesIO(tile)).convert("RGBA"))[..., 3]
    assert set(np.flatnonzero(alpha.any(axis=0)).tolist()) == columns
