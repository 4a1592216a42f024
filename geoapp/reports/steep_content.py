"""Cultivated land above 25 degrees, as list and sentence."""

from typing import Any, Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.planning.slope import STEEPEST, SlopeResult
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.reports.terrain_content import raster_notes
from geoapp.values import DECIMALS, convert_area, round_half_up

STEEP_ON_PAPER: Final = ("unit_name", "parcel", "class_title", "area", "steep", "share")
_CLASS_FIELD: Final = "dlbm"
_GAP_DECIMALS: Final = 6
_PERCENT: Final = 2


def steep_table(result: SlopeResult, definition: LayerDefinition, wording: Wording) -> Table:
    """List the parcels with ground above 25 degrees, the most of it first.

    Args:
        result: Cultivated land by grade.
        definition: Of land use.
        wording: Language, unit of area, names.
    """
    say, decimals = wording.say, DECIMALS[wording.unit]
    unit = say(f"unit.{wording.unit}")
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("feature", say("terrain.feature"), "text"),
        Column("parcel", say("terrain.parcel"), "text"),
        Column("class_code", say("terrain.class_code"), "text"),
        Column("class_title", say("terrain.class_title"), "text"),
        Column("area", say("terrain.part_area", unit=unit), "number", decimals),
        Column("steep", say("terrain.grade_5", unit=unit), "number", decimals),
        Column("share", say("terrain.steep_share"), "percent", _PERCENT),
    )
    titles = definition.class_titles(_CLASS_FIELD)
    rows = result.steep.drop(columns="geometry").to_dict("records")
    notes = raster_notes(result.raster, dict(result.snapshots), wording, sample=result.sample)
    return Table(
        title=f"{say('terrain.slope_title')} · {say('terrain.steep_list')}",
        columns=columns,
        rows=tuple(_cells(row, titles, wording) for row in rows),
        closing=_closing(result, wording),
        notes=(
            (say("terrain.steep_label"), say("terrain.steep_note")),
            (say("terrain.method_label"), say("terrain.slope_method")),
            *notes,
        ),
        banner=say("sample.banner") if result.sample else "",
    )


def steep_statement(result: SlopeResult, wording: Wording) -> str:
    """Say in a sentence how much lies above 25 degrees, and how much is not known."""
    whole, say = result.whole, wording.say
    name = wording.name_unit(whole.unit_code, whole.unit_name)
    if whole.coverage == "no_data":
        return say("terrain.steep_not_known", unit=name)
    measure = say(f"unit.{wording.unit}")
    key = "terrain.steep_statement" if len(result.steep) else "terrain.steep_none"
    sentence = say(
        key,
        unit=name,
        area=f"{convert_area(whole.grade_m2[STEEPEST - 1], wording.unit):,}",
        all=f"{convert_area(whole.area_m2, wording.unit):,}",
        count=f"{len(result.steep):,}",
        measure=measure,
    )
    if whole.unknown_m2 > 0:
        unknown = f"{convert_area(whole.unknown_m2, wording.unit):,}"
        sentence += say("terrain.steep_unknown", area=unknown, measure=measure)
    if whole.coverage == "partial":
        sentence += say("terrain.steep_partial")
    return sentence


def _cells(row: dict[Any, Any], titles: dict[str, Any], wording: Wording) -> tuple[Cell, ...]:
    code = str(row["class_code"])
    title = titles.get(code)
    return (
        str(row["unit_code"]),
        wording.name_unit(str(row["unit_code"]), str(row["unit_name"])),
        str(row["feature"]),
        str(row["parcel"]),
        code,
        title[wording.lang] if title else wording.say("table.unknown_class"),
        convert_area(float(row["area_m2"]), wording.unit),
        convert_area(float(row["steep_m2"]), wording.unit),
        round_half_up(float(row["share"]) * 100, _PERCENT),
    )


def _closing(result: SlopeResult, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    """Show that the list is what the table says."""
    say, unit = wording.say, wording.say(f"unit.{wording.unit}")
    listed = float(result.steep["steep_m2"].sum())
    told = sum(one.grade_m2[STEEPEST - 1] for one in result.units)
    return (
        (say("terrain.steep_listed", unit=unit), convert_area(listed, wording.unit)),
        (say("terrain.steep_told", unit=unit), convert_area(told, wording.unit)),
        (say("terrain.steep_gap"), round_half_up(abs(listed - told), _GAP_DECIMALS)),
    )
