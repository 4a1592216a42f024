"""From a transition matrix to the ledger of cultivated land."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import geopandas as gpd

from geoapp.errors import InvariantError
from geoapp.overlay.change_result import ChangeCoverage, ChangeResult, ChangeRow
from geoapp.overlay.coverage import combine_districts
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.planning.farmland import Direction, Farmland
from geoapp.planning.farmland_patches import no_patches
from geoapp.planning.farmland_result import LedgerFlow, LedgerResult, LedgerUnit


def keep_ledger(
    change: ChangeResult, farmland: Farmland, patches: gpd.GeoDataFrame | None
) -> LedgerResult:
    """Keep the ledger of a comparison.

    Args:
        change: By a class field with codes of land classes.
        farmland: Which class counts as what.
        patches: Every patch of it, as ``list_farmland_patches`` gives them; ``None``: not listed.

    Raises:
        InvariantError: What went in and out does not explain what is there, or the patches
            are not what the matrix says.
    """
    rows: dict[str, list[ChangeRow]] = defaultdict(list)
    for row in change.rows:
        rows[row.unit_code].append(row)
    after = _after(change, farmland)
    units = tuple(_keep(unit, rows[unit.unit_code], farmland, after) for unit in change.units)
    whole = _keep(_whole(change), change.whole, farmland, after)
    closure = max([abs(change.closure_m2), *(abs(unit.gap_m2) for unit in (*units, whole))])
    if patches is not None:
        closure = max(closure, _require_listed(units, patches))
    _require_small(closure, change)
    return LedgerResult(
        change.request,
        change.snapshots,
        whole,
        units,
        no_patches() if patches is None else patches,
        closure,
        change.units_overlap,
        sample=change.sample,
    )


def _after(change: ChangeResult, farmland: Farmland) -> Mapping[str, float]:
    """Add up the cultivated land of each unit at the second date."""
    sums: dict[str, float] = defaultdict(float)
    for entry in change.balance:
        if farmland.is_cultivated(entry.class_code):
            sums[entry.unit_code] += entry.after_m2
    return sums


def _whole(change: ChangeResult) -> ChangeCoverage:
    states = [unit for unit in change.units if unit.unit_code] or change.units
    if not states:
        return ChangeCoverage(change.whole_code, change.whole_name, "no_data", "no_data")
    return ChangeCoverage(
        change.whole_code,
        change.whole_name,
        combine_districts(unit.before for unit in states),
        combine_districts(unit.after for unit in states),
    )


def _keep(
    unit: ChangeCoverage, rows: Iterable[ChangeRow], farmland: Farmland, after: Mapping[str, float]
) -> LedgerUnit:
    before = internal = 0.0
    flows = []
    for row in rows:
        was, is_ = (
            code is not None and farmland.is_cultivated(code)
            for code in (row.class_before, row.class_after)
        )
        if was:
            before += row.area_m2
        if was and is_ and row.class_before != row.class_after:
            internal += row.area_m2
        if was != is_:
            flows.append(_flow(row, farmland, "in" if is_ else "out"))
    return LedgerUnit(
        unit.unit_code,
        unit.unit_name,
        unit.before,
        unit.after,
        before,
        after.get(unit.unit_code, 0.0),
        internal,
        tuple(flows),
    )


def _flow(row: ChangeRow, farmland: Farmland, direction: Direction) -> LedgerFlow:
    other = row.class_before if direction == "in" else row.class_after
    group = farmland.find_group(other)
    return LedgerFlow(
        row.unit_code,
        direction,
        row.class_before,
        row.class_after,
        group.id if group else "",
        group.cause if group else "unknown",
        group.balance(direction) if group else "unknown",
        farmland.is_restorable(other or ""),
        row.area_m2,
    )


def _require_listed(units: Iterable[LedgerUnit], patches: gpd.GeoDataFrame) -> float:
    """Give the largest gap between patches and matrix, by unit and direction."""
    listed = patches.groupby(["unit_code", "direction"])["area_m2"].sum().to_dict()
    directions: tuple[Direction, ...] = ("in", "out")
    return max(
        (
            abs(float(listed.get((unit.unit_code, way), 0.0)) - unit.total_m2(way))
            for unit in units
            for way in directions
        ),
        default=0.0,
    )


def _require_small(gap_m2: float, change: ChangeResult) -> None:
    if gap_m2 > CLOSURE_TOLERANCE_M2:
        raise InvariantError(
            "ledger-not-closed",
            before=change.snapshots["before"],
            after=change.snapshots["after"],
            closure_m2=f"{gap_m2:.4f}",
        )
