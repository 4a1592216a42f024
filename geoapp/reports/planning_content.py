"""Targets, trackers and plans as tables: screen and workbook alike."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from geoapp.planning.plan import STATUSES, PlanCount, PlanState
from geoapp.planning.quantity import from_base, to_base
from geoapp.planning.target_desk import TargetRow, TargetState
from geoapp.planning.tracker_desk import Tally, TrackedItem, TrackerState
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import round_half_up

_AREA_DECIMALS: Final = 2
_VALUE_DECIMALS: Final = 4


def targets_table(state: TargetState, wording: Wording) -> Table:
    """Set targets beside actual values."""
    say = wording.say
    texts = ("indicator", "unit_code", "unit_name", "standing")
    numbers = ("target", "actual", "surplus", "projected")
    columns = (
        *(Column(key, say(f"target.{key}"), "text") for key in texts),
        *(Column(key, say(f"target.{key}"), "number", _VALUE_DECIMALS) for key in numbers),
        *(
            Column(key, say(f"target.{key}"), "text")
            for key in ("trend_word", "unit", "due", "document", "judged", "coverage")
        ),
    )
    return Table(
        title=say("target.title"),
        columns=columns,
        rows=tuple(_target_row(row, wording) for row in state.rows),
        closing=(),
        notes=(
            (say("target.rule_label"), say("target.rule")),
            (say("target.trend_label"), say("target.trend")),
            *_sources(state.sources, wording),
            *_made(wording, sample=state.sample),
        ),
        banner=_banner(wording, sample=state.sample),
    )


def word_judged(row: TargetRow, wording: Wording) -> str:
    """Say how a unit stands to its target, never more than is known."""
    say = wording.say
    if row.standing == "none":
        return say("target.none_entered")
    if row.standing == "inherited":
        return say("target.not_compared")
    if row.surplus is None:
        return say("target.actual_unknown")
    if row.surplus < 0:  # what is missing of a partly known layer may yet be there
        partial = row.actual.coverage == "partial" and row.indicator.sense == "at_least"
        return say("target.missed_partial" if partial else "target.missed")
    partial = row.actual.coverage == "partial" and row.indicator.sense == "at_most"
    return say("target.met_partial" if partial else "target.met")


def word_trend(row: TargetRow, wording: Wording) -> str:
    """Say between which days the line was drawn and where it leads, or why there is none."""
    say, trend, target = wording.say, row.projection, row.target
    if row.standing != "own" or target is None:
        return ""
    if target.due is None:
        return say("target.trend_no_due")
    if trend is None:
        return say("target.trend_none")
    ahead = trend.value - to_base(target.value, target.unit)
    reached = ahead >= 0 if row.indicator.sense == "at_least" else ahead <= 0
    days = {"first": trend.first, "last": trend.last, "due": trend.due}
    return say("target.trend_reached" if reached else "target.trend_missed", **days)


def tracker_table(state: TrackerState, wording: Wording) -> Table:
    """Add a tracker up by units, with lines that show how it adds up."""
    say = wording.say
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        *(Column(key, say(f"tracker.{key}"), "integer") for key in ("total", "done", "left")),
        Column("percent", say("tracker.percent"), "percent", 2),
        Column("area_m2", say("tracker.area_m2"), "number", _AREA_DECIMALS),
        Column("left_area_m2", say("tracker.left_area_m2"), "number", _AREA_DECIMALS),
        Column("overdue", say("tracker.overdue"), "integer"),
    )
    whole = state.whole
    listed = sum((unit.total for unit in state.units), Decimal(0))
    closing: tuple[tuple[str, Cell], ...] = (
        (say("tracker.closing_total"), int(whole.total)),
        (say("tracker.closing_done"), int(whole.done)),
        (say("tracker.closing_left"), int(whole.left)),
        (say("tracker.closing_units"), int(listed)),
        (say("tracker.closing_difference"), int(whole.total - listed)),
        (say("tracker.without_area"), whole.without_area),
    )
    return Table(
        title=f"{state.definition.title[wording.lang]} · {say(f'level.by_{state.level}')}",
        columns=columns,
        rows=tuple(_tally_row(unit, wording) for unit in state.units),
        closing=closing,
        notes=_made(wording, sample=state.sample),
        banner=_banner(wording, sample=state.sample),
    )


def items_table(
    state: TrackerState, items: Sequence[TrackedItem], title: str, wording: Wording
) -> Table:
    """List items of a tracker."""
    say = wording.say
    definition = state.definition
    texts = ("number", "name", "unit_name", "stage")
    columns = [
        *(Column(key, say(f"tracker.{key}"), "text") for key in texts),
        *(Column(key, say(f"tracker.{key}"), "integer") for key in ("total", "done", "left")),
        Column("area_m2", say("tracker.area_m2"), "number", _AREA_DECIMALS),
        *(Column(key, say(f"tracker.{key}"), "text") for key in ("area_kind", "due_on", "office")),
    ]
    late = definition.overdue
    if late:
        columns.append(Column("days_overdue", late[wording.lang], "integer"))
    stages = {stage.id: stage.title[wording.lang] for stage in definition.stages}
    rows = []
    for one in items:
        item = one.item
        kind = "" if item.area_m2 is None else "measured" if item.measured else "stated"
        cells: list[Cell] = [
            item.number,
            item.name,
            wording.name_unit(item.unit_code, item.unit_code),
            stages.get(item.stage, item.stage),
            int(item.total),
            int(item.done),
            int(item.left),
            item.area_m2,
            say(f"tracker.area_{kind}") if kind else "",
            item.due_on.isoformat() if item.due_on else "",
            item.office,
        ]
        if late:
            cells.append(item.days_overdue(state.today))
        rows.append(tuple(cells))
    closing = ((say("tracker.shown"), len(rows)),)
    notes = _made(wording, sample=state.sample)
    if definition.note:
        notes = ((say("notes.warning"), definition.note[wording.lang]), *notes)
    banner = _banner(wording, sample=state.sample)
    return Table(title, tuple(columns), tuple(rows), closing, notes, banner)


def coverage_table(state: PlanState, wording: Wording) -> Table:
    """Count the units that plans cover, by level and status; the city first."""
    say = wording.say
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("level", say("plan.level"), "text"),
        Column("units", say("plan.units"), "integer"),
        *(Column(status, say(f"plan.status_{status}"), "integer") for status in STATUSES),
        Column("none", say("plan.none"), "integer"),
        Column("any_percent", say("plan.any_percent"), "percent", 2),
        Column("approved_percent", say("plan.approved_percent"), "percent", 2),
    )
    levels = ("township", "village")
    closing: list[tuple[str, Cell]] = []
    for level in levels:
        whole = sum(row.units for row in state.whole if row.level == level)
        parts = sum(row.units for row in state.districts if row.level == level)
        closing.append((say(f"plan.closing_{level}"), whole - parts))
    return Table(
        title=say("plan.title"),
        columns=columns,
        rows=tuple(_count_row(row, wording) for row in (*state.whole, *state.districts)),
        closing=tuple(closing),
        notes=((say("plan.rule_label"), say("plan.rule")), *_made(wording, sample=state.sample)),
        banner=_banner(wording, sample=state.sample),
    )


def plans_table(state: PlanState, wording: Wording) -> Table:
    """List every plan."""
    say = wording.say
    keys = ("number", "title_of", "level", "covers", "status", "approved_on", "document")
    rows = tuple(
        (
            plan.number,
            plan.title,
            say(f"plan.level_{plan.level}"),
            wording.say("prose.and").join(wording.name_unit(c, c) for c in plan.unit_codes),
            say(f"plan.status_{plan.status}"),
            plan.approved_on.isoformat() if plan.approved_on else "",
            plan.document,
        )
        for plan in state.plans
    )
    return Table(
        title=say("plan.list"),
        columns=tuple(Column(key, say(f"plan.{key}"), "text") for key in keys),
        rows=rows,
        closing=((say("plan.count"), len(rows)),),
        notes=_made(wording, sample=state.sample),
        banner=_banner(wording, sample=state.sample),
    )


def _target_row(row: TargetRow, wording: Wording) -> tuple[Cell, ...]:
    say, indicator, target = wording.say, row.indicator, row.target
    unit = indicator.unit
    asked: Cell = say("target.none_entered")
    if target is not None:
        asked = from_base(to_base(target.value, target.unit), unit)
    actual, surplus, trend = row.actual.value, row.surplus, row.projection
    return (
        indicator.title[wording.lang],
        row.unit_code,
        wording.name_unit(row.unit_code, row.unit_code),
        say(f"target.standing_{row.standing}"),
        asked,
        None if actual is None else from_base(actual, unit),
        "" if surplus is None else from_base(surplus, unit),
        "" if trend is None else from_base(trend.value, unit),
        word_trend(row, wording),
        say(f"quantity.unit_{unit}"),
        target.due.isoformat() if target and target.due else "",
        target.document if target else "",
        word_judged(row, wording),
        say(f"coverage.{row.actual.coverage}"),
    )


def _tally_row(tally: Tally, wording: Wording) -> tuple[Cell, ...]:
    known = tally.items > tally.without_area
    return (
        tally.unit_code,
        wording.name_unit(tally.unit_code, tally.unit_code)
        if tally.unit_code
        else wording.say("tracker.whole_city"),
        int(tally.total),
        int(tally.done),
        int(tally.left),
        None if tally.percent is None else round_half_up(float(tally.percent), 2),
        tally.area_m2 if known else None,
        tally.left_area_m2 if known else None,
        tally.overdue,
    )


def _count_row(row: PlanCount, wording: Wording) -> tuple[Cell, ...]:
    shares = [row.percent(status) for status in ("drafting", "approved")]
    return (
        row.unit_code,
        wording.name_unit(row.unit_code, row.unit_code),
        wording.say(f"plan.level_{row.level}"),
        row.units,
        *(row.statuses[status] for status in STATUSES),
        row.none,
        *(None if share is None else round_half_up(float(share), 2) for share in shares),
    )


def _sources(sources: Mapping[str, str], wording: Wording) -> tuple[tuple[str, str], ...]:
    found = []
    for name, snapshot in sources.items():
        if snapshot:
            label = wording.say("notes.units") if name == "units" else wording.title_of(name)
            found.append((wording.say("notes.snapshot", layer=label), snapshot))
    return tuple(found)


def _made(wording: Wording, *, sample: bool) -> tuple[tuple[str, str], ...]:
    say = wording.say
    made = (say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M"))
    return (made, (say("notes.warning"), say("sample.banner"))) if sample else (made,)


def _banner(wording: Wording, *, sample: bool) -> str:
    return wording.say("sample.banner") if sample else ""
