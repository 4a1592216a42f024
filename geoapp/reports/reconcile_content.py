"""A reconciled report as tables: every figure with its gap, and a figure by unit."""

from decimal import Decimal
from fractions import Fraction

from geoapp.planning.quantity import Unit, decimals_of, from_base
from geoapp.planning.reconciling import ReconciledFigure, ReconciledItem, ReconciledReport
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import round_half_up

_PERCENT_DECIMALS = 2
_TEXTS = ("item", "title", "quote", "line")
_AFTER = ("state", "source", "doubt")


def report_table(result: ReconciledReport, wording: Wording) -> Table:
    """List every figure of a report beside the computed one."""
    say = wording.say
    columns = (
        *(Column(key, say(f"reconcile.{key}"), "text") for key in _TEXTS),
        Column("reported", say("reconcile.reported"), "number", 2),
        Column("computed", say("reconcile.computed"), "number", 2),
        Column("gap", say("reconcile.gap"), "number", 2),
        Column("unit", say("reconcile.unit"), "text"),
        Column("relative", say("reconcile.relative"), "percent", _PERCENT_DECIMALS),
        *(Column(key, say(f"reconcile.{key}"), "text") for key in _AFTER),
    )
    rows = tuple(_row(item, figure, wording) for item in result.items for figure in item.figures)
    return Table(
        title=result.report.title[wording.lang],
        columns=columns,
        rows=rows,
        closing=count_lines(result, wording),
        notes=_notes(result, wording),
        banner=say("sample.banner") if result.sample else "",
    )


def parts_table(figure: ReconciledFigure, wording: Wording, *, sample: bool) -> Table:
    """Split a computed figure by units, with a line that shows how it adds up."""
    say, unit = wording.say, figure.figure.unit
    found = figure.computed
    parts = found.parts if found else ()
    whole = found.value if found else None
    name = say(f"quantity.unit_{unit}")
    columns = (
        Column("unit_code", say("table.unit_code"), "text"),
        Column("unit_name", say("table.unit_name"), "text"),
        Column("value", say("reconcile.value_in", unit=name), "number", decimals_of(unit)),
        Column("coverage", say("table.coverage"), "text"),
    )
    rows = tuple(
        (
            part.unit_code,
            wording.name_unit(part.unit_code, part.unit_code),
            None if part.value is None else from_base(part.value, unit),
            say(f"coverage.{part.coverage}"),
        )
        for part in parts
    )
    closing: tuple[tuple[str, Cell], ...] = ()
    if found and found.dimension != "percent" and whole is not None:
        listed = sum((part.value or Fraction(0) for part in parts), Fraction(0))
        closing = (
            (say("reconcile.whole", unit=name), from_base(whole, unit)),
            (say("reconcile.listed", unit=name), from_base(listed, unit)),
            (say("reconcile.rest", unit=name), from_base(whole - listed, unit)),
        )
    title = figure.figure.title[wording.lang]
    return Table(title, columns, rows, closing, (), say("sample.banner") if sample else "")


def word_reported(figure: ReconciledFigure, wording: Wording) -> str:
    """Word what the report says: its figure, a range, or its words."""
    one, say = figure.figure, wording.say
    if one.value is not None:
        shown = word_amount(one.value, one.unit, wording)
        return say("reconcile.derived", value=shown) if one.derived else shown
    if one.low is not None and one.high is not None:
        low, high = (f"{value:,}" for value in (one.low, one.high))
        return say("reconcile.range", low=low, high=high, unit=say(f"quantity.unit_{one.unit}"))
    return say("reconcile.words", words=one.written) if one.written else say("reconcile.no_value")


def word_computed(figure: ReconciledFigure, wording: Wording) -> str:
    """Word what was computed, or that nothing was."""
    if figure.value is None:
        return wording.say("reconcile.not_computed")
    return word_amount(from_base(figure.value, figure.figure.unit), figure.figure.unit, wording)


def word_gap(figure: ReconciledFigure, wording: Wording) -> str:
    """Word the gap with its share of what was reported; a dash where there is none to give."""
    if figure.gap is None:
        return wording.say("reconcile.no_gap")
    unit = figure.figure.unit
    shown = word_amount(from_base(figure.gap, unit), unit, wording, signed=True)
    if figure.relative is None or unit == "percent":
        return shown
    relative = round_half_up(figure.relative * 100, _PERCENT_DECIMALS)
    return wording.say("reconcile.gap_relative", gap=shown, relative=f"{relative:+,}")


def word_amount(value: Decimal, unit: Unit, wording: Wording, *, signed: bool = False) -> str:
    """Write a quantity with its unit."""
    shown = f"{value:+,}" if signed else f"{value:,}"
    return wording.say("quantity.amount", value=shown, unit=wording.say(f"quantity.unit_{unit}"))


def word_state(figure: ReconciledFigure, wording: Wording) -> str:
    """Word how the two figures stand to each other."""
    return wording.say(f"reconcile.state_{figure.state}")


def word_reason(figure: ReconciledFigure, wording: Wording) -> str:
    """Say why nothing was computed, ``""`` where something was."""
    if figure.figure.uncomputable:
        return figure.figure.uncomputable[wording.lang]
    if figure.computed is None or not figure.computed.reason:
        return ""
    return wording.say(f"reconcile.reason_{figure.computed.reason}")


def word_source(figure: ReconciledFigure, wording: Wording) -> str:
    """Say what was read: layers with their snapshots, or a register."""
    found = figure.computed
    if found is None or found.value is None:
        return ""
    parts = []
    for name, of in found.sources.items():
        if found.method in {"layer", "net_change", "cover"}:
            label = wording.say(f"reconcile.of_{name}") if name in {
                "before", "after", "units",
            } else wording.title_of(name)  # fmt: skip
            parts.append(f"{label} {of}")
        else:
            parts.append(wording.say(f"reconcile.of_{name}"))
    return wording.say("prose.between").join(parts)


def word_doubts(figure: ReconciledFigure, wording: Wording) -> str:
    """Say what is to be known of a figure: why there is none, doubts, what is missing of it."""
    lines = [word_reason(figure, wording)]
    if figure.figure.doubt:
        lines.append(figure.figure.doubt[wording.lang])
    if figure.computed and figure.computed.coverage == "partial":
        lines.append(wording.say("reconcile.partial"))
    if figure.figure.period:
        lines.append(figure.figure.period[wording.lang])
    return wording.say("prose.between").join(line for line in lines if line)


def count_lines(result: ReconciledReport, wording: Wording) -> tuple[tuple[str, Cell], ...]:
    """Count the figures by how they stand to what was reported."""
    states = ("agrees", "above", "below", "not_reported", "not_computed")
    total = sum(1 for _ in result.figures())
    counts = [(wording.say(f"reconcile.state_{s}"), result.count(s)) for s in states]  # type: ignore[arg-type]
    return ((wording.say("reconcile.figures"), total), *counts)


def _row(item: ReconciledItem, figure: ReconciledFigure, wording: Wording) -> tuple[Cell, ...]:
    one, lang = figure.figure, wording.lang
    between = wording.say("prose.between")
    reported: Cell = one.value if one.value is not None else word_reported(figure, wording)
    value = figure.value
    computed: Cell = word_computed(figure, wording)
    if value is not None:
        computed = from_base(value, one.unit)
    gap = None if figure.gap is None else from_base(figure.gap, one.unit)
    relative = None if figure.relative is None else round_half_up(figure.relative * 100, 2)
    numbered = value is not None or one.value is not None or one.low is not None
    return (
        item.item.id,
        one.title[lang],
        between.join(quote.text for quote in item.item.quotes),
        ", ".join(dict.fromkeys(quote.line for quote in item.item.quotes)),
        reported,
        computed,
        word_gap(figure, wording) if gap is None else gap,
        wording.say(f"quantity.unit_{one.unit}") if numbered else "",
        "" if relative is None else relative,
        word_state(figure, wording),
        word_source(figure, wording),
        word_doubts(figure, wording),
    )


def _notes(result: ReconciledReport, wording: Wording) -> tuple[tuple[str, str], ...]:
    say, report = wording.say, result.report
    notes = [
        (say("reconcile.source_label"), report.source[wording.lang]),
        (say("reconcile.rule_label"), say("reconcile.rule")),
        (say("notes.method_label"), say("notes.method")),
        (say("notes.rounding_label"), say("notes.rounding")),
    ]
    if report.doubt:
        notes.insert(1, (say("notes.warning"), report.doubt[wording.lang]))
    notes.append((say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")))
    if result.sample:
        notes.append((say("notes.warning"), say("reconcile.sample")))
    return tuple(notes)
