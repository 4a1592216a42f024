"""What makes a new case doubtful: ground or households that the register knows already."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import shapely

from geoapp.cases.storage_list import NearCase
from geoapp.cases.track import stages_of_kind
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.pairwise import shared_areas

DoubtKind = Literal["overlap", "rebuilt", "household"]
# A neighbour's wall is not the same building: below both, two outlines only touch.
LEAST_SHARED_M2: Final = 1.0
LEAST_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to look again.

    Attributes:
        kind: ``overlap``: a case that is not settled stands on the same ground, so its area
            would count twice. ``rebuilt``: the ground of a case that was torn down is built
            on again. ``household``: the household stands in another case.
        case: Id of the other case.
        shared_m2: Ground in common.
        share: That as a part of the smaller of the two footprints.
        household: Key of the household.
    """

    kind: DoubtKind
    case: int
    case_no: str
    stage: str
    shared_m2: float = 0.0
    share: float = 0.0
    household: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give what an event keeps of it; a household is named in its case only."""
        return {k: v for k, v in asdict(self).items() if k != "household"}


def find_ground_doubts(
    footprint: shapely.Geometry, near: Sequence[NearCase], gauss: str
) -> list[Doubt]:
    """Compare a footprint with the cases near it.

    Args:
        footprint: EPSG:4490.
        near: Cases whose boxes meet its box.
        gauss: The city's Gauss plane.

    Returns:
        Doubts, the largest ground in common first. Cases that left the track (legal, false
        alarm, …) make none.
    """
    gone = stages_of_kind("demolished", "closed")
    kept = [case for case in near if case.stage not in stages_of_kind("exit")]
    shared, share = measure_shared(
        np.full(len(kept), footprint, dtype=object),
        np.array([shapely.from_wkb(case.footprint_wkb) for case in kept], dtype=object),
        gauss,
    )
    doubts = [
        Doubt(
            "rebuilt" if case.stage in gone else "overlap",
            case.id,
            case.case_no,
            case.stage,
            float(area),
            float(part),
        )
        for case, area, part in zip(kept, shared, share, strict=True)
        if area >= LEAST_SHARED_M2 and part >= LEAST_SHARE
    ]
    return sorted(doubts, key=lambda doubt: (-doubt.shared_m2, doubt.case))


def measure_shared(
    left: Geometries, right: Geometries, gauss: str
) -> tuple[np.ndarray, np.ndarray]:
    """Measure pairs of footprints: official m² in common, and that of the smaller's area."""
    if not len(left):
        return np.zeros(0), np.zeros(0)
    one, other = to_measure_plane(left, gauss), to_measure_plane(right, gauss)
    areas = shared_areas(one, other)
    smaller = np.minimum(shapely.area(one), shapely.area(other))
    return areas, np.divide(areas, smaller, out=np.zeros(len(areas)), where=smaller > 0)
