"""What statistics say as sentences for an official text, each number with what it rests on."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.result import StatsResult, StatsRow
from geoapp.reports.content import Wording
from geoapp.reports.traced import Prose, Trace, Traces, write_exact
from geoapp.values import convert_area, round_half_up, to_kilometres

_MOST_NAMED: Final = 30  # a sentence with more units or classes is no longer one
_SHARE_DECIMALS: Final = 2


def write_prose(
    result: StatsResult, definition: LayerDefinition, as_of: date, wording: Wording
) -> Prose:
    """Write the paragraph.

    Args:
        result: What was computed.
        definition: Its layer.
        as_of: Day that the data describes.
        wording: Language, unit of area, names.
    """
    notes, say = Traces(), wording.say
    name = wording.name_unit(result.whole_code, result.whole_name)
    states = {unit.coverage for unit in result.units}
    amount = _amount(result.totals, definition, wording)
    mark = notes.mark(_trace(name, result.totals, result, definition, wording))
    facts = {
        "day": say("prose.day", year=as_of.year, month=as_of.month, day=as_of.day),
        "unit": name,
        "layer": _name_layer(result, definition, wording),
        "amount": amount,
        "mark": mark,
    }
    if states == {"no_data"} or not result.units:
        sentences = [say("prose.nothing", **facts)]
        return _prose(sentences, Traces(), result, definition, wording)
    sentences = [say("prose.whole", **facts)]
    share = None if result.request.inside else _share(result)
    if definition.geometry == "polygon" and share is not None and states == {"complete"}:
        shown = round_half_up(share * 100, _SHARE_DECIMALS)
        part = notes.mark(_trace_share(name, share, f"{shown}%", result, definition, wording))
        sentences = [say("prose.whole_share", share=shown, share_mark=part, **facts)]
    sentences += _by_class(result, definition, wording, notes)
    sentences += _by_unit(result, definition, wording, notes)
    sentences += _doubts(result, wording)
    return _prose(sentences, notes, result, definition, wording)


def _prose(
    sentences: Sequence[str],
    notes: Traces,
    result: StatsResult,
    definition: LayerDefinition,
    wording: Wording,
) -> Prose:
    title = " · ".join(
        [
            wording.name_unit(result.whole_code, result.whole_name),
            _name_layer(result, definition, wording),
            wording.say("prose.title"),
        ]
    )
    banner = wording.say("sample.banner") if result.sample else ""
    return Prose(title, tuple(sentences), tuple(notes.listed), banner, wording.lang)


def _by_unit(
    result: StatsResult, definition: LayerDefinition, wording: Wording, notes: Traces
) -> list[str]:
    if result.request.by == "city" or len(result.units) > _MOST_NAMED:
        return []
    rows: dict[str, list[StatsRow]] = {unit.unit_code: [] for unit in result.units}
    for row in result.rows:
        rows.setdefault(row.unit_code, []).append(row)
    parts = []
    for unit in result.units:
        if unit.coverage == "no_data":
            continue
        mine = rows[unit.unit_code]
        name = wording.name_unit(unit.unit_code, unit.unit_name)
        mark = notes.mark(_trace(name, mine, result, definition, wording))
        amount = _amount(mine, definition, wording)
        parts.append(wording.say("prose.part", unit=name, amount=amount, mark=mark))
    if not parts:
        return []
    listed = wording.say("prose.between").join(parts)
    return [wording.say("prose.by_unit", parts=listed)]


def _by_class(
    result: StatsResult, definition: LayerDefinition, wording: Wording, notes: Traces
) -> list[str]:
    if not result.request.class_field or len(result.totals) > _MOST_NAMED:
        return []
    titles = definition.class_titles(result.request.class_field)
    parts = []
    for row in result.totals:
        code = row.class_code or ""
        name = (
            titles[code][wording.lang] if code in titles else code or wording.say("table.no_class")
        )
        mark = notes.mark(_trace(name, [row], result, definition, wording))
        amount = _amount([row], definition, wording)
        parts.append(wording.say("prose.part", unit=name, amount=amount, mark=mark))
    return [wording.say("prose.by_class", parts=wording.say("prose.between").join(parts))]


def _doubts(result: StatsResult, wording: Wording) -> list[str]:
    """Say of which units nothing or not all is known."""
    sentences = []
    for state in ("no_data", "partial"):
        names = [
            wording.name_unit(unit.unit_code, unit.unit_name)
            for unit in result.units
            if unit.coverage == state
        ]
        if names:
            listed = wording.say("prose.and").join(names[:_MOST_NAMED])
            sentences.append(wording.say(f"prose.{state}", units=listed, count=len(names)))
    return sentences


def _amount(rows: Sequence[StatsRow], definition: LayerDefinition, wording: Wording) -> str:
    if definition.geometry == "polygon":
        area = sum(row.area_m2 or 0.0 for row in rows)
        shown = f"{convert_area(area, wording.unit):,}"
        return wording.say("prose.area", value=shown, unit=wording.say(f"unit.{wording.unit}"))
    if definition.geometry == "line":
        length = to_kilometres(sum(row.length_m or 0.0 for row in rows))
        return wording.say("prose.length", value=f"{length:,}")
    return wording.say("prose.count", value=f"{sum(row.count for row in rows):,}")


def _share(result: StatsResult) -> float | None:
    whole = sum(unit.unit_m2 for unit in result.units)
    covered = sum(unit.net_m2 for unit in result.units)
    return covered / whole if whole else None


def _name_layer(result: StatsResult, definition: LayerDefinition, wording: Wording) -> str:
    """Name what is measured, and inside of what."""
    title = definition.title[wording.lang]
    if not result.request.inside:
        return title
    inside = wording.title_of(result.request.inside)
    return wording.say("prose.inside", layer=title, inside=inside)


def _trace(
    name: str,
    rows: Sequence[StatsRow],
    result: StatsResult,
    definition: LayerDefinition,
    wording: Wording,
) -> Trace:
    """Say what a number rests on: the exact value, the snapshots, and the question."""
    say = wording.say
    if definition.geometry == "polygon":
        exact = f"{write_exact(sum(row.area_m2 or 0.0 for row in rows))} {say('unit.m2')}"
    elif definition.geometry == "line":
        exact = f"{write_exact(sum(row.length_m or 0.0 for row in rows))} {say('unit.m')}"
    else:
        exact = f"{sum(row.count for row in rows):,}"
    return _to_trace(name, _amount(rows, definition, wording), exact, result, definition, wording)


def _trace_share(
    name: str,
    share: float,
    shown: str,
    result: StatsResult,
    definition: LayerDefinition,
    wording: Wording,
) -> Trace:
    what = wording.say("prose.share_of", unit=name)
    return _to_trace(what, shown, f"{write_exact(share * 100)}%", result, definition, wording)


def _to_trace(
    what: str,
    shown: str,
    exact: str,
    result: StatsResult,
    definition: LayerDefinition,
    wording: Wording,
) -> Trace:
    request = result.request
    question = f"geoapp stats {request.layer} --by {request.by}"
    for option, value in (
        ("class", request.class_field),
        ("inside", request.inside),
        ("within", request.within),
    ):
        question += f" --{option} {value}" if value else ""
    title = _name_layer(result, definition, wording)
    snapshots = [result.snapshots.get(name, "") for name in (request.layer, request.inside) if name]
    snapshot, units = " + ".join(snapshots), result.snapshots.get("units", "-")
    note = wording.say(
        "prose.note",
        unit=what,
        value=exact,
        layer=title,
        snapshot=snapshot,
        units=units,
        question=question,
    )
    source = wording.say("prose.snapshots", snapshot=snapshot, units=units)
    return Trace(shown, f"{what} · {title}", source, exact, note)
