"""Attributes and geometry of single rows: whole row groups are decoded, and the latest ones kept."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.overlay.workers import in_threads

_GEOMETRY: Final = frozenset({"geometry", "bbox"})
_MOST_FILES: Final = 64


class RowReader:
    """Reads single rows; safe from several threads."""

    def __init__(self, most_bytes: int = 48 << 20, *, geometry: bool = False) -> None:
        """Keep so many bytes of the latest row groups, of attributes alone or with geometry."""
        self._most_bytes = most_bytes
        self._geometry = geometry
        self._lock = threading.Lock()
        self._files: OrderedDict[Path, _File] = OrderedDict()
        self._groups: OrderedDict[tuple[Path, int], pa.Table] = OrderedDict()
        self._bytes = 0

    def read(self, snapshot: Snapshot, row: int) -> Mapping[str, Any]:
        """Read the attributes of one row, by column; the geometry is left out."""
        path = snapshot.folder / FEATURES
        file = self._file(path)
        group = int(np.searchsorted(file.starts, row, side="right")) - 1
        table = self._group(path, file, group)
        place = row - int(file.starts[group])
        return {name: table.column(name)[place].as_py() for name in table.column_names}

    def read_many(self, snapshot: Snapshot, rows: np.ndarray) -> pa.Table:
        """Read some rows, rising, with the geometry as WKB where it is read at all."""
        path = snapshot.folder / FEATURES
        file = self._file(path)
        groups = np.searchsorted(file.starts, rows, side="right") - 1

        def take(group: int) -> pa.Table:
            places = rows[groups == group] - file.starts[group]
            return self._group(path, file, group).take(places)

        parts = list(in_threads(take, np.unique(groups).tolist()))
        return pa.concat_tables(parts) if parts else file.empty()

    def _file(self, path: Path) -> "_File":
        with self._lock:
            found = self._files.get(path)
        if found is None:
            found = _File(path, geometry=self._geometry)
        with self._lock:
            self._files[path] = found
            self._files.move_to_end(path)
            while len(self._files) > _MOST_FILES:
                self._files.popitem(last=False)
        return found

    def _group(self, path: Path, file: "_File", group: int) -> pa.Table:
        key = (path, group)
        with self._lock:
            if key in self._groups:
                self._groups.move_to_end(key)
                return self._groups[key]
        table = file.read(group)
        with self._lock:
            if key not in self._groups:
                self._groups[key] = table
                self._bytes += table.nbytes
            while self._bytes > self._most_bytes and len(self._groups) > 1:
                self._bytes -= self._groups.popitem(last=False)[1].nbytes
        return table


class _File:
    """What is known of a file of features without reading any."""

    def __init__(self, path: Path, *, geometry: bool) -> None:
        self._path = path
        self._metadata = pq.read_metadata(path)
        schema = self._metadata.schema.to_arrow_schema()
        left_out = _GEOMETRY - {"geometry"} if geometry else _GEOMETRY
        self._columns = [name for name in schema.names if name not in left_out]
        self._schema = schema
        # Few values repeat in most columns: as dictionaries they take less than half.
        self._texts = [
            name
            for name in self._columns
            if pa.types.is_string(schema.field(name).type)
            or pa.types.is_large_string(schema.field(name).type)
        ]
        groups = range(self._metadata.num_row_groups)
        counts = [self._metadata.row_group(group).num_rows for group in groups]
        self.starts = np.cumsum([0, *counts])

    def empty(self) -> pa.Table:
        """Give a table without rows."""
        return pa.table(
            {name: pa.array([], self._schema.field(name).type) for name in self._columns}
        )

    def read(self, group: int) -> pa.Table:
        """Read a row group."""
        file = pq.ParquetFile(self._path, metadata=self._metadata, read_dictionary=self._texts)
        with file:
            return file.read_row_group(group, columns=self._columns, use_threads=False)
