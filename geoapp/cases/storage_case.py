"""Cases in the register: rows to values and back, insertion, the versioned update."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from geoapp.cases.case import Case, Registered, Units
from geoapp.cases.storage import Connection, next_id, to_amounts, to_area, to_hundredths
from geoapp.cases.storage_tables import CASE, HOUSEHOLD

_AT_ONCE = 1000  # numbers in one question: databases take only so many


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The number of a case: its district, the year, and a running number of both."""

    unit: str
    year: int
    serial: int

    @property
    def text(self) -> str:
        """The number as it stands on documents."""
        return f"{self.unit}-{self.year}-{self.serial:04d}"


def next_case_id(connection: Connection) -> int:
    """Give the next free id of a case."""
    return next_id(connection, CASE)


def next_serial(connection: Connection, unit: str, year: int) -> int:
    """Give the next running number of a district and year."""
    query = sa.select(sa.func.coalesce(sa.func.max(CASE.c.no_serial), 0)).where(
        CASE.c.no_unit == unit, CASE.c.no_year == year
    )
    return int(connection.scalar(query) or 0) + 1


def insert_cases(
    connection: Connection, cases: Iterable[tuple[Case, CaseNumber, Sequence[float]]]
) -> None:
    """Add cases with their number and the west, south, east and north of their footprint."""
    rows, households = [], []
    for case, number, bounds in cases:
        named = {"no_unit": number.unit, "no_year": number.year, "no_serial": number.serial}
        rows.append(to_row(case) | named | _box(bounds))
        households += [{"case": case.id, "household": key} for key in case.household_keys]
    if rows:
        connection.execute(sa.insert(CASE), rows)
    if households:
        connection.execute(sa.insert(HOUSEHOLD), households)


def find_case(connection: Connection, case: int | str) -> Case | None:
    """Find a case by its id, or by its number."""
    key = CASE.c.id == case if isinstance(case, int) else CASE.c.case_no == case
    row = connection.execute(sa.select(CASE).where(key)).mappings().first()
    return None if row is None else to_cases(connection, [row])[0]


def update_case(
    connection: Connection, case: Case, seen: int, bounds: Sequence[float] | None = None
) -> bool:
    """Write a case over the version that was seen; ``False`` when that is not the last."""
    values = to_row(case) | (_box(bounds) if bounds is not None else {})
    done = connection.execute(
        sa.update(CASE).where(CASE.c.id == case.id, CASE.c.version == seen).values(values)
    )
    if done.rowcount != 1:
        return False
    connection.execute(sa.delete(HOUSEHOLD).where(HOUSEHOLD.c.case == case.id))
    if case.household_keys:
        keys = [{"case": case.id, "household": key} for key in case.household_keys]
        connection.execute(sa.insert(HOUSEHOLD), keys)
    return True


def find_household_cases(connection: Connection, keys: Sequence[str]) -> list[tuple[str, int]]:
    """Find the cases in which households stand, by key and id of the case."""
    if not keys:
        return []
    query = (
        sa.select(HOUSEHOLD.c.household, HOUSEHOLD.c.case)
        .where(HOUSEHOLD.c.household.in_(keys))
        .order_by(HOUSEHOLD.c.household, HOUSEHOLD.c.case)
    )
    return [(row.household, row.case) for row in connection.execute(query)]


def find_repeated_households(connection: Connection) -> list[tuple[str, int]]:
    """Find the households that stand in more than one case, with each of these cases."""
    repeated = (
        sa.select(HOUSEHOLD.c.household)
        .group_by(HOUSEHOLD.c.household)
        .having(sa.func.count() > 1)
        .scalar_subquery()
    )
    query = (
        sa.select(HOUSEHOLD.c.household, HOUSEHOLD.c.case)
        .where(HOUSEHOLD.c.household.in_(repeated))
        .order_by(HOUSEHOLD.c.household, HOUSEHOLD.c.case)
    )
    return [(row.household, row.case) for row in connection.execute(query)]


def write_priorities(connection: Connection, points: Mapping[int, float]) -> None:
    """Set the scores of cases, by id."""
    if points:
        connection.execute(
            sa.update(CASE)
            .where(CASE.c.id == sa.bindparam("of_case"))
            .values(priority=sa.bindparam("points")),
            [{"of_case": case, "points": value} for case, value in points.items()],
        )


def find_numbers(connection: Connection, numbers: Sequence[str]) -> set[str]:
    """Find which numbers are taken already."""
    return {
        number
        for first in range(0, len(numbers), _AT_ONCE)
        for number in connection.execute(
            sa.select(CASE.c.case_no).where(CASE.c.case_no.in_(numbers[first : first + _AT_ONCE]))
        ).scalars()
    }


def to_cases(connection: Connection, rows: Sequence[Any]) -> list[Case]:
    """Give cases from their rows, with their households."""
    keys: dict[int, list[str]] = {row["id"]: [] for row in rows}
    if keys:
        query = (
            sa.select(HOUSEHOLD.c.case, HOUSEHOLD.c.household)
            .where(HOUSEHOLD.c.case.in_(list(keys)))
            .order_by(HOUSEHOLD.c.household)
        )
        for found in connection.execute(query):
            keys[found.case].append(found.household)
    return [_to_case(row, tuple(keys[row["id"]])) for row in rows]


def to_row(case: Case) -> dict[str, Any]:
    """Give the columns of a case, but for its number and box."""
    floor = case.registered.floor_area_m2
    plain = (
        *("id", "case_no", "version", "track", "stage", "stage_since", "longitude", "latitude"),
        *("owner_kind", "cause", "source", "found_on", "office", "inspector", "note", "permit"),
        *("patch", "previous", "demolished_on", "closed_on", "due_on", "due_clock"),
        *("due_certain", "priority", "sample"),
    )
    return {name: getattr(case, name) for name in plain} | {
        "footprint": case.footprint_wkb,
        "households": case.registered.households,
        "land_area": to_hundredths(case.registered.land_area_m2),
        "floor_area": None if floor is None else to_hundredths(floor),
        "done_households": case.demolished.households,
        "done_land_area": to_hundredths(case.demolished.land_area_m2),
        "done_floor_area": to_hundredths(case.demolished.floor_area_m2),
        "district": case.units.district,
        "township": case.units.township,
        "village": case.units.village,
    }


def _to_case(row: Any, keys: tuple[str, ...]) -> Case:
    floor = row["floor_area"]
    return Case(
        id=row["id"],
        case_no=row["case_no"],
        version=row["version"],
        track=row["track"],
        stage=row["stage"],
        stage_since=row["stage_since"],
        footprint_wkb=bytes(row["footprint"]),
        longitude=row["longitude"],
        latitude=row["latitude"],
        registered=Registered(
            to_area(row["land_area"]),
            row["households"],
            None if floor is None else to_area(floor),
        ),
        demolished=to_amounts(
            row["done_households"], row["done_land_area"], row["done_floor_area"]
        ),
        household_keys=keys,
        owner_kind=row["owner_kind"],
        cause=row["cause"],
        source=row["source"],
        found_on=row["found_on"],
        units=Units(row["district"], row["township"], row["village"]),
        office=row["office"],
        inspector=row["inspector"],
        note=row["note"],
        permit=row["permit"],
        patch=row["patch"],
        previous=row["previous"],
        demolished_on=row["demolished_on"],
        closed_on=row["closed_on"],
        due_on=row["due_on"],
        due_clock=row["due_clock"],
        due_certain=row["due_certain"],
        priority=row["priority"],
        sample=row["sample"],
    )


def _box(bounds: Sequence[float]) -> dict[str, float]:
    names = ("west", "south", "east", "north")
    return {name: float(value) for name, value in zip(names, bounds, strict=True)}
