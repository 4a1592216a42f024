"""A comparison of two snapshots as tables: a list by units and a matrix of the whole."""

from collections import defaultdict
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.change_result import ChangeCoverage, ChangeResult, ChangeRow
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, convert_area, round_half_up

_CLOSURE_DECIMALS: Final = 4
_OVERLAP_SHOWN_M2: Final = 0.005  # less rounds to nothing in square metres


def change_table(result: ChangeResult, definition: LayerDefinition, wording: Wording) -> Table:
    """List what became what, unit by unit.

    Args:
        result: The result.
        definition: Its layer.
        wording: Language, unit of area, names.
    """
    say = wording.say
    area = say("table.area", unit=say(f"unit.{wording.unit}"))
    columns = [
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        *(
            Column(key, say(f"change.{key}"), "text")
            for key in ("class_before", "class_before_title", "class_after", "class_after_title")
        ),
        Column("area", area, "number", DECIMALS[wording.unit]),
        Column("coverage_before", say("change.coverage_before"), "text"),
        Column("coverage_after", say("change.coverage_after"), "text"),
    ]
    coverage = {unit.unit_code: unit for unit in result.units}
    return Table(
        title=_title(result, definition, wording),
        columns=tuple(columns),
        rows=tuple(
            _cells(row, coverage[row.unit_code], result, definition, wording) for row in result.rows
        ),
        closing=_closing(result, wording),
        notes=_notes(result, definition, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def matrix_table(result: ChangeResult, definition: LayerDefinition, wording: Wording) -> Table:
    """Lay out the whole as a matrix: rows are classes before, columns classes after."""
    areas: dict[tuple[str | None, str | None], float] = defaultdict(float)
    for row in result.whole:
        areas[row.class_before, row.class_after] = row.area_m2
    befores = _in_order({before for before, _ in areas})
    afters = _in_order({after for _, after in areas})

    def show(area_m2: float) -> Cell:
        return convert_area(area_m2, wording.unit)

    def name(code: str | None) -> str:
        return _name_class(code, result, definition, wording)

    decimals = DECIMALS[wording.unit]
    columns = [
        Column("class_before", wording.say("change.class_before"), "text"),
        Column("class_before_title", wording.say("change.class_before_title"), "text"),
        *(
            Column(f"to_{code}", f"{code or ''} {name(code)}".strip(), "number", decimals)
            for code in afters
        ),
        Column("total", wording.say("change.total"), "number", decimals),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            before or "",
            name(before),
            *(show(areas.get((before, after), 0.0)) for after in afters),
            show(sum(areas.get((before, after), 0.0) for after in afters)),
        )
        for before in befores
    ]
    sums = [sum(areas.get((before, after), 0.0) for before in befores) for after in afters]
    rows.append(("", wording.say("change.total"), *map(show, sums), show(sum(sums))))
    return Table(
        title=_title(result, definition, wording),
        columns=tuple(columns),
        rows=tuple(rows),
        closing=(),
        notes=(),
        banner=wording.say("sample.banner") if result.sample else "",
    )


def _in_order(codes: set[str | None]) -> list[str | None]:
    """Order classes by code, no land last."""
    return sorted(codes, key=lambda code: (code is None, code or ""))


def _cells(
    row: ChangeRow,
    coverage: ChangeCoverage,
    result: ChangeResult,
    definition: LayerDefinition,
    wording: Wording,
) -> tuple[Cell, ...]:
    return (
        row.unit_code,
        wording.name_unit(row.unit_code, row.unit_name),
        row.class_before or "",
        _name_class(row.class_before, result, definition, wording),
        row.class_after or "",
        _name_class(row.class_after, result, definition, wording),
        convert_area(row.area_m2, wording.unit),
        wording.say(f"coverage.{coverage.before}"),
        wording.say(f"coverage.{coverage.after}"),
    )


def _name_class(
    code: str | None, result: ChangeResult, definition: LayerDefinition, wording: Wording
) -> str:
    if code is None:
        return wording.say("change.no_land")
    if code == "":
        return (
            wording.say("table.no_class") if result.class_field else definition.title[wording.lang]
        )
    title = definition.class_titles(result.class_field).get(code)
    return title[wording.lang] if title else wording.say("table.unknown_class")


def _title(result: ChangeResult, definition: LayerDefinition, wording: Wording) -> str:
    snapshots = result.snapshots
    dates = {side: snapshots[side][:10] for side in ("before", "after")}
    return " · ".join(
        [
            wording.name_unit(result.whole_code, result.whole_name),
            definition.title[wording.lang],
            wording.say("change.title", **dates),
            wording.say(f"level.by_{result.request.by}"),
        ]
    )


def _closing(result: ChangeResult, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    """Show totals, what stayed, and how well it all closes."""
    say, unit = wording.say, {"unit": wording.say(f"unit.{wording.unit}")}
    rows = result.whole
    areas = {
        "total_before": sum(r.area_m2 for r in rows if r.class_before is not None),
        "total_after": sum(r.area_m2 for r in rows if r.class_after is not None),
        "unchanged": sum(r.area_m2 for r in rows if r.class_before == r.class_after),
        "outside": sum(r.area_m2 for r in result.outside),
    }
    for side, overlap_m2 in zip(("before", "after"), result.overlap_m2, strict=True):
        if overlap_m2 > _OVERLAP_SHOWN_M2:
            areas[f"overlap_{side}"] = overlap_m2
    counts = result.features
    return (
        *(
            (say(f"change.{key}", **unit), convert_area(m2, wording.unit))
            for key, m2 in areas.items()
        ),
        (say("change.gap"), round_half_up(result.closure_m2, _CLOSURE_DECIMALS)),
        (say("change.features_unchanged"), counts.unchanged),
        (say("change.features_reclassified"), counts.reclassified),
        (say("change.features_before"), counts.before_only),
        (say("change.features_after"), counts.after_only),
    )


def _notes(
    result: ChangeResult, definition: LayerDefinition, wording: Wording
) -> tuple[tuple[str, str], ...]:
    say, snapshots = wording.say, result.snapshots
    notes = [
        (say("notes.method_label"), say("notes.method")),
        (say("change.method_label"), say("change.method")),
        (say("notes.rounding_label"), say("notes.rounding")),
        (say("notes.source_label"), definition.source[wording.lang]),
        (say("notes.snapshot", layer=say("change.before")), snapshots["before"]),
        (say("notes.snapshot", layer=say("change.after")), snapshots["after"]),
        (say("notes.snapshot", layer=say("notes.units")), snapshots["units"]),
    ]
    if result.units_overlap:
        notes.append((say("notes.warning"), say("notes.units_overlap")))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)
