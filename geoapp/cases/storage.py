"""The register as a place to read from and write to, and how values stand in its columns."""

from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from geoapp.cases.case import Amounts
from geoapp.database.engine import reading, writing

Connection = sa.Connection
_M2_DECIMALS: Final = 2


class RegisterStore:
    """Opens transactions; one writer at a time, so that events form one chain."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads."""
        return reading(self._engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes; all of it happens, or nothing."""
        return writing(self._engine)


def to_hundredths(area_m2: Decimal) -> int:
    """Give an area with two decimals as a whole number of hundredths."""
    return int(area_m2.scaleb(_M2_DECIMALS))


def to_area(hundredths: int) -> Decimal:
    """Give whole hundredths as an area with two decimals.

    >>> to_area(12345)
    Decimal('123.45')
    """
    return Decimal(int(hundredths)).scaleb(-_M2_DECIMALS)


def to_amounts(households: int, land_area: int, floor_area: int) -> Amounts:
    """Give amounts from their columns."""
    return Amounts(int(households), to_area(land_area), to_area(floor_area))


def next_id(connection: Connection, table: sa.Table) -> int:
    """Give the next free id; the writer's lock makes it nobody else's."""
    return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0) + 1
