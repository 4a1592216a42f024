"""Entries of the planner's lists in the register: written once, superseded, never overwritten."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from geoapp.database.engine import METADATA, reading, writing

Connection = sa.Connection
Kind = Literal["target", "item", "plan"]
_MOST_KEYS: Final = 400  # of one statement: SQLite takes 999 values at least

PLANNING_ENTRY: Final = sa.Table(
    "planning_entry",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("list", sa.String(40), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("unit", sa.String(12), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("geometry", sa.LargeBinary),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("source", sa.String(200), nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.UniqueConstraint("kind", "list", "key", "version"),
    sa.Index("ix_planning_entry_current", "kind", "list", "current"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one entry.

    Attributes:
        kind: ``target``, ``item`` of a tracker, or ``plan``.
        list: Which tracker, ``""`` for the others.
        key: What tells it from others of its list.
        version: From 1; each change makes one more.
        current: Whether it is the newest.
        removed: Whether this version takes the entry off its list.
        unit: Code of the unit that it belongs to, ``""`` for none.
        content: As its kind has it.
        geometry: WKB, EPSG:4490.
        source: File that it came from, ``""`` where a person entered it.
        sample: Whether it is synthetic.
    """

    kind: Kind
    list: str
    key: str
    version: int
    current: bool
    removed: bool
    unit: str
    content: Mapping[str, Any]
    geometry: bytes | None
    actor: str
    at: str
    reason: str
    source: str
    sample: bool


class LedgerStore:
    """Opens transactions."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads."""
        return reading(self._engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes; all of it happens, or nothing."""
        return writing(self._engine)


def read_current(connection: Connection, kind: Kind, name: str = "") -> list[Entry]:
    """Read what stands on a list now, by key."""
    query = sa.select(PLANNING_ENTRY).where(
        PLANNING_ENTRY.c.kind == kind,
        PLANNING_ENTRY.c.list == name,
        PLANNING_ENTRY.c.current,
        sa.not_(PLANNING_ENTRY.c.removed),
    )
    rows = connection.execute(query.order_by(PLANNING_ENTRY.c.key)).mappings()
    return [_to_entry(row) for row in rows]


def read_versions(connection: Connection, kind: Kind, name: str, key: str) -> list[Entry]:
    """Read every version of an entry, newest first."""
    query = sa.select(PLANNING_ENTRY).where(
        PLANNING_ENTRY.c.kind == kind, PLANNING_ENTRY.c.list == name, PLANNING_ENTRY.c.key == key
    )
    rows = connection.execute(query.order_by(PLANNING_ENTRY.c.version.desc())).mappings()
    return [_to_entry(row) for row in rows]


def read_newest(
    connection: Connection, kind: Kind, name: str, keys: Sequence[str] | None = None
) -> dict[str, Entry]:
    """Read the newest version of entries, removed ones too, by key; all without ``keys``."""
    plain = sa.select(PLANNING_ENTRY).where(
        PLANNING_ENTRY.c.kind == kind, PLANNING_ENTRY.c.list == name, PLANNING_ENTRY.c.current
    )
    queries = [plain]
    if keys is not None:
        parts = [keys[at : at + _MOST_KEYS] for at in range(0, len(keys), _MOST_KEYS)]
        queries = [plain.where(PLANNING_ENTRY.c.key.in_(part)) for part in parts]
    found = [row for query in queries for row in connection.execute(query).mappings()]
    return {row["key"]: _to_entry(row) for row in found}


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add versions; those before them are no longer current."""
    if not entries:
        return
    first = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(PLANNING_ENTRY.c.id), 0)))
    superseded = sa.update(PLANNING_ENTRY).where(
        PLANNING_ENTRY.c.kind == sa.bindparam("k"),
        PLANNING_ENTRY.c.list == sa.bindparam("l"),
        PLANNING_ENTRY.c.key == sa.bindparam("e"),
        PLANNING_ENTRY.c.current,
    )
    connection.execute(
        superseded.values(current=False),
        [{"k": entry.kind, "l": entry.list, "e": entry.key} for entry in entries],
    )
    connection.execute(
        sa.insert(PLANNING_ENTRY),
        [
            _to_row(entry) | {"id": int(first or 0) + place}
            for place, entry in enumerate(entries, 1)
        ],
    )


def to_text(content: Mapping[str, Any]) -> str:
    """Write content so that equal contents are equal texts."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_PLAIN: Final = (
    "kind", "list", "key", "version", "current", "removed", "unit", "geometry", "actor", "at",
    "reason", "source", "sample",
)  # fmt: skip


def _to_row(entry: Entry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in _PLAIN}
    return row | {"content": to_text(entry.content)}


def _to_entry(row: Any) -> Entry:
    plain = {name: row[name] for name in _PLAIN if name != "geometry"}
    shape = row["geometry"]
    return Entry(
        **plain,
        content=json.loads(row["content"]),
        geometry=None if shape is None else bytes(shape),
    )
