"""What a rule of slope asks of a height model; who reads rasters answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import shapely


@dataclass(frozen=True, slots=True)
class Steepness:
    """How steep a parcel is.

    Attributes:
        steep_share: Part of the parcel that is steeper than was asked.
        known_share: Part of the parcel for which heights are known.
    """

    steep_share: float
    known_share: float


class SlopeReader(Protocol):
    """A height model."""

    @property
    def name(self) -> str:
        """Its id and version, so that a check can say what it read."""
        ...

    @property
    def sample(self) -> bool:
        """Whether it is made-up data."""
        ...

    def measure(self, parcels: Sequence[shapely.Geometry], degrees: float) -> list[Steepness]:
        """Measure polygons in EPSG:4490, weighting pixels by the part inside."""
        ...
