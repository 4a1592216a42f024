"""The planner's desk of a city: conflicts, farmland ledger, who answers, scenarios."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely

from geoapp.access.policy import decide, require
from geoapp.bootstrap.acting import common_property
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.bootstrap.questions import Questions
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.kept import KeptAnswers
from geoapp.errors import NotFoundError
from geoapp.geometry.repair import require_measurable
from geoapp.importers.reading import AUTO
from geoapp.importers.vector import read_features
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.overlay.change_result import ChangeResult
from geoapp.overlay.kinds import one_kind, read_kinds
from geoapp.overlay.result import Level
from geoapp.planning.conflict_result import THREE_LINES, ConflictRequest, ConflictResult
from geoapp.planning.conflicts import ConflictFinder, list_candidates
from geoapp.planning.contact_book import ContactBook
from geoapp.planning.farmland import Farmland, read_farmland
from geoapp.planning.farmland_ledger import keep_ledger
from geoapp.planning.farmland_patches import (
    Date,
    list_farmland_patches,
    name_patches,
    open_date,
    to_degrees,
)
from geoapp.planning.farmland_result import LedgerResult
from geoapp.planning.scenario_desk import ScenarioDesk
from geoapp.planning.storage_contact import ContactTable
from geoapp.planning.storage_scenario import ScenarioTable
from geoapp.values import Progress, no_progress

LANDUSE: Final = "landuse"
_MOST_KEPT: Final = 16  # answers
_LAND_CLASS: Final = "dlbm"  # the field of full land-class codes


class PlanningDesk(Questions):
    """What a planner asks."""

    def conflicts(
        self,
        layers: Sequence[str] = THREE_LINES,
        *,
        by: Level = "district",
        within: str = "",
    ) -> ConflictResult:
        """Find where layers overlap each other; see ``ConflictRequest``.

        Args:
            layers: Two to six layers of polygons; by default the three lines.
            by: Unit level of the rows.
            within: Code of the unit to look into.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The layers or the level are not offered.
            AccessError: The principal may not see a layer.
            InvariantError: Parts do not add up to what is measured without them.
        """
        require(self.principal, "view_planning")
        for name in layers:
            require(self.principal, "view", self.library.require(name))
        return self._conflict_finder.find(ConflictRequest(tuple(layers), by, within))

    def conflict_layers(self) -> list[LayerDefinition]:
        """List the layers that the principal may ask about."""
        return [
            definition
            for definition in list_candidates(self.library)
            if decide(self.principal, "view", definition).allowed
        ]

    @property
    def farmland(self) -> Farmland:
        """Which land class counts as what in the ledger.

        Raises:
            CatalogError: The workspace's own table is wrong.
        """
        return read_farmland(self.folder)

    def farmland_ledger(
        self,
        before: date | str | None = None,
        after: date | str | None = None,
        *,
        by: Level = "district",
        within: str = "",
        patches: bool = True,
        progress: Progress = no_progress,
    ) -> LedgerResult:
        """Keep the ledger of cultivated land between two dates of the land-use layer.

        Args:
            before: Day, or name of a snapshot; by default the last day before the later one.
            after: Likewise; by default the current one.
            by: Unit level of the rows.
            within: Code of the unit to look into.
            patches: List every patch, too.
            progress: Told how far it is.

        Raises:
            NotFoundError: A unit or snapshot does not exist.
            ChoiceError: The level is not offered, or the two dates are one.
            AccessError: The principal may not see the layer.
            InvariantError: The ledger does not close.
        """
        require(self.principal, "view_planning")
        farmland = self.farmland
        change = self.change(
            LANDUSE,
            before=before or self._day_before(after),
            after=after,
            by=by,
            class_field=_LAND_CLASS,
            within=within,
            progress=progress,
        )
        listed = self._list_patches(change, farmland) if patches else None
        return keep_ledger(change, farmland, listed)

    def _day_before(self, after: date | str | None) -> date:
        """Find the last day before another that land use is known at.

        Raises:
            NotFoundError: There is none.
        """
        require(self.principal, "view", self.library.require(LANDUSE))
        if isinstance(after, str):
            later = self._find_day(after)
        else:
            later = after or self.snapshot(LANDUSE).manifest.as_of
        days = [entry.as_of for entry in self.store.entries(LANDUSE) if entry.as_of < later]
        if not days:
            raise NotFoundError("ledger-one-date", as_of=later.isoformat())
        return max(days)

    def _find_day(self, named: str) -> date:
        try:
            return date.fromisoformat(named)
        except ValueError:
            return self.store.require_named(LANDUSE, named).manifest.as_of

    @common_property
    def _answers(self) -> KeptAnswers:
        """What planners asked last."""
        return KeptAnswers(_MOST_KEPT)

    def _list_patches(self, change: ChangeResult, farmland: Farmland) -> gpd.GeoDataFrame:
        require(self.principal, "read_features", self.library.require(LANDUSE))
        of = (change.request.by, change.request.within, *change.snapshots.values())
        key = ("patches", farmland.model_dump_json(), *of)
        return self._answers.give(key, lambda: self._compute_patches(change, farmland)).copy()

    def _compute_patches(self, change: ChangeResult, farmland: Farmland) -> gpd.GeoDataFrame:
        definition = self.library.require(LANDUSE)
        snapshots = [
            self.store.require_named(LANDUSE, change.snapshots[side])
            for side in ("before", "after")
        ]
        kinds = [
            read_kinds(definition, one, _LAND_CLASS) or one_kind(one.manifest.feature_count)
            for one in snapshots
        ]
        names = sorted({name for side in kinds for name in side.names})
        dates: list[Date] = [
            open_date(self._tabulator.open_layer(one), side, names)
            for one, side in zip(snapshots, kinds, strict=True)
        ]
        units = self._tabulator.current_units(change.request.by)
        found = list_farmland_patches(dates[0], dates[1], names, farmland, units)
        if change.request.within:
            inside = found["unit_code"].str.startswith(change.request.within)
            found = found[inside].reset_index(drop=True)
        named = name_patches(found, definition, dates[0], dates[1])
        return to_degrees(named, self.city.crs)

    @cached_property
    def contacts(self) -> ContactBook:
        """Who answers for fields, forests and rivers."""
        return ContactBook(
            ContactTable(self._engine), self.city, self.unit_names, self.principal, self._record
        )

    @cached_property
    def scenarios(self) -> ScenarioDesk:
        """Boundaries under consideration."""
        return ScenarioDesk(
            ScenarioTable(self._engine),
            self.principal,
            lambda geometry, replaces: self.what_if(geometry, replaces=replaces),
            lambda: {layer: snapshot.name for layer, snapshot in self.store.current().items()},
            self._record,
        )

    def read_boundary(self, path: Path | Sequence[Path], *, crs: str = AUTO) -> shapely.Geometry:
        """Read the boundary of a scenario: all polygons of a file as one, EPSG:4490.

        Raises:
            FileError: It cannot be read.
            CrsError: Its system is missing or refused, or it lies outside the city.
            GeometryError: Something in it is no polygon, or its boundary crosses itself, as that
                of polygons does that overlap each other.
            AccessError: The principal may not see scenarios.
        """
        require(self.principal, "view_scenarios")
        reading = read_features(path, crs=crs)
        require_measurable(reading.geometries, "polygon")
        _, geometries = reading.located(self.city.zone, read_datum_shift(self.settings))
        parts = shapely.get_parts(geometries)
        found = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
        take_polygon(found, self.city)  # refused now and not when it is saved
        return found

    def _record(self, action: str, subject: str, facts: dict[str, Any]) -> None:
        self.audit.write(self.principal.author, action, subject, facts)

    def _open_engine(self) -> None:
        super()._open_engine()
        self._conflict_finder = ConflictFinder(self.city, self.library, self.store, self._tabulator)
