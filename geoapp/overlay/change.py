"""Comparing two snapshots of one layer: what was which class, and what it became."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.kept import KeptAnswers
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import ChoiceError, InvariantError, NotFoundError
from geoapp.overlay.change_result import (
    ChangeCoverage,
    ChangeRequest,
    ChangeResult,
    ChangeRow,
    ClassBalance,
    FeatureCounts,
)
from geoapp.overlay.coverage import unit_coverage
from geoapp.overlay.flowtable import Flow, FlowTables
from geoapp.overlay.kinds import one_kind, read_kinds
from geoapp.overlay.question import (
    CODE_LENGTHS,
    require_class_field,
    require_level,
    require_within,
)
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.overlay.sharing import OUTSIDE_UNITS, Sharing
from geoapp.overlay.side import Side
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.values import Progress, no_progress

_MOST_KEPT: Final = 16  # answers


@dataclass(frozen=True, slots=True)
class _Question:
    """A request, looked up."""

    request: ChangeRequest
    definition: LayerDefinition
    class_field: str
    units: Units
    districts: list[str]
    sides: tuple[Side, Side]

    @property
    def snapshots(self) -> dict[str, str]:
        """Names of what the answer depends on."""
        before, after = (side.layer.snapshot.name for side in self.sides)
        return {"before": before, "after": after, "units": self.units.layer.snapshot.name}

    def coverage(self) -> list[ChangeCoverage]:
        """Tell how well both snapshots know each unit."""
        covered = [side.among(self.units).by_unit for side in self.sides]
        return [
            ChangeCoverage(
                str(code),
                self.units.names[str(code)],
                *(
                    unit_coverage(
                        self.definition,
                        side.manifest,
                        str(code),
                        float(unit_m2),
                        net.get(str(code), 0.0),
                        self.districts,
                    )
                    for side, net in zip(self.sides, covered, strict=True)
                ),
            )
            for code, unit_m2 in self.units.areas_m2.sort_index().items()
            if str(code).startswith(self.request.within)
        ]


class Comparer:
    """Compares snapshots of one workspace."""

    def __init__(
        self, city: City, library: Library, store: SnapshotStore, tabulator: Tabulator
    ) -> None:
        self._city = city
        self._library = library
        self._store = store
        self._tabulator = tabulator
        self._kept = KeptAnswers(_MOST_KEPT)

    def forget(self) -> None:
        """Forget the answers that are kept."""
        self._kept.clear()

    def compare(self, request: ChangeRequest, progress: Progress = no_progress) -> ChangeResult:
        """Answer one request.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered, the layer has no areas, or
                the two snapshots are one, or in the wrong order.
            InvariantError: The matrix does not close.
        """
        question = self._look_up(request)
        names = (*question.snapshots.values(), *question.districts)
        key = (replace(request, before="", after=None), question.class_field, *names)
        found = self._kept.give(key, lambda: self._answer(question, progress))
        return replace(found, request=request)

    def _answer(self, question: _Question, progress: Progress) -> ChangeResult:
        request = question.request
        tables = FlowTables(*question.sides, self._tabulator.tables)
        flows = tables.flows(question.units, lambda made: _require_closed(question, made), progress)
        closure = _require_closed(question, flows)
        units = question.units
        shown = [flow for flow in flows if flow.area_m2 >= COUNTED_FROM_M2]
        rows = [
            _row(flow, flow.unit, units.names[flow.unit])
            for flow in shown
            if flow.unit and flow.unit.startswith(request.within)
        ]
        whole = self._whole(request, shown, progress)
        return ChangeResult(
            request=request,
            class_field=question.class_field,
            whole_code=request.within or self._city.code,
            whole_name=whole[0].unit_name if whole else self._city.name.zh,
            snapshots=question.snapshots,
            rows=rows,
            whole=whole,
            outside=[]
            if request.within
            else [_row(flow, "", "") for flow in shown if flow.unit == OUTSIDE_UNITS],
            balance=_balance([*whole, *(rows if request.by != "city" else [])]),
            units=question.coverage(),
            features=FeatureCounts(**tables.counts()),
            overlap_m2=(question.sides[0].overlap_m2(), question.sides[1].overlap_m2()),
            closure_m2=closure,
            units_overlap=units.overlap,
            sample=any(side.manifest.sample for side in question.sides),
        )

    def _whole(
        self, request: ChangeRequest, flows: list[Flow], progress: Progress
    ) -> list[ChangeRow]:
        if request.within:
            level = CODE_LENGTHS[len(request.within)]
            answer = self.compare(replace(request, by=level, within=""), progress)
            return [row for row in answer.rows if row.unit_code == request.within]
        name = self._city.name.zh
        return [_row(flow, self._city.code, name) for flow in flows if flow.unit is None]

    def _look_up(self, request: ChangeRequest) -> "_Question":
        definition = self._library.require(request.layer)
        if definition.geometry != "polygon":
            raise ChoiceError("change-not-polygon", layer=definition.title)
        require_level(request)
        require_class_field(definition, request.class_field)
        before = self._find(definition, request.before)
        after = self._find(definition, request.after)
        if before.name == after.name:
            raise ChoiceError("change-one-snapshot", layer=definition.title, snapshot=after.name)
        if before.manifest.as_of > after.manifest.as_of:
            raise ChoiceError("change-backwards", before=before.name, after=after.name)
        units = self._tabulator.current_units(request.by)
        require_within(request, units)
        field = request.class_field or definition.class_field
        sides = (self._side(definition, before, field), self._side(definition, after, field))
        districts = [str(code) for code in self._tabulator.current_units("district").codes]
        return _Question(request, definition, field, units, districts, sides)

    def _find(self, definition: LayerDefinition, wanted: date | str | None) -> Snapshot:
        if isinstance(wanted, str):
            try:
                wanted = date.fromisoformat(wanted)
            except ValueError:
                return self._store.require_named(definition.id, str(wanted))
        found = self._store.find_current(definition.id, wanted)
        if found is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of=str(wanted or "-"))
        return found

    def _side(self, definition: LayerDefinition, snapshot: Snapshot, field: str) -> Side:
        layer = self._tabulator.open_layer(snapshot)
        kinds = read_kinds(definition, snapshot, field) if field else None
        kinds = kinds or one_kind(snapshot.manifest.feature_count)
        return Side(Sharing(layer, None, self._tabulator.tables), kinds)


def _row(flow: Flow, code: str, name: str) -> ChangeRow:
    return ChangeRow(code, name, flow.before, flow.after, flow.area_m2)


def _balance(rows: list[ChangeRow]) -> list[ClassBalance]:
    """Add rows up by unit and class, in the order in which units come."""
    names: dict[str, str] = {}
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in rows:
        names.setdefault(row.unit_code, row.unit_name)
        if row.class_before is not None:
            sums[row.unit_code, row.class_before][0] += row.area_m2
        if row.class_after is not None:
            sums[row.unit_code, row.class_after][1] += row.area_m2
        if row.class_before is not None and row.class_before == row.class_after:
            sums[row.unit_code, row.class_before][2] += row.area_m2
    place = {code: number for number, code in enumerate(names)}
    ordered = sorted(sums.items(), key=lambda item: (place[item[0][0]], item[0][1]))
    return [ClassBalance(code, names[code], kind, *areas) for (code, kind), areas in ordered]


def _require_closed(question: _Question, flows: list[Flow]) -> float:
    """Stop where a row or column is not the area that its class has on its own.

    Returns:
        The largest gap, m².
    """
    worst, place = 0.0, ("", "", "")
    for number, (side, name) in enumerate(zip(question.sides, ("before", "after"), strict=True)):
        sums: dict[tuple[str | None, str], float] = defaultdict(float)
        for flow in flows:
            kind = (flow.before, flow.after)[number]
            if kind is not None and flow.area_m2 >= COUNTED_FROM_M2:
                sums[flow.unit, kind] += flow.area_m2
        totals = side.totals(question.units)
        for unit, kind in sums.keys() | totals.keys():
            gap = sums.get((unit, kind), 0.0) - totals.get((unit, kind), 0.0)
            if abs(gap) > abs(worst):
                worst, place = gap, ("-" if unit is None else unit, kind, name)
    if abs(worst) > CLOSURE_TOLERANCE_M2:
        unit, kind, name = place
        raise InvariantError(
            "change-not-closed",
            layer=question.definition.title,
            side=f"@change.{name}",
            unit=unit or "-",
            kind=kind or "-",
            closure_m2=f"{worst:.4f}",
        )
    return worst
