"""The ledger of cultivated land as an official paragraph, each number with what it rests on."""

from geoapp.planning.farmland import CAUSES
from geoapp.planning.farmland_result import LedgerResult
from geoapp.reports.content import Wording
from geoapp.reports.farmland_content import ledger_figures, ledger_statement, ledger_title
from geoapp.reports.traced import Prose, Trace, Traces, write_exact
from geoapp.values import convert_area

_MOST_NAMED = 30  # a sentence with more units is no longer one


def write_ledger_prose(result: LedgerResult, wording: Wording) -> Prose:
    """Write the statement with its arithmetic, what went out by cause, and units one by one.

    Nothing is said of units of which a date is not known, but that it is not known.
    """
    traces, say = Traces(), wording.say
    marks: dict[str, str] = {}
    if result.whole.grows is not None:
        figures = ledger_figures(result)
        shown = {"had": "before", "has": "after"}  # as the ledger's columns are named
        for name in ("in", "out", "net", "had", "has"):
            title = _name_figure(shown.get(name, name), result, wording)
            marks[name] = traces.mark(_trace(title, figures[name], result, wording))
    sentences = [ledger_statement(result, wording, marks)]
    if result.whole.grows is not None:
        sentences += _by_cause(result, wording, traces)
        sentences += _by_unit(result, wording, traces)
    unknown = [
        wording.name_unit(unit.unit_code, unit.unit_name)
        for unit in result.units
        if unit.known == "no_data"
    ]
    if unknown:
        sentences.append(say("prose.no_data", units=say("prose.and").join(unknown)))
    banner = say("sample.banner") if result.sample else ""
    title = f"{ledger_title(result, wording)} · {say('prose.title')}"
    return Prose(title, tuple(sentences), tuple(traces.listed), banner, wording.lang)


def _by_cause(result: LedgerResult, wording: Wording, traces: Traces) -> list[str]:
    parts = []
    for cause in CAUSES:
        area = result.whole.total_m2("out", cause=cause)
        if not area:
            continue
        name = wording.say(f"farmland.cause_{cause}")
        what = f"{_name_figure('out', result, wording)} · {name}"
        parts.append(_part(name, what, area, result, wording, traces))
    if not parts:
        return []
    return [wording.say("prose.by_cause", parts=wording.say("prose.between").join(parts))]


def _by_unit(result: LedgerResult, wording: Wording, traces: Traces) -> list[str]:
    known = [unit for unit in result.units if unit.known != "no_data"]
    if not known or len(result.units) > _MOST_NAMED:
        return []
    parts = []
    for unit in known:
        name = wording.name_unit(unit.unit_code, unit.unit_name)
        what = f"{name} · {wording.say('farmland.net')}"
        parts.append(_part(name, what, unit.net_m2(), result, wording, traces))
    return [wording.say("prose.net_by_unit", parts=wording.say("prose.between").join(parts))]


def _part(
    name: str, what: str, area_m2: float, result: LedgerResult, wording: Wording, traces: Traces
) -> str:
    mark = traces.mark(_trace(what, area_m2, result, wording))
    return wording.say("prose.part", unit=name, amount=_amount(area_m2, wording), mark=mark)


def _name_figure(name: str, result: LedgerResult, wording: Wording) -> str:
    days = {"before": result.snapshots["before"][:10], "after": result.snapshots["after"][:10]}
    title = wording.say(f"farmland.{name}", day=days.get(name, ""))
    whole = wording.name_unit(result.whole.unit_code, result.whole.unit_name)
    return f"{whole} · {title}"


def _amount(area_m2: float, wording: Wording) -> str:
    shown = f"{convert_area(area_m2, wording.unit):,}"
    return wording.say("prose.area", value=shown, unit=wording.say(f"unit.{wording.unit}"))


def _trace(what: str, area_m2: float, result: LedgerResult, wording: Wording) -> Trace:
    say, snapshots, request = wording.say, result.snapshots, result.request
    exact = f"{write_exact(area_m2)} {say('unit.m2')}"
    days = f"--from {snapshots['before'][:10]} --to {snapshots['after'][:10]}"
    question = f"geoapp ledger {days} --by {request.by}"
    question += f" --within {request.within}" if request.within else ""
    facts = {name: snapshots[name] for name in ("before", "after", "units")}
    note = say("prose.ledger_note", what=what, value=exact, question=question, **facts)
    return Trace(_amount(area_m2, wording), what, say("prose.ledger_source", **facts), exact, note)
