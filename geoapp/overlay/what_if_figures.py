"""From sums by number of class to what people read."""

from collections.abc import Sequence

from geoapp.overlay.kinds import Kinds
from geoapp.overlay.row_areas import ClassSums
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.what_if_result import ClassFigures, Figures, LayerChange


def describe_sums(
    sums: ClassSums,
    kinds: Kinds,
    ground_m2: float,
    *,
    classes: bool,
    ground_counts: bool,
    known: bool,
) -> Figures:
    """List the classes that are there.

    Args:
        sums: By number of class.
        kinds: What the numbers stand for.
        ground_m2: Area of the polygon.
        classes: A class field was asked for.
        ground_counts: The features cover ground; points and lines do not.
        known: Whether nothing found means that there is nothing.
    """
    rows = sorted(
        (
            ClassFigures(
                name if classes else None,
                float(sums.net_m2[k]),
                float(sums.gross_m2[k]),
                int(sums.count[k]),
                None if sums.length_m is None else float(sums.length_m[k]),
            )
            for k, name in enumerate(kinds.names)
            # Neighbours that share an edge have a square nanometre by rounding: no presence.
            if sums.count[k] > 0 or sums.gross_m2[k] >= COUNTED_FROM_M2
        ),
        key=lambda row: row.class_code or "",
    )
    if not rows and not known:
        return Figures(ground_m2, (), None, None, None)
    rest = ground_m2 - sums.covered_m2 if ground_counts else None
    length = None if sums.length_m is None else float(sums.length_m.sum())
    return Figures(ground_m2, tuple(rows), sums.covered_m2, rest, int(sums.count.sum()), length)


def describe_change(figures: Sequence[Figures]) -> LayerChange:
    """Set what a polygon has beside what it had.

    Args:
        figures: After, before, gained and lost.
    """
    after, before, gained, lost = figures
    had = {row.class_code: row for row in before.rows}
    has = {row.class_code: row for row in after.rows}
    codes = sorted(had.keys() | has.keys(), key=lambda code: code or "")
    difference = tuple(_subtract(code, has.get(code), had.get(code)) for code in codes)
    return LayerChange(before, gained, lost, difference)


def _subtract(code: str | None, has: ClassFigures | None, had: ClassFigures | None) -> ClassFigures:
    nothing = ClassFigures(code, 0.0, 0.0, 0)
    one, other = has or nothing, had or nothing
    return ClassFigures(
        code,
        one.area_m2 - other.area_m2,
        one.gross_m2 - other.gross_m2,
        one.count - other.count,
        _subtract_lengths(one.length_m, other.length_m),
    )


def _subtract_lengths(has: float | None, had: float | None) -> float | None:
    """Subtract lengths; a class that is not there has none, and areas have none at all."""
    return None if has is None and had is None else (has or 0.0) - (had or 0.0)
