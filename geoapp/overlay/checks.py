"""What must hold in every table of statistics, checked each time and reported with it.

A breach stops the answer and names the worst row; nothing is ever adjusted to fit.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from geoapp.errors import InvariantError
from geoapp.overlay.result import (
    CLOSURE_TOLERANCE_M2,
    Check,
    CheckName,
    StatsRow,
    UnitTotal,
)

Cells = Mapping[tuple[str, str], float]

_ERRORS: Final[dict[CheckName, str]] = {
    "whole": "stats-not-closed",
    "classes": "stats-classes-differ",
    "unit": "stats-unit-exceeded",
    "inside": "stats-inside-exceeds",
}


def require_passed(checks: Iterable[Check], layer: str) -> None:
    """Stop at the first check that fails and that nothing explains.

    Raises:
        InvariantError: It names the law, the worst row and the difference.
    """
    for check in checks:
        if check.worst_m2 > CLOSURE_TOLERANCE_M2 and not check.explained:
            raise InvariantError(
                _ERRORS[check.name],
                layer=layer,
                unit=check.unit_code or "-",
                kind=check.class_code or "-",
                difference_m2=f"{check.worst_m2:.4f}",
            )


def check_whole(
    totals: Iterable[StatsRow],
    rows: Iterable[StatsRow],
    outside: Mapping[str, float],
    *,
    explained: bool,
) -> Check:
    """Compare the whole with its units and what lies outside them, class by class.

    Args:
        totals: The whole by class, measured on its own.
        rows: Units by class.
        outside: Class → area in no unit.
        explained: Units overlap, or do not fill the whole.
    """
    gaps: dict[str, float] = {}
    for row in totals:
        gaps[row.class_code or ""] = gaps.get(row.class_code or "", 0.0) + (row.area_m2 or 0.0)
    for row in rows:
        gaps[row.class_code or ""] = gaps.get(row.class_code or "", 0.0) - (row.area_m2 or 0.0)
    for kind, area in outside.items():
        gaps[kind] = gaps.get(kind, 0.0) - area
    worst = max(gaps, key=lambda kind: abs(gaps[kind]), default="")
    return Check("whole", abs(gaps.get(worst, 0.0)), "", worst, explained)


def check_classes(units: Iterable[UnitTotal], cells: Cells, *, overlap: bool) -> Check:
    """Compare classes with the ground that they cover together.

    Args:
        units: Units with the ground covered once.
        cells: (unit, class) → area.
        overlap: Features overlap, so classes together may exceed the ground, each alone not.
    """
    together: dict[str, float] = {}
    largest: dict[str, tuple[float, str]] = {}
    for (unit, kind), area in cells.items():
        together[unit] = together.get(unit, 0.0) + area
        largest[unit] = max(largest.get(unit, (0.0, "")), (area, kind))
    found = []
    for total in units:
        code = total.unit_code
        missing = total.net_m2 - together.get(code, 0.0)
        if not overlap:
            found.append(Check("classes", abs(missing), code))
            continue
        area, kind = largest.get(code, (0.0, ""))
        found.append(Check("classes", max(missing, 0.0), code))
        found.append(Check("classes", max(area - total.net_m2, 0.0), code, kind))
    return _worst("classes", found)


def check_units(units: Iterable[UnitTotal]) -> Check:
    """Find the unit that is covered by more than its area."""
    return _worst(
        "unit", [Check("unit", max(u.net_m2 - u.unit_m2, 0.0), u.unit_code) for u in units]
    )


def check_inside(cells: Cells, layer: Cells, ground: Mapping[str, float]) -> Check:
    """Find the row that has more inside another layer than there is.

    Args:
        cells: (unit, class) → area inside the other layer.
        layer: (unit, class) → area of the layer altogether.
        ground: Unit → ground of the other layer.
    """
    found = []
    for (unit, kind), area in cells.items():
        most = min(layer.get((unit, kind), 0.0), ground.get(unit, 0.0))
        found.append(Check("inside", max(area - most, 0.0), unit, kind))
    return _worst("inside", found)


def _worst(name: CheckName, found: list[Check]) -> Check:
    return max(found, key=lambda check: check.worst_m2, default=Check(name, 0.0))
