"""What is behind a figure, as table and sentence."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from geoapp.cases.patch import read_verdicts
from geoapp.catalog.definition import LayerDefinition
from geoapp.planning.behind import Behind, Thing
from geoapp.planning.listing import NO_PLAN
from geoapp.planning.quantity import decimals_of, from_base
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.reports.reconcile_content import word_amount

_STATES: Final = {
    "feature": "class",
    "ground": "after",
    "case": "case",
    "patch": "patch",
    "item": "item",
    "unit": "unit",
}


def behind_table(result: Behind, definition: LayerDefinition | None, wording: Wording) -> Table:
    """List what a figure counts, with the lines that show that it is all of it.

    Args:
        result: The answer.
        definition: The layer whose features they are, ``None`` for others.
        wording: Language and names.
    """
    say, unit = wording.say, result.figure.figure.unit
    things = result.listed.things
    share = unit == "percent"
    name = say(f"quantity.unit_{unit}")
    kind = things[0].kind if things else "feature"
    columns = [
        Column("number", say("behind.number"), "text"),
        Column("name", say("behind.name"), "text"),
        Column("unit_name", say("behind.place"), "text"),
    ]
    if kind == "ground":
        columns.append(Column("before", say("behind.before"), "text"))
    if kind in _STATES:
        columns.append(Column("state", say(f"behind.state_{_STATES[kind]}"), "text"))
    decimals = 0 if share else decimals_of(unit)
    land = "_land" if kind == "land" else ""
    counted = say(f"behind.counted{land}") if share else say("behind.value", unit=name)
    columns.append(Column("value", counted, "number", decimals))
    if share:
        columns.append(Column("of", say(f"behind.counted_of{land}"), "number", 0))
    words = _word_states(definition, result.listed.class_field, wording)
    rows = tuple(_row(one, result, words, wording) for one in things)
    return Table(
        title=behind_title(result, wording),
        columns=tuple(columns),
        rows=rows,
        closing=_closing(result, name, wording),
        notes=_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def behind_title(result: Behind, wording: Wording) -> str:
    """Name the figure and where it is looked into."""
    figure = result.figure.figure
    place = name_place(result, wording)
    return wording.say("behind.of_title", figure=figure.title[wording.lang], place=place)


def behind_statement(result: Behind, wording: Wording) -> str:
    """Say in one sentence what the figure is and what makes it."""
    figure, say = result.figure.figure, wording.say
    facts: dict[str, object] = {
        "title": figure.title[wording.lang],
        "place": name_place(result, wording),
    }
    if result.value is None:
        return say("behind.statement_unknown", **facts)

    def shown(value: Fraction) -> str:
        return word_amount(from_base(value, figure.unit), figure.unit, wording)

    facts |= {"value": shown(result.value), "count": f"{result.listed.count:,}"}
    if figure.unit == "percent" or result.listed.value is None or result.rest is None:
        return say("behind.statement_share", **facts)
    return say(
        "behind.statement",
        **facts,
        listed=shown(result.listed.value),
        rest=shown(result.rest),
    )


def name_place(result: Behind, wording: Wording) -> str:
    """Name the unit that was looked into."""
    if not result.unit_code:
        return wording.say("case_page.whole_city")
    return wording.name_unit(result.unit_code, result.unit_code)


def _row(
    one: Thing, result: Behind, words: Mapping[str, str], wording: Wording
) -> tuple[Cell, ...]:
    unit = result.figure.figure.unit
    cells: list[Cell] = [
        one.number,
        one.name,
        wording.name_unit(one.unit_code, one.unit_code) if one.unit_code else "",
    ]
    if one.kind == "ground":
        cells.append(words.get(one.before, one.before))
    if one.kind in _STATES:
        cells.append(_word_state(one, words, wording))
    cells.append(from_base(one.value, "count" if unit == "percent" else unit))
    if one.of is not None:
        cells.append(from_base(one.of, "count"))
    return tuple(cells)


def _word_state(one: Thing, words: Mapping[str, str], wording: Wording) -> str:
    if one.kind == "case":
        return wording.say(f"case.stage_{one.state}")
    return words.get(f"{one.kind} {one.state}", words.get(one.state, one.state))


def _word_states(
    definition: LayerDefinition | None, field: str, wording: Wording
) -> dict[str, str]:
    """Word classes by their code, and everything else by its kind and code."""
    say, lang = wording.say, wording.lang
    words = {f"item {name}": say(f"behind.{name}") for name in ("done", "left")}
    words |= {f"unit {name}": say(f"plan.status_{name}") for name in ("drafting", "complete")}
    words |= {"unit approved": say("plan.status_approved"), f"unit {NO_PLAN}": say("plan.none")}
    words["patch "] = say("case_page.patch_unreviewed")
    words |= {f"patch {one.id}": one.title[lang] for one in read_verdicts().verdict}
    if definition is not None and field:
        titles = definition.class_titles(field)
        words |= {code: f"{code} {title[lang]}" for code, title in titles.items() if code}
    return words


def _closing(result: Behind, name: str, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    say, unit = wording.say, result.figure.figure.unit
    place = name_place(result, wording)
    lines: list[tuple[str, Cell]] = [
        (say("behind.count"), result.listed.count),
        (say("behind.shown"), len(result.listed.things)),
    ]
    if result.value is None:
        return tuple(lines)
    lines.append((say("behind.whole", place=place, unit=name), from_base(result.value, unit)))
    if result.listed.value is not None and result.rest is not None:
        lines.append((say("behind.listed", unit=name), from_base(result.listed.value, unit)))
        lines.append((say("behind.rest", unit=name), from_base(result.rest, unit)))
    return tuple(lines)


def _notes(result: Behind, wording: Wording) -> tuple[tuple[str, str], ...]:
    say, listed, found = wording.say, result.listed, result.figure.computed
    notes = []
    if listed.count > len(listed.things):
        shown = say("behind.shown_note", shown=len(listed.things), count=f"{listed.count:,}")
        notes.append((say("notes.warning"), shown))
    if listed.layer and result.figure.figure.unit != "percent":
        notes.append((say("behind.method_label"), say("behind.net")))
    for layer, snapshot in (found.sources if found else {}).items():
        if listed.layer and snapshot:
            notes.append((say("reconcile.source"), f"{layer} {snapshot}"))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("reconcile.sample")))
    return tuple(notes)
