"""Whether a layer is known where a parcel lies: unknown is never shown as fine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoapp.catalog.manifest import Coverage, Manifest
from geoapp.compliance.finding import Reason
from geoapp.overlay.coverage import combine_districts


@dataclass(frozen=True, slots=True)
class Known:
    """How well a layer is known in the ground of one parcel.

    Attributes:
        coverage: All districts together.
        reason: Why it is not known; "" where it is.
    """

    coverage: Coverage
    reason: Reason


UNSEEN = Known("no_data", "not_visible")
ABSENT = Known("no_data", "no_snapshot")
NO_RASTER = Known("no_data", "no_raster")


@dataclass(frozen=True, slots=True)
class Place:
    """The districts that a parcel, with some ground around it, lies in.

    Attributes:
        districts: Codes.
        outside: It reaches out of all districts, or there are no outlines of districts.
    """

    districts: tuple[str, ...]
    outside: bool


def know_declared(manifest: Manifest, place: Place) -> Known:
    """Tell it of a layer whose absence may be real: only a declaration makes it known."""
    if not place.districts:
        return Known("no_data", "outside_districts")
    coverage = combine_districts(manifest.coverage.get(d, "no_data") for d in place.districts)
    if coverage == "no_data":
        return Known("no_data", "not_declared")
    if place.outside:
        return Known("partial", "outside_districts")
    return Known(coverage, "partial" if coverage == "partial" else "")


def know_tiling(parcel_m2: np.ndarray, covered_m2: np.ndarray, gap_m2: float) -> Sequence[Known]:
    """Tell it of a layer that should fill the ground: by what it leaves uncovered.

    Args:
        parcel_m2: ``(n,)`` areas of parcels.
        covered_m2: ``(n,)`` of this, covered by the layer.
        gap_m2: What may be left by neighbours that were digitised twice.
    """
    found = []
    for whole, covered in zip(parcel_m2.tolist(), covered_m2.tolist(), strict=True):
        if covered <= 0.0:
            found.append(Known("no_data", "not_declared"))
        elif whole - covered > gap_m2:
            found.append(Known("partial", "partial"))
        else:
            found.append(Known("complete", ""))
    return found
