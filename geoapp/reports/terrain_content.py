"""Slope of cultivated land, and rasters by unit, as tables."""

from typing import Final

from geoapp.planning.slope import GRADES, SlopeResult, SlopeUnit
from geoapp.planning.zonal import ZonalResult
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, convert_area, round_half_up

_GAP_DECIMALS: Final = 6
_DECIMALS: Final = 2
_INDEX_DECIMALS: Final = 4


def slope_table(result: SlopeResult, wording: Wording) -> Table:
    """Lay out cultivated land by grade, unit by unit."""
    say, decimals = wording.say, DECIMALS[wording.unit]
    unit = say(f"unit.{wording.unit}")
    grades = [
        Column(f"grade_{grade}", say(f"terrain.grade_{grade}", unit=unit), "number", decimals)
        for grade in GRADES
    ]
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("area", say("terrain.cultivated", unit=unit), "number", decimals),
        *grades,
        Column("unknown", say("terrain.unknown", unit=unit), "number", decimals),
        Column("coverage", say("table.coverage"), "text"),
    )
    whole = result.whole
    closing: list[tuple[str, Cell]] = [
        (f"{wording.name_unit(whole.unit_code, whole.unit_name)} · {title}", cell)
        for title, cell in zip(
            [column.title for column in columns[2:-1]], _areas(whole, wording), strict=True
        )
    ]
    closing.append(
        (
            say("terrain.outside", unit=unit),
            convert_area(float(round_half_up(result.outside_m2, _GAP_DECIMALS)), wording.unit),
        )
    )
    closing.append((say("terrain.gap"), round_half_up(result.closure_m2, _GAP_DECIMALS)))
    return Table(
        title=say("terrain.slope_title"),
        columns=columns,
        rows=tuple(
            (
                one.unit_code,
                wording.name_unit(one.unit_code, one.unit_name),
                *_areas(one, wording),
                say(f"coverage.{one.coverage}"),
            )
            for one in result.units
        ),
        closing=tuple(closing),
        notes=(
            (say("terrain.method_label"), say("terrain.slope_method")),
            (say("terrain.steep_label"), say("terrain.steep_note")),
            *raster_notes(result.raster, dict(result.snapshots), wording, sample=result.sample),
        ),
        banner=say("sample.banner") if result.sample else "",
    )


def zonal_table(result: ZonalResult, wording: Wording) -> Table:
    """Lay out what a raster says of each unit."""
    say, decimals = wording.say, decimals_of_index(result.of)
    columns = [
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("known", say("terrain.known"), "number", _DECIMALS),
        *(
            Column(name, say(f"terrain.{name}"), "number", decimals)
            for name in ("least", "mean", "largest")
        ),
    ]
    if result.before:
        columns.append(Column("change", say("terrain.change"), "number", decimals))
    rows: list[tuple[Cell, ...]] = []
    for zone in result.zones:
        figures = [zone.least, zone.mean, zone.largest, zone.change]
        cells: list[Cell] = [round_half_up(zone.known_share * 100, _DECIMALS)]
        cells += [None if one is None else round_half_up(one, decimals) for one in figures]
        name = wording.name_unit(zone.code, zone.name)
        rows.append((zone.code, name, *cells[: len(columns) - 2]))
    notes = raster_notes(result.raster, result.snapshots, wording, sample=result.sample)
    if result.before:
        notes = ((say("terrain.before"), result.before), *notes)
    return Table(
        title=" · ".join(
            filter(None, (say("terrain.zonal_title"), name_index(result.of, wording)))
        ),
        columns=tuple(columns),
        rows=tuple(rows),
        closing=(),
        notes=(
            *(((say("terrain.hint_label"), say("terrain.hint")),) if result.before else ()),
            *index_notes(result.of, wording),
            *notes,
        ),
        banner=say("sample.banner") if result.sample else "",
    )


def decimals_of_index(index: str) -> int:
    """Tell how many places of a raster's values are shown."""
    return _INDEX_DECIMALS if index else _DECIMALS


def name_index(index: str, wording: Wording) -> str:
    """Name an index of a picture, ``""`` for heights or brightness."""
    return wording.say(f"terrain.index_{index}") if index else ""


def index_notes(index: str, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Say how the values of a raster came about."""
    say = wording.say
    notes = [(say("terrain.method_label"), say("terrain.zonal_method"))]
    if index:
        notes.append((name_index(index, wording), say(f"terrain.{index}_method")))
    return tuple(notes)


def raster_notes(
    raster: str, snapshots: dict[str, str], wording: Wording, *, sample: bool
) -> tuple[tuple[str, str], ...]:
    """Say from which raster and snapshots, and when."""
    say = wording.say
    notes = [(say("terrain.raster"), raster)]
    for name, snapshot in snapshots.items():
        title = say("notes.units") if name == "units" else wording.title_of(name)
        notes.append((say("notes.snapshot", layer=title), snapshot))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if sample:
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)


def _areas(unit: SlopeUnit, wording: Wording) -> list[Cell]:
    if unit.coverage == "no_data":
        return [None] * (len(GRADES) + 2)
    areas = (unit.area_m2, *unit.grade_m2, unit.unknown_m2)
    return [convert_area(area, wording.unit) for area in areas]
