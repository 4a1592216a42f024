"""The tables of the sheet beside the findings: boundary, land classes, units, remedies, layers."""

from collections.abc import Callable, Sequence
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Manifest
from geoapp.compliance.composition import ClassShare, Composition, UnitShare
from geoapp.compliance.result import Remedy, Shift
from geoapp.geometry.boundary_points import COORDINATE_DECIMALS, BoundaryPoint
from geoapp.i18n import text
from geoapp.reports.check_document import make_table
from geoapp.reports.check_findings import SHARE_DECIMALS, Say, word_share
from geoapp.reports.content import Cell, Column, Table
from geoapp.values import DECIMALS, METRE_DECIMALS, AreaUnit, convert_area, round_half_up

NameUnit = Callable[[str, str], str]
_M2: Final = DECIMALS[AreaUnit.M2]
_MU: Final = DECIMALS[AreaUnit.MU]


def boundary_table(rings: Sequence[Sequence[BoundaryPoint]], say: Say) -> Table:
    """List the boundary points; each ring closes with its first point, as offices list them."""
    columns = (
        Column("point", say("point"), "text"),
        Column("ring", say("ring"), "integer"),
        Column("north_m", say("north_column"), "number", COORDINATE_DECIMALS, grouped=False),
        Column("east_m", say("east_column"), "number", COORDINATE_DECIMALS, grouped=False),
        Column("length_m", say("length_column"), "number", METRE_DECIMALS),
    )
    rows: list[tuple[Cell, ...]] = []
    for ring in rings:
        rows += [(p.name, p.ring, p.north_m, p.east_m, p.length_m) for p in ring]
        first = ring[0]
        rows.append((first.name, first.ring, first.north_m, first.east_m, ""))
    return make_table(say("boundary"), columns, rows)


def composition_table(composition: Composition | None, say: Say) -> Table | None:
    """List the land classes under their broad classes; ``None`` where they may not be seen."""
    if composition is None:
        return None
    columns = [
        Column("code", say("class_code"), "text"),
        Column("title", say("class_title"), "text"),
        Column("area_m2", say("area_column"), "number", _M2),
        Column("area_mu", say("mu_column"), "number", _MU),
        Column("share", say("share_column"), "percent", SHARE_DECIMALS),
    ]
    if composition.balanced:
        columns.append(Column("balanced_m2", say("balanced_column"), "number", _M2))
    rows: list[tuple[Cell, ...]] = []
    for group in composition.groups:
        rows += [
            _class_row(one, one.title[say.lang], one.code, balanced=composition.balanced)
            for one in composition.classes
            if one.group == group.code
        ]
        title = say("group_total", group=group.title[say.lang])
        rows.append(_class_row(group, title, "", balanced=composition.balanced))
    known = {group.code for group in composition.groups}
    rows += [
        _class_row(one, one.title[say.lang], one.code, balanced=composition.balanced)
        for one in composition.classes
        if one.group not in known
    ]
    blank: tuple[Cell, ...] = (None,) if composition.balanced else ()
    if composition.cultivated_m2 is not None:
        rows.append((*_plain_row(say("cultivated"), composition.cultivated_m2), *blank))
    if convert_area(composition.unknown_m2, AreaUnit.M2):
        rows.append((*_plain_row(say("unknown_class"), composition.unknown_m2), *blank))
    return make_table(say("composition"), columns, rows)


def units_table(units: Sequence[UnitShare], name_unit: NameUnit, say: Say) -> Table:
    """List the units that the parcel lies in."""
    columns = (
        Column("level", say("unit_level"), "text"),
        Column("code", say("unit_code"), "text"),
        Column("name", say("unit_name"), "text"),
        Column("area_m2", say("area_column"), "number", _M2),
        Column("area_mu", say("mu_column"), "number", _MU),
        Column("share", say("share_column"), "percent", SHARE_DECIMALS),
    )
    rows = [
        (
            text(say.lang, f"level.{unit.level}"),
            unit.code,
            name_unit(unit.code, unit.name) if unit.code else say("outside_units"),
            convert_area(unit.area_m2, AreaUnit.M2),
            convert_area(unit.area_m2, AreaUnit.MU),
            word_share(unit.share),
        )
        for unit in units
    ]
    return make_table(say("units"), columns, rows)


def remedies_table(remedy: Remedy | None, say: Say) -> Table | None:
    """Say how prohibitions could be cleared, or why not; ``None`` where there is none."""
    if remedy is None or remedy.rest_reason == remedy.shift_reason == "no_prohibition":
        return None
    columns = (
        Column("remedy", say("remedy"), "text"),
        Column("result", say("remedy_result"), "text"),
    )
    rest = text(say.lang, f"check.remedy_{remedy.rest_reason}") if remedy.rest_reason else ""
    if remedy.rest_m2 is not None:
        rest = say(
            "remedy_rest_area",
            m2=f"{convert_area(remedy.rest_m2, AreaUnit.M2):,}",
            mu=f"{convert_area(remedy.rest_m2, AreaUnit.MU):,}",
            share=word_share(remedy.rest_share),
            verdict=say(f"short_{remedy.rest_verdict or 'to_verify'}"),
        )
    facts = {"metres": f"{remedy.searched_m:g}"}
    way = (
        text(say.lang, f"check.remedy_{remedy.shift_reason}", **facts)
        if remedy.shift_reason
        else ""
    )
    if remedy.shift is not None:
        way = _word_shift(remedy.shift, say)
    rows = [(say("remedy_rest"), rest), (say("remedy_shift"), way)]
    return make_table(say("remedies"), columns, rows)


def layers_table(
    used: Sequence[tuple[LayerDefinition | None, str, Manifest | None]], say: Say
) -> Table:
    """List the data that was read: layer, snapshot and what it says of itself."""
    columns = (
        Column("layer", say("layer"), "text"),
        Column("as_of", say("as_of"), "text"),
        Column("scale", say("scale"), "integer"),
        Column("snapshot", say("snapshot"), "text"),
    )
    rows: list[tuple[Cell, ...]] = []
    for definition, name, manifest in used:
        title = definition.title[say.lang] if definition else name
        scale = (manifest.scale if manifest else 0) or (definition.scale if definition else 0)
        as_of = manifest.as_of.isoformat() if manifest else ""
        rows.append((title, as_of, scale or None, name))
    return make_table(say("layers"), columns, rows)


def _class_row(one: ClassShare, title: str, code: str, *, balanced: bool) -> tuple[Cell, ...]:
    row: tuple[Cell, ...] = (
        code,
        title,
        convert_area(one.area_m2, AreaUnit.M2),
        convert_area(one.area_m2, AreaUnit.MU),
        word_share(one.share),
    )
    if not balanced:
        return row
    own = None if one.balanced_m2 is None else convert_area(one.balanced_m2, AreaUnit.M2)
    return (*row, own)


def _plain_row(title: str, area_m2: float) -> tuple[Cell, ...]:
    return (
        "",
        title,
        convert_area(area_m2, AreaUnit.M2),
        convert_area(area_m2, AreaUnit.MU),
        "",
    )


def _word_shift(shift: Shift, say: Say) -> str:
    def by(axis: tuple[str, str], metres: float) -> str:
        return say(axis[metres < 0], metres=f"{round_half_up(abs(metres), METRE_DECIMALS):,}")

    return say(
        "remedy_shift_way",
        east=by(("east_by", "west_by"), shift.east_m),
        north=by(("north_by", "south_by"), shift.north_m),
        distance=f"{round_half_up(shift.distance_m, METRE_DECIMALS):,}",
        m2=f"{convert_area(shift.area_m2, AreaUnit.M2):,}",
        verdict=say(f"short_{shift.verdict}"),
    )
