"""The part of the plan that speaks of control layers and the demolition register."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Degrees = Annotated[float, Field(ge=-180, le=180)]
Share = Annotated[float, Field(gt=0, lt=1)]
Weights = Annotated[dict[str, float], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Redline(_Part):
    """Ecological redline.

    Attributes:
        share: Part of the city's area to aim at.
        count: Features to aim at.
        smooth: Part of the features with smooth outlines that cut parcels.
        kinds: Function of a zone: on wet high ground, on mixed ground, on steep ground.
        suffix: Ends the name of every zone.
    """

    share: Share
    count: Annotated[int, Field(ge=1)]
    smooth: Share
    kinds: tuple[str, str, str]
    suffix: str


class Farmland(_Part):
    """Permanent basic farmland: ``share`` of the cultivated parcels; ``stable`` = code of wdgd."""

    share: Share
    stable: tuple[str, str]


class Zone(_Part):
    """A planning zone and its reach around a seat, in radii of the town."""

    code: str
    name: str
    reach: Annotated[float, Field(gt=0)]


class UrbanBoundary(_Part):
    """Zones from the inside out."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=1)]


class _Place(_Part):
    """A named real place.

    Attributes:
        lon: Middle, degrees east.
        lat: Middle, degrees north.
        width_m: Extent from west to east.
        height_m: Extent from south to north.
        core: Part of the area that is core zone; 0 for none.
    """

    name: str
    grade: str
    lon: Degrees
    lat: Degrees
    width_m: Annotated[float, Field(gt=0)]
    height_m: Annotated[float, Field(gt=0)]
    core: Annotated[float, Field(ge=0, lt=1)] = 0.0
    zones: tuple[str, str]
    source: str
    confidence: Annotated[str, Field(pattern="^[HML]$")]


class Scenic(_Place):
    """A scenic area."""


class Reserve(_Place):
    """A nature reserve.

    Attributes:
        along_rivers: The reserve is a belt of this half width (m) along the largest streams
            within its extent, not an area; 0 for an area.
    """

    along_rivers: Annotated[float, Field(ge=0)] = 0.0


class TraditionalVillages(_Part):
    """Traditional villages: two zones and the batches in which they were listed."""

    count: Annotated[int, Field(ge=0)]
    zones: tuple[str, str]
    batches: Annotated[tuple[str, ...], Field(min_length=1)]
    suffix: str


class Demolition(_Part):
    """The demolition register.

    Attributes:
        households: Sum over the demolished cases, exact.
        floor_area_m2: The same for the floor area.
        cases: Demolished cases to make.
        open_share: Open cases, as a part of ``cases``.
        years: First and last year of demolition.
        done: Weights of the final states.
        pending: Weights of the open states.
        modes: Weights of the modes of demolition.
        owners: Weights of the kinds of owner; the second is the one with large areas.
        causes: Weights of the causes.
        patch_kinds: Kinds of satellite patches, in turn.
        source: Where the totals come from.
    """

    households: Annotated[int, Field(ge=1)]
    floor_area_m2: Annotated[float, Field(gt=0)]
    cases: Annotated[int, Field(ge=1)]
    open_share: Share
    years: tuple[int, int]
    last_day: date
    done: Weights
    pending: Weights
    modes: Weights
    owners: Weights
    causes: Weights
    patch_kinds: tuple[str, ...] = ()
    source: str
    confidence: Annotated[str, Field(pattern="^[HML]$")]

    @model_validator(mode="after")
    def _enough_households(self) -> Self:
        if self.households < self.cases:
            raise ValueError("households must be at least the number of cases")
        if self.years[0] > self.years[1] or self.last_day.year < self.years[1]:
            raise ValueError("years must run forward and end before last_day does")
        return self


class Stock(_Part):
    """Stock of construction land: only for the first ``districts`` by code.

    Attributes:
        share: Part of the eligible built-up parcels.
        states: Weights of the kinds of stock.
    """

    districts: Annotated[int, Field(ge=1)]
    share: Share
    states: Weights
