"""Keeping scenarios and comparing them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import shapely

from geoapp.access.policy import Principal, require
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay.what_if_result import Existing, WhatIfResult
from geoapp.planning.scenario import LONGEST_NAME, LONGEST_NOTE, Alternative, Scenario
from geoapp.planning.storage_scenario import ScenarioTable

Ask = Callable[[shapely.Geometry, Existing | None], WhatIfResult]
Record = Callable[[str, str, dict[str, Any]], None]  # action, subject, facts


@dataclass(frozen=True)
class ScenarioDesk:
    """Scenarios of a city, for one acting principal.

    Attributes:
        ask: Measures a polygon, or what moving a boundary to it changes.
        snapshots: Gives the snapshots in force, by layer.
        record: Writes into the audit trail.
    """

    table: ScenarioTable
    principal: Principal
    ask: Ask
    snapshots: Callable[[], dict[str, str]]
    record: Record

    def save(
        self,
        name: str,
        geometry: shapely.Geometry,
        *,
        note: str = "",
        replaces: Existing | None = None,
    ) -> Scenario:
        """Save a boundary with its figures; a name that exists gets its next version.

        Raises:
            ChoiceError: There is no name, a text is too long, or the feature is not named by
                its key.
            GeometryError: It cannot be measured.
            CrsError: It lies outside the city.
            AccessError: The principal may not keep scenarios.
        """
        require(self.principal, "edit_scenarios")
        name, note = name.strip(), note.strip()
        if not name:
            raise ChoiceError("scenario-name-missing")
        for text, most in ((name, LONGEST_NAME), (note, LONGEST_NOTE)):
            if len(text) > most:
                raise ChoiceError("scenario-text-too-long", most=most)
        if replaces is not None and not isinstance(replaces.feature, str):
            raise ChoiceError("scenario-feature-by-row")  # rows differ from snapshot to snapshot
        result = self.ask(geometry, replaces)
        made = self.table.add(
            {
                "name": name,
                "note": note,
                "geometry": shapely.to_wkb(geometry),
                "layer": replaces.layer if replaces else "",
                "feature": str(replaces.feature) if replaces else "",
                "area_m2": result.area_m2,
                "figures": json.dumps(result.to_json(), ensure_ascii=False),
                "made_at": datetime.now(UTC),
                "made_by": self.principal.name,
            }
        )
        self.record("scenario.save", made.label, {"area_m2": made.area_m2})
        return made

    def all(self) -> list[Scenario]:
        """List all versions, by name, newest first.

        Raises:
            AccessError: The principal may not see scenarios.
        """
        require(self.principal, "view_scenarios")
        return self.table.read()

    def require(self, name: str, version: int | None = None) -> Scenario:
        """Give a version of a scenario, by default the newest.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not see scenarios.
        """
        require(self.principal, "view_scenarios")
        found = self.table.find(name, version)
        if found is None:
            label = name if version is None else f"{name} v{version}"
            raise NotFoundError("scenario-unknown", scenario=label[:120])
        return found

    def compare(self, scenarios: Sequence[Scenario]) -> list[Alternative]:
        """Measure scenarios anew, all on the snapshots in force now.

        Raises:
            NotFoundError: A feature whose boundary one moves is no longer there.
            AccessError: The principal may not see scenarios.
        """
        require(self.principal, "view_scenarios")
        current = self.snapshots()
        return [
            Alternative(
                one,
                self.ask(one.geometry, one.replaces),
                tuple(
                    layer for layer, name in one.snapshots().items() if current.get(layer) != name
                ),
            )
            for one in scenarios
        ]

    def remove(self, name: str) -> int:
        """Remove a scenario with all its versions; gives how many there were.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not keep scenarios.
        """
        require(self.principal, "edit_scenarios")
        gone = self.table.remove(name)
        if not gone:
            raise NotFoundError("scenario-unknown", scenario=name[:120])
        self.record("scenario.remove", name, {"versions": gone})
        return gone
