"""What a check is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import shapely

from geoapp.geometry.crs import GEOGRAPHIC

BUILDING: Final = "building"
MOST_PARCELS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel to be checked.

    Attributes:
        geometry: Polygon or multipolygon, EPSG:4490; it is not repaired.
        id: Its number; by default its row.
        name: Its name.
        declared_m2: Area that whoever asks states.
        crs: System in which it was given, for the record.
        row: Row in the input, from 1; by default its place.
    """

    geometry: shapely.Geometry | None
    id: str = ""
    name: str = ""
    declared_m2: float | None = None
    crs: str = GEOGRAPHIC
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """Parcels to be checked together.

    Attributes:
        parcels: At most ``MOST_PARCELS``.
        purpose: What is to be built or done.
        on: The day whose rules and snapshots apply; ``None``: today's, on current snapshots.
        balance: Balance areas to the declared ones.
        remedy: Search how prohibitions could be cleared; costs more than the check itself.
    """

    parcels: Sequence[Parcel] = field(default_factory=tuple)
    purpose: str = BUILDING
    on: date | None = None
    balance: bool = False
    remedy: bool = False
