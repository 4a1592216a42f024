"""Conflicts of layers as tables: by unit, as a matrix that closes, and one by one."""

from typing import Any, Final

from geoapp.overlay.coverage import worst
from geoapp.planning.conflict_result import (
    SLIVER_M2,
    SLIVER_WIDTH_M,
    ConflictRequest,
    ConflictResult,
    Place,
    shown_m2,
)
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, AreaUnit, convert_area, round_half_up

_CLOSURE_DECIMALS: Final = 6
_PAIR: Final = 2


def conflict_table(result: ConflictResult, wording: Wording) -> Table:
    """List what layers share, unit by unit; pairs always, more of them where there is any."""
    say = wording.say
    area = say("table.area", unit=say(f"unit.{wording.unit}"))
    exact = say("conflicts.exact", unit=say(f"unit.{wording.unit}"))
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("layers", say("conflicts.layers"), "text"),
        Column("area", area, "number", DECIMALS[wording.unit]),
        Column("exact", exact, "number", DECIMALS[wording.unit]),
        Column("count", say("conflicts.count"), "integer"),
        Column("coverage", say("table.coverage"), "text"),
    )
    counts = result.patches.groupby(["unit_code", "bits"]).size().to_dict()
    rows = [
        _unit_row(place, bits, counts, result.request, wording)
        for place in result.places
        for bits in result.request.sets()
        if bits.bit_count() == _PAIR or place.shared_m2(bits) > 0.0
    ]
    return Table(
        title=conflict_title(result, wording),
        columns=columns,
        rows=tuple(rows),
        closing=_closing(result, wording),
        notes=conflict_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def conflict_matrix(result: ConflictResult, wording: Wording) -> Table:
    """Lay out the whole: layer by layer, then every set of three and more that has ground."""
    say, request, whole = wording.say, result.request, result.whole
    titles = [wording.title_of(name) for name in request.layers]
    decimals = DECIMALS[wording.unit]
    columns = (
        Column("layer", say("conflicts.layer"), "text"),
        *(
            Column(f"with_{name}", title, "number", decimals)
            for name, title in zip(request.layers, titles, strict=True)
        ),
        Column("only", say("conflicts.only"), "number", decimals),
    )

    def show(bits: int) -> Cell:
        area = shown_m2(whole, request, bits)
        return None if area is None else convert_area(area, wording.unit)

    rows = [
        (
            title,
            *(show(1 << row | 1 << column) for column in range(len(titles))),
            convert_area(whole.exact_m2.get(1 << row, 0.0), wording.unit),
        )
        for row, title in enumerate(titles)
    ]
    return Table(
        title=f"{conflict_title(result, wording)} · {say('conflicts.matrix')}",
        columns=columns,
        rows=tuple(rows),
        closing=(*_larger_sets(result, wording), *_inclusion(result, wording)),
        notes=conflict_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def conflict_list(result: ConflictResult, wording: Wording) -> Table:
    """List every overlap, largest first, with the numbers and classes of the features."""
    say, request = wording.say, result.request
    columns = [
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("layers", say("conflicts.layers"), "text"),
        Column("m2", say("table.area", unit=say("unit.m2")), "number", DECIMALS[AreaUnit.M2]),
        Column("ha", say("table.area", unit=say("unit.ha")), "number", DECIMALS[AreaUnit.HA]),
        Column("mu", say("table.area", unit=say("unit.mu")), "number", DECIMALS[AreaUnit.MU]),
    ]
    for name in request.layers:
        title = wording.title_of(name)
        columns.append(Column(f"feature_{name}", say("conflicts.feature", layer=title), "text"))
        columns.append(Column(f"class_{name}", say("conflicts.class", layer=title), "text"))
    columns.append(Column("remark", say("conflicts.remark"), "text"))
    records = result.patches.drop(columns="geometry").to_dict("records")
    return Table(
        title=f"{conflict_title(result, wording)} · {say('conflicts.list')}",
        columns=tuple(columns),
        rows=tuple(_patch_row(row, request, wording) for row in records),
        closing=(),
        notes=conflict_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def conflict_statements(result: ConflictResult, wording: Wording) -> tuple[str, ...]:
    """Say of each pair of layers what they share; layers of which nothing is known say so."""
    say, request = wording.say, result.request
    lines = []
    for bits in (one for one in request.sets() if one.bit_count() == _PAIR):
        area = shown_m2(result.whole, request, bits)
        count = int((result.patches["bits"] & bits == bits).sum())
        name = name_set(bits, request, wording)
        if area is None:
            lines.append(say("conflicts.statement_unknown", layers=name))
            continue
        coverage = worst(result.whole.coverage[one] for one in request.named(bits))
        line = say(
            "conflicts.statement",
            layers=name,
            ha=f"{convert_area(area, AreaUnit.HA):,}",
            mu=f"{convert_area(area, AreaUnit.MU):,}",
            count=f"{count:,}",
        )
        lines.append(line + (say("conflicts.statement_partial") if coverage != "complete" else ""))
    return tuple(lines)


def conflict_title(result: ConflictResult, wording: Wording) -> str:
    """Name what was asked."""
    whole = result.whole
    return " · ".join(
        [
            wording.name_unit(whole.unit_code, whole.unit_name),
            wording.say("conflicts.title"),
            wording.say(f"level.by_{result.request.by}"),
        ]
    )


def name_set(bits: int, request: ConflictRequest, wording: Wording) -> str:
    """Name a set of layers."""
    return " ∩ ".join(wording.title_of(name) for name in request.named(bits))


def conflict_notes(result: ConflictResult, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Say by which method, from which snapshots, when."""
    say = wording.say
    notes = [
        (say("notes.method_label"), say("notes.method")),
        (say("conflicts.method_label"), say("conflicts.method")),
        (
            say("conflicts.sliver"),
            say("conflicts.sliver_note", area=f"{SLIVER_M2:g}", width=f"{SLIVER_WIDTH_M:g}"),
        ),
        (say("notes.rounding_label"), say("notes.rounding")),
    ]
    for name, snapshot in result.snapshots.items():
        title = say("notes.units") if name == "units" else wording.title_of(name)
        notes.append((say("notes.snapshot", layer=title), snapshot))
    if result.units_overlap:
        notes.append((say("notes.warning"), say("notes.units_overlap")))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("sample.banner")))
    return tuple(notes)


def _unit_row(
    place: Place,
    bits: int,
    counts: dict[Any, int],
    request: ConflictRequest,
    wording: Wording,
) -> tuple[Cell, ...]:
    area = shown_m2(place, request, bits)
    coverage = worst(place.coverage[name] for name in request.named(bits))
    # A patch of three layers is one of each pair of them, too.
    count = sum(
        number
        for (code, part), number in counts.items()
        if code == place.unit_code and part & bits == bits
    )
    exact = place.exact_m2.get(bits, 0.0)
    return (
        place.unit_code,
        wording.name_unit(place.unit_code, place.unit_name),
        name_set(bits, request, wording),
        None if area is None else convert_area(area, wording.unit),
        None if area is None else convert_area(exact, wording.unit),
        None if area is None else count,
        wording.say(f"coverage.{coverage}"),
    )


def _patch_row(row: dict[Any, Any], request: ConflictRequest, wording: Wording) -> tuple[Cell, ...]:
    code, area = str(row["unit_code"]), float(row["area_m2"])
    cells: list[Cell] = [
        code,
        wording.name_unit(code, code) if code else wording.say("conflicts.outside_units"),
        name_set(int(row["bits"]), request, wording),
        *(convert_area(area, unit) for unit in (AreaUnit.M2, AreaUnit.HA, AreaUnit.MU)),
    ]
    for name in request.layers:
        cells += [str(row[f"feature_{name}"]), str(row[f"class_{name}"])]
    cells.append(wording.say("conflicts.sliver") if row["sliver"] else "")
    return tuple(cells)


def _closing(result: ConflictResult, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    """Show for each pair: the whole, the units together, what lies outside, the gap."""
    say, request = wording.say, result.request
    lines: list[tuple[str, Cell]] = []
    unit = say(f"unit.{wording.unit}")
    for bits in (one for one in request.sets() if one.bit_count() == _PAIR):
        whole = shown_m2(result.whole, request, bits)
        name = name_set(bits, request, wording)
        lines.append(
            (
                say("conflicts.whole_of", layers=name, unit=unit),
                None if whole is None else convert_area(whole, wording.unit),
            )
        )
        if result.outside and result.outside.shared_m2(bits) > 0:
            outside = convert_area(result.outside.shared_m2(bits), wording.unit)
            lines.append((say("conflicts.outside_of", layers=name, unit=unit), outside))
    gap = round_half_up(result.closure_m2, _CLOSURE_DECIMALS)
    return (*lines, (say("conflicts.gap"), gap))


def _larger_sets(result: ConflictResult, wording: Wording) -> list[tuple[str, Cell]]:
    say, request = wording.say, result.request
    unit = say(f"unit.{wording.unit}")
    return [
        (
            say("conflicts.whole_of", layers=name_set(bits, request, wording), unit=unit),
            convert_area(result.whole.shared_m2(bits), wording.unit),
        )
        for bits in request.sets(least=_PAIR + 1)
        if result.whole.shared_m2(bits) > 0 or len(request.layers) == _PAIR + 1
    ]


def _inclusion(result: ConflictResult, wording: Wording) -> list[tuple[str, Cell]]:
    """Write inclusion and exclusion out: sums of one, two, three layers, and the union."""
    say, request, whole = wording.say, result.request, result.whole
    unit = say(f"unit.{wording.unit}")
    lines: list[tuple[str, Cell]] = []
    for size in range(1, len(request.layers) + 1):
        sets = [bits for bits in request.sets(least=1) if bits.bit_count() == size]
        area = sum(whole.shared_m2(bits) for bits in sets)
        sign = "+" if size % 2 else "−"
        line = say("conflicts.sum_of", sign=sign, size=size, unit=unit)
        lines.append((line, convert_area(area, wording.unit)))
    gap = round_half_up(whole.alternating_m2() - whole.union_m2(), _CLOSURE_DECIMALS)
    return [
        *lines,
        (
            say("conflicts.union_by_formula", unit=unit),
            convert_area(whole.alternating_m2(), wording.unit),
        ),
        (say("conflicts.union_by_parts", unit=unit), convert_area(whole.union_m2(), wording.unit)),
        (say("conflicts.formula_gap"), gap),
        (say("conflicts.gap"), round_half_up(result.closure_m2, _CLOSURE_DECIMALS)),
    ]
