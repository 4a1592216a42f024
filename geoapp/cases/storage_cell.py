"""Counting cases by the cells of a map, where there are too many to draw each."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from geoapp.cases.case import CaseFilter
from geoapp.cases.storage import Connection
from geoapp.cases.storage_list import find_conditions
from geoapp.cases.storage_tables import CASE
from geoapp.cases.track import StageKind, read_stages

_WEST: Final = -180.0
_SOUTH: Final = -90.0


@dataclass(frozen=True, slots=True)
class MapCell:
    """The cases of one cell.

    Attributes:
        longitude: Mean of its cases, so a mark stands where they are; the same for ``latitude``.
        cases: How many.
        by_kind: How many of each kind of stage; kinds without any are left out.
    """

    longitude: float
    latitude: float
    cases: int
    by_kind: Mapping[StageKind, int]


def count_cells(
    connection: Connection, wanted: CaseFilter, scope: str, side_deg: float
) -> list[MapCell]:
    """Count cases by square cells of a side in degrees, from south to north and west to east."""
    column = _number(connection, CASE.c.longitude - _WEST, side_deg).label("column")
    row = _number(connection, CASE.c.latitude - _SOUTH, side_deg).label("row")
    query = (
        sa.select(
            row,
            column,
            CASE.c.stage,
            sa.func.count().label("cases"),
            sa.func.sum(CASE.c.longitude).label("longitudes"),
            sa.func.sum(CASE.c.latitude).label("latitudes"),
        )
        .where(*find_conditions(wanted, scope))
        .group_by(row, column, CASE.c.stage)
        .order_by(row, column, CASE.c.stage)
    )
    cells: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for found in connection.execute(query):
        cells[found.row, found.column].append(found)
    return [_to_cell(rows) for rows in cells.values()]


def _number(connection: Connection, distance: Any, side_deg: float) -> Any:
    """Number a cell from 0; SQLite's cast cuts off, PostgreSQL's would round."""
    steps = distance / side_deg
    whole = steps if connection.dialect.name == "sqlite" else sa.func.floor(steps)
    return sa.cast(whole, sa.Integer)


def _to_cell(rows: list[Any]) -> MapCell:
    kinds = {stage.id: stage.kind for stage in read_stages()}
    by_kind: dict[StageKind, int] = {}
    for row in rows:
        kind = kinds[row.stage]
        by_kind[kind] = by_kind.get(kind, 0) + row.cases
    count = sum(by_kind.values())
    return MapCell(
        sum(row.longitudes for row in rows) / count,
        sum(row.latitudes for row in rows) / count,
        count,
        by_kind,
    )
