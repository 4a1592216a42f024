"""Tables derived from a snapshot, kept beside its features and, the latest ones, in memory.

They lie in the snapshot's ``measure`` folder. Deleting them loses nothing: they are computed
again. Their names carry the version of the method and the snapshots they depend on, so a
stale one is never read.
"""

import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from geoapp.catalog.disk import discard
from geoapp.catalog.snapshot import MEASURE, Snapshot
from geoapp.overlay.shares import Shares

METHOD_VERSION: Final = 4
_SHARES: Final = pa.schema(
    [("feature_row", pa.int32()), ("zone_row", pa.int32()), ("area_m2", pa.float64())]
)


class DerivedTables:
    """Tables kept on disk beside a snapshot and, the latest ones, in memory."""

    def __init__(self, most_bytes: int = 256 << 20) -> None:
        self._tables: OrderedDict[Path, pa.Table] = OrderedDict()
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._turns: dict[Path, threading.Lock] = {}

    def table(
        self,
        snapshot: Snapshot,
        key: tuple[str, ...],
        schema: pa.Schema,
        compute: Callable[[], pa.Table],
    ) -> pa.Table:
        """Give a table, computing it once even when several ask at the same time.

        Args:
            snapshot: Beside which snapshot it is kept.
            key: What it depends on, besides that snapshot and the method.
            schema: Its columns; none may be missing.
            compute: Makes it.
        """
        path = snapshot.folder / MEASURE / f"{_name(key)}.parquet"
        with self._lock:
            turn = self._turns.setdefault(path, threading.Lock())
        with turn:
            found = self._recall(path)
            if found is None:
                found = _read(path, schema)
                if found is None:
                    found = compute().cast(schema)
                    _write(path, found)
                self._remember(path, found)
            return found

    def shares(
        self, snapshot: Snapshot, key: tuple[str, ...], compute: Callable[[], Shares]
    ) -> Shares:
        """Give shares of single features; see ``table``."""

        def make() -> pa.Table:
            made = compute()
            return pa.table([made.feature_row, made.zone_row, made.area_m2], schema=_SHARES)

        table = self.table(snapshot, key, _SHARES, make)
        return Shares(*(table.column(name).to_numpy() for name in _SHARES.names))

    def _recall(self, path: Path) -> pa.Table | None:
        with self._lock:
            if path in self._tables:
                self._tables.move_to_end(path)
            return self._tables.get(path)

    def _remember(self, path: Path, table: pa.Table) -> None:
        with self._lock:
            self._tables[path] = table
            kept = sum(kept.nbytes for kept in self._tables.values())
            while kept > self._most_bytes and len(self._tables) > 1:
                kept -= self._tables.popitem(last=False)[1].nbytes


def _name(key: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]
    return f"v{METHOD_VERSION}-{key[0]}-{digest}"


def _read(path: Path, schema: pa.Schema) -> pa.Table | None:
    try:
        table = pq.read_table(path, schema=schema, page_checksum_verification=True)
    except (OSError, pa.ArrowException):  # absent, or damaged: made again
        return None
    if any(table.column(name).null_count for name in schema.names):  # another file's columns
        return None
    return table


def _write(path: Path, table: pa.Table) -> None:
    """Write whole or not at all; a folder that cannot be written only costs time."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)
        temporary.replace(path)
    except OSError:
        discard(temporary)
