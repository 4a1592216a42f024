"""The things behind figures of lists, plans and the ledger of land."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

import geopandas as gpd

from geoapp.planning.behind import Thing
from geoapp.planning.cover_result import CoverResult
from geoapp.planning.measure import PlanMeasure, TrackerMeasure
from geoapp.planning.places import Places, read_shape
from geoapp.planning.plan import STATUSES, PlanState, Status
from geoapp.planning.tracker_desk import TrackedItem, TrackerState

NO_PLAN: Final = "none"


def list_items(state: TrackerState, measure: TrackerMeasure) -> list[Thing]:
    """List the items of a tracker that a figure counts."""
    things = []
    for one in state.items:
        value, of = _amounts(one, measure)
        if value or of:
            item = one.item
            things.append(
                Thing(
                    "item",
                    item.number,
                    item.name,
                    item.unit_code,
                    "left" if item.left > 0 else "done",
                    Fraction(value),
                    None if of is None else Fraction(of),
                    read_shape(one.entry.geometry),
                )
            )
    return things


def _amounts(one: TrackedItem, measure: TrackerMeasure) -> tuple[Decimal, Decimal | None]:
    item, nothing = one.item, Decimal(0)
    match measure.of:
        case "total":
            return item.total, None
        case "done":
            return item.done, None
        case "left":
            return item.total - item.done, None
        case "percent":
            return item.done, item.total
        case "area":
            return item.area_m2 or nothing, None
        case "done_area":
            return (item.area_m2 or nothing) if item.left <= 0 else nothing, None


def list_planned(
    state: PlanState, measure: PlanMeasure, places: Places, within: str
) -> list[Thing]:
    """List the units of a level with the most advanced plan that covers each."""
    best: dict[str, tuple[Status | None, str]] = {}
    for status in STATUSES:  # a later one stands over an earlier one
        for plan in state.plans:
            if plan.status == status and plan.level == measure.level:
                best.update(dict.fromkeys(plan.unit_codes, (status, plan.title)))
    reached = STATUSES[STATUSES.index(measure.status) :]
    if measure.level == "city":
        codes = [places.city_code]
    else:
        codes = [unit.code for unit in places.at_level(measure.level, within)]
    things = []
    for code in codes:
        found, title = best.get(code, (None, ""))
        value = Fraction(int(found in reached))
        things.append(Thing("unit", code, title, code, found or NO_PLAN, value, Fraction(1)))
    return things


def list_changed(patches: gpd.GeoDataFrame, unit: str) -> list[Thing]:
    """List ground that became cultivated land, above zero, or ceased to be, below.

    Args:
        patches: Of the ledger, by units of the level of ``unit``.
        unit: Code of the unit, ``""`` for all.
    """
    things = []
    for row in patches.to_dict("records"):
        if unit and row["unit_code"] != unit:
            continue
        area = Fraction(Decimal(repr(float(row["area_m2"]))))
        things.append(
            Thing(
                "ground",
                str(row["feature_after"] or row["feature_before"]),
                str(row["feature_before"]),
                str(row["unit_code"]),
                str(row["class_after"] or ""),
                area if row["direction"] == "in" else -area,
                shape=row["geometry"],
                before=str(row["class_before"] or ""),
            )
        )
    return things


def list_covered(result: CoverResult, unit: str) -> list[Thing]:
    """List the units with what is reached of their land, m², out of all of it."""
    return [
        Thing(
            "land",
            one.unit_code,
            "",
            one.unit_code,
            "",
            Fraction(Decimal(repr(one.reached_m2))),
            Fraction(Decimal(repr(one.area_m2))),
        )
        for one in result.units
        if one.known and one.unit_code.startswith(unit)
    ]
