"""What a sample city is made of: everything that names a place, a class or a total.

The generator reads it from a TOML file (``data/geo/sample.toml`` for the city that comes with
the product), so that another city is another file. Every model refuses unknown keys: a
misspelt key would otherwise silently leave a default in force.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoapp.sample.plan_layers import (
    Demolition,
    Farmland,
    Redline,
    Reserve,
    Scenic,
    Stock,
    TraditionalVillages,
    UrbanBoundary,
)

Degrees = Annotated[float, Field(ge=-180, le=180)]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """Where a fact comes from and how far it can be trusted (H, M or L)."""

    source: str
    confidence: Annotated[str, Field(pattern="^[HML]$")]


class Seat(Source):
    """The real seat of a township; the first township of its district is not implied.

    Attributes:
        township: Code of the township it lies in.
        lon: Degrees east.
        lat: Degrees north.
        size_m: Radius of the town, m.
    """

    township: str
    lon: Degrees
    lat: Degrees
    size_m: Annotated[float, Field(gt=0)] = 2000.0


class River(Source):
    """A main river as rough points from source to mouth; the generator bends it between."""

    name: str
    points: Annotated[tuple[tuple[Degrees, Degrees], ...], Field(min_length=2)]


class Relief(_Part):
    """Heights and distances of the terrain, m.

    Attributes:
        outlet_m: Height of the river where it leaves the city.
        gradient: Rise of streams, m per (m upstream to the power 0.85).
        height_m: Height of common ridges over the valleys.
        slope_length_m: Way from the valley floor to two thirds of the height.
        valley_half_m: Half the width of the floor of the largest valleys.
        basin_m: Half the width of the basin of a seat.
        stream_cells: Area from which a stream is worth a brook, in cells of 400 m.
        valley_cells: The same for a valley of its own, with a floor.
        river_cells: Area from which it shows as a water parcel.
        river_width_m: Width of the largest river.
    """

    outlet_m: float = 90.0
    gradient: float = 0.012
    height_m: float = 520.0
    slope_length_m: float = 1100.0
    valley_half_m: float = 700.0
    basin_m: float = 1800.0
    stream_cells: float = 9.0
    valley_cells: float = 60.0
    river_cells: float = 220.0
    river_width_m: float = 140.0


class Mixed(_Part):
    """One class of several that share a patch of ground."""

    code: str
    name: str
    weight: Annotated[float, Field(gt=0)]


class LandClass(_Part):
    """A land class and the ground it is found on.

    Classes take parcels in the order of the file, best score first, until their share of the
    city's area is used up; the last one takes what is left.

    Attributes:
        group: ``cultivated``, ``garden``, ``forest``, ``grass``, ``built``, ``road``,
            ``water`` or ``bare``: what other layers and the picture ask for.
        share: Part of the city's area; ``None`` for strips and for the last class.
        strip: ``river`` or ``road``: the class of the parcels along such a line.
        score: Weight per property of the ground (see ``geoapp.sample.ground``).
        mix: Classes to draw from instead of ``code``.
        crops: Planting attributes to draw from, with weights; empty = none.
    """

    code: str
    name: str
    group: Annotated[str, Field(pattern="^(cultivated|garden|forest|grass|built|road|water|bare)$")]
    share: Share | None = None
    strip: Annotated[str, Field(pattern="^(river|highway|lane)$")] | None = None
    score: dict[str, float] = {}
    mix: tuple[Mixed, ...] = ()
    crops: dict[str, float] = {}


class LandUse(_Part):
    """The land-use layer.

    Attributes:
        year: Year of the data.
        ownership: Code of ownership for built-up town land and water, then for the rest.
        terrace: Kind of cultivated land on slopes: terraced, then not.
        classes: In the order in which they choose their ground.
    """

    year: int
    ownership: tuple[str, str]
    terrace: tuple[str, str]
    classes: Annotated[tuple[LandClass, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _one_rest(self) -> Self:
        open_ended = [c.code for c in self.classes if c.share is None and c.strip is None]
        if open_ended != [self.classes[-1].code]:
            msg = f"exactly the last class must have no share, not {open_ended}"
            raise ValueError(msg)
        if sum(c.share or 0 for c in self.classes) >= 1:
            raise ValueError("the shares of the classes leave nothing for the last one")
        strips = sorted(c.strip for c in self.classes if c.strip)
        if strips != ["highway", "lane", "river"]:
            msg = f"one class each for river, highway and lane, not {strips}"
            raise ValueError(msg)
        return self


class Flow(_Part):
    """Parcels that changed their class between two surveys.

    Attributes:
        was: Code of a class of the plan.
        now: Code of the class that they have now.
        share: Part of the parcels of ``now``.
    """

    was: str
    now: str
    share: Share


class Earlier(_Part):
    """The survey before: the same parcels, some of another class.

    Attributes:
        as_of: Its day.
        flows: In this order; no parcel changes twice.
    """

    as_of: date
    flows: tuple[Flow, ...]


class Hamlets(_Part):
    """Model hamlets: names are built as village name + suffix."""

    count: Annotated[int, Field(ge=0)]
    suffixes: Annotated[tuple[str, ...], Field(min_length=1)]
    years: tuple[int, int]
    grades: Annotated[dict[str, float], Field(min_length=1)]


class Imagery(_Part):
    """Two dates of imagery; ``change`` is the share of built-up parcels that are new."""

    years: tuple[int, int]
    pixel_m: Annotated[float, Field(ge=30)] = 80.0
    change: Share = 0.12


class SamplePlan(_Part):
    """A whole sample city."""

    mark: str
    as_of: date
    village_suffixes: tuple[str, ...] = ()
    relief: Relief = Relief()
    seats: Annotated[tuple[Seat, ...], Field(min_length=1)]
    rivers: tuple[River, ...] = ()
    landuse: LandUse
    redline: Redline
    farmland: Farmland
    urban: UrbanBoundary
    scenic: tuple[Scenic, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    traditional: TraditionalVillages
    hamlets: Hamlets
    demolition: Demolition
    stock: Stock
    imagery: Imagery
    earlier: Earlier | None = None

    @model_validator(mode="after")
    def _known_before(self) -> Self:
        known = {wanted.code for wanted in self.landuse.classes}
        flows = self.earlier.flows if self.earlier else ()
        unknown = sorted({flow.was for flow in flows} - known)
        if unknown:
            msg = f"land has not been of classes that the plan lacks: {unknown}"
            raise ValueError(msg)
        return self


def read_plan(path: Path) -> SamplePlan:
    """Read a plan.

    Raises:
        pydantic.ValidationError: A key is missing, unknown or has a bad value.
        tomllib.TOMLDecodeError: The file is not TOML.
    """
    return SamplePlan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
