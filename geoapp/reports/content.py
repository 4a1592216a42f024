"""A table as people see it, free of any file format.

Page, workbook and text file are written from the same table, so that what is downloaded is
what was on the screen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from geoapp.catalog.definition import LayerDefinition
from geoapp.i18n import Lang, Text, text
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2, StatsResult, StatsRow
from geoapp.values import (
    DECIMALS,
    KILOMETRE_DECIMALS,
    METRE_DECIMALS,
    AreaUnit,
    convert_area,
    round_half_up,
    to_kilometres,
)

Cell = str | int | Decimal | None
_SHARE_DECIMALS: Final = 2
_CLOSURE_DECIMALS: Final = 4
_OVERLAP_SHOWN_M2: Final = 0.005  # less rounds to nothing in square metres


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: Stable name, for other software.
        title: Heading.
        kind: ``text``, ``number`` (rounded to ``decimals``), ``integer`` or ``percent``.
        decimals: Places shown.
        grouped: Whether thousands are set apart; those of coordinates are not.
    """

    key: str
    title: str
    kind: Literal["text", "number", "integer", "percent"]
    decimals: int = 0
    grouped: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its closing lines and notes.

    Attributes:
        rows: One cell per column; ``None`` where nothing is known.
        closing: Label and figure of each line that shows how the table adds up.
        notes: Label and text: method, snapshots, date.
        banner: Shown above everything when the data is synthetic, else ``""``.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    closing: tuple[tuple[str, Cell], ...]
    notes: tuple[tuple[str, str], ...]
    banner: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How a table is worded.

    Attributes:
        lang: Language.
        unit: Unit of areas.
        name_unit: Names an administrative unit: code, fallback → name.
        title_of: Names a layer by its id.
        now: When the table is made; shown in the notes.
    """

    lang: Lang
    unit: AreaUnit
    name_unit: Callable[[str, str], str]
    title_of: Callable[[str], str]
    now: datetime

    def say(self, key: str, **facts: object) -> str:
        """Word a key of the locale."""
        return text(self.lang, key, **facts)


def stats_table(result: StatsResult, definition: LayerDefinition, wording: Wording) -> Table:
    """Lay out a result of statistics.

    Args:
        result: The result.
        definition: Its layer.
        wording: Language, unit of area, names.
    """
    columns = _columns(result, definition, wording)
    titles = definition.class_titles(result.request.class_field)
    rows = tuple(
        tuple(_cell(column, row, wording, titles) for column in columns) for row in result.rows
    )
    return Table(
        title=_title(result, definition, wording),
        columns=columns,
        rows=rows,
        closing=_closing(result, definition, wording),
        notes=_notes(result, definition, wording),
        banner=wording.say("sample.banner") if result.sample else "",
    )


def _columns(
    result: StatsResult, definition: LayerDefinition, wording: Wording
) -> tuple[Column, ...]:
    say = wording.say
    area = {"unit": say(f"unit.{wording.unit}")}
    columns = [
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
    ]
    if result.request.class_field:
        rule = definition.find_field(result.request.class_field)
        title = rule.title[wording.lang] if rule else ""
        columns.append(Column("class", say("table.class_code", field=title), "text"))
        columns.append(Column("class_title", title, "text"))
    if definition.geometry == "polygon":
        decimals = DECIMALS[wording.unit]
        columns.append(Column("area", say("table.area", **area), "number", decimals))
        if result.overlap_m2 > _OVERLAP_SHOWN_M2:
            columns.append(Column("gross", say("table.gross", **area), "number", decimals))
        share = _SHARE_DECIMALS
        columns.append(Column("share_of_unit", say("table.share_of_unit"), "percent", share))
        columns.append(Column("share_of_layer", say("table.share_of_layer"), "percent", share))
    elif definition.geometry == "line":
        columns += _length_columns(wording)
    counted = "table.count_lines" if definition.geometry == "line" else "table.count"
    columns.append(Column("count", say(counted), "integer"))
    columns += [_sum_column(name, definition, wording) for name in definition.statistics.sums]
    columns.append(Column("coverage", say("table.coverage"), "text"))
    return tuple(columns)


def _length_columns(wording: Wording) -> list[Column]:
    say = wording.say
    return [
        Column("length_m", say("table.length", unit=say("unit.m")), "number", METRE_DECIMALS),
        Column("length_km", say("table.length", unit=say("unit.km")), "number", KILOMETRE_DECIMALS),
        Column("share_of_layer", say("table.share_of_length"), "percent", _SHARE_DECIMALS),
    ]


def _sum_column(name: str, definition: LayerDefinition, wording: Wording) -> Column:
    rule = definition.find_field(name)
    title = rule.title[wording.lang] if rule else name
    if rule and rule.unit == "m2":
        title = f"{title} ({wording.say('unit.m2')})"
    if rule and rule.type == "number":
        return Column(name, title, "number", 2)
    return Column(name, title, "integer")


def _cell(
    column: Column,
    row: StatsRow,
    wording: Wording,
    titles: dict[str, Text],
) -> Cell:
    if column.key == "unit_code":
        return row.unit_code
    if column.key == "unit_name":
        return wording.name_unit(row.unit_code, row.unit_name)
    if column.key == "class":
        return row.class_code or ""
    if column.key == "class_title":
        return _class_title(row, wording, titles)
    if column.key == "coverage":
        return wording.say(f"coverage.{row.coverage}")
    return _figure(column, row, wording)


def _figure(column: Column, row: StatsRow, wording: Wording) -> Cell:
    if column.key in {"area", "gross"}:
        area = row.area_m2 if column.key == "area" else row.gross_m2
        return None if area is None else convert_area(area, wording.unit)
    if column.key in {"length_m", "length_km"}:
        return _length(column, row)
    if column.key in {"share_of_unit", "share_of_layer"}:
        share = row.share_of_unit if column.key == "share_of_unit" else row.share_of_layer
        return None if share is None else round_half_up(share * 100, column.decimals)
    if column.key == "count":
        return None if row.coverage == "no_data" and row.count == 0 else row.count
    value = row.sums.get(column.key)
    if value is None:
        return None
    return round(value) if column.kind == "integer" else round_half_up(value, column.decimals)


def _length(column: Column, row: StatsRow) -> Cell:
    if row.length_m is None:
        return None
    if column.key == "length_km":
        return to_kilometres(row.length_m)
    return round_half_up(row.length_m, column.decimals)


def _class_title(row: StatsRow, wording: Wording, titles: dict[str, Text]) -> str:
    if row.class_code is None:
        return ""
    if row.class_code == "":
        return wording.say("table.no_class")
    title = titles.get(row.class_code)
    return title[wording.lang] if title else wording.say("table.unknown_class")


def _title(result: StatsResult, definition: LayerDefinition, wording: Wording) -> str:
    request = result.request
    parts = [
        wording.name_unit(result.whole_code, result.whole_name),
        definition.title[wording.lang],
        wording.say(f"level.by_{request.by}"),
    ]
    if request.inside:
        parts.append(wording.say("table.inside", layer=wording.title_of(request.inside)))
    return " · ".join(parts)


def _closing(
    result: StatsResult, definition: LayerDefinition, wording: Wording
) -> tuple[tuple[str, Cell], ...]:
    """Show how the table adds up: the whole, its units, the rest, the gap."""
    say = wording.say
    if definition.geometry == "line":
        return _closing_of_lengths(result, wording)
    if definition.geometry != "polygon":
        total = sum(row.count for row in result.totals)
        listed = sum(row.count for row in result.rows)
        return (
            (say("closing.whole_count"), total),
            (say("closing.units_count"), listed),
            (say("closing.difference_count"), total - listed),
        )
    unit = {"unit": say(f"unit.{wording.unit}")}
    whole = sum(row.area_m2 or 0.0 for row in result.totals)
    units = sum(row.area_m2 or 0.0 for row in result.rows)
    lines: list[tuple[str, Cell]] = [
        (say("closing.whole", **unit), convert_area(whole, wording.unit)),
        (say("closing.units", **unit), convert_area(units, wording.unit)),
        (say("closing.outside", **unit), convert_area(result.outside_units_m2, wording.unit)),
        (say("closing.gap"), round_half_up(result.closure_m2, _CLOSURE_DECIMALS)),
    ]
    if result.overlap_m2 > _OVERLAP_SHOWN_M2:
        lines.append(
            (say("closing.overlap", **unit), convert_area(result.overlap_m2, wording.unit))
        )
    return tuple(lines)


def _closing_of_lengths(result: StatsResult, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    say, unit = wording.say, {"unit": wording.say("unit.m")}
    whole = sum(row.length_m or 0.0 for row in result.totals)
    units = sum(row.length_m or 0.0 for row in result.rows)
    return (
        (say("closing.whole", **unit), round_half_up(whole, METRE_DECIMALS)),
        (say("closing.units", **unit), round_half_up(units, METRE_DECIMALS)),
        (
            say("closing.outside", **unit),
            round_half_up(result.outside_units_m or 0.0, METRE_DECIMALS),
        ),
        (say("closing.gap_length"), round_half_up(result.closure_m or 0.0, _CLOSURE_DECIMALS)),
    )


def _method(definition: LayerDefinition, wording: Wording) -> list[tuple[str, str]]:
    say = wording.say
    if definition.geometry == "line":
        return [
            (say("notes.method_length_label"), say("notes.method_length")),
            (say("notes.rounding_label"), say("notes.rounding_length")),
            (say("notes.border_label"), say("notes.border")),
        ]
    return [
        (say("notes.method_label"), say("notes.method")),
        (say("notes.rounding_label"), say("notes.rounding")),
        (say("notes.net_label"), say("notes.net")),
    ]


def _notes(
    result: StatsResult, definition: LayerDefinition, wording: Wording
) -> tuple[tuple[str, str], ...]:
    say = wording.say
    notes = [
        *_method(definition, wording),
        (say("notes.source_label"), definition.source[wording.lang]),
    ]
    for layer, snapshot in result.snapshots.items():
        label = say("notes.units") if layer == "units" else wording.title_of(layer)
        notes.append((say("notes.snapshot", layer=label), snapshot))
    if definition.geometry == "polygon":
        notes.append((say("notes.checks_label"), _word_checks(result, wording)))
    if result.units_overlap:
        notes.append((say("notes.warning"), say("notes.units_overlap")))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)


def _word_checks(result: StatsResult, wording: Wording) -> str:
    failed = sum(check.worst_m2 > CLOSURE_TOLERANCE_M2 for check in result.checks)
    worst = max((check.worst_m2 for check in result.checks), default=0.0)
    return wording.say(
        "notes.checks_explained" if failed else "notes.checks",
        count=len(result.checks),
        failed=failed,
        worst=f"{worst:.{_CLOSURE_DECIMALS}f}",
    )
