"""What inspections of layers found, as tables: unit by unit, and one by one."""

import math
from collections.abc import Sequence
from typing import Any, Final

from geoapp.i18n import word_facts
from geoapp.importers.validation.rings import SLIVER_AREA_M2, SLIVER_WIDTH_M
from geoapp.importers.validation.topology import GAP_TOLERANCE_M2, OVERLAP_TOLERANCE_M2
from geoapp.importers.validation.values import AREA_TOLERANCE_M2, AREA_TOLERANCE_SHARE
from geoapp.planning.inspection_result import KINDS, InspectedUnit, Inspection
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import AreaUnit, convert_area, round_half_up

_M2_DECIMALS: Final = 2
_GAP_DECIMALS: Final = 6


def inspection_table(results: Sequence[Inspection], wording: Wording) -> Table:
    """Lay out layers by unit: coverage, gaps, overlaps, and the number of each kind."""
    say = wording.say
    columns = (
        Column("layer", say("quality.layer"), "text"),
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("coverage", say("table.coverage"), "text"),
        Column("features", say("quality.features"), "integer"),
        Column("gap_m2", say("inspection.gap_m2"), "number", _M2_DECIMALS),
        Column("overlap_m2", say("inspection.overlap_m2"), "number", _M2_DECIMALS),
        Column("total", say("inspection.total"), "integer"),
        *(Column(kind, say(f"inspection.kind_{kind}"), "integer") for kind in KINDS),
    )
    closing: list[tuple[str, Cell]] = [
        (f"{wording.title_of(one.layer)} · {say('inspection.total')}", sum(one.counts.values()))
        for one in results
    ]
    worst = max((one.closure_m2 for one in results), default=0.0)
    closing.append((say("inspection.closure"), round_half_up(worst, _GAP_DECIMALS)))
    return Table(
        title=say("inspection.title"),
        columns=columns,
        rows=tuple(_unit_row(one, unit, wording) for one in results for unit in one.units),
        closing=tuple(closing),
        notes=inspection_notes(results, wording),
        banner=_banner(results, wording),
    )


def finding_table(results: Sequence[Inspection], wording: Wording, kind: str = "") -> Table:
    """List findings one by one, those of one kind or all."""
    say = wording.say
    texts = ("layer", "unit_code", "unit_name", "kind", "severity", "feature")
    titles = {
        "layer": say("quality.layer"),
        "unit_code": say("table.unit_code"),
        "unit_name": say("table.unit_name"),
        "severity": say("problems.severity"),
    }
    columns = (
        *(Column(key, titles.get(key) or say(f"inspection.{key}"), "text") for key in texts),
        Column("row", say("problems.row"), "integer"),
        Column("area_m2", say("inspection.area_m2"), "number", _M2_DECIMALS),
        Column("problem", say("problems.problem"), "text"),
    )
    rows = [
        _finding_row(one, row, wording)
        for one in results
        for row in one.findings.itertuples(index=False)
        if not kind or row.kind == kind
    ]
    cut = any(not one.listed_all for one in results)
    closing: list[tuple[str, Cell]] = [(say("inspection.listed"), len(rows))]
    if cut:
        closing.append((say("inspection.total"), sum(sum(one.counts.values()) for one in results)))
    return Table(
        title=f"{say('inspection.title')} · {say('inspection.list')}",
        columns=columns,
        rows=tuple(rows),
        closing=tuple(closing),
        notes=inspection_notes(results, wording),
        banner=_banner(results, wording),
    )


def inspection_statements(results: Sequence[Inspection], wording: Wording) -> tuple[str, ...]:
    """Say of each layer how much was found; where nothing is known, that it is not known."""
    lines = []
    for one in results:
        unknown = sum(1 for unit in one.units if unit.coverage == "no_data")
        count = sum(one.counts.values())
        key = "inspection.statement" if count else "inspection.statement_none"
        layer = wording.title_of(one.layer)
        features = sum(unit.features for unit in one.units)
        line = wording.say(key, layer=layer, count=f"{count:,}", features=f"{features:,}")
        if unknown:
            line += wording.say("inspection.statement_unknown", count=unknown)
        lines.append(line)
    return tuple(lines)


def inspection_notes(
    results: Sequence[Inspection], wording: Wording
) -> tuple[tuple[str, str], ...]:
    """Say by which rules, from which snapshots, when."""
    say = wording.say
    rule = say(
        "inspection.rule",
        overlap=f"{OVERLAP_TOLERANCE_M2:g}",
        gap=f"{GAP_TOLERANCE_M2:g}",
        sliver=f"{SLIVER_AREA_M2:g}",
        width=f"{SLIVER_WIDTH_M:g}",
        area=f"{AREA_TOLERANCE_M2:g}",
        share=f"{AREA_TOLERANCE_SHARE * 100:g}",
    )
    notes = [
        (say("inspection.rule_label"), rule),
        (say("notes.method_label"), say("notes.method")),
        *((say("notes.snapshot", layer=wording.title_of(r.layer)), r.snapshot) for r in results),
    ]
    if results:
        title = say("notes.snapshot", layer=say("notes.units"))
        notes.append((title, results[0].units_snapshot))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if any(one.sample for one in results):
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)


def word_finding(row: Any, wording: Wording) -> str:
    """Say a finding as one sentence."""
    return wording.say(f"problem.{row.code}", **word_facts(row.facts, wording.lang))


def _unit_row(one: Inspection, unit: InspectedUnit, wording: Wording) -> tuple[Cell, ...]:
    known = unit.coverage != "no_data" or unit.features > 0
    name = wording.say("conflicts.outside_units")
    if unit.unit_code:
        name = wording.name_unit(unit.unit_code, unit.unit_name)
    return (
        wording.title_of(one.layer),
        unit.unit_code,
        name,
        wording.say(f"coverage.{unit.coverage}") if unit.unit_code else "",
        unit.features if known else None,
        _m2(unit.gap_m2) if unit.gap_m2 is not None else "",
        _m2(unit.overlap_m2) if unit.overlap_m2 is not None else "",
        unit.total if known else None,
        *(unit.counts.get(kind, 0) if known else None for kind in KINDS),
    )


def _finding_row(one: Inspection, row: Any, wording: Wording) -> tuple[Cell, ...]:
    name = wording.say("conflicts.outside_units")
    if row.unit_code:
        name = wording.name_unit(row.unit_code, row.unit_code)
    return (
        wording.title_of(one.layer),
        row.unit_code,
        name if row.row or row.unit_code else "",
        wording.say(f"inspection.kind_{row.kind}"),
        wording.say(f"severity.{row.severity}"),
        row.feature,
        int(row.row) or "",
        "" if math.isnan(row.area_m2) else _m2(row.area_m2),
        word_finding(row, wording),
    )


def _m2(area_m2: float) -> Cell:
    return convert_area(area_m2, AreaUnit.M2)


def _banner(results: Sequence[Inspection], wording: Wording) -> str:
    return wording.say("sample.banner") if any(one.sample for one in results) else ""
