"""Scenarios side by side as a table: what each holds of every layer and class."""

from collections.abc import Mapping, Sequence

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.overlay.coverage import worst
from geoapp.overlay.what_if_result import ClassFigures, LayerAnswer
from geoapp.planning.scenario import Alternative
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import DECIMALS, convert_area

Key = tuple[str, str | None]  # layer and class


def compare_table(
    alternatives: Sequence[Alternative], library: Library, wording: Wording, *, changes: bool
) -> Table:
    """Lay scenarios side by side; of layers of areas only, for the others have none.

    Args:
        alternatives: Scenarios with their figures of today.
        library: Names layers and classes.
        wording: Language, unit of area.
        changes: Show what moving the boundary changes rather than what the boundary holds.
    """
    say, decimals = wording.say, DECIMALS[wording.unit]
    areas = [_areas(one, library, changes=changes) for one in alternatives]
    keys = sorted({key for found in areas for key in found}, key=lambda key: _order(key, library))
    columns = [
        Column("layer", say("conflicts.layer"), "text"),
        Column("class", say("scenario.class"), "text"),
        Column("class_title", say("scenario.class_title"), "text"),
    ]
    for one in alternatives:
        title = f"{one.scenario.label} ({say(f'unit.{wording.unit}')})"
        columns.append(Column(f"s{one.scenario.id}", title, "number", decimals))
    for one in alternatives[1:]:
        title = say("scenario.less_first", scenario=one.scenario.label)
        columns.append(Column(f"d{one.scenario.id}", title, "number", decimals))
    columns.append(Column("coverage", say("table.coverage"), "text"))
    return Table(
        title=say("scenario.compare_changes" if changes else "scenario.compare_title"),
        columns=tuple(columns),
        rows=tuple(_row(key, areas, alternatives, library, wording) for key in keys),
        closing=tuple(
            (
                say("scenario.area_of", scenario=one.scenario.label),
                convert_area(one.result.area_m2, wording.unit),
            )
            for one in alternatives
        ),
        notes=_notes(alternatives, library, wording),
        banner=say("sample.banner") if any(one.result.sample for one in alternatives) else "",
    )


def _areas(one: Alternative, library: Library, *, changes: bool) -> dict[Key, float | None]:
    """Give the area of every class of every layer of polygons; ``None``: not known."""
    found: dict[Key, float | None] = {}
    for answer in one.result.layers:
        if library.require(answer.layer).geometry != "polygon":
            continue
        rows: Sequence[ClassFigures] = answer.figures.rows
        if changes:
            rows = answer.change.difference if answer.change else ()
        for row in rows:
            found[answer.layer, row.class_code] = row.area_m2
        if not rows:
            known = answer.coverage != "no_data"
            found[answer.layer, None] = 0.0 if known else None
    return found


def _order(key: Key, library: Library) -> tuple[int, str]:
    layer, code = key
    return [definition.id for definition in library].index(layer), code or ""


def _row(
    key: Key,
    areas: Sequence[Mapping[Key, float | None]],
    alternatives: Sequence[Alternative],
    library: Library,
    wording: Wording,
) -> tuple[Cell, ...]:
    layer, code = key
    definition = library.require(layer)
    answers = [_answer(one, layer) for one in alternatives]
    figures: list[float | None] = []
    for found, answer in zip(areas, answers, strict=True):
        known = answer is not None and answer.coverage != "no_data"
        figures.append(found.get(key, 0.0 if known else None))
    first = figures[0]
    cells: list[Cell] = [
        definition.title[wording.lang],
        code or "",
        _name(definition, answers, code, wording),
        *(None if area is None else convert_area(area, wording.unit) for area in figures),
        *(
            None if area is None or first is None else convert_area(area - first, wording.unit)
            for area in figures[1:]
        ),
    ]
    coverage = worst(answer.coverage for answer in answers if answer is not None)
    return (*cells, wording.say(f"coverage.{coverage}"))


def _answer(one: Alternative, layer: str) -> LayerAnswer | None:
    return next((answer for answer in one.result.layers if answer.layer == layer), None)


def _name(
    definition: LayerDefinition,
    answers: Sequence[LayerAnswer | None],
    code: str | None,
    wording: Wording,
) -> str:
    if not code:
        return "" if code is None else wording.say("table.no_class")
    field = next((answer.class_field for answer in answers if answer is not None), "")
    titles = definition.class_titles(field)
    return titles[code][wording.lang] if code in titles else wording.say("table.unknown_class")


def _notes(
    alternatives: Sequence[Alternative], library: Library, wording: Wording
) -> tuple[tuple[str, str], ...]:
    say = wording.say
    notes = [(say("notes.method_label"), say("notes.method"))]
    for one in alternatives:
        scenario = one.scenario
        facts = [f"{scenario.made_at:%Y-%m-%d %H:%M}", scenario.made_by, scenario.note]
        notes.append((scenario.label, " · ".join(filter(None, facts))))
        if one.changed:
            titles = ", ".join(library.require(name).title[wording.lang] for name in one.changed)
            notes.append((scenario.label, say("scenario.changed", layers=titles)))
    for answer in alternatives[0].result.layers:
        title = library.require(answer.layer).title[wording.lang]
        snapshot = answer.snapshot or say("coverage.no_data")
        notes.append((say("notes.snapshot", layer=title), snapshot))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    return tuple(notes)
