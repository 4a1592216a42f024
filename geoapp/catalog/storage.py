"""The register's tables of snapshots and audit events."""

from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from geoapp.database.engine import METADATA, reading, writing

WORKSPACE_FACT: Final = sa.Table(
    "workspace_fact",
    METADATA,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
SNAPSHOT: Final = sa.Table(
    "snapshot",
    METADATA,
    sa.Column("layer", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("feature_count", sa.Integer, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("published_by", sa.String(128), nullable=False),
)
CURRENT: Final = sa.Table(
    "current_snapshot",
    METADATA,
    sa.Column("layer", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(["layer", "name"], ["snapshot.layer", "snapshot.name"]),
)
AUDIT: Final = sa.Table(
    "audit_event",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
)


class SnapshotTable:
    """Which snapshots exist and which one of each layer is current."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find_current(self, layer: str) -> str | None:
        """Find the name of the current snapshot of a layer."""
        with reading(self._engine) as connection:
            query = sa.select(CURRENT.c.name).where(CURRENT.c.layer == layer)
            return connection.execute(query).scalar_one_or_none()

    def find_as_of(self, layer: str, day: date) -> str | None:
        """Find the newest snapshot whose date is not after a day."""
        query = (
            sa.select(SNAPSHOT.c.name)
            .where(SNAPSHOT.c.layer == layer, SNAPSHOT.c.as_of <= day)
            .order_by(SNAPSHOT.c.as_of.desc(), SNAPSHOT.c.published_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def current_names(self) -> dict[str, str]:
        """Map every layer that has data to its current snapshot."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(CURRENT.c.layer, CURRENT.c.name))
            return {row.layer: row.name for row in rows}

    def names(self, layer: str) -> list[str]:
        """List the snapshots of a layer, newest publication first."""
        query = (
            sa.select(SNAPSHOT.c.name)
            .where(SNAPSHOT.c.layer == layer)
            .order_by(SNAPSHOT.c.published_at.desc())
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def make_current(
        self, layer: str, name: str, as_of: date, digest: str, count: int, actor: str
    ) -> None:
        """Record a snapshot, make it current and write the audit row, in one transaction."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            key = (SNAPSHOT.c.layer == layer) & (SNAPSHOT.c.name == name)
            if connection.execute(sa.select(SNAPSHOT.c.name).where(key)).first() is None:
                connection.execute(
                    sa.insert(SNAPSHOT).values(
                        layer=layer,
                        name=name,
                        as_of=as_of,
                        digest=digest,
                        feature_count=count,
                        published_at=now,
                        published_by=actor,
                    )
                )
            changed = connection.execute(
                sa.update(CURRENT).where(CURRENT.c.layer == layer).values(name=name)
            )
            if changed.rowcount == 0:
                connection.execute(sa.insert(CURRENT).values(layer=layer, name=name))
            _write_event(connection, now, actor, "publish", f"{layer}/{name}", {"count": count})


class AuditTrail:
    """Who did what; rows are only ever added."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def write(self, actor: str, action: str, subject: str, facts: dict[str, Any]) -> None:
        """Add one event."""
        with writing(self._engine) as connection:
            _write_event(connection, datetime.now(UTC), actor, action, subject, facts)

    def events(self, most: int = 100) -> list[sa.Row[Any]]:
        """List the newest events first."""
        query = sa.select(AUDIT).order_by(AUDIT.c.id.desc()).limit(most)
        with reading(self._engine) as connection:
            return list(connection.execute(query))


def _write_event(
    connection: sa.Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    facts: dict[str, Any],
) -> None:
    connection.execute(
        sa.insert(AUDIT).values(at=at, actor=actor, action=action, subject=subject, facts=facts)
    )
