"""What of a picture counts as known."""

import numpy as np
import pytest

from geoapp.tiles.cell_grids import _colours


@pytest.mark.parametrize("missing", [np.nan, 0.0])
def test_black_in_one_band_is_a_colour_and_in_all_is_not_known(missing):
    red, green = np.array([[missing, missing]]), np.array([[30.0, missing]])
    found = _colours([red, green], 0.0)
    assert np.mean(found, axis=0)[0].tolist()[0] == 15.0
    assert np.isnan(np.mean(found, axis=0)[0, 1])
