"""Asking the register for cases: filtered, ordered, by pages; what lies near a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from geoapp.cases.case import CaseFilter, CasePage, SortKey
from geoapp.cases.storage import Connection
from geoapp.cases.storage_case import to_cases
from geoapp.cases.storage_tables import CASE, EVENT

_UNIT_COLUMNS = {6: CASE.c.district, 9: CASE.c.township, 12: CASE.c.village}
_ORDER: dict[SortKey, tuple[Any, ...]] = {
    "priority": (CASE.c.priority.is_(None), CASE.c.priority.desc(), CASE.c.id),
    "due_on": (CASE.c.due_on.is_(None), CASE.c.due_on, CASE.c.id),
    "found_on": (CASE.c.found_on.desc(), CASE.c.id.desc()),
    "case_no": (CASE.c.case_no,),
    "stage_since": (CASE.c.stage_since.desc(), CASE.c.id.desc()),
}


_AT_ONCE = 1000  # ids in one question: databases take only so many
_WORDS = (CASE.c.case_no, CASE.c.cause, CASE.c.office, CASE.c.inspector, CASE.c.note)


@dataclass(frozen=True, slots=True)
class NearCase:
    """A case whose box meets another one."""

    id: int
    case_no: str
    stage: str
    footprint_wkb: bytes


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A case as a point on the map."""

    id: int
    case_no: str
    stage: str
    longitude: float
    latitude: float


def list_cases(
    connection: Connection,
    wanted: CaseFilter,
    scope: str,
    sort: SortKey,
    *,
    offset: int,
    limit: int,
) -> CasePage:
    """List cases; ``scope`` is the unit that the person is bound to, ``""`` for none."""
    conditions = find_conditions(wanted, scope)
    # Keys are put in order, not rows with their footprints: a late page is as quick as the first.
    keys = sa.select(CASE.c.id).where(*conditions).order_by(*_ORDER[sort])
    keys = keys.offset(offset).limit(limit)
    query = sa.select(CASE).where(CASE.c.id.in_(keys)).order_by(*_ORDER[sort])
    rows = connection.execute(query).mappings().all()
    total = connection.scalar(sa.select(sa.func.count()).select_from(CASE).where(*conditions))
    return CasePage(tuple(to_cases(connection, rows)), int(total or 0))


def list_all_cases(
    connection: Connection, wanted: CaseFilter, scope: str, sort: SortKey
) -> CasePage:
    """List every case of a filter; a transaction that reads sees all of them at one moment."""
    query = sa.select(CASE).where(*find_conditions(wanted, scope)).order_by(*_ORDER[sort])
    rows = connection.execute(query).mappings().all()
    cases = [
        case
        for first in range(0, len(rows), _AT_ONCE)
        for case in to_cases(connection, rows[first : first + _AT_ONCE])
    ]
    return CasePage(tuple(cases), len(cases))


def list_points(connection: Connection, wanted: CaseFilter, scope: str) -> list[CasePoint]:
    """List cases as points, in the order of their ids."""
    columns = (CASE.c.id, CASE.c.case_no, CASE.c.stage, CASE.c.longitude, CASE.c.latitude)
    query = sa.select(*columns).where(*find_conditions(wanted, scope)).order_by(CASE.c.id)
    return [CasePoint(*row) for row in connection.execute(query)]


def find_near(connection: Connection, bounds: Sequence[float]) -> list[NearCase]:
    """Find the cases whose boxes meet a box."""
    query = sa.select(CASE.c.id, CASE.c.case_no, CASE.c.stage, CASE.c.footprint)
    query = query.where(*_meets(bounds)).order_by(CASE.c.id)
    return [
        NearCase(r.id, r.case_no, r.stage, bytes(r.footprint)) for r in connection.execute(query)
    ]


def read_footprints(
    connection: Connection, without: Sequence[str], *, rebuilt: bool = False
) -> list[NearCase]:
    """Read the footprints of all cases, without some stages; or of those that name an old case."""
    query = sa.select(CASE.c.id, CASE.c.case_no, CASE.c.stage, CASE.c.footprint)
    if without:
        query = query.where(CASE.c.stage.not_in(without))
    if rebuilt:
        query = query.where(CASE.c.previous.is_not(None))
    rows = connection.execute(query.order_by(CASE.c.id))
    return [NearCase(r.id, r.case_no, r.stage, bytes(r.footprint)) for r in rows]


def find_conditions(wanted: CaseFilter, scope: str) -> list[Any]:
    """Give the conditions of a filter; a unit of a strange length holds nothing."""
    found: list[Any] = [
        _UNIT_COLUMNS[len(code)] == code if len(code) in _UNIT_COLUMNS else sa.false()
        for code in (wanted.unit, scope)
        if code
    ]
    if wanted.text:
        found.append(sa.or_(*(_holds(column, wanted.text) for column in _WORDS)))
    if wanted.modes:
        act = EVENT.alias()  # events may stand in the question itself
        torn = sa.select(act.c.subject).where(
            act.c.subject_kind == "case",
            act.c.kind == "demolished",
            act.c.mode.in_(wanted.modes),
        )
        found.append(CASE.c.id.in_(torn))
    for column, values in (
        (CASE.c.stage, wanted.stages),
        (CASE.c.track, wanted.tracks),
        (CASE.c.owner_kind, wanted.owner_kinds),
        (CASE.c.source, wanted.sources),
    ):
        if values:
            found.append(column.in_(values))
    for column, value in (
        (CASE.c.office, wanted.office),
        (CASE.c.inspector, wanted.inspector),
        (CASE.c.cause, wanted.cause),
    ):
        if value:
            found.append(column == value)
    if wanted.ids is not None:
        found.append(CASE.c.id.in_(wanted.ids))
    if wanted.bounds:
        found += _meets(wanted.bounds)
    return found + _spans(wanted)


def _holds(column: Any, text: str) -> Any:
    """Ask whether a text is in a column, whatever the case of its letters."""
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


def _spans(wanted: CaseFilter) -> list[Any]:
    found = []
    for column, first, last in (
        (CASE.c.found_on, wanted.found_from, wanted.found_to),
        (CASE.c.demolished_on, wanted.demolished_from, wanted.demolished_to),
    ):
        if first:
            found.append(column >= first)
        if last:
            found.append(column <= last)
    if wanted.overdue_on:
        found.append(CASE.c.due_on < wanted.overdue_on)
    return found


def _meets(bounds: Sequence[float]) -> list[Any]:
    west, south, east, north = (float(value) for value in bounds)
    return [
        CASE.c.west <= east,
        CASE.c.east >= west,
        CASE.c.south <= north,
        CASE.c.north >= south,
    ]
