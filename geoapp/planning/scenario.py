"""A scenario: a boundary that somebody drew, kept with its figures of that day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import shapely

from geoapp.overlay.what_if_result import Existing, WhatIfResult

LONGEST_NAME: Final = 100
LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario; a later one is another row, none is overwritten.

    Attributes:
        version: From 1.
        geometry: EPSG:4490.
        replaces: The feature whose boundary it moves.
        figures: The document of ``geoapp.what_if/1`` when it was saved.
        area_m2: Official area.
    """

    id: int
    name: str
    version: int
    note: str
    geometry: shapely.Geometry
    replaces: Existing | None
    area_m2: float
    figures: dict[str, Any]
    made_at: datetime
    made_by: str

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} v{self.version}"

    def snapshots(self) -> dict[str, str]:
        """Name the snapshots that the figures were computed from."""
        return {
            answer["layer"]: answer["snapshot"]
            for answer in self.figures.get("layers", ())
            if answer["snapshot"]
        }


@dataclass(frozen=True, slots=True)
class Alternative:
    """A scenario with its figures of today.

    Attributes:
        changed: Layers of which another snapshot is in force than when it was saved.
    """

    scenario: Scenario
    result: WhatIfResult
    changed: tuple[str, ...]


def compare_json(alternatives: list[Alternative]) -> dict[str, Any]:
    """Give the document of schema ``geoapp.scenarios/1``."""
    return {
        "schema": "geoapp.scenarios/1",
        "scenarios": [
            {
                **scenario_json(one.scenario),
                "changed_since": list(one.changed),
                "figures": one.result.to_json(),
            }
            for one in alternatives
        ],
    }


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """Give one scenario without its figures."""
    return {
        "name": scenario.name,
        "version": scenario.version,
        "note": scenario.note,
        "area_m2": scenario.area_m2,
        "replaces": {"layer": scenario.replaces.layer, "feature": scenario.replaces.feature}
        if scenario.replaces
        else None,
        "made_at": scenario.made_at.isoformat(),
        "made_by": scenario.made_by,
        "snapshots": scenario.snapshots(),
    }
