"""The parcels that changed most between two rasters, as list and sentence."""

from typing import Any, Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.planning.parcel_change import ParcelChanges
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.reports.terrain_content import (
    decimals_of_index,
    index_notes,
    name_index,
    raster_notes,
)
from geoapp.values import DECIMALS, convert_area, round_half_up

CHANGE_ON_PAPER: Final = (
    "unit_name", "parcel", "class_title", "area", "mean_before", "mean", "change",
)  # fmt: skip


def change_table(result: ParcelChanges, definition: LayerDefinition, wording: Wording) -> Table:
    """List the parcels whose mean changed most, the largest change first.

    Args:
        result: The parcels.
        definition: Of their layer.
        wording: Language, unit of area, names.
    """
    say = wording.say
    unit, decimals = say(f"unit.{wording.unit}"), decimals_of_index(result.of)
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("feature", say("terrain.feature"), "text"),
        Column("parcel", say("terrain.parcel"), "text"),
        Column("class_code", say("terrain.class_code"), "text"),
        Column("class_title", say("terrain.class_title"), "text"),
        Column("area", say("table.area", unit=unit), "number", DECIMALS[wording.unit]),
        Column("mean_before", say("terrain.mean_before"), "number", decimals),
        Column("mean", say("terrain.mean_after"), "number", decimals),
        Column("change", say("terrain.change"), "number", decimals),
    )
    titles = definition.class_titles(result.class_field) if result.class_field else {}
    rows = result.rows.drop(columns="geometry").to_dict("records")
    notes = raster_notes(result.raster, result.snapshots, wording, sample=result.sample)
    return Table(
        title=" · ".join(
            filter(
                None,
                (
                    wording.title_of(result.layer),
                    say("terrain.changed_most"),
                    name_index(result.of, wording),
                ),
            )
        ),
        columns=columns,
        rows=tuple(_cells(row, titles, decimals, wording) for row in rows),
        closing=(
            (say("terrain.parcels_all"), result.parcels),
            (say("terrain.parcels_known"), result.known),
            (say("terrain.parcels_not_known"), result.parcels - result.known),
            (say("terrain.parcels_listed"), len(rows)),
        ),
        notes=(
            (say("terrain.hint_label"), say("terrain.hint")),
            *index_notes(result.of, wording),
            (say("terrain.place_label"), say("terrain.place_note")),
            (say("terrain.before"), result.before),
            *notes,
        ),
        banner=say("sample.banner") if result.sample else "",
    )


def change_statement(result: ParcelChanges, wording: Wording) -> str:
    """Say how many were looked at, of how many a change is known, how many are listed."""
    return wording.say(
        "terrain.change_statement",
        layer=wording.title_of(result.layer),
        parcels=f"{result.parcels:,}",
        known=f"{result.known:,}",
        count=f"{len(result.rows):,}",
    )


def _cells(
    row: dict[Any, Any], titles: dict[str, Any], decimals: int, wording: Wording
) -> tuple[Cell, ...]:
    place, code = str(row["unit_code"]), str(row["class_code"])
    title = titles.get(code)
    unknown = wording.say("table.unknown_class") if code else ""
    figures = [row["mean_before"], row["mean"], row["change"]]
    return (
        place,
        wording.name_unit(place, str(row["unit_name"]))
        if place
        else wording.say("conflicts.outside_units"),
        str(row["feature"]),
        str(row["parcel"]),
        code,
        title[wording.lang] if title else unknown,
        convert_area(float(row["area_m2"]), wording.unit),
        *(round_half_up(float(one), decimals) for one in figures),
    )
