"""Sorted keys of a snapshot on disk: a million of them are looked up without being loaded.

One Arrow file a field beside the features, read through a memory map. Deleting it loses
nothing; one that is absent or cut off is built again.
"""

import bisect
import os
import secrets
import threading
import unicodedata
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import Final, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.disk import discard
from geoapp.catalog.snapshot import FEATURES, FINDING, Snapshot

KEYS_VERSION: Final = 1
_AFTER_ALL: Final = b"\xff"  # no byte of a text is as large
_SCHEMA: Final = pa.schema(
    [
        ("value", pa.large_string()),
        ("shown", pa.large_string()),  # as it is stored, where that differs
        ("other", pa.large_string()),
        ("row", pa.int32()),
    ],
    metadata={"version": str(KEYS_VERSION)},
)


class Hit(NamedTuple):
    """A key that was found.

    Attributes:
        row: Row of the feature.
        value: The key as it is stored.
        other: Key of the feature where its name was looked for, else its name.
        exact: The whole key was typed, not only its beginning.
    """

    row: int
    value: str
    other: str
    exact: bool


class _Values(Sequence[bytes]):
    """The texts of an Arrow array as bytes, taken one by one."""

    def __init__(self, array: pa.Array) -> None:
        _, offsets, content = array.buffers()
        self._starts = np.frombuffer(offsets, np.int64)[array.offset :][: len(array) + 1]
        self._content = memoryview(content) if content is not None else memoryview(b"")
        self._count = len(array)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        return bytes(self._content[self._starts[place] : self._starts[place + 1]])


class KeyIndex:
    """Sorted keys of one field."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self._values = _Values(batch.column("value"))

    def find(self, typed: str, most: int, *, prefix: bool) -> list[Hit]:
        """Find keys that are, or begin with, what was typed; exact ones first."""
        wanted = plain_key(typed).encode("utf-8", "replace")
        if not wanted:
            return []
        begin = bisect.bisect_left(self._values, wanted)
        after = wanted + _AFTER_ALL if prefix else wanted
        find_end = bisect.bisect_left if prefix else bisect.bisect_right
        end = min(find_end(self._values, after, lo=begin), begin + most)
        part = self._batch.slice(begin, end - begin).to_pylist()
        return [
            Hit(
                hit["row"],
                hit["value"] if hit["shown"] is None else hit["shown"],
                hit["other"],
                hit["value"].encode() == wanted,
            )
            for hit in part
        ]

    def ambiguous_rows(self, count: int) -> np.ndarray:
        """Give the rows whose key is empty or another's too, rising, of so many rows."""
        values, rows = self._batch.column("value"), np.asarray(self._batch.column("row"))
        alike = np.zeros(len(rows) + 1, dtype=np.bool_)
        alike[1:-1] = np.asarray(pc.equal(values[1:], values[:-1])) if len(rows) > 1 else False
        unsure = np.ones(count, dtype=np.bool_)
        unsure[rows] = alike[1:] | alike[:-1]
        return np.flatnonzero(unsure)


class KeyShelf:
    """Key indexes, built one after another on a thread of their own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="key-index")
        self._lock = threading.Lock()
        self._indexes: dict[tuple[Path, str], Future[KeyIndex | None]] = {}

    def index(
        self, snapshot: Snapshot, definition: LayerDefinition, field: str, wait_s: float | None
    ) -> KeyIndex | None:
        """Give the index of a field; ``None`` while it is being built or cannot be.

        Args:
            snapshot: Of which snapshot.
            definition: Its layer.
            field: One of ``key_fields``.
            wait_s: For how long to wait; ``None`` until it is there.
        """
        key = (snapshot.folder, field)
        with self._lock:
            if key not in self._indexes:
                self._drop_others(snapshot, field)
                self._indexes[key] = self._thread.submit(_open, snapshot, definition, field)
            future = self._indexes[key]
        try:
            found = future.result(wait_s)
        except NotYet:
            return None
        except (OSError, pa.ArrowException):
            with self._lock:
                self._indexes.pop(key, None)
            raise
        return found

    def _drop_others(self, snapshot: Snapshot, field: str) -> None:
        """Let go of the same field of earlier snapshots of the layer."""
        for folder, name in list(self._indexes):
            if folder.parent == snapshot.folder.parent and name == field:
                del self._indexes[folder, name]


def key_fields(definition: LayerDefinition) -> tuple[str, ...]:
    """Name the fields by which features of a layer are looked up."""
    return tuple(dict.fromkeys((definition.key, definition.name_field)))


def plain_key(text: str) -> str:
    """Bring a key to the form that is compared: width, case and spaces around do not count."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def _open(snapshot: Snapshot, definition: LayerDefinition, field: str) -> KeyIndex | None:
    path = snapshot.folder / FINDING / f"keys-{KEYS_VERSION}-{field}.arrow"
    found = _read(path)
    if found is not None:
        return KeyIndex(found)
    batch = _build(snapshot.folder / FEATURES, definition, field)
    if batch is None:
        return None
    _write(path, batch)
    kept = _read(path)  # through the memory map, so that the built one can be let go
    return KeyIndex(batch if kept is None else kept)


def _build(features: Path, definition: LayerDefinition, field: str) -> pa.RecordBatch | None:
    there = pq.read_schema(features).names
    if field not in there:
        return None
    other = definition.name_field if field == definition.key else definition.key
    columns = [name for name in dict.fromkeys((field, other)) if name in there]
    table = pq.read_table(features, columns=columns)
    texts = [_texts(table.column(name)) for name in columns]
    values = pc.utf8_upper(pc.utf8_trim_whitespace(pc.utf8_normalize(texts[0], form="NFKC")))
    order = pc.sort_indices(values).to_numpy()
    first = int(pc.sum(pc.equal(values, "")).as_py() or 0)  # empty ones sort before all others
    order = order[first:]
    rows = pa.array(order)
    shown = pc.if_else(pc.equal(values, texts[0]), None, texts[0])
    sorted_columns = [column.take(rows) for column in (values, shown, texts[-1])]
    return pa.record_batch([*sorted_columns, pa.array(order.astype(np.int32))], schema=_SCHEMA)


def _texts(column: pa.ChunkedArray) -> pa.Array:
    combined = pc.fill_null(column.cast(pa.large_string()), "").combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _read(path: Path) -> pa.RecordBatch | None:
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        if not reader.schema.equals(_SCHEMA, check_metadata=True) or reader.num_record_batches != 1:
            return None
        return reader.get_batch(0)
    except (OSError, pa.ArrowException):
        return None


def _write(path: Path, batch: pa.RecordBatch) -> None:
    """Write whole or not at all; a folder that cannot be written only costs time."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
            writer.write_batch(batch)
        temporary.replace(path)
    except OSError:
        discard(temporary)
