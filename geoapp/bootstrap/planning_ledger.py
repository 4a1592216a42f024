"""What plans and reports say of a city, beside what its data gives."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import numpy as np

from geoapp.access.policy import decide, require
from geoapp.bootstrap.cases import Cases
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.bootstrap.fire_cover import LAND, ROADS, STATIONS, FireCover
from geoapp.catalog.moment import one_moment
from geoapp.catalog.storage_audit import append_entry
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.geometry.crs import Geometries, require_inside
from geoapp.i18n import Lang
from geoapp.importers.reading import Reading
from geoapp.overlay.change_result import ChangeResult
from geoapp.overlay.result import Level, StatsRequest, StatsResult
from geoapp.planning.computed import Reason
from geoapp.planning.cover_result import CoverResult
from geoapp.planning.ledger import Ledger
from geoapp.planning.measuring import CaseSums, PatchSums, Sources
from geoapp.planning.places import Places
from geoapp.planning.plan import PlanDesk
from geoapp.planning.reconciling import ReconciledReport, reconcile_report
from geoapp.planning.report import Report, read_reports, require_report
from geoapp.planning.storage_ledger import Connection, LedgerStore
from geoapp.planning.target_desk import TargetDesk
from geoapp.planning.tracker import read_trackers
from geoapp.planning.tracker_desk import TrackerDesk
from geoapp.reports.content import Wording
from geoapp.reports.prose import write_prose
from geoapp.reports.traced import Prose
from geoapp.values import AreaUnit


class PlanningLedger(FireCover, Cases):
    """Targets, trackers, plans, and the reports that are set beside the data."""

    @cached_property
    def targets(self) -> TargetDesk:
        """Targets; see ``planning.target_desk.TargetDesk`` for what it offers."""
        return TargetDesk(
            self._planning_ledger, self._measured, self._places, self._dates_of, _today
        )

    @cached_property
    def trackers(self) -> TrackerDesk:
        """Lists of things to be done; see ``planning.tracker_desk.TrackerDesk``."""
        found = read_trackers(self.folder)
        return TrackerDesk(self._planning_ledger, found, self._places, _today)

    @cached_property
    def plans(self) -> PlanDesk:
        """Spatial plans and what they cover; see ``planning.plan.PlanDesk``."""
        return PlanDesk(self._planning_ledger, self._places)

    def reports(self) -> dict[str, Report]:
        """Give the reports of the city, by id: the product's, and the workspace's own.

        Raises:
            CatalogError: A file is wrong; named with file, key and reason.
            AccessError: The principal may not see planning.
        """
        require(self.principal, "view_planning")
        return read_reports(self.folder, self.city.code)

    def reconcile(self, report: str = "") -> ReconciledReport:
        """Set every figure of a report beside the computed one.

        Args:
            report: Its id; by default the first.

        Raises:
            NotFoundError: There is no such report.
            CatalogError: Its file is wrong.
            AccessError: The principal may not see planning.
        """
        found = require_report(self.reports(), report)
        made_at = datetime.now().astimezone().isoformat(timespec="seconds")
        sources = replace(  # many figures ask the same
            self._measured, tabulate=cache(self._tabulate), compare=cache(self._compare_last)
        )
        with one_moment():
            return reconcile_report(found, sources, made_at)

    def prose(
        self,
        layer: str,
        *,
        by: Level = "district",
        class_field: str = "",
        inside: str = "",
        within: str = "",
        lang: Lang = "zh",
        unit: AreaUnit = AreaUnit.HA,
    ) -> Prose:
        """Give what statistics say as sentences, each number with what it rests on.

        Args:
            layer: The layer.
            by: Level of the units that are named.
            class_field: Class field whose classes are named.
            inside: Only what lies inside of this layer, ``""``: all.
            within: Code of the unit to look into, ``""`` for the whole city.
            lang: Language.
            unit: Unit of areas.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered.
            AccessError: The principal may not see the layer.
        """
        result = self.stats(layer, by=by, class_field=class_field, inside=inside, within=within)
        wording = Wording(
            lang,
            unit,
            lambda code, name: self.name_unit(code, lang, fallback=name),
            lambda name: self.library.require(name).title[lang],
            datetime.now().astimezone(),
        )
        as_of = self.snapshot(layer).manifest.as_of
        return write_prose(result, self.library.require(layer), as_of, wording)

    @cached_property
    def _planning_ledger(self) -> Ledger:
        return Ledger(
            LedgerStore(self._engine),
            self.principal,
            lambda: datetime.now().astimezone(),
            sample=self.city.sample,
            record=self._trace,
        )

    def _trace(self, connection: Connection, name: str, facts: Mapping[str, Any]) -> None:
        """Write the trace of a change in the transaction of the change itself."""
        append_entry(connection, self.principal.author, "planning.edit", name, facts)

    @cached_property
    def _places(self) -> Places:
        return Places(
            city_code=self.city.code,
            crs=self.city.crs,
            units=tuple(self.unit_names),
            locate_file=self._locate_file,
            find_units=self._find_units,
        )

    @cached_property
    def _measured(self) -> Sources:
        return Sources(
            tabulate=self._tabulate,
            compare=self._compare_last,
            cases=self._sum_cases,
            patches=self._sum_patches,
            cover=self._cover,
            trackers=self.trackers,
            plans=self.plans,
            city_code=self.city.code,
            sample=self.city.sample,
        )

    def _tabulate(self, request: StatsRequest) -> StatsResult | Reason:
        found = self._reason_against(request.layer)
        if found:
            return found
        as_of = date.fromisoformat(request.as_of) if request.as_of else None
        try:
            return self.stats(
                request.layer, by=request.by, class_field=request.class_field, as_of=as_of
            )
        except NotFoundError:
            return "no_units"
        except ChoiceError:
            return "not_offered"

    def _compare_last(self, layer: str, class_field: str) -> ChangeResult | Reason:
        found = self._reason_against(layer)
        if found:
            return found
        dates = self._dates_of(layer)
        if len(dates) < 2:
            return "one_snapshot"
        try:
            return self.change(layer, before=dates[-2], class_field=class_field)
        except NotFoundError:
            return "no_units"
        except ChoiceError:
            return "not_offered"

    def _cover(self, minutes: int, classes: tuple[str, ...]) -> CoverResult | Reason:
        for layer in (LAND, ROADS, STATIONS):
            found = self._reason_against(layer)
            if found:
                return found
        try:
            return self.fire_cover(minutes, classes=classes)
        except NotFoundError:
            return "no_units"
        except AccessError:
            return "not_visible"

    def _reason_against(self, layer: str) -> Reason | None:
        """Tell why a layer cannot be asked, ``None`` where it can."""
        definition = next((one for one in self.library if one.id == layer), None)
        if definition is None:
            return "not_offered"
        if not decide(self.principal, "view", definition).allowed:
            return "not_visible"
        return "no_data" if self.store.find_current(layer) is None else None

    def _dates_of(self, layer: str) -> list[date]:
        """List the dates that a layer is known at, up to the current one."""
        entries = self.store.entries(layer)
        current = next((entry.as_of for entry in entries if entry.current), None)
        return sorted({e.as_of for e in entries if current is not None and e.as_of <= current})

    def _sum_cases(self) -> list[CaseSums]:
        city = self.cases.progress.cases("city")
        rows = [*city, *self.cases.progress.cases("district")] if city else []
        return [
            CaseSums(
                row.key,
                {
                    "households": Decimal(row.demolished.households),
                    "floor_area_m2": row.demolished.floor_area_m2,
                    "land_area_m2": row.demolished.land_area_m2,
                },
            )
            for row in rows
        ]

    def _sum_patches(self) -> PatchSums | None:
        batches = self.cases.patches.progress()
        if not batches:
            return None
        return PatchSums(
            sum(batch.total for batch in batches), sum(batch.closed_out for batch in batches)
        )

    def _locate_file(self, reading: Reading) -> Geometries:
        """Give the geometries of a file in EPSG:4490, all of them inside the city."""
        name, geometries = reading.located(self.city.zone, read_datum_shift(self.settings))
        require_inside(geometries, name, self.city.extent.to_extent(), self.city.zone)
        return geometries

    def _find_units(self, geometries: Geometries) -> list[str]:
        """Give the smallest unit that holds each inner point, ``""`` where there is none."""
        found = self._locate(np.asarray(geometries, dtype=object))
        return [units.village or units.township or units.district for units in found]


def _today() -> date:
    return date.today()  # noqa: DTZ011  an office's calendar day
