"""The ledger of cases and the figures of demolition as tables: screen and workbook alike."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

from geoapp.cases.case import Amounts, Case
from geoapp.cases.progress import CurvePoint, ReportedGap
from geoapp.cases.storage_figures import CaseFigures, DemolitionFigures
from geoapp.reports.content import Cell, Column, Table, Wording
from geoapp.values import round_half_up

_PERCENT: Final = 100
_KINDS: Final[dict[str, tuple[Literal["text", "number", "integer", "percent"], int]]] = {
    "count": ("integer", 0),
    "area": ("number", 2),
    "percent": ("percent", 2),
    "text": ("text", 0),
}
_LEDGER: Final = (
    ("case_no", "text"), ("stage", "text"), ("track", "text"), ("township", "text"),
    ("village", "text"), ("owner_kind", "text"), ("cause", "text"), ("households", "count"),
    ("land_area", "area"), ("floor_area", "area"), ("done_households", "count"),
    ("done_land_area", "area"), ("done_floor_area", "area"), ("left_floor_area", "area"),
    ("found_on", "text"), ("stage_since", "text"), ("due_on", "text"), ("office", "text"),
    ("inspector", "text"), ("priority", "area"), ("permit", "text"),
)  # fmt: skip
_FIGURES: Final = (
    ("group", "text"), ("cases", "count"), ("closed", "count"), ("overdue", "count"),
    ("households", "count"), ("done_households", "count"), ("land_area", "area"),
    ("done_land_area", "area"), ("floor_area", "area"), ("done_floor_area", "area"),
    ("demolition_rate", "percent"), ("closure_rate", "percent"), ("unknown", "count"),
)  # fmt: skip
_TORN: Final = (
    ("group", "text"), ("done_households", "count"), ("done_land_area", "area"),
    ("done_floor_area", "area"),
)  # fmt: skip
_CURVE: Final = (
    *_TORN, ("all_households", "count"), ("all_land_area", "area"), ("all_floor_area", "area"),
)  # fmt: skip
_REPORTED: Final = (
    ("group", "text"), ("reported", "area"), ("computed", "area"), ("gap", "area"),
    ("quote", "text"),
)  # fmt: skip


def ledger_table(cases: Sequence[Case], total: int, wording: Wording, *, sample: bool) -> Table:
    """Lay out cases as the ledger.

    Args:
        cases: The cases that are shown.
        total: How many the filter found: a ledger that shows fewer says so.
        wording: Language and names.
        sample: Whether the data is synthetic.
    """
    torn = Amounts()
    for case in cases:
        torn = torn.plus(case.demolished)
    say = wording.say
    closing: list[tuple[str, Cell]] = [
        (say("case_page.shown"), len(cases)),
        (say("case_page.found"), total),
        *_closing(torn, wording),
    ]
    rows = tuple(_ledger_row(case, wording) for case in cases)
    return _table("ledger", _LEDGER, rows, closing, wording, sample=sample)


def figures_table(
    by: str, figures: Sequence[CaseFigures], wording: Wording, *, sample: bool
) -> Table:
    """Lay out figures of cases by a group, with lines that show how they add up."""
    torn = Amounts()
    for row in figures:
        torn = torn.plus(row.demolished)
    closing: list[tuple[str, Cell]] = [
        (wording.say("case_page.cases"), sum(row.cases for row in figures)),
        *_closing(torn, wording),
    ]
    rows = tuple(
        (
            word_group(by, row.key, wording), row.cases, row.closed, row.overdue,
            row.registered.households, row.demolished.households,
            row.registered.land_area_m2, row.demolished.land_area_m2,
            row.registered.floor_area_m2, row.demolished.floor_area_m2,
            _percent(row.demolition_rate), _percent(row.closure_rate), row.unknown,
        )
        for row in figures
    )  # fmt: skip
    return _table(f"by_{by}", _FIGURES, rows, closing, wording, sample=sample)


def torn_table(
    by: str, figures: Sequence[DemolitionFigures], wording: Wording, *, sample: bool
) -> Table:
    """Lay out what was torn down by mode or unit."""
    whole = Amounts()
    for row in figures:
        whole = whole.plus(row.amounts)
    rows = tuple(
        (word_group(by, row.mode or row.unit, wording), *_cells(row.amounts)) for row in figures
    )
    closing = _closing(whole, wording)
    return _table(f"by_{by}", _TORN, rows, closing, wording, sample=sample)


def curve_table(curve: Sequence[CurvePoint], wording: Wording, *, sample: bool) -> Table:
    """Lay out what was torn down month by month, and until then."""
    rows = tuple(
        (f"{point.month:%Y-%m}", *_cells(point.amounts), *_cells(point.cumulative))
        for point in curve
    )
    whole = curve[-1].cumulative if curve else Amounts()
    return _table("by_month", _CURVE, rows, _closing(whole, wording), wording, sample=sample)


def reported_table(gaps: Sequence[ReportedGap], wording: Wording, *, sample: bool) -> Table:
    """Set reported figures beside computed ones: the gap is shown, nothing is adjusted."""
    rows = tuple(
        (
            gap.figure.title[wording.lang],
            None if gap.figure.value is None else Decimal(repr(gap.figure.value)),
            gap.computed,
            gap.gap,
            gap.figure.quote,
        )
        for gap in gaps
    )
    return _table("reported", _REPORTED, rows, (), wording, sample=sample)


def word_group(by: str, key: str, wording: Wording) -> str:
    """Name a group of figures; one without a name reads as not stated."""
    if not key:
        return wording.say("case_page.not_stated")
    if by in {"district", "township", "village"}:
        return wording.name_unit(key, key)
    prefixes = {
        "stage": "case.stage_",
        "mode": "case.mode_",
        "source": "case.source_",
        "owner_kind": "case.owner_",
        "track": "case_page.track_",
    }
    return wording.say(prefixes[by] + key) if by in prefixes else key


def _ledger_row(case: Case, wording: Wording) -> tuple[Cell, ...]:
    say, left = wording.say, case.remaining
    units = [
        wording.name_unit(c, c) if c else None for c in (case.units.township, case.units.village)
    ]
    return (
        case.case_no, say(f"case.stage_{case.stage}"), say(f"case_page.track_{case.track}"), *units,
        say(f"case.owner_{case.owner_kind}"), case.cause, case.registered.households,
        case.registered.land_area_m2, case.registered.floor_area_m2, *_cells(case.demolished),
        left.floor_area_m2, case.found_on.isoformat(), case.stage_since.isoformat(),
        case.due_on.isoformat() if case.due_on else "", case.office, case.inspector,
        None if case.priority is None else round_half_up(case.priority, 2), case.permit,
    )  # fmt: skip


def _cells(amounts: Amounts) -> tuple[Cell, ...]:
    return amounts.households, amounts.land_area_m2, amounts.floor_area_m2


def _closing(torn: Amounts, wording: Wording) -> list[tuple[str, Cell]]:
    names = ("done_households", "done_land_area", "done_floor_area")
    titles = [wording.say(f"case_page.column_{name}") for name in names]
    return list(zip(titles, _cells(torn), strict=True))


def _percent(share: float | None) -> Decimal | None:
    return None if share is None else round_half_up(share * _PERCENT, 2)


def _table(
    name: str,
    columns: Sequence[tuple[str, str]],
    rows: tuple[tuple[Cell, ...], ...],
    closing: Sequence[tuple[str, Cell]],
    wording: Wording,
    *,
    sample: bool,
) -> Table:
    say = wording.say
    return Table(
        title=say(f"case_page.table_{name}"),
        columns=tuple(
            Column(key, say(f"case_page.column_{key}"), *_KINDS[kind]) for key, kind in columns
        ),
        rows=rows,
        closing=tuple(closing),
        notes=(
            (say("case_page.note_areas_title"), say("case_page.note_areas")),
            (say("case_page.note_made"), f"{wording.now:%Y-%m-%d %H:%M}"),
        ),
        banner=say("sample.banner") if sample else "",
    )
