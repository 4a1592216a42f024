"""What fire engines reach in time, as table, sentence and notes."""

from typing import Final

from geoapp.planning.cover_result import CoverResult, CoverUnit
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, convert_area, round_half_up

_GAP_DECIMALS: Final = 6
_PERCENT: Final = 2


def cover_table(result: CoverResult, wording: Wording) -> Table:
    """Lay out land that is reached and land that is not, unit by unit."""
    say, decimals = wording.say, DECIMALS[wording.unit]
    unit = say(f"unit.{wording.unit}")
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("area", say("cover.land", unit=unit), "number", decimals),
        Column("reached", say("cover.reached", unit=unit), "number", decimals),
        Column("rest", say("cover.not_reached", unit=unit), "number", decimals),
        Column("share", say("cover.share"), "percent", _PERCENT),
        Column("coverage", say("table.coverage"), "text"),
    )
    whole = _cells(result.whole, wording)
    name = wording.name_unit(result.whole.unit_code, result.whole.unit_name)
    closing: list[tuple[str, Cell]] = [
        (f"{name} · {column.title}", say("coverage.no_data") if cell is None else cell)
        for column, cell in zip(columns[2:-1], whole, strict=True)
    ]
    closing.append((say("cover.gap"), round_half_up(result.closure_m2, _GAP_DECIMALS)))
    return Table(
        title=cover_title(result, wording),
        columns=columns,
        rows=tuple(
            (
                one.unit_code,
                wording.name_unit(one.unit_code, one.unit_name),
                *_cells(one, wording),
                say(f"coverage.{one.coverage}"),
            )
            for one in result.units
        ),
        closing=tuple(closing),
        notes=cover_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def cover_title(result: CoverResult, wording: Wording) -> str:
    """Word what was asked."""
    say, asked = wording.say, result.request
    land = say("cover.forest") if asked.classes == ("03",) else ", ".join(asked.classes)
    return say("cover.title", minutes=asked.minutes, land=land or say("cover.all_land"))


def cover_statement(result: CoverResult, wording: Wording) -> str:
    """Word the answer in one sentence."""
    whole, say = result.whole, wording.say
    name = wording.name_unit(whole.unit_code, whole.unit_name)
    if whole.share is None:
        return say("cover.not_known", unit=name)
    unit = say(f"unit.{wording.unit}")
    return say(
        "cover.statement" if whole.coverage == "complete" else "cover.statement_partial",
        unit=name,
        title=cover_title(result, wording),
        reached=f"{convert_area(whole.reached_m2, wording.unit):,} {unit}",
        area=f"{convert_area(whole.area_m2, wording.unit):,} {unit}",
        share=f"{round_half_up(100 * whole.share, _PERCENT):.2f}",
    )


def cover_notes(result: CoverResult, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Say by what the answer was found, and what it leaves out."""
    say = wording.say
    speeds = ", ".join(f"{grade} {speed:g}" for grade, speed in result.speeds_kmh.items())
    notes = [
        (say("terrain.method_label"), say("cover.method")),
        (
            say("cover.assumed"),
            say("cover.speeds", speeds=speeds, walk=f"{result.off_road_kmh:g}",
                reach=f"{result.reach_m:g}"),
        ),
        (say("cover.stations"), say("cover.stations_note", count=result.stations[0],
                                    lost=result.stations[1])),
        (say("cover.roads"), say("cover.roads_note", unused=result.roads_unused,
                                 joined=result.roads_joined)),
    ]  # fmt: skip
    for name, snapshot in result.snapshots.items():
        title = say("notes.units") if name == "units" else wording.title_of(name)
        notes.append((say("notes.snapshot", layer=title), snapshot))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)


def _cells(unit: CoverUnit, wording: Wording) -> list[Cell]:
    if not unit.known:
        return [None] * 4
    share = None if unit.share is None else round_half_up(100 * unit.share, _PERCENT)
    areas = (unit.area_m2, unit.reached_m2, unit.rest_m2)
    return [*(convert_area(area, wording.unit) for area in areas), share]
