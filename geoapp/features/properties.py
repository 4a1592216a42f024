"""The properties of features: stored fields, derived classes, the official measure."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.overlay.kinds import derived_codes

AREA: Final = "area_m2"
LENGTH: Final = "length_m"
_JSON_TYPES: Final = {"text": "string", "integer": "integer", "number": "number", "date": "string"}


def list_properties(
    definition: LayerDefinition,
    table: pa.Table,
    areas: np.ndarray | None,
    lengths: np.ndarray | None,
) -> list[dict[str, Any]]:
    """Give the properties of features in the order of the layer's fields.

    Args:
        definition: The layer.
        table: Stored columns of the features.
        areas: ``(n,)`` official areas, m²; ``None`` for a layer that has none.
        lengths: ``(n,)`` lengths, m; likewise.
    """
    columns = {name: _plain_values(table.column(name)) for name in table.column_names}
    columns.pop("geometry", None)
    missing = [None] * table.num_rows
    listed: dict[str, list[Any]] = {}
    for rule in definition.fields:
        values = columns.get(rule.derive_from or rule.name, missing)
        if rule.derive_from:
            codes = derived_codes(definition, rule)
            values = [codes.get(value) or None for value in values]
        listed[rule.name] = values
    for name, measures in ((AREA, areas), (LENGTH, lengths)):
        if measures is not None:
            listed[name] = measures.tolist()
    return [dict(zip(listed, row, strict=True)) for row in zip(*listed.values(), strict=True)]


def describe_properties(definition: LayerDefinition) -> Iterator[tuple[str, dict[str, Any]]]:
    """Describe each property in the words of JSON Schema, titles in both languages."""
    for rule in definition.fields:
        yield rule.name, _describe(definition, rule)
    measure = {"polygon": AREA, "line": LENGTH}.get(definition.geometry)
    if measure:
        unit = "m2" if measure == AREA else "m"
        yield measure, {"type": "number", "minimum": 0, "readOnly": True, "x-ogc-unit": unit}


def _describe(definition: LayerDefinition, rule: FieldRule) -> dict[str, Any]:
    described: dict[str, Any] = {"type": _JSON_TYPES[rule.type]}
    if rule.type == "date":
        described["format"] = "date"
    if rule.unit in {"m2", "m", "degree"}:
        described["x-ogc-unit"] = rule.unit
    if rule.name == definition.key:
        described["x-ogc-role"] = "id"
    if rule.classes:
        # Codes that the table lacks may stand in the data, so they are named, not required.
        described["x-codes"] = {
            value.code: {"zh": value.title.zh, "en": value.title.en}
            for value in definition.classes[rule.classes]
        }
    return described


def _plain_values(column: pa.ChunkedArray) -> list[Any]:
    """Give values as JSON can write them; ``None`` for what is missing or no number."""
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return []
    return [_plain(value) for value in column.to_pylist()]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
