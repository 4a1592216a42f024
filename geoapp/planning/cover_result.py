"""What of a land class is reached in time, unit by unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd


@dataclass(frozen=True, slots=True)
class CoverRequest:
    """What is asked.

    Attributes:
        minutes: From leaving the station.
        by: Unit level of the rows.
        within: Code of the unit to look into, ``""`` for the city.
        classes: Beginnings of the codes of land classes; none: all land.
    """

    minutes: int
    by: str
    within: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverUnit:
    """A unit, or the whole.

    Attributes:
        area_m2: Land of the classes, official, overlaps once.
        reached_m2: What of it is reached in time.
        rest_m2: What is not, measured on its own.
        coverage: Whether land use, roads and stations are known here.
    """

    unit_code: str
    unit_name: str
    area_m2: float
    reached_m2: float
    rest_m2: float
    coverage: str

    @property
    def known(self) -> bool:
        """Whether anything can be told; where stations are not known, nothing is not reached."""
        return self.coverage != "no_data"

    @property
    def share(self) -> float | None:
        """Which part is reached; ``None`` where nothing is known or there is no such land."""
        return self.reached_m2 / self.area_m2 if self.known and self.area_m2 > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Give the row of a document."""
        return {
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "coverage": self.coverage,
            "area_m2": self.area_m2 if self.known else None,
            "reached_m2": self.reached_m2 if self.known else None,
            "not_reached_m2": self.rest_m2 if self.known else None,
            "share": self.share,
        }


@dataclass(frozen=True, slots=True)
class CoverResult:
    """The answer.

    Attributes:
        snapshots: Of land use, roads, stations and units.
        speeds_kmh: By grade of road.
        stations: Stations in all, and those that no road leads to.
        roads_unused: Roads whose grade has no speed.
        roads_joined: Loose ends that were led to a road close by.
        closure_m2: Largest gap between a unit and what statistics measure of it.
        ground: Reached ground, EPSG:4490, with its area.
        places: The stations, with whether a road leads to them.
    """

    request: CoverRequest
    units: tuple[CoverUnit, ...]
    whole: CoverUnit
    snapshots: Mapping[str, str]
    speeds_kmh: Mapping[str, float]
    off_road_kmh: float
    reach_m: float
    stations: tuple[int, int]
    roads_unused: int
    roads_joined: int
    closure_m2: float
    sample: bool
    ground: gpd.GeoDataFrame
    places: gpd.GeoDataFrame

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.cover/1``."""
        asked = self.request
        return {
            "schema": "geoapp.cover/1",
            "minutes": asked.minutes,
            "by": asked.by,
            "within": asked.within or None,
            "classes": list(asked.classes),
            "sample": self.sample,
            "snapshots": dict(self.snapshots),
            "speeds_kmh": dict(self.speeds_kmh),
            "off_road_kmh": self.off_road_kmh,
            "reach_m": self.reach_m,
            "stations": self.stations[0],
            "stations_without_road": self.stations[1],
            "roads_unused": self.roads_unused,
            "roads_joined": self.roads_joined,
            "rows": [unit.to_json() for unit in self.units],
            "whole": self.whole.to_json(),
            "closure_m2": self.closure_m2,
        }
