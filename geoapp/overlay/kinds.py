"""The class of each feature as a number, with what the numbers stand for."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot


@dataclass(frozen=True, slots=True)
class Kinds:
    """Classes of features.

    Attributes:
        numbers: ``(n,)`` number of the class of each feature.
        names: Code of each number; ``""`` for features without a class.
        key: What tells these classes from others of the same snapshot: the field, and for a
            derived one what the class table says, which changes without a new snapshot.
    """

    numbers: NDArray[np.int32]
    names: tuple[str, ...]
    key: str

    def codes(self) -> np.ndarray:
        """``(n,)`` code of the class of each feature."""
        return np.array(self.names, dtype=object)[self.numbers]


def one_kind(count: int) -> Kinds:
    """Put all features into one class."""
    return Kinds(np.zeros(count, dtype=np.int32), ("",), "-")


def read_kinds(definition: LayerDefinition, snapshot: Snapshot, name: str) -> Kinds | None:
    """Read the class of each feature; a derived one is looked up from what it stems from.

    Returns:
        ``None`` when the layer has no such field.
    """
    rule = definition.find_field(name)
    if rule is None:
        return None
    stored = rule.derive_from or name
    column = pq.read_table(snapshot.folder / FEATURES, columns=[stored]).column(0)
    encoded = column.cast(pa.string()).fill_null("").dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    found = [str(code) for code in encoded.dictionary.to_pylist()]
    key = rule.name
    if rule.derive_from:
        derived = derived_codes(definition, rule)
        found = [derived.get(code, "") for code in found]
        content = repr(sorted(derived.items())).encode()
        key = f"{rule.name}-{hashlib.sha256(content).hexdigest()[:16]}"
    names, numbers = np.unique(np.array(found, dtype=str), return_inverse=True)
    rows = np.asarray(encoded.indices)
    return Kinds(numbers.astype(np.int32)[rows], tuple(str(n) for n in names), key)


def derived_codes(definition: LayerDefinition, rule: FieldRule) -> dict[str, str]:
    """Map the codes of the class that a derived field stems from to its own.

    Empty for a field that is stored.
    """
    if not rule.derive_from:
        return {}
    origin = definition.find_field(rule.derive_from)
    values = definition.classes.get(origin.classes if origin else "", ())
    return {
        value.code: value.group if rule.derive_by == "group" else (value.parent or value.code)
        for value in values
    }
