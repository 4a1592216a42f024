"""How exactly figures are quoted to the public."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

AREA_STEP_M2: Final = 100.0  # a hundredth of a hectare


def quote_area(area_m2: float | None) -> float | None:
    """Round an area to what is quoted, half-up; ``None`` stays unknown.

    >>> quote_area(12350.0)
    12400.0
    """
    return None if area_m2 is None else float(quote_areas(np.array([area_m2]))[0])


def quote_areas(areas_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round areas to what is quoted, half-up."""
    return np.asarray(np.floor(areas_m2 / AREA_STEP_M2 + 0.5) * AREA_STEP_M2)
