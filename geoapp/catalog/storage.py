"""The register's tables of snapshots."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from geoapp.catalog.audit import Actor, author_of
from geoapp.catalog.moment import at_this_moment, end_moment
from geoapp.catalog.storage_audit import append_entry
from geoapp.database.engine import METADATA, reading, writing
from geoapp.errors import ConflictError, NotFoundError

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


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A snapshot as the register knows it.

    Attributes:
        as_of: Day that the data describes.
        feature_count: Number of features.
        published_at: When it was published first.
        published_by: Who did.
        current: It is what people see now.
    """

    layer: str
    name: str
    as_of: date
    feature_count: int
    published_at: datetime
    published_by: str
    current: bool


class SnapshotTable:
    """Which snapshots exist and which one of each layer is current."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find_current(self, layer: str) -> str | None:
        """Find the name of the current snapshot of a layer."""
        return self.current_names().get(layer)

    def find_as_of(self, layer: str, day: date) -> str | None:
        """Find the snapshot that stood for a layer on a day.

        The current one, unless its data is younger than that day: then the newest one that is
        not. What was rolled back from is not answered for the days after it.
        """
        newest = (
            sa.select(SNAPSHOT.c.name)
            .where(SNAPSHOT.c.layer == layer, SNAPSHOT.c.as_of <= day)
            .order_by(
                sa.exists()
                .where(CURRENT.c.layer == layer, CURRENT.c.name == SNAPSHOT.c.name)
                .desc(),
                SNAPSHOT.c.as_of.desc(),
                SNAPSHOT.c.published_at.desc(),
            )
            .limit(1)
        )

        def ask() -> str | None:
            with reading(self._engine) as connection:
                return connection.execute(newest).scalar_one_or_none()

        return at_this_moment(self, (layer, day), ask)

    def current_names(self) -> dict[str, str]:
        """Map every layer that has data to its current snapshot."""
        return dict(at_this_moment(self, "current", self._read_current))

    def _read_current(self) -> dict[str, str]:
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(CURRENT.c.layer, CURRENT.c.name))
            return {row.layer: row.name for row in rows}

    def _read_names(self) -> dict[str, list[str]]:
        query = sa.select(SNAPSHOT.c.layer, SNAPSHOT.c.name)
        found: dict[str, list[str]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query.order_by(SNAPSHOT.c.published_at.desc())):
                found.setdefault(row.layer, []).append(row.name)
        return found

    def names(self, layer: str) -> list[str]:
        """List the snapshots of a layer, newest publication first."""
        return list(at_this_moment(self, "names", self._read_names).get(layer, ()))

    def entries(self, layer: str = "") -> list[SnapshotEntry]:
        """List the snapshots of a layer, by default of all, newest publication first."""
        of_current = (CURRENT.c.layer == SNAPSHOT.c.layer) & (CURRENT.c.name == SNAPSHOT.c.name)
        query = (
            sa.select(SNAPSHOT, CURRENT.c.name.is_not(None).label("current"))
            .select_from(SNAPSHOT.outerjoin(CURRENT, of_current))
            .order_by(SNAPSHOT.c.layer, SNAPSHOT.c.published_at.desc())
        )
        if layer:
            query = query.where(SNAPSHOT.c.layer == layer)
        with reading(self._engine) as connection:
            return [_to_entry(row) for row in connection.execute(query)]

    def make_current(
        self,
        layer: str,
        name: str,
        as_of: date,
        digest: str,
        count: int,
        actor: Actor,
        *,
        instead_of: str | None = None,
    ) -> None:
        """Record a snapshot, make it current and write the audit row, in one transaction.

        Args:
            layer: Its layer.
            name: Its name.
            as_of: Day that the data describes.
            digest: Of its features.
            count: Of its features.
            actor: Who publishes it.
            instead_of: What is expected to be current by now, ``""`` for nothing; ``None``:
                whatever is.

        Raises:
            ConflictError: Something else became current.
        """
        self._publish(layer, name, as_of, digest, count, actor, current=True, instead_of=instead_of)

    def record(
        self, layer: str, name: str, as_of: date, digest: str, count: int, actor: Actor
    ) -> None:
        """Record a snapshot beside the current one, with the audit row, in one transaction."""
        self._publish(layer, name, as_of, digest, count, actor, current=False)

    def _publish(
        self,
        layer: str,
        name: str,
        as_of: date,
        digest: str,
        count: int,
        actor: Actor,
        *,
        current: bool,
        instead_of: str | None = None,
    ) -> None:
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            found = _current_name(connection, layer) or ""
            if instead_of is not None and found not in {instead_of, name}:
                raise ConflictError(
                    "staged-outdated", layer=layer, current=found or "-", previous=instead_of or "-"
                )
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
                        published_by=author_of(actor).name,
                    )
                )
            facts: dict[str, Any] = {"count": count}
            facts |= _point_to(connection, layer, name) if current else {"current": False}
            append_entry(connection, actor, "publish", f"{layer}/{name}", facts, at=now)
        end_moment(self)

    def switch(self, layer: str, name: str, actor: Actor) -> None:
        """Make a recorded snapshot the current one, with its audit row, in one transaction.

        Raises:
            NotFoundError: It was removed meanwhile.
            ConflictError: It is the current one already.
        """
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            key = (SNAPSHOT.c.layer == layer) & (SNAPSHOT.c.name == name)
            if connection.execute(sa.select(SNAPSHOT.c.name).where(key)).first() is None:
                raise NotFoundError("snapshot-unknown", layer=layer, snapshot=name, offered="-")
            before = _point_to(connection, layer, name)
            if before.get("before") == name:
                raise ConflictError("snapshot-is-current", layer=layer, snapshot=name)
            append_entry(connection, actor, "rollback", f"{layer}/{name}", before, at=now)
        end_moment(self)

    def remove(self, layer: str, name: str, actor: Actor) -> bool:
        """Forget a snapshot with an audit row, unless it is current by now.

        Returns:
            Whether it was forgotten.
        """
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            of_current = (CURRENT.c.layer == layer) & (CURRENT.c.name == name)
            if connection.execute(sa.select(CURRENT.c.name).where(of_current)).first():
                return False
            key = (SNAPSHOT.c.layer == layer) & (SNAPSHOT.c.name == name)
            connection.execute(sa.delete(SNAPSHOT).where(key))
            append_entry(connection, actor, "retire", f"{layer}/{name}", {}, at=now)
        end_moment(self)
        return True


def _point_to(connection: sa.Connection, layer: str, name: str) -> dict[str, Any]:
    """Make a snapshot current; give what was current before, for the audit row."""
    before = _current_name(connection, layer)
    if before is None:
        connection.execute(sa.insert(CURRENT).values(layer=layer, name=name))
        return {}
    connection.execute(sa.update(CURRENT).where(CURRENT.c.layer == layer).values(name=name))
    return {"before": before}


def _current_name(connection: sa.Connection, layer: str) -> str | None:
    query = sa.select(CURRENT.c.name).where(CURRENT.c.layer == layer)
    return connection.execute(query).scalar_one_or_none()


def _to_entry(row: sa.Row[Any]) -> SnapshotEntry:
    at = row.published_at if row.published_at.tzinfo else row.published_at.replace(tzinfo=UTC)
    return SnapshotEntry(
        layer=row.layer,
        name=row.name,
        as_of=row.as_of,
        feature_count=row.feature_count,
        published_at=at,
        published_by=row.published_by,
        current=bool(row.current),
    )
