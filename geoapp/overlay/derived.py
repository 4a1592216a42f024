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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geoapp.catalog.snapshot import Snapshot
from geoapp.overlay.intersect import Shares

METHOD_VERSION: Final = 2
_SCHEMA: Final = pa.schema(
    [("feature_row", pa.int64()), ("zone_row", pa.int64()), ("area_m2", pa.float64())]
)


class DerivedTables:
    """Tables kept on disk beside a snapshot and, the latest ones, in memory."""

    def __init__(self, most_in_memory: int = 64) -> None:
        self._tables: OrderedDict[Path, Shares] = OrderedDict()
        self._most = most_in_memory
        self._lock = threading.Lock()
        self._turns: dict[Path, threading.Lock] = {}

    def shares(
        self, snapshot: Snapshot, key: tuple[str, ...], compute: Callable[[], Shares]
    ) -> Shares:
        """Give a table, computing it once even when several ask at the same time.

        Args:
            snapshot: Beside which snapshot it is kept.
            key: What it depends on, besides that snapshot and the method.
            compute: Makes it.
        """
        path = snapshot.folder / "measure" / f"{_name(key)}.parquet"
        with self._lock:
            turn = self._turns.setdefault(path, threading.Lock())
        with turn:
            found = self._recall(path)
            if found is None:
                found = _read(path)
                if found is None:
                    found = compute()
                    _write(path, found)
                self._remember(path, found)
            return found

    def _recall(self, path: Path) -> Shares | None:
        with self._lock:
            if path in self._tables:
                self._tables.move_to_end(path)
            return self._tables.get(path)

    def _remember(self, path: Path, shares: Shares) -> None:
        with self._lock:
            self._tables[path] = shares
            while len(self._tables) > self._most:
                self._tables.popitem(last=False)


def _name(key: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]
    return f"v{METHOD_VERSION}-{key[0]}-{digest}"


def _read(path: Path) -> Shares | None:
    try:
        table = pq.read_table(path, schema=_SCHEMA, page_checksum_verification=True)
    except (OSError, pa.ArrowException):  # absent, or damaged: made again
        return None
    if any(table.column(name).null_count for name in _SCHEMA.names):  # another file's columns
        return None
    return Shares(*(table.column(name).to_numpy() for name in _SCHEMA.names))


def _write(path: Path, shares: Shares) -> None:
    """Write whole or not at all; a folder that cannot be written only costs time."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    table = pa.table(
        {
            "feature_row": shares.feature_row.astype(np.int64),
            "zone_row": shares.zone_row.astype(np.int64),
            "area_m2": shares.area_m2.astype(np.float64),
        },
        schema=_SCHEMA,
    )
    try:
        path.parent.mkdir(exist_ok=True)
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
