"""The audit trail in the register: appending to its chain, reading it back, checking it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from geoapp.catalog.audit import (
    FIRST_HASH,
    Actor,
    AuditEntry,
    AuditState,
    Result,
    author_of,
    check_chain,
    moment_text,
    one_line,
    plain_text,
)
from geoapp.database.engine import METADATA, reading, writing

AUDIT: Final = sa.Table(
    "audit_entry",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(12), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_audit_entry_at", "at"),
    sa.Index("ix_audit_entry_actor", "actor"),
    sa.Index("ix_audit_entry_action", "action"),
)
_PORTION: Final = 5000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is left empty does not matter.

    Attributes:
        first: First day, UTC.
        last: Last day, UTC.
        subject: Part of the subject.
    """

    first: date | None = None
    last: date | None = None
    actor: str = ""
    action: str = ""
    subject: str = ""
    result: str = ""


def append_entry(
    connection: sa.Connection,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    result: Result = "done",
    at: datetime | None = None,
) -> AuditEntry:
    """Add an entry to the end of the chain, within a transaction that writes."""
    query = sa.select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    seq, previous = (last.seq, last.hash) if last else (0, FIRST_HASH)
    author = author_of(actor)
    entry = AuditEntry(
        seq=seq + 1,
        at=moment_text(at or datetime.now(UTC)),
        actor=one_line(author.name, 128),
        role=one_line(author.role, 16),
        unit=one_line(author.unit, 12),
        address=one_line(author.address, 64),
        action=one_line(action, 64),
        subject=one_line(subject, 256),
        result=result,
        # What is hashed is what will be read back: the detail in its plain form.
        detail=json.loads(plain_text(dict(detail or {}))),
    ).chained(previous)
    connection.execute(sa.insert(AUDIT).values(_to_row(entry)))
    return entry


class AuditTrail:
    """Who did what; entries are only ever added."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def write(
        self,
        actor: Actor,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        *,
        result: Result = "done",
    ) -> None:
        """Add one entry, in a transaction of its own."""
        with writing(self._engine) as connection:
            append_entry(connection, actor, action, subject, detail, result=result)

    def entries(
        self,
        wanted: AuditFilter = AuditFilter(),
        *,
        most: int = 100,
        offset: int = 0,
    ) -> list[AuditEntry]:
        """List entries, newest first."""
        query = (
            sa.select(AUDIT)
            .where(*_conditions(wanted))
            .order_by(AUDIT.c.seq.desc())
            .limit(most)
            .offset(offset)
        )
        with reading(self._engine) as connection:
            return [_to_entry(row) for row in connection.execute(query).mappings()]

    def count(self, wanted: AuditFilter = AuditFilter()) -> int:
        """Count entries."""
        query = sa.select(sa.func.count()).select_from(AUDIT).where(*_conditions(wanted))
        with reading(self._engine) as connection:
            return int(connection.scalar(query) or 0)

    def actions(self) -> list[str]:
        """List the actions that occur."""
        with reading(self._engine) as connection:
            return sorted(connection.execute(sa.select(AUDIT.c.action).distinct()).scalars())

    def verify(self) -> AuditState:
        """Check the whole chain; the first entry that does not fit is named."""
        with reading(self._engine) as connection:
            return check_chain(iter_entries(connection))


def iter_entries(connection: sa.Connection) -> Iterator[AuditEntry]:
    """Read all entries in the order of the chain, some at a time."""
    last = -1
    while True:
        query = sa.select(AUDIT).where(AUDIT.c.seq > last).order_by(AUDIT.c.seq).limit(_PORTION)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return
        for row in rows:
            yield _to_entry(row)
        last = rows[-1]["seq"]


def _conditions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.first:
        found.append(AUDIT.c.at >= wanted.first.isoformat())
    if wanted.last:
        found.append(AUDIT.c.at < (wanted.last + timedelta(days=1)).isoformat())
    found += [
        AUDIT.c[name] == value
        for name in ("actor", "action", "result")
        if (value := getattr(wanted, name))
    ]
    if wanted.subject:
        found.append(AUDIT.c.subject.contains(wanted.subject, autoescape=True))
    return found


def _to_row(entry: AuditEntry) -> dict[str, Any]:
    row = {column.name: getattr(entry, column.name) for column in AUDIT.columns}
    return row | {"detail": plain_text(entry.detail)}


def _to_entry(row: Mapping[Any, Any]) -> AuditEntry:
    try:
        detail = json.loads(row["detail"])
    except ValueError:  # changed by hand: the chain says so, the entry can still be read
        detail = {"damaged": row["detail"]}
    return AuditEntry(**(dict(row) | {"detail": detail}))
