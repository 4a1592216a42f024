"""How well layers are known, unit by unit: coverage, age and what an inspection found, as one table."""

from collections.abc import Sequence
from typing import Final

from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.quality import DistrictQuality, LayerQuality
from geoapp.planning.inspection_result import KINDS, InspectedUnit, Inspection
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.reports.inspection_content import inspection_notes
from geoapp.values import AreaUnit, convert_area, round_half_up

_SHARE_DECIMALS: Final = 2
_M2_DECIMALS: Final = 2
_CLOSURE_DECIMALS: Final = 6
_FOUND: Final = 4  # features, gap, overlap, all findings, before those of each kind


def quality_table(
    layers: Sequence[LayerQuality],
    inspections: Sequence[Inspection],
    wording: Wording,
    *,
    within: str = "",
) -> Table:
    """Say of each layer in each unit how well it is known, and what was found there.

    Layers that were not inspected say so, district by district, instead of showing no findings.

    Args:
        layers: What is known of all of them.
        inspections: What was found in some, by units of one level.
        wording: Language and names.
        within: Only units of this one.
    """
    say, found = wording.say, {one.layer: one for one in inspections}
    kinds = [kind for kind in KINDS if any(one.counts[kind] for one in inspections)]
    rows: list[tuple[Cell, ...]] = []
    for layer in layers:
        inspected = found.get(layer.layer)
        if inspected is None:
            rows += _plain_rows(layer, len(kinds), wording, within)
        else:
            rows += [_inspected_row(layer, unit, kinds, wording) for unit in inspected.units]
    sample = any(layer.sample for layer in layers)
    return Table(
        title=say("quality.title"),
        columns=_columns(kinds, wording),
        rows=tuple(rows),
        closing=_closing(layers, inspections, wording),
        notes=_notes(inspections, wording, sample=sample),
        banner=say("sample.banner") if sample else "",
    )


def _columns(kinds: Sequence[str], wording: Wording) -> tuple[Column, ...]:
    say = wording.say
    return (
        Column("layer", say("quality.layer"), "text"),
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        *(
            Column(key, say(f"quality.{key}"), "text")
            for key in ("coverage", "as_of", "source", "scale", "crs")
        ),
        Column("share", say("quality.share_of_unit"), "percent", _SHARE_DECIMALS),
        Column("features", say("quality.features"), "integer"),
        Column("gap_m2", say("inspection.gap_m2"), "number", _M2_DECIMALS),
        Column("overlap_m2", say("inspection.overlap_m2"), "number", _M2_DECIMALS),
        Column("total", say("inspection.total"), "integer"),
        *(Column(kind, say(f"inspection.kind_{kind}"), "integer") for kind in kinds),
        *(Column(key, say(f"quality.{key}_at_import"), "integer") for key in ("repaired", "left")),
    )


def _known(layer: LayerQuality, wording: Wording) -> tuple[Cell, ...]:
    """Say of what day, from where and how exact a layer is; of none, nothing."""
    if not layer.snapshot:
        return ("", "", "", "")
    say = wording.say
    scale = f"1:{layer.scale:,}" if layer.scale else say("quality.scale_unknown")
    if layer.scale and not layer.scale_stated:
        scale = say("quality.scale_usual", scale=scale)
    source = say(layer.source_note) if layer.source_note else layer.source
    return (layer.as_of.isoformat() if layer.as_of else "", source, scale, layer.crs)


def _plain_rows(
    layer: LayerQuality, kinds: int, wording: Wording, within: str
) -> list[tuple[Cell, ...]]:
    say, title = wording.say, wording.title_of(layer.layer)
    nothing: tuple[Cell, ...] = (None,) * (_FOUND + kinds + 2)
    if not layer.snapshot:
        none = say("coverage.no_data")
        return [(title, "", "", none, *_known(layer, wording), None, *nothing)]
    unseen = say("quality.is_measure" if layer.layer in UNIT_LEVELS else "quality.not_inspected")
    found: tuple[Cell, ...] = (*(unseen,) * (_FOUND + kinds), layer.repaired, layer.rejected)
    districts = [one for one in layer.districts if within[:6] in {"", one.code}]
    if not districts:
        return [(title, "", "", "", *_known(layer, wording), None, *found)]
    return [
        (title, *_district(one, wording), *_known(layer, wording), _share(one), *found)
        for one in districts
    ]


def _district(one: DistrictQuality, wording: Wording) -> tuple[Cell, ...]:
    name = wording.name_unit(one.code, one.name)
    return one.code, name, wording.say(f"coverage.{one.coverage}")


def _share(one: DistrictQuality) -> Cell:
    return None if one.share is None else round_half_up(one.share * 100, _SHARE_DECIMALS)


def _inspected_row(
    layer: LayerQuality, unit: InspectedUnit, kinds: Sequence[str], wording: Wording
) -> tuple[Cell, ...]:
    say = wording.say
    name, coverage = say("conflicts.outside_units"), ""
    if unit.unit_code:
        name = wording.name_unit(unit.unit_code, unit.unit_name)
        coverage = say(f"coverage.{unit.coverage}")
    known = unit.coverage != "no_data" or unit.features > 0
    share: Cell = "" if known else None
    if known and unit.net_m2 is not None and unit.unit_m2:
        share = round_half_up(unit.net_m2 / unit.unit_m2 * 100, _SHARE_DECIMALS)
    return (
        wording.title_of(layer.layer),
        unit.unit_code,
        name,
        coverage,
        *_known(layer, wording),
        share,
        unit.features if known else None,
        *(_area(area, known=known) for area in (unit.gap_m2, unit.overlap_m2)),
        unit.total if known else None,
        *(unit.counts.get(kind, 0) if known else None for kind in kinds),
        layer.repaired,
        layer.rejected,
    )


def _area(area_m2: float | None, *, known: bool) -> Cell:
    """Give an area; nothing where it makes no sense for the layer, unknown where no data is."""
    if not known:
        return None
    return "" if area_m2 is None else convert_area(area_m2, AreaUnit.M2)


def _closing(
    layers: Sequence[LayerQuality], inspections: Sequence[Inspection], wording: Wording
) -> tuple[tuple[str, Cell], ...]:
    say = wording.say
    known = {one.layer for one in inspections} | set(UNIT_LEVELS)
    lines: list[tuple[str, Cell]] = [
        (say("quality.missing"), sum(1 for layer in layers if not layer.snapshot)),
        (
            say("quality.not_inspected_layers"),
            sum(1 for layer in layers if layer.snapshot and layer.layer not in known),
        ),
    ]
    if inspections:
        lines += [
            (f"{wording.title_of(one.layer)} · {say('inspection.total')}", sum(one.counts.values()))
            for one in inspections
        ]
        worst = max(one.closure_m2 for one in inspections)
        lines.append((say("inspection.closure"), round_half_up(worst, _CLOSURE_DECIMALS)))
    return tuple(lines)


def _notes(
    inspections: Sequence[Inspection], wording: Wording, *, sample: bool
) -> tuple[tuple[str, str], ...]:
    say = wording.say
    rule = (say("quality.rule_label"), say("quality.screen_rule"))
    if inspections:
        return (rule, *inspection_notes(inspections, wording))
    made = (say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M"))
    warning = ((say("notes.warning"), say("sample.banner")),) if sample else ()
    return (rule, made, *warning)
