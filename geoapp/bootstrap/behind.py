"""What is behind the figures of a report."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoapp.access.policy import require
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.bootstrap.planning_ledger import PlanningLedger
from geoapp.bootstrap.planning_papers import PlanningForm
from geoapp.cases.case import CaseFilter
from geoapp.cases.patch import Patch, PatchFilter
from geoapp.cases.patch_desk import MOST_LISTED
from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.overlay.question import CODE_LENGTHS
from geoapp.planning.behind import Behind, Listed, Thing, list_all
from geoapp.planning.computed import Computed
from geoapp.planning.listing import list_changed, list_covered, list_items, list_planned
from geoapp.planning.measure import (
    CaseMeasure,
    CoverMeasure,
    LayerMeasure,
    Measure,
    NetChangeMeasure,
    PatchMeasure,
    PlanMeasure,
    TrackerMeasure,
)
from geoapp.planning.measuring import compute
from geoapp.planning.reconciling import compare
from geoapp.planning.report import Figure, require_report
from geoapp.reports.behind_content import behind_statement, behind_table
from geoapp.reports.content import Wording
from geoapp.reports.planning_report import Part, PlanningReport

MOST_TOLD: Final = 500
_LEVELS: Final = ("district", "township", "village")
_LAND_CLASS: Final = "dlbm"


class FiguresBehind(PlanningLedger):
    """Leads from a figure to what it counts."""

    def behind(
        self, figure: str, *, report: str = "", unit: str = "", limit: int = MOST_TOLD
    ) -> Behind:
        """Tell what is behind a figure of a report: each thing, what it adds, where it lies.

        Args:
            figure: Its id.
            report: Id of the report; by default the first.
            unit: Code of the unit to look into; by default the city.
            limit: How many things are told; all of them are added up.

        Raises:
            NotFoundError: There is no such report, figure or unit.
            ChoiceError: Nothing is computed for this figure, or not in units so small.
            AccessError: The principal may not see what is behind it.
        """
        found = require_report(self.reports(), report)
        wanted = next((f for item in found.items for f in item.figures if f.id == figure), None)
        if wanted is None:
            raise NotFoundError("figure-unknown", figure=figure[:40], report=found.id)
        within = "" if unit == self.city.code else unit
        if within and not self._places.knows(within):
            raise NotFoundError("unit-unknown", unit=within)
        measure, computed = self._measure_of(wanted)
        value = computed.value if not within else self._value_in(measure, within)
        listed = self._list_things(measure, within, max(limit, 0))
        return Behind(found.id, compare(wanted, computed), within, value, listed)

    def write_behind(self, result: Behind, form: PlanningForm, wording: Wording) -> bytes:
        """Write what is behind a figure; as GeoPackage only what has a shape.

        Raises:
            AccessError: The principal may not take exact geometry out of the house.
            FileError: The workspace's own template cannot be filled.
        """
        require(self.principal, "view_planning")
        layer = result.listed.layer
        definition = self.library.require(layer) if layer else None
        table = behind_table(result, definition, wording)
        if form == "gpkg":
            self._require_export(result.unit_code)
            frame = _frame_of(result)
            return self._geopackage(
                frame, "behind", table.notes, table.title, sample=result.sample, wording=wording
            )
        parts = (Part(table.title, table),)
        statement = behind_statement(result, wording)
        return self._write(PlanningReport(wording.lang, (statement,), parts), form)

    def _measure_of(self, figure: Figure) -> tuple[Measure, Computed]:
        """Find the measure that answers, with its answer."""
        for measure in figure.compute:
            computed = compute(measure, self._measured)
            if computed.value is not None:
                return measure, computed
        raise ChoiceError("figure-not-computed", figure=figure.id)

    def _value_in(self, measure: Measure, unit: str) -> Fraction | None:
        """Compute a figure in one unit, by the service that computes it for the city."""
        match measure:
            case TrackerMeasure():
                inside = self._narrow(measure, unit)
                return compute(inside, self._measured).value if inside else Fraction(0)
            case CaseMeasure():
                rows = self.cases.progress.cases("city", CaseFilter(unit=unit))
                return Fraction(getattr(rows[0].demolished, measure.of)) if rows else Fraction(0)
            case PatchMeasure():
                return self._share_of_patches(measure, unit)
            case LayerMeasure():
                by = CODE_LENGTHS.get(len(unit), "district")
                return _part(compute(measure, self._measured, by=by), unit)
            case PlanMeasure() | NetChangeMeasure() | CoverMeasure():
                computed = compute(measure, self._measured)
                if unit not in {part.unit_code for part in computed.parts}:
                    raise ChoiceError("behind-no-part", unit=unit)
                return _part(computed, unit)

    def _narrow(self, measure: TrackerMeasure, unit: str) -> TrackerMeasure | None:
        """Look into a unit; ``None`` where the figure is of a unit that shares nothing with it."""
        if not unit or measure.within.startswith(unit):
            return measure
        return measure.model_copy(update={"within": unit}) if unit.startswith(
            measure.within
        ) else None  # fmt: skip

    def _share_of_patches(self, measure: PatchMeasure, unit: str) -> Fraction | None:
        batches = self.cases.patches.progress(PatchFilter(unit=unit))
        total, closed = (sum(getattr(b, n) for b in batches) for n in ("total", "closed_out"))
        if measure.of == "open":
            return Fraction(total - closed)
        return Fraction(100 * closed, total) if total else None

    def _list_things(self, measure: Measure, unit: str, limit: int) -> Listed:
        things: list[Thing] = []
        match measure:
            case LayerMeasure():
                return self._list_features(measure, unit, limit)
            case NetChangeMeasure():
                return self._list_change(measure, unit, limit)
            case PlanMeasure():
                things = list_planned(self.plans.show(), measure, self._places, unit)
            case CoverMeasure():
                covered = self.fire_cover(measure.minutes, classes=measure.classes)
                things = list_covered(covered, unit)
            case CaseMeasure():
                things = self._list_cases(measure, unit)
            case PatchMeasure():
                things = self._list_patches_of(measure, unit)
            case TrackerMeasure():
                inside = self._narrow(measure, unit)
                if inside is not None:
                    state = self.trackers.show(measure.tracker, within=inside.within)
                    things = list_items(state, measure)
        return list_all(things, limit)

    def _list_features(self, measure: LayerMeasure, unit: str, limit: int) -> Listed:
        definition = self.library.require(measure.layer)
        require(self.principal, "read_features", definition)
        asked = [self.store.find_current(name) for name in (measure.layer, *_LEVELS)]
        used = [one.name if one else "" for one in asked]
        key = ("behind", measure.model_dump_json(), unit, limit, *used)
        return self._answers.give(
            key, lambda: self._compute_features(definition, measure, unit, limit)
        )

    def _compute_features(
        self, definition: LayerDefinition, measure: LayerMeasure, unit: str, limit: int
    ) -> Listed:
        found = self._tabulator.list_features(
            measure.layer, measure.of, class_field=measure.class_field, unit=unit
        )
        kept = np.ones(len(found.rows), dtype=np.bool_)
        if measure.classes:
            kept = np.array([code.startswith(measure.classes) for code in found.classes], np.bool_)
        rows, values, classes = found.rows[kept], found.values[kept], found.classes[kept]
        top = np.lexsort((rows, -np.abs(values)))[:limit]
        fields = [name for name in (definition.key, definition.name_field) if name]
        snapshot = self.store.require_named(measure.layer, found.snapshot)
        frame = snapshot.read_rows(rows[top], list(dict.fromkeys(fields)))
        shapes = frame.geometry.to_numpy()
        words = [frame[name].fillna("").astype(str).tolist() if name in frame else [""] * len(top)
                 for name in (definition.key, definition.name_field)]  # fmt: skip
        units = self._find_units(shapes) if len(shapes) else []
        things = tuple(
            Thing("feature", number, name, place, str(code), _exact(value), None, shape, int(row))
            for number, name, place, code, value, shape, row in zip(
                *words, units, classes[top], values[top], shapes, rows[top], strict=True
            )
        )
        whole = _exact(math.fsum(values))
        return Listed(things, len(rows), whole, measure.layer, measure.class_field)

    def _list_change(self, measure: NetChangeMeasure, unit: str, limit: int) -> Listed:
        if measure.layer != LANDUSE or measure.class_field != _LAND_CLASS:
            raise ChoiceError("behind-change", layer=measure.layer)
        require(self.principal, "read_features", self.library.require(LANDUSE))
        ledger = self.farmland_ledger(by="district")
        things = list_changed(ledger.patches, unit)
        return replace(list_all(things, limit), layer=LANDUSE, class_field=_LAND_CLASS)

    def _list_cases(self, measure: CaseMeasure, unit: str) -> list[Thing]:
        things = []
        for case in self.cases.register.select_all(CaseFilter(unit=unit)).cases:
            value = Fraction(getattr(case.demolished, measure.of))
            if value:
                things.append(
                    Thing("case", case.case_no, case.cause, case.units.finest, case.stage, value,
                          shape=case.footprint)
                )  # fmt: skip
        return things

    def _list_patches_of(self, measure: PatchMeasure, unit: str) -> list[Thing]:
        share = measure.of == "closed_percent"
        things = []
        for closed in (False, True) if share else (False,):
            for patch in self._select_patches(PatchFilter(unit=unit, closed_out=closed)):
                value = Fraction(int(closed)) if share else Fraction(1)
                of = Fraction(1) if share else None
                things.append(
                    Thing("patch", patch.number, patch.kind, patch.units.finest, patch.verdict,
                          value, of, shapely.from_wkb(patch.footprint_wkb))
                )  # fmt: skip
        return things

    def _select_patches(self, wanted: PatchFilter) -> list[Patch]:
        found: list[Patch] = []
        while True:
            page = self.cases.patches.select(wanted, offset=len(found), limit=MOST_LISTED)
            found += page.patches
            if not page.patches or len(found) >= page.total:
                return found


def _frame_of(result: Behind) -> gpd.GeoDataFrame:
    placed = [one for one in result.listed.things if one.shape is not None]
    return gpd.GeoDataFrame(
        {
            "number": [one.number for one in placed],
            "name": [one.name for one in placed],
            "unit_code": [one.unit_code for one in placed],
            "before": [one.before for one in placed],
            "state": [one.state for one in placed],
            "value": [float(one.value) for one in placed],
            "of": [None if one.of is None else float(one.of) for one in placed],
        },
        geometry=[one.shape for one in placed],
        crs=GEOGRAPHIC,
    )


def _part(computed: Computed, unit: str) -> Fraction | None:
    return next((part.value for part in computed.parts if part.unit_code == unit), None)


def _exact(value: float) -> Fraction:
    return Fraction(Decimal(repr(float(value))))
