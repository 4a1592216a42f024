"""Tips of the public in the register."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from geoapp.cases.case import Units
from geoapp.cases.storage import Connection, next_id
from geoapp.cases.storage_tables import CASE
from geoapp.cases.tip import Tip, TipState
from geoapp.database.engine import METADATA

TIP: Final = sa.Table(
    "public_tip",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("receipt", sa.String(20), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("longitude", sa.Float(53), nullable=False),
    sa.Column("latitude", sa.Float(53), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("district", sa.String(6), nullable=False),
    sa.Column("township", sa.String(9), nullable=False),
    sa.Column("village", sa.String(12), nullable=False),
    sa.Column("sender", sa.String(32), nullable=False),
    sa.Column("received_at", sa.String(40), nullable=False),
    sa.Column("decided_at", sa.String(40), nullable=False),
    sa.Column("decided_by", sa.String(128), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("case", sa.Integer),
)
_UNIT_COLUMNS: Final = {6: TIP.c.district, 9: TIP.c.township, 12: TIP.c.village}


def insert_tip(connection: Connection, values: dict[str, Any]) -> int:
    """Add a tip; everything but its id is given. Gives the id."""
    key = next_id(connection, TIP)
    connection.execute(sa.insert(TIP).values(id=key, **values))
    return key


def update_tip(connection: Connection, tip: int, values: dict[str, Any]) -> None:
    """Change what was decided of a tip."""
    connection.execute(sa.update(TIP).where(TIP.c.id == tip).values(**values))


def find_tip(connection: Connection, tip: int) -> Tip | None:
    """Find a tip by its id."""
    row = connection.execute(sa.select(TIP).where(TIP.c.id == tip)).mappings().first()
    return None if row is None else _to_tip(row)


def find_receipt(connection: Connection, receipt: str) -> Tip | None:
    """Find a tip by its receipt."""
    row = connection.execute(sa.select(TIP).where(TIP.c.receipt == receipt)).mappings().first()
    return None if row is None else _to_tip(row)


def list_tips(
    connection: Connection, states: Sequence[TipState], scope: str, limit: int
) -> list[Tip]:
    """List tips of some states within a unit, oldest first."""
    query = sa.select(TIP).where(TIP.c.state.in_(states)).order_by(TIP.c.id).limit(limit)
    if scope:
        column = _UNIT_COLUMNS.get(len(scope))
        query = query.where(sa.false() if column is None else column == scope)
    return [_to_tip(row) for row in connection.execute(query).mappings()]


def count_since(connection: Connection, moment: str, sender: str = "") -> int:
    """Count the tips since a moment, of one sender or of all."""
    query = sa.select(sa.func.count()).where(TIP.c.received_at >= moment)
    if sender:
        query = query.where(TIP.c.sender == sender)
    return int(connection.scalar(query) or 0)


def list_case_numbers(connection: Connection) -> list[str]:
    """List the numbers of all cases and tips, none of which may be made public."""
    numbers = list(connection.execute(sa.select(CASE.c.case_no)).scalars())
    return numbers + list(connection.execute(sa.select(TIP.c.receipt)).scalars())


def _to_tip(row: Any) -> Tip:
    return Tip(
        id=row["id"],
        receipt=row["receipt"],
        state=row["state"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        text=row["text"],
        sha256=row["sha256"],
        units=Units(row["district"], row["township"], row["village"]),
        received_at=row["received_at"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        reason=row["reason"],
        case=row["case"],
    )
