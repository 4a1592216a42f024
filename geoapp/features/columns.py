"""Which features have a value: one column of a snapshot at a time, the latest ones kept."""

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.errors import ChoiceError
from geoapp.overlay.kinds import derived_codes

Rows = NDArray[np.int64]
Value = str | int | float | date

_MOST_BYTES: Final = 64 << 20
_SHOWN: Final = 60
_NUMBER: Final = re.compile(r"[-+]?\d{1,15}(\.\d{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as numbers of its different values, -1 where there is none."""

    numbers: NDArray[np.int32]
    values: pa.Array

    @property
    def size(self) -> int:
        return int(self.numbers.nbytes + self.values.nbytes)

    def find(self, wanted: list[Value]) -> Rows:
        places = [pc.index(self.values, pa.scalar(value, self.values.type)) for value in wanted]
        there = [place.as_py() for place in places if place.as_py() >= 0]
        return np.flatnonzero(np.isin(self.numbers, there))


class ColumnShelf:
    """Finds features by the value of a field; safe from several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._columns: OrderedDict[tuple[Path, str], _Column] = OrderedDict()
        self._bytes = 0

    def find(
        self, snapshot: Snapshot, definition: LayerDefinition, name: str, written: str
    ) -> Rows:
        """Find the rows whose field has exactly this value, rising.

        Raises:
            ChoiceError: The field is none of the layer's, is not in its data, or the value is
                not of its type.
        """
        rule = require_field(definition, name)
        stored = rule.derive_from or rule.name
        wanted: list[Value] = [_read_value(rule, written)]
        if rule.derive_from:
            codes = derived_codes(definition, rule)
            wanted = [code for code, derived in codes.items() if derived == written]
        return self._column(snapshot, definition, stored).find(wanted)

    def _column(self, snapshot: Snapshot, definition: LayerDefinition, name: str) -> _Column:
        key = (snapshot.folder, name)
        with self._lock:
            if key in self._columns:
                self._columns.move_to_end(key)
                return self._columns[key]
        column = _read_column(snapshot.folder / FEATURES, definition, name)
        with self._lock:
            if key not in self._columns:
                self._columns[key] = column
                self._bytes += column.size
            while self._bytes > self._most_bytes and len(self._columns) > 1:
                self._bytes -= self._columns.popitem(last=False)[1].size
        return column


def require_field(definition: LayerDefinition, name: str) -> FieldRule:
    """Give a field of a layer.

    Raises:
        ChoiceError: There is none of that name.
    """
    rule = definition.find_field(name)
    if rule is None:
        offered = ", ".join(field.name for field in definition.fields)
        raise ChoiceError("choice-unknown", option="field", value=name[:_SHOWN], offered=offered)
    return rule


def _read_column(path: Path, definition: LayerDefinition, name: str) -> _Column:
    if name not in pq.read_schema(path).names:
        raise ChoiceError("features-field-absent", layer=definition.title, field=name)
    column = pq.read_table(path, columns=[name], read_dictionary=[name]).column(0)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], column.type)
    numbers = np.asarray(pc.fill_null(whole.indices.cast(pa.int32()), -1))
    return _Column(numbers, whole.dictionary)


def _read_value(rule: FieldRule, written: str) -> Value:
    """Read a value as the type of its field."""
    try:
        if rule.type == "date":
            return date.fromisoformat(written)
        if rule.type == "text":
            return written
        written_plainly = written if _NUMBER.fullmatch(written) else ""
        return float(written_plainly) if rule.type == "number" else int(written_plainly)
    except ValueError as error:
        raise ChoiceError(
            "features-value-wrong", field=rule.name, kind=f"@features.type_{rule.type}",
            value=written[:_SHOWN],
        ) from error  # fmt: skip
