"""What a figure is computed from, as data: a named measure and its parameters."""

from typing import Annotated, Literal

from pydantic import Field

from geoapp.catalog.definition import Record
from geoapp.planning.plan import PlanLevel, Status


class LayerMeasure(Record):
    """Area, number, length or a summed field of a layer.

    Attributes:
        of: ``area`` (net ground), ``count``, ``length``, or a field that the layer adds up.
        classes: Beginnings of the class codes that count; empty: all.
    """

    measure: Literal["layer"]
    layer: str
    of: str = "area"
    class_field: str = ""
    classes: tuple[str, ...] = ()


class NetChangeMeasure(Record):
    """Ground that entered some classes minus ground that left them, between two snapshots."""

    measure: Literal["net_change"]
    layer: str
    class_field: str
    classes: tuple[str, ...] = Field(min_length=1)


class CaseMeasure(Record):
    """What the demolition register says was torn down."""

    measure: Literal["cases"]
    of: Literal["households", "floor_area_m2", "land_area_m2"]


class PatchMeasure(Record):
    """Assigned patches: the share that is closed, or how many are not."""

    measure: Literal["patches"]
    of: Literal["closed_percent", "open"]


class TrackerMeasure(Record):
    """A tracker.

    Attributes:
        of: Amounts, share in percent, or the area of what is done or altogether.
        within: Code of a unit, ``""`` for the whole city.
    """

    measure: Literal["tracker"]
    tracker: str
    of: Literal["total", "done", "left", "percent", "area", "done_area"] = "total"
    within: str = ""


class PlanMeasure(Record):
    """Share of the units of a level whose plan has reached a status."""

    measure: Literal["plans"]
    level: PlanLevel
    status: Status


class CoverMeasure(Record):
    """Share of the land of some classes that fire engines reach in time, percent.

    Attributes:
        minutes: From leaving the station.
        classes: Beginnings of the codes of land classes; none: all land.
    """

    measure: Literal["cover"]
    minutes: int = Field(ge=1, le=240)
    classes: tuple[str, ...] = ()


Measure = Annotated[
    LayerMeasure
    | NetChangeMeasure
    | CaseMeasure
    | PatchMeasure
    | TrackerMeasure
    | PlanMeasure
    | CoverMeasure,
    Field(discriminator="measure"),
]
