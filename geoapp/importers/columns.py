"""The values of a file as the columns of a layer, column by column, without a loop over rows."""

import re
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.importers.findings import Findings
from geoapp.importers.request import OnProblem

_DATE: Final = re.compile(
    r"(\d{4})(?:-|/|\.|\N{CJK UNIFIED IDEOGRAPH-5E74})?(\d{1,2})"
    r"(?:-|/|\.|\N{CJK UNIFIED IDEOGRAPH-6708})?(\d{1,2})\N{CJK UNIFIED IDEOGRAPH-65E5}?"
    r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?"
)
_TEXT: Final = pa.large_string()
_LONGEST_SHOWN: Final = 60

Mask = NDArray[np.bool_]


def read_columns(
    definition: LayerDefinition,
    frame: pd.DataFrame,
    sources: dict[str, str],
    findings: Findings,
    on_problem: OnProblem,
) -> pa.Table:
    """Give the canonical columns with their types, absent ones empty.

    Args:
        definition: The layer.
        frame: The file's own columns.
        sources: Canonical field → field of the file.
        findings: Told of values that are not of their field's type, and of required ones that
            are empty.
        on_problem: With ``accept`` such values are left empty, which is told, too.
    """
    names, columns = [], []
    for rule in definition.stored_fields:
        source = sources.get(rule.name)
        if source is None:
            column, wrong = _empty(rule, len(frame)), np.zeros(len(frame), dtype=np.bool_)
        else:
            column, wrong = _read(rule, frame[source])
            _tell_wrong(rule, frame[source], wrong, findings, on_problem)
        if rule.required:
            _tell_empty(rule, column, wrong, findings, on_problem)
        names.append(rule.name)
        columns.append(column)
    return pa.table(columns, names=names)


def _read(rule: FieldRule, values: pd.Series) -> tuple[pa.Array, Mask]:
    if rule.type == "text":
        return read_text(values), np.zeros(len(values), dtype=np.bool_)
    if rule.type == "date":
        return _read_dates(values)
    return _read_numbers(rule, values)


def read_text(values: pd.Series) -> pa.Array:
    """Read codes as text: a code that a tool stored as the number 101.0 reads ``101``."""
    if isinstance(values.dtype, pd.StringDtype):
        return _trim(pa.array(values, _TEXT, from_pandas=True))
    if pd.api.types.is_integer_dtype(values.dtype):
        return _trim(pc.cast(pa.array(values, from_pandas=True), _TEXT))
    return pa.array([_word(value) for value in values.tolist()], _TEXT)


def _trim(texts: pa.Array) -> pa.Array:
    flat = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pc.fill_null(pc.utf8_trim_whitespace(flat), "")


def _word(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read_numbers(rule: FieldRule, values: pd.Series) -> tuple[pa.Array, Mask]:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = values.replace("", None)
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = numbers.isna() & values.notna()
    if not pd.api.types.is_numeric_dtype(values.dtype):
        wrong &= values.astype(str).str.strip() != ""
    wrong |= numbers.isin([np.inf, -np.inf])
    if rule.type == "integer":
        wrong |= numbers.notna() & (numbers % 1 != 0)
    found = wrong.to_numpy(dtype=np.bool_)
    kept = numbers.mask(wrong)
    if rule.type == "integer":
        return pa.array(kept.astype("Int64"), pa.int64(), from_pandas=True), found
    return pa.array(kept.to_numpy(dtype=np.float64, na_value=np.nan)), found


def _read_dates(values: pd.Series) -> tuple[pa.Array, Mask]:
    """Read days however offices write them, as ISO text; an empty one stays empty."""
    encoded = pc.dictionary_encode(read_text(values))
    words = encoded.dictionary.to_pylist()
    days = [read_day(word) for word in words]
    wrong = np.array([not day and word != "" for day, word in zip(days, words, strict=True)], bool)
    places = encoded.indices.to_numpy()
    column = pa.array(days, _TEXT).take(encoded.indices) if words else read_text(values)
    return column, wrong[places] if len(wrong) else np.zeros(len(values), dtype=np.bool_)


def read_day(word: str) -> str:
    """Read a day however offices write it, as ISO text; ``""`` where it is none."""
    found = _DATE.fullmatch(word)
    if found is None:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def _empty(rule: FieldRule, count: int) -> pa.Array:
    if rule.type == "integer":
        return pa.nulls(count, pa.int64())
    if rule.type == "number":
        return pa.array(np.full(count, np.nan))
    return pa.repeat(pa.scalar("", _TEXT), count)


def _tell_wrong(
    rule: FieldRule, values: pd.Series, wrong: Mask, findings: Findings, on_problem: OnProblem
) -> None:
    rows = np.flatnonzero(wrong)
    accepted = on_problem == "accept"
    code = "field-value-emptied" if accepted else "field-value-wrong"
    shown = values.iloc[rows[: findings.room(code)]].astype(str).tolist()
    findings.add(
        code,
        "warning" if accepted else "error",
        rows,
        lambda place: {"field": rule.name, "value": shown[place][:_LONGEST_SHOWN]},
    )


def _tell_empty(
    rule: FieldRule, column: pa.Array, wrong: Mask, findings: Findings, on_problem: OnProblem
) -> None:
    if rule.type in {"text", "date"}:
        empty = np.asarray(pc.equal(column, ""))
    else:
        empty = np.asarray(pc.is_null(column, nan_is_null=True))
    findings.add(
        "field-empty",
        "warning" if on_problem == "accept" else "error",
        np.flatnonzero(empty & ~wrong),
        {"field": rule.name},
    )
