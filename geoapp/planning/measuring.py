"""Computing named measures from layers, registers and lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.change_result import ChangeResult
from geoapp.overlay.result import Level, StatsRequest, StatsResult, StatsRow
from geoapp.planning.computed import Computed, Drill, Part, Reason, unknown
from geoapp.planning.cover_result import CoverResult, CoverUnit
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
from geoapp.planning.plan import PlanDesk
from geoapp.planning.quantity import Dimension
from geoapp.planning.tracker_desk import Tally, TrackerDesk

_DIMENSIONS: Final[Mapping[str, Dimension]] = {"area": "area", "count": "count"}


@dataclass(frozen=True, slots=True)
class CaseSums:
    """What the register says of one district, or of the city."""

    unit_code: str
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PatchSums:
    """Assigned patches: how many there are, and how many of them are closed."""

    total: int
    closed: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What measures are computed from.

    Attributes:
        tabulate: Answers a question of statistics; a reason where it has no answer.
        compare: Compares the last two snapshots of a layer by a class field; likewise.
        cases: What was torn down: the city first, then its districts; empty without cases.
        patches: Assigned patches, ``None`` without any.
        cover: Ground that fire engines reach within so many minutes, of some land classes.
        trackers: Lists of things to be done.
        plans: Spatial plans.
        city_code: Code of the city.
        sample: The city is synthetic.
    """

    tabulate: Callable[[StatsRequest], StatsResult | Reason]
    compare: Callable[[str, str], ChangeResult | Reason]
    cases: Callable[[], list[CaseSums]]
    patches: Callable[[], PatchSums | None]
    cover: Callable[[int, tuple[str, ...]], CoverResult | Reason]
    trackers: TrackerDesk
    plans: PlanDesk
    city_code: str
    sample: bool


def compute(
    measure: Measure, sources: Sources, by: Level = "district", as_of: str = ""
) -> Computed:
    """Compute a measure for the city and its units.

    Args:
        measure: What to compute.
        sources: What from.
        by: Level of the parts; registers and lists are split by district at the finest.
        as_of: ISO day whose snapshots of layers are used, ``""`` for the current ones.
    """
    match measure:
        case LayerMeasure():
            return _of_layer(measure, sources, by, as_of)
        case NetChangeMeasure():
            return _of_change(measure, sources)
        case CoverMeasure():
            return _of_cover(measure, sources)
        case CaseMeasure() | PatchMeasure():
            return _of_register(measure, sources)
        case TrackerMeasure() | PlanMeasure():
            return _of_list(measure, sources)


def _of_register(measure: CaseMeasure | PatchMeasure, sources: Sources) -> Computed:
    if isinstance(measure, CaseMeasure):
        return _of_cases(measure, sources)
    return _of_patches(measure, sources)


def _of_list(measure: TrackerMeasure | PlanMeasure, sources: Sources) -> Computed:
    if isinstance(measure, TrackerMeasure):
        return _of_tracker(measure, sources)
    return _of_plans(measure, sources)


def compute_first(
    measures: tuple[Measure, ...], sources: Sources, by: Level = "district"
) -> Computed:
    """Compute the first of some measures that has an answer, else say why the last has none."""
    found = [compute(measures[0], sources, by)]
    for measure in measures[1:]:
        if found[-1].value is not None:
            break
        found.append(compute(measure, sources, by))
    return found[-1]


def _exact(value: float) -> Fraction:
    return Fraction(Decimal(repr(float(value))))


def _of_layer(measure: LayerMeasure, sources: Sources, by: Level, as_of: str) -> Computed:
    dimension = _DIMENSIONS.get(measure.of, "area" if measure.of.endswith("_m2") else "count")
    asked = {"layer": measure.layer, "by": by, "class": measure.class_field}
    drill = Drill("statistics", {name: value for name, value in asked.items() if value})
    request = StatsRequest(measure.layer, by, measure.class_field, as_of=as_of)
    result = sources.tabulate(request)
    if isinstance(result, str):
        return unknown("layer", dimension, result, drill)
    coverage: dict[str, Coverage] = {unit.unit_code: unit.coverage for unit in result.units}
    groups: dict[str, list[StatsRow]] = {code: [] for code in coverage}
    for row in result.rows:
        groups.setdefault(row.unit_code, []).append(row)
    parts = tuple(
        Part(
            code,
            None if coverage.get(code) == "no_data" else _add(rows, measure),
            coverage.get(code, "no_data"),
        )
        for code, rows in groups.items()
    )
    whole = _merge([part.coverage for part in parts])
    value = None if whole == "no_data" else _add(result.totals, measure)
    return Computed(
        value=value,
        dimension=dimension,
        method="layer",
        parts=parts,
        coverage=whole,
        sources=result.snapshots,
        drill=drill,
        reason="no_data" if value is None else "",
        sample=result.sample,
    )


def _add(rows: list[StatsRow], measure: LayerMeasure) -> Fraction | None:
    kept = [
        row
        for row in rows
        if not measure.classes or (row.class_code or "").startswith(measure.classes)
    ]
    if measure.of == "area":
        return sum((_exact(row.area_m2 or 0.0) for row in kept), Fraction(0))
    if measure.of == "count":
        return Fraction(sum(row.count for row in kept))
    if any(measure.of not in row.sums for row in kept):
        return None
    return sum((_exact(row.sums[measure.of]) for row in kept), Fraction(0))


def _merge(states: list[Coverage]) -> Coverage:
    if not states or set(states) == {"no_data"}:
        return "no_data"
    return "complete" if set(states) == {"complete"} else "partial"


def _of_change(measure: NetChangeMeasure, sources: Sources) -> Computed:
    drill = Drill("change", {"layer": measure.layer, "class": measure.class_field})
    result = sources.compare(measure.layer, measure.class_field)
    if isinstance(result, str):
        return unknown("net_change", "area", result, drill)

    def net(rows: list[tuple[str | None, str | None, float]]) -> Fraction:
        total = Fraction(0)
        for before, after, area_m2 in rows:
            was, is_now = ((code or "").startswith(measure.classes) for code in (before, after))
            total += _exact(area_m2) * (int(is_now) - int(was))
        return total

    groups: dict[str, list[tuple[str | None, str | None, float]]] = {}
    for row in result.rows:
        entry = (row.class_before, row.class_after, row.area_m2)
        groups.setdefault(row.unit_code, []).append(entry)
    states = [state for unit in result.units for state in (unit.before, unit.after)]
    return Computed(
        value=net([(row.class_before, row.class_after, row.area_m2) for row in result.whole]),
        dimension="area",
        method="net_change",
        parts=tuple(Part(code, net(rows), "complete") for code, rows in groups.items()),
        coverage=_merge(states),
        sources=result.snapshots,
        drill=drill,
        sample=result.sample,
    )


def _of_cases(measure: CaseMeasure, sources: Sources) -> Computed:
    dimension: Dimension = "count" if measure.of == "households" else "area"
    drill = Drill("cases", {"tab": "progress"})
    rows = sources.cases()
    if not rows:
        return unknown("cases", dimension, "no_cases", drill)
    city, districts = rows[0], rows[1:]
    return Computed(
        value=Fraction(city.values[measure.of]),
        dimension=dimension,
        method="cases",
        parts=tuple(
            Part(row.unit_code, Fraction(row.values[measure.of]), "complete") for row in districts
        ),
        sources={"cases": ""},
        drill=drill,
        sample=sources.sample,
    )


def _of_patches(measure: PatchMeasure, sources: Sources) -> Computed:
    share = measure.of == "closed_percent"
    drill = Drill("cases", {"tab": "patches"})
    sums = sources.patches()
    if sums is None or not sums.total:
        return unknown("patches", "percent" if share else "count", "no_patches", drill)
    left = sums.total - sums.closed
    return Computed(
        value=Fraction(100 * sums.closed, sums.total) if share else Fraction(left),
        dimension="percent" if share else "count",
        method="patches",
        sources={"patches": ""},
        drill=drill,
        sample=sources.sample,
    )


def _of_tracker(measure: TrackerMeasure, sources: Sources) -> Computed:
    dimension: Dimension = "area" if measure.of in {"area", "done_area"} else "count"
    dimension = "percent" if measure.of == "percent" else dimension
    drill = Drill("tracker", {"tracker": measure.tracker})
    state = sources.trackers.show(measure.tracker, within=measure.within)
    if not state.items:
        return unknown("tracker", dimension, "no_entries", drill)
    missing = state.whole.without_area if dimension == "area" else 0
    return Computed(
        value=None if missing == len(state.items) else _pick(state.whole, measure),
        dimension=dimension,
        method="tracker",
        parts=tuple(
            Part(unit.unit_code or sources.city_code, _pick(unit, measure), "complete")
            for unit in state.units
        ),
        coverage="partial" if missing else "complete",
        sources={"tracker": measure.tracker},
        drill=drill,
        reason="no_entries" if missing == len(state.items) else "",
        sample=state.sample,
    )


def _pick(tally: Tally, measure: TrackerMeasure) -> Fraction | None:
    values: dict[str, Decimal] = {
        "total": tally.total,
        "done": tally.done,
        "left": tally.left,
        "area": tally.area_m2,
        "done_area": tally.done_area_m2,
    }
    if measure.of == "percent":
        return Fraction(tally.done) * 100 / Fraction(tally.total) if tally.total else None
    return Fraction(values[measure.of])


def _of_plans(measure: PlanMeasure, sources: Sources) -> Computed:
    drill = Drill("plans", {"level": measure.level})
    state = sources.plans.show()
    if not state.plans:
        return unknown("plans", "percent", "no_entries", drill)
    row = next((one for one in state.whole if one.level == measure.level), None)
    if row is None or not row.units:
        return unknown("plans", "percent", "no_units", drill)
    parts = [one for one in state.districts if one.level == measure.level and one.units]
    return Computed(
        value=Fraction(100 * row.reached(measure.status), row.units),
        dimension="percent",
        method="plans",
        parts=tuple(
            Part(one.unit_code, Fraction(100 * one.reached(measure.status), one.units), "complete")
            for one in parts
        ),
        sources={"plans": ""},
        drill=drill,
        sample=state.sample,
    )


def _of_cover(measure: CoverMeasure, sources: Sources) -> Computed:
    drill = Drill("cover", {"minutes": str(measure.minutes)})
    result = sources.cover(measure.minutes, measure.classes)
    if isinstance(result, str):
        return unknown("cover", "percent", result, drill)
    value = _percent(result.whole)
    return Computed(
        value=value,
        dimension="percent",
        method="cover",
        parts=tuple(
            Part(one.unit_code, _percent(one), cast("Coverage", one.coverage))
            for one in result.units
        ),
        coverage=cast("Coverage", result.whole.coverage),
        sources=result.snapshots,
        drill=drill,
        reason="no_data" if value is None else "",
        sample=result.sample,
    )


def _percent(one: CoverUnit) -> Fraction | None:
    if one.share is None:
        return None
    return _exact(one.reached_m2) * 100 / _exact(one.area_m2)
