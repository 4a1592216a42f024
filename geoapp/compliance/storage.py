"""The register's tables of checks, of the rules they rest on, and of saved parcels."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from geoapp.catalog.audit import Actor
from geoapp.catalog.storage_audit import append_entry
from geoapp.database.engine import METADATA, reading, writing

RULEBOOK: Final = sa.Table(
    "check_rulebook",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
)
SAVED: Final = sa.Table(
    "saved_check",
    METADATA,
    sa.Column("serial", sa.String(32), primary_key=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("purpose", sa.String(40), nullable=False),
    sa.Column("verdict", sa.String(32), nullable=False),
    sa.Column("parcel_count", sa.Integer, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("rules_digest", sa.String(64), nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.UniqueConstraint("year", "number"),
    sa.ForeignKeyConstraint(["rules_digest"], ["check_rulebook.digest"]),
)
OVERRIDE: Final = sa.Table(
    "check_override",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("serial", sa.String(32), nullable=False),
    sa.Column("parcel", sa.String(128), nullable=False),
    sa.Column("verdict", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(["serial"], ["saved_check.serial"]),
)
DRAFT: Final = sa.Table(
    "parcel_draft",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("owner", sa.String(128), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("geometry", sa.Text, nullable=False),
    sa.Column("declared_m2", sa.Float, nullable=True),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("owner", "name"),
)
_LISTED: Final = [
    column for column in SAVED.columns if column.name not in {"request", "result", "digest"}
]

Row = dict[str, Any]


class CheckTable:
    """Stored checks; rows are only ever added."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(
        self,
        year: int,
        rulebook: tuple[str, str],
        actor: Actor,
        complete: Callable[[int], Row],
    ) -> Row:
        """Store a check under the next number of a year, with the audit row.

        Args:
            year: The year.
            rulebook: Digest and content of the rules.
            actor: Who stores it.
            complete: Given the number, makes the row.
        """
        with writing(self._engine) as connection:
            known = sa.select(RULEBOOK.c.digest).where(RULEBOOK.c.digest == rulebook[0])
            if connection.execute(known).first() is None:
                connection.execute(
                    sa.insert(RULEBOOK).values(digest=rulebook[0], content=rulebook[1])
                )
            last = sa.select(sa.func.max(SAVED.c.number)).where(SAVED.c.year == year)
            row = complete((connection.execute(last).scalar() or 0) + 1)
            connection.execute(sa.insert(SAVED).values(**row))
            facts = {"purpose": row["purpose"], "verdict": row["verdict"]}
            append_entry(connection, actor, "check", row["serial"], facts, at=row["made_at"])
            return row

    def find(self, serial: str) -> Row | None:
        """Find a check, with the rules it rests on under ``rulebook``."""
        query = (
            sa.select(SAVED, RULEBOOK.c.content.label("rulebook"))
            .join(RULEBOOK, RULEBOOK.c.digest == SAVED.c.rules_digest)
            .where(SAVED.c.serial == serial)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
            return _aware(dict(row)) if row else None

    def listed(self, actor: str | None, verdict: str | None, most: int) -> list[Row]:
        """List checks, newest first, without what was found; ``None``: of anybody."""
        query = sa.select(*_LISTED).order_by(SAVED.c.year.desc(), SAVED.c.number.desc())
        if actor is not None:
            query = query.where(SAVED.c.actor == actor)
        if verdict is not None:
            query = query.where(SAVED.c.verdict == verdict)
        with reading(self._engine) as connection:
            return [_aware(dict(row)) for row in connection.execute(query.limit(most)).mappings()]

    def add_override(self, row: Row, actor: Actor) -> None:
        """Set a conclusion beside the computed one."""
        with writing(self._engine) as connection:
            connection.execute(sa.insert(OVERRIDE).values(**row))
            facts = {"parcel": row["parcel"], "verdict": row["verdict"], "reason": row["reason"]}
            append_entry(connection, actor, "override-check", row["serial"], facts, at=row["at"])

    def overrides(self, serials: list[str]) -> list[Row]:
        """List the conclusions beside some checks, oldest first."""
        query = sa.select(OVERRIDE).where(OVERRIDE.c.serial.in_(serials)).order_by(OVERRIDE.c.id)
        with reading(self._engine) as connection:
            return [_aware(dict(row)) for row in connection.execute(query).mappings()]


class DraftTable:
    """Saved parcels; each belongs to one person."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def save(self, row: Row) -> Row:
        """Store a parcel, in place of the owner's of the same name."""
        mine = (DRAFT.c.owner == row["owner"]) & (DRAFT.c.name == row["name"])
        with writing(self._engine) as connection:
            changed = connection.execute(sa.update(DRAFT).where(mine).values(**row))
            if changed.rowcount == 0:
                connection.execute(sa.insert(DRAFT).values(**row))
            return _aware(dict(connection.execute(sa.select(DRAFT).where(mine)).mappings().one()))

    def listed(self, owner: str) -> list[Row]:
        """List the parcels of a person, last changed first."""
        query = (
            sa.select(DRAFT)
            .where(DRAFT.c.owner == owner)
            .order_by(DRAFT.c.changed_at.desc(), DRAFT.c.id.desc())
        )
        with reading(self._engine) as connection:
            return [_aware(dict(row)) for row in connection.execute(query).mappings()]

    def delete(self, owner: str, name: str) -> bool:
        """Delete a parcel; tell whether there was one."""
        mine = (DRAFT.c.owner == owner) & (DRAFT.c.name == name)
        with writing(self._engine) as connection:
            return connection.execute(sa.delete(DRAFT).where(mine)).rowcount > 0


def _aware(row: Row) -> Row:
    """Say that times are in UTC, where the database keeps no zone, or bring them there."""
    for name, value in row.items():
        if isinstance(value, datetime):
            row[name] = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return row
