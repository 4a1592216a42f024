"""The city's reported figures beside what the data gives."""

from collections.abc import Callable
from dataclasses import dataclass

from geoapp.catalog.city import ReportedFigure
from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import StatsRequest, StatsResult


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One reported figure and the computed one.

    Attributes:
        computed: ``None`` where it cannot be computed because there is no data.
        gap: Computed − reported, ``None`` where either is missing.
        coverage: How much of the city the computed figure knows.
    """

    figure: ReportedFigure
    computed: float | None
    gap: float | None
    coverage: Coverage


def reconcile(
    figure: ReportedFigure, tabulate: Callable[[StatsRequest], StatsResult | None]
) -> Reconciliation:
    """Compute a reported figure from the layer that it names.

    Args:
        figure: The figure.
        tabulate: Answers a request, ``None`` where the layer has no data.
    """
    result = (
        tabulate(StatsRequest(figure.layer, by="city", class_field=figure.class_field))
        if figure.layer
        else None
    )
    if result is None:
        return compare(figure, None, "no_data")
    rows = [
        row
        for row in result.totals
        if not figure.class_codes or row.class_code in figure.class_codes
    ]
    computed: float | None
    if figure.measure == "area":
        computed = sum(row.area_m2 or 0.0 for row in rows)
    elif figure.measure == "length" and result.closure_m is not None:
        computed = sum(row.length_m or 0.0 for row in rows)
    elif figure.measure == "count":
        computed = float(sum(row.count for row in rows))
    else:
        known = all(figure.measure in row.sums for row in rows)
        computed = sum(row.sums[figure.measure] for row in rows) if known else None
    return compare(figure, computed, result.units[0].coverage if result.units else "no_data")


def compare(figure: ReportedFigure, computed: float | None, coverage: Coverage) -> Reconciliation:
    """Set a computed figure beside the reported one."""
    gap = None if figure.value is None or computed is None else computed - figure.value
    return Reconciliation(figure, computed, gap, coverage)
