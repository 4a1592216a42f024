"""A report's figures beside the computed ones: the gap is shown, nothing is adjusted."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from geoapp.planning.computed import Computed
from geoapp.planning.measuring import Sources, compute_first
from geoapp.planning.quantity import dimension_of, from_base, to_base
from geoapp.planning.report import Figure, Report, ReportItem

State = Literal["agrees", "above", "below", "not_reported", "not_computed"]


@dataclass(frozen=True, slots=True)
class ReconciledFigure:
    """One reported figure and the computed one.

    Attributes:
        computed: ``None`` where the report says of itself that nothing can be computed.
        gap: Computed − reported, in the base unit; to the nearer bound of a range, 0 within.
            ``None`` where either is missing.
        relative: The gap as a share of what was reported.
        state: ``agrees``: no gap beyond the last place that the report gives.
    """

    figure: Figure
    computed: Computed | None
    gap: Fraction | None
    relative: Fraction | None
    state: State

    @property
    def value(self) -> Fraction | None:
        """What was computed, in the base unit."""
        return None if self.computed is None else self.computed.value

    def to_json(self) -> dict[str, Any]:
        """Give it as part of the document of schema ``geoapp.reconciliation/1``."""
        figure, found = self.figure, self.computed
        return {
            "id": figure.id,
            "written": figure.written,
            "reported": _number(figure.value),
            "reported_low": _number(figure.low),
            "reported_high": _number(figure.high),
            "unit": figure.unit,
            "derived": figure.derived,
            "confidence": figure.confidence,
            "doubt": figure.doubt.model_dump() if figure.doubt else None,
            "computed": self._shown(self.value),
            "gap": self._shown(self.gap),
            "relative_gap": None if self.relative is None else round(float(self.relative), 6),
            "state": self.state,
            "method": found.method if found else None,
            "coverage": found.coverage if found else None,
            "reason": found.reason or None if found else "uncomputable",
            "explanation": figure.uncomputable.model_dump() if figure.uncomputable else None,
            "sources": dict(found.sources) if found else {},
            "sample": found.sample if found else False,
            "drill": {"place": found.drill.place, **found.drill.asked}
            if found and found.drill
            else None,
            "parts": [
                {
                    "unit_code": part.unit_code,
                    "value": self._shown(part.value),
                    "coverage": part.coverage,
                }
                for part in (found.parts if found else ())
            ],
        }

    def _shown(self, value: Fraction | None) -> float | None:
        return None if value is None else float(from_base(value, self.figure.unit))


@dataclass(frozen=True, slots=True)
class ReconciledItem:
    """A passage of the report with its figures."""

    item: ReportItem
    figures: tuple[ReconciledFigure, ...]


@dataclass(frozen=True, slots=True)
class ReconciledReport:
    """A whole report.

    Attributes:
        sample: Some computed figure rests on synthetic data.
    """

    report: Report
    items: tuple[ReconciledItem, ...]
    made_at: str

    @property
    def sample(self) -> bool:
        """Whether anything here is synthetic."""
        return any(one.computed is not None and one.computed.sample for one in self.figures())

    def figures(self) -> Iterator[ReconciledFigure]:
        """Give every figure, in the order of the report."""
        for item in self.items:
            yield from item.figures

    def count(self, state: State) -> int:
        """Count the figures of a state."""
        return sum(1 for figure in self.figures() if figure.state == state)

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.reconciliation/1``."""
        return {
            "schema": "geoapp.reconciliation/1",
            "report": self.report.id,
            "city": self.report.city,
            "made_at": self.made_at,
            "sample": self.sample,
            "items": [
                {
                    "id": one.item.id,
                    "title": one.item.title.model_dump(),
                    "quotes": [quote.model_dump() for quote in one.item.quotes],
                    "figures": [figure.to_json() for figure in one.figures],
                }
                for one in self.items
            ],
        }


def reconcile_report(report: Report, sources: Sources, made_at: str) -> ReconciledReport:
    """Compute every figure of a report that can be, and set it beside what was reported."""
    items = tuple(
        ReconciledItem(item, tuple(reconcile_figure(figure, sources) for figure in item.figures))
        for item in report.items
    )
    return ReconciledReport(report, items, made_at)


def reconcile_figure(figure: Figure, sources: Sources) -> ReconciledFigure:
    """Compute one figure."""
    if not figure.compute:
        return ReconciledFigure(figure, None, None, None, "not_computed")
    computed = compute_first(figure.compute, sources)
    return compare(figure, computed)


def compare(figure: Figure, computed: Computed) -> ReconciledFigure:
    """Set a computed figure beside the reported one.

    What measures another dimension than the report states is not compared.
    """
    comparable = computed.dimension == dimension_of(figure.unit)
    if computed.value is None or not comparable:
        return ReconciledFigure(figure, computed, None, None, "not_computed")
    bounds = _bounds(figure)
    if bounds is None:
        return ReconciledFigure(figure, computed, None, None, "not_reported")
    low, high = bounds
    nearest = min(max(computed.value, low), high)
    gap = computed.value - nearest
    relative = gap / nearest if nearest else None
    half = to_base(figure.step, figure.unit) / 2
    state: State = "agrees" if abs(gap) <= half else ("above" if gap > 0 else "below")
    return ReconciledFigure(figure, computed, gap, relative, state)


def _bounds(figure: Figure) -> tuple[Fraction, Fraction] | None:
    if figure.value is not None:
        value = to_base(figure.value, figure.unit)
        return value, value
    if figure.low is not None and figure.high is not None:
        return to_base(figure.low, figure.unit), to_base(figure.high, figure.unit)
    return None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
