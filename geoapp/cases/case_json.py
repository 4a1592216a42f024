"""Cases, their history and figures as JSON, for the command line and for other software.

Areas are square metres with two decimals, days ISO dates, geometry GeoJSON in EPSG:4490 with
longitude first. What nobody has established is ``null``.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import shapely

from geoapp.cases.case import Amounts, Case, CasePage, Registered
from geoapp.cases.deadline import Deadline
from geoapp.cases.event import Event
from geoapp.cases.moving import OfferedMove
from geoapp.cases.progress import CurvePoint, ReportedGap
from geoapp.cases.storage_figures import CaseFigures
from geoapp.i18n import Lang, word_error


def cases_to_json(page: CasePage, *, offset: int) -> dict[str, Any]:
    """Write some cases of an answer as ``geoapp.cases/1``."""
    return {
        "schema": "geoapp.cases/1",
        "total": page.total,
        "offset": offset,
        "cases": [case_to_json(case) for case in page.cases],
    }


def case_file_to_json(
    case: Case,
    events: Sequence[Event],
    deadlines: Sequence[Deadline],
    offered: Sequence[OfferedMove],
    lang: Lang,
) -> dict[str, Any]:
    """Write a case with its history, periods and next steps as ``geoapp.case/1``."""
    return {
        "schema": "geoapp.case/1",
        "case": case_to_json(case),
        "geometry": json.loads(shapely.to_geojson(case.footprint)),
        "events": [_event(event) for event in events],
        "deadlines": [_deadline(deadline) for deadline in deadlines],
        "moves": [
            {
                "move": offer.move.id,
                "title": offer.move.title[lang],
                "document": offer.move.document,
                "blocks": [word_error(block, lang) for block in offer.blocks],
            }
            for offer in offered
        ],
    }


def figures_to_json(
    by: str,
    rows: Sequence[CaseFigures],
    curve: Sequence[CurvePoint],
    reported: Sequence[ReportedGap],
    lang: Lang,
    *,
    sample: bool,
) -> dict[str, Any]:
    """Write figures by a group, month by month, and beside what was reported."""
    return {
        "schema": "geoapp.case-progress/1",
        "sample": sample,
        "by": by,
        "rows": [
            {
                "key": row.key,
                "cases": row.cases,
                "pursued": row.pursued,
                "closed": row.closed,
                "overdue": row.overdue,
                "unknown": row.unknown,
                "registered": _amounts(row.registered),
                "demolished": _amounts(row.demolished),
            }
            for row in rows
        ],
        "months": [
            {
                "month": f"{point.month:%Y-%m}",
                "demolished": _amounts(point.amounts),
                "until_then": _amounts(point.cumulative),
            }
            for point in curve
        ],
        "reported": [
            {
                "measure": gap.figure.measure,
                "title": gap.figure.title[lang],
                "quote": gap.figure.quote,
                "reported": gap.figure.value,
                "computed": _number(gap.computed),
                "gap": _number(gap.gap),
            }
            for gap in reported
        ],
    }


def case_to_json(case: Case) -> dict[str, Any]:
    """Write what a case is now."""
    return {
        "id": case.id,
        "case_no": case.case_no,
        "version": case.version,
        "track": case.track,
        "stage": case.stage,
        "stage_since": case.stage_since.isoformat(),
        "longitude": case.longitude,
        "latitude": case.latitude,
        "registered": _registered(case.registered),
        "demolished": _amounts(case.demolished),
        "remaining": _registered(case.remaining),
        "owner_kind": case.owner_kind,
        "cause": case.cause,
        "source": case.source,
        "found_on": case.found_on.isoformat(),
        "district": case.units.district,
        "township": case.units.township,
        "village": case.units.village,
        "office": case.office,
        "inspector": case.inspector,
        "permit": case.permit,
        "demolished_on": _day(case.demolished_on),
        "closed_on": _day(case.closed_on),
        "due_on": _day(case.due_on),
        "due_certain": case.due_certain,
        "priority": case.priority,
        "sample": case.sample,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "version": event.version,
        "kind": event.kind,
        "on": event.on.isoformat(),
        "at": event.at,
        "actor": event.actor,
        "reason": event.reason,
        "move": event.move,
        "from_stage": event.from_stage,
        "to_stage": event.to_stage,
        "document": event.document,
        "mode": event.mode,
        "demolished": _amounts(event.amounts),
        "hash": event.hash,
    }


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return {
        "clock": deadline.clock.id,
        "kind": deadline.clock.kind,
        "starts_on": deadline.starts_on.isoformat(),
        "due_on": deadline.due_on.isoformat(),
        "certain": deadline.certain,
        "ended_on": _day(deadline.ended_on),
    }


def _amounts(amounts: Amounts) -> dict[str, Any]:
    return {
        "households": amounts.households,
        "land_area_m2": float(amounts.land_area_m2),
        "floor_area_m2": float(amounts.floor_area_m2),
    }


def _registered(registered: Registered) -> dict[str, Any]:
    return {
        "households": registered.households,
        "land_area_m2": float(registered.land_area_m2),
        "floor_area_m2": _number(registered.floor_area_m2),
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()
