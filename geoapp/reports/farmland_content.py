"""The ledger of cultivated land as tables, and its statement with the arithmetic."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.planning.answering import Answer
from geoapp.planning.farmland import BALANCES, CAUSES, Farmland
from geoapp.planning.farmland_result import LedgerFlow, LedgerResult, LedgerUnit
from geoapp.reports.answer_content import word_answer
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, AreaUnit, convert_area, round_half_up

_CLOSURE_DECIMALS: Final = 6


def ledger_table(result: LedgerResult, farmland: Farmland, wording: Wording) -> Table:
    """List in, out and net of each unit, by cause and by balance."""
    say, decimals = wording.say, DECIMALS[wording.unit]
    unit = say(f"unit.{wording.unit}")

    def column(key: str, **facts: object) -> Column:
        return Column(key, f"{say(f'farmland.{key}', **facts)} ({unit})", "number", decimals)

    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        column("before", day=_day(result, "before")),
        column("after", day=_day(result, "after")),
        column("in"),
        column("out"),
        column("net"),
        *(column(f"out_{cause}") for cause in CAUSES),
        column("net_occupation"),
        column("net_exchange"),
        column("net_excluded"),
        column("net_unknown"),
        Column("grows", say("farmland.grows"), "text"),
        Column("coverage", say("table.coverage"), "text"),
    )
    return Table(
        title=ledger_title(result, wording),
        columns=columns,
        rows=tuple(_unit_cells(one, wording) for one in result.units),
        closing=_closing(result, wording),
        notes=ledger_notes(result, farmland, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def flow_table(
    result: LedgerResult, definition: LayerDefinition, wording: Wording, farmland: Farmland
) -> Table:
    """List which class became cultivated land and which it became, unit by unit."""
    say = wording.say
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        *_flow_columns(wording),
        Column("restorable", say("farmland.restorable"), "text"),
        Column(
            "area",
            say("table.area", unit=say(f"unit.{wording.unit}")),
            "number",
            DECIMALS[wording.unit],
        ),
    )
    rows = [
        (
            one.unit_code,
            wording.name_unit(one.unit_code, one.unit_name),
            *_flow_cells(flow, definition, wording),
            say("farmland.restorable_yes") if flow.restorable else "",
            convert_area(flow.area_m2, wording.unit),
        )
        for one in result.units
        for flow in one.flows
    ]
    return Table(
        title=f"{ledger_title(result, wording)} · {say('farmland.flows')}",
        columns=columns,
        rows=tuple(rows),
        closing=(),  # those of the ledger stand beside it
        notes=ledger_notes(result, farmland, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def farmland_patch_table(
    result: LedgerResult,
    definition: LayerDefinition,
    wording: Wording,
    farmland: Farmland,
    answers: Sequence[Answer] | None = None,
) -> Table:
    """List every patch, largest first.

    Args:
        result: The ledger with its patches.
        definition: The layer of land use.
        wording: Language, names.
        farmland: Which class counts as what.
        answers: Who answers for each patch; ``None`` leaves the column out.
    """
    say = wording.say
    notes = ledger_notes(result, farmland, wording)
    units = (AreaUnit.M2, AreaUnit.HA, AreaUnit.MU)
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        *_flow_columns(wording),
        Column("feature_before", say("farmland.feature_before"), "text"),
        Column("feature_after", say("farmland.feature_after"), "text"),
        *(
            Column(unit, say("table.area", unit=say(f"unit.{unit}")), "number", DECIMALS[unit])
            for unit in units
        ),
    )
    if answers is not None:
        columns += (Column("answers", say("answers.column"), "text"),)
        notes += (
            (say("answers.column"), say("answers.note")),
            (say("contacts.private_label"), say("contacts.private")),
        )
    told: Sequence[Answer | None] = answers or [None] * len(result.patches)
    rows = [
        (
            str(row["unit_code"]),
            wording.name_unit(str(row["unit_code"]), str(row["unit_code"]))
            if row["unit_code"]
            else say("conflicts.outside_units"),
            *_flow_cells(_to_flow(row), definition, wording),
            str(row["feature_before"]),
            str(row["feature_after"]),
            *(convert_area(float(row["area_m2"]), unit) for unit in units),
            *((word_answer(one, wording),) if one is not None else ()),
        )
        for row, one in zip(
            result.patches.drop(columns="geometry").to_dict("records"), told, strict=True
        )
    ]
    return Table(
        title=f"{ledger_title(result, wording)} · {say('farmland.patches')}",
        columns=columns,
        rows=tuple(rows),
        closing=(),
        notes=notes,
        banner=say("sample.banner") if result.sample else "",
    )


def ledger_statement(
    result: LedgerResult, wording: Wording, marks: Mapping[str, str] | None = None
) -> str:
    """Say in one sentence whether as much went in as out, with the arithmetic.

    Args:
        result: The ledger.
        wording: Language, unit of area, names.
        marks: Stands behind ``in``, ``out``, ``net``, ``had`` and ``has``, where they are traced.
    """
    whole, say = result.whole, wording.say
    facts = {
        "unit": wording.name_unit(whole.unit_code, whole.unit_name),
        "before": _day(result, "before"),
        "after": _day(result, "after"),
    }
    if whole.grows is None:
        return say("farmland.statement_unknown", **facts)
    figures = ledger_figures(result)
    rounded = {name: convert_area(value, wording.unit) for name, value in figures.items()}
    area = {name: f"{value:,}{(marks or {}).get(name, '')}" for name, value in rounded.items()}
    key = "farmland.statement_grows" if whole.grows else "farmland.statement_shrinks"
    sentence = say(
        key,
        **facts,
        area_in=area["in"],
        area_out=area["out"],
        net=area["net"],
        had=area["had"],
        has=area["has"],
        measure=say(f"unit.{wording.unit}"),
    )
    rest = rounded["had"] + rounded["in"] - rounded["out"] - rounded["has"]
    if rest:  # each figure is rounded on its own, and none is bent to fit
        sentence += say(
            "farmland.statement_rounded", rest=f"{abs(rest)}", measure=say(f"unit.{wording.unit}")
        )
    if whole.known == "partial":
        sentence += say("farmland.statement_partial")
    return sentence


def ledger_figures(result: LedgerResult) -> dict[str, float]:
    """Give the areas of the statement, m²."""
    whole = result.whole
    return {
        "in": whole.total_m2("in"),
        "out": whole.total_m2("out"),
        "net": whole.net_m2(),
        "had": whole.before_m2,
        "has": whole.after_m2,
    }


def ledger_title(result: LedgerResult, wording: Wording) -> str:
    """Name what was asked."""
    whole = result.whole
    days = {side: _day(result, side) for side in ("before", "after")}
    return " · ".join(
        [
            wording.name_unit(whole.unit_code, whole.unit_name),
            wording.say("farmland.title", **days),
            wording.say(f"level.by_{result.request.by}"),
        ]
    )


def ledger_notes(
    result: LedgerResult, farmland: Farmland, wording: Wording
) -> tuple[tuple[str, str], ...]:
    """Say by which method and definitions, from which snapshots, when."""
    say, snapshots = wording.say, result.snapshots
    notes = [
        (say("notes.method_label"), say("notes.method")),
        (say("farmland.definitions"), farmland.definitions[wording.lang]),
        (say("farmland.causes"), say("farmland.causes_note")),
        (say("farmland.ground"), say("farmland.ground_note")),
        *(
            (
                say("farmland.group_note", group=group.title[wording.lang]),
                say(
                    "farmland.group_codes",
                    codes=" ".join(group.classes),
                    cause=say(f"farmland.cause_{group.cause}"),
                    source=group.source,
                ),
            )
            for group in farmland.group
        ),
        (say("notes.rounding_label"), say("notes.rounding")),
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


def _unit_cells(one: LedgerUnit, wording: Wording) -> tuple[Cell, ...]:
    say = wording.say
    figures = [
        one.before_m2,
        one.after_m2,
        one.total_m2("in"),
        one.total_m2("out"),
        one.net_m2(),
        *(one.total_m2("out", cause=cause) for cause in CAUSES),
        *(one.net_m2(balance) for balance in BALANCES),
    ]
    grows = "unknown" if one.grows is None else "yes" if one.grows else "no"
    known = one.known != "no_data"
    return (
        one.unit_code,
        wording.name_unit(one.unit_code, one.unit_name),
        *(convert_area(figure, wording.unit) if known else None for figure in figures),
        say(f"farmland.grows_{grows}"),
        say(f"coverage.{one.known}"),
    )


def _flow_columns(wording: Wording) -> tuple[Column, ...]:
    say = wording.say
    return (
        Column("direction", say("farmland.direction"), "text"),
        Column("class_before", say("change.class_before"), "text"),
        Column("class_before_title", say("change.class_before_title"), "text"),
        Column("class_after", say("change.class_after"), "text"),
        Column("class_after_title", say("change.class_after_title"), "text"),
        Column("cause", say("farmland.cause"), "text"),
        Column("balance", say("farmland.balance"), "text"),
    )


def _flow_cells(
    flow: LedgerFlow, definition: LayerDefinition, wording: Wording
) -> tuple[Cell, ...]:
    say = wording.say
    return (
        say(f"farmland.direction_{flow.direction}"),
        flow.class_before or "",
        _name_class(flow.class_before, definition, wording),
        flow.class_after or "",
        _name_class(flow.class_after, definition, wording),
        say(f"farmland.cause_{flow.cause}"),
        say(f"farmland.balance_{flow.balance}"),
    )


def _to_flow(row: dict[Any, Any]) -> LedgerFlow:
    before, after = (
        row[name] if isinstance(row[name], str) else None
        for name in ("class_before", "class_after")
    )
    return LedgerFlow(
        str(row["unit_code"]),
        row["direction"],
        before,
        after,
        row["group"],
        row["cause"],
        row["balance"],
        restorable=False,
        area_m2=float(row["area_m2"]),
    )


def _name_class(code: str | None, definition: LayerDefinition, wording: Wording) -> str:
    if code is None:
        return wording.say("change.no_land")
    if code == "":
        return wording.say("table.no_class")
    rule = definition.find_field("dlbm")
    found = definition.class_titles(rule.name).get(code) if rule else None
    return found[wording.lang] if found else wording.say("table.unknown_class")


def _closing(result: LedgerResult, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    """Show the whole: before + in - out = after, and how well it closes."""
    say, whole = wording.say, result.whole
    unit = say(f"unit.{wording.unit}")
    figures = {
        "whole_before": whole.before_m2,
        "whole_in": whole.total_m2("in"),
        "whole_out": whole.total_m2("out"),
        "whole_after": whole.after_m2,
        "whole_internal": whole.internal_m2,
    }
    return (
        *(
            (say(f"farmland.{key}", unit=unit), convert_area(value, wording.unit))
            for key, value in figures.items()
        ),
        (say("farmland.gap"), round_half_up(result.closure_m2, _CLOSURE_DECIMALS)),
    )


def _day(result: LedgerResult, side: str) -> str:
    return result.snapshots[side][:10]
