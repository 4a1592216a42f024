"""How the features of a layer are shared out among zones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Areas = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """How features are shared out among zones.

    Attributes:
        feature_row: ``(k,)`` row of the feature, rising; one entry per feature and zone that
            meet.
        zone_row: ``(k,)`` row of the zone, ``OUTSIDE`` for what lies in none.
        area_m2: ``(k,)`` shared area.
    """

    feature_row: Rows
    zone_row: Rows
    area_m2: Areas
