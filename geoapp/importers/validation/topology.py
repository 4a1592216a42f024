"""What features do to each other: overlaps, and ground that a layer should fill and does not."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.importers.findings import Findings

OVERLAP_TOLERANCE_M2: Final = 1.0
GAP_TOLERANCE_M2: Final = 1.0
GAP_TOLERANCE_SHARE: Final = 1e-6


class Overlaps(NamedTuple):
    """Pairs of features that share area.

    Attributes:
        first: ``(k,)`` rows in the file, counted from 0.
        second: ``(k,)`` likewise.
        area_m2: ``(k,)`` what they share.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    area_m2: NDArray[np.float64]


class UnitGap(NamedTuple):
    """A unit and how much of it a layer covers.

    Attributes:
        code: The unit.
        name: Its name.
        unit_m2: Its area.
        net_m2: Ground of the layer in it, overlaps once.
    """

    code: str
    name: str
    unit_m2: float
    net_m2: float


def tell_overlaps(found: Overlaps, findings: Findings) -> None:
    """Tell of pairs that share more than ``OVERLAP_TOLERANCE_M2``, at the row further down."""
    real = np.flatnonzero(found.area_m2 > OVERLAP_TOLERANCE_M2)
    low = np.minimum(found.first, found.second)[real]
    high = np.maximum(found.first, found.second)[real]
    order = np.lexsort((low, high))
    low, high, area = low[order], high[order], found.area_m2[real][order]
    findings.add(
        "features-overlap",
        "warning",
        high,
        lambda k: {"other": int(low[k]) + 1, "area_m2": round(float(area[k]), 2)},
    )


def tell_gaps(units: Iterable[UnitGap], findings: Findings) -> None:
    """Tell of units that a tiling layer reaches into and does not fill."""
    for unit in units:
        gap = unit.unit_m2 - unit.net_m2
        if unit.net_m2 > 0 and gap > max(GAP_TOLERANCE_M2, GAP_TOLERANCE_SHARE * unit.unit_m2):
            findings.note(
                "unit-not-filled",
                "warning",
                unit=unit.name or unit.code,
                unit_code=unit.code,
                gap_m2=round(gap, 2),
            )
