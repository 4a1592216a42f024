"""Figures of the register, added up by the database itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import sqlalchemy as sa

from geoapp.cases.case import Amounts, CaseFilter
from geoapp.cases.storage import Connection, to_amounts
from geoapp.cases.storage_list import find_conditions
from geoapp.cases.storage_tables import CASE, EVENT
from geoapp.cases.track import stages_of_kind

CaseGrouping = Literal[
    "city",
    "district",
    "township",
    "village",
    "stage",
    "track",
    "owner_kind",
    "cause",
    "source",
    "office",
    "inspector",
]
_COLUMNS: Final[dict[CaseGrouping, Any]] = {
    "city": sa.literal(""),
    "district": CASE.c.district,
    "township": CASE.c.township,
    "village": CASE.c.village,
    "stage": CASE.c.stage,
    "track": CASE.c.track,
    "owner_kind": CASE.c.owner_kind,
    "cause": CASE.c.cause,
    "source": CASE.c.source,
    "office": CASE.c.office,
    "inspector": CASE.c.inspector,
}


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Cases of one group.

    Attributes:
        key: The group: a code, a stage, a name.
        cases: How many.
        pursued: Of these, cases that have not left the track (legal, false alarm, …): what
            they are registered with has to be demolished.
        closed: Cases off the list.
        overdue: Cases whose limit has passed.
        registered: Of the cases pursued, what is established.
        unknown: Cases pursued whose households or floor area nobody has established.
        demolished: Of all cases.
    """

    key: str
    cases: int
    pursued: int
    closed: int
    overdue: int
    registered: Amounts
    unknown: int
    demolished: Amounts

    @property
    def demolition_rate(self) -> float | None:
        """Floor area demolished as a part of what has to be; ``None`` where that is nothing."""
        whole = self.registered.floor_area_m2
        return float(self.demolished.floor_area_m2 / whole) if whole else None

    @property
    def closure_rate(self) -> float | None:
        """Cases closed as a part of those pursued."""
        return self.closed / self.pursued if self.pursued else None


@dataclass(frozen=True, slots=True)
class DemolitionFigures:
    """What was torn down, of one group of events.

    Attributes:
        month: First day of the month, ``None`` where events are not grouped by it.
        mode: How, ``""`` where they are not grouped by it.
        unit: Code of the unit, ``""`` where they are not grouped by it.
    """

    month: date | None
    mode: str
    unit: str
    amounts: Amounts


def list_groups(connection: Connection, by: CaseGrouping, scope: str) -> list[str]:
    """List the groups that have cases, in their order; those without a value are left out."""
    key = _COLUMNS[by].label("key")
    query = sa.select(key).where(*find_conditions(CaseFilter(), scope)).distinct().order_by(key)
    return [value for value in connection.execute(query).scalars() if value]


def sum_cases(
    connection: Connection, by: CaseGrouping, wanted: CaseFilter, scope: str, today: date
) -> list[CaseFigures]:
    """Add cases up by group, in the order of the groups."""
    key = _COLUMNS[by].label("key")
    exits = stages_of_kind("exit")
    pursued = CASE.c.stage.not_in(exits)
    unknown = pursued & (CASE.c.households.is_(None) | CASE.c.floor_area.is_(None))
    query = (
        sa.select(
            key,
            sa.func.count().label("cases"),
            _count(pursued).label("pursued"),
            _count(CASE.c.stage.in_(stages_of_kind("closed"))).label("closed"),
            _count(CASE.c.due_on < today).label("overdue"),
            *(
                _sum(sa.case((pursued, CASE.c[name]), else_=0)).label(name)
                for name in ("households", "land_area", "floor_area")
            ),
            _count(unknown).label("unknown"),
            *(
                _sum(CASE.c[name]).label(name)
                for name in ("done_households", "done_land_area", "done_floor_area")
            ),
        )
        .where(*find_conditions(wanted, scope))
        .group_by(key)
        .order_by(key)
    )
    return [
        CaseFigures(
            key=row.key,
            cases=row.cases,
            pursued=row.pursued,
            closed=row.closed,
            overdue=row.overdue,
            registered=to_amounts(row.households, row.land_area, row.floor_area),
            unknown=row.unknown,
            demolished=to_amounts(row.done_households, row.done_land_area, row.done_floor_area),
        )
        for row in connection.execute(query)
    ]


def sum_demolitions(
    connection: Connection,
    by: Sequence[Literal["month", "mode", "district", "township", "village"]],
    wanted: CaseFilter,
    scope: str,
) -> list[DemolitionFigures]:
    """Add what was torn down up by month, mode and unit, in that order of the groups."""
    columns: list[Any] = []
    if "month" in by:
        columns += [
            sa.extract("year", EVENT.c.on_day).label("year"),
            sa.extract("month", EVENT.c.on_day).label("month"),
        ]
    if "mode" in by:
        columns.append(EVENT.c.mode.label("mode"))
    for level in ("district", "township", "village"):
        if level in by:
            columns.append(CASE.c[level].label("unit"))
    query = (
        sa.select(
            *columns,
            _sum(EVENT.c.households).label("households"),
            _sum(EVENT.c.land_area).label("land_area"),
            _sum(EVENT.c.floor_area).label("floor_area"),
        )
        .select_from(EVENT.join(CASE, CASE.c.id == EVENT.c.subject))
        .where(
            EVENT.c.kind == "demolished",
            EVENT.c.subject_kind == "case",
            *find_conditions(wanted, scope),
            *([EVENT.c.mode.in_(wanted.modes)] if wanted.modes else ()),
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    return [
        DemolitionFigures(
            month=date(int(row["year"]), int(row["month"]), 1) if "month" in by else None,
            mode=row["mode"] if "mode" in by else "",
            unit=row.get("unit", ""),
            amounts=to_amounts(row["households"], row["land_area"], row["floor_area"]),
        )
        for row in connection.execute(query).mappings()
    ]


def read_last_modes(connection: Connection, scope: str) -> dict[int, str]:
    """Read the mode of the newest demolition of each case that has one."""
    query = (
        sa.select(EVENT.c.subject, EVENT.c.mode)
        .select_from(EVENT.join(CASE, CASE.c.id == EVENT.c.subject))
        .where(
            EVENT.c.kind == "demolished",
            EVENT.c.subject_kind == "case",
            *find_conditions(CaseFilter(), scope),
        )
        .order_by(EVENT.c.seq)
    )
    return {row.subject: row.mode for row in connection.execute(query)}


def _sum(column: Any) -> Any:
    # PostgreSQL adds big integers up to a decimal: the sum of whole numbers is one again.
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def _count(condition: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0), sa.Integer)
