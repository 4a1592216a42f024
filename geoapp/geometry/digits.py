"""Digits that a drawing lost on its way through the map."""

from typing import Final

import numpy as np
import shapely

MAP_DECIMALS: Final = 8  # of degrees, as the map writes them: a millimetre


def give_back_digits(
    drawn: shapely.Geometry, original: shapely.Geometry, decimals: int = MAP_DECIMALS
) -> shapely.Geometry:
    """Put the vertices of a drawing that are those of an original, rounded, exactly there.

    Args:
        drawn: What came back.
        original: What went out, before it was rounded.
        decimals: To which it was rounded.
    """
    exact = shapely.get_coordinates(original)
    places = {tuple(rounded): place for rounded, place in zip(
        np.rint(exact * 10**decimals).astype(np.int64).tolist(), exact, strict=True
    )}  # fmt: skip

    def restore(coordinates: np.ndarray) -> np.ndarray:
        keys = np.rint(coordinates * 10**decimals).astype(np.int64).tolist()
        found = [places.get(tuple(key)) for key in keys]
        return np.array(
            [one if place is None else place for one, place in zip(coordinates, found, strict=True)]
        )

    return shapely.transform(drawn, restore)
