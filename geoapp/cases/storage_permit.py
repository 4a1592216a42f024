"""Permits in the register: homestead approvals and planning permits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from geoapp.cases.storage import Connection, next_id
from geoapp.cases.storage_tables import PERMIT


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit with the ground that it allows to be built on.

    Attributes:
        reference: Number of the document.
        kind: ``homestead`` (宅基地批准书), ``planning`` (规划许可证) or ``land`` (用地批复).
        holder: To whom it was given.
        footprint_wkb: EPSG:4490.
    """

    id: int
    reference: str
    kind: str
    holder: str
    issued_on: date | None
    footprint_wkb: bytes


def insert_permits(
    connection: Connection, permits: Sequence[dict[str, Any]], boxes: Sequence[Sequence[float]]
) -> int:
    """Add permits; everything but their ids and boxes is given. Gives the id of the first."""
    first = next_id(connection, PERMIT)
    names = ("west", "south", "east", "north")
    rows = [
        {"id": first + row, **permit, **dict(zip(names, map(float, box), strict=True))}
        for row, (permit, box) in enumerate(zip(permits, boxes, strict=True))
    ]
    if rows:
        connection.execute(sa.insert(PERMIT), rows)
    return first


def find_known_references(connection: Connection, references: Sequence[str]) -> list[str]:
    """Find which of some references the register has."""
    query = sa.select(PERMIT.c.reference).where(PERMIT.c.reference.in_(references))
    return list(connection.execute(query.order_by(PERMIT.c.reference)).scalars())


def find_permits_near(connection: Connection, bounds: Sequence[float]) -> list[Permit]:
    """Find the permits whose boxes meet a box."""
    west, south, east, north = (float(value) for value in bounds)
    columns = [PERMIT.c[name] for name in ("id", "reference", "kind", "holder", "issued_on")]
    query = sa.select(*columns, PERMIT.c.footprint).where(
        PERMIT.c.west <= east,
        PERMIT.c.east >= west,
        PERMIT.c.south <= north,
        PERMIT.c.north >= south,
    )
    rows = connection.execute(query.order_by(PERMIT.c.id))
    return [Permit(*row[:5], footprint_wkb=bytes(row[5])) for row in rows]
