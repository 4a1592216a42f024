"""From the fields of a file to the canonical fields of a layer."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.errors import CatalogError

_INTEGERS: Final = "Int64"
_DATE: Final = re.compile(
    r"(\d{4})(?:-|/|\.|\N{CJK UNIFIED IDEOGRAPH-5E74})?(\d{1,2})"
    r"(?:-|/|\.|\N{CJK UNIFIED IDEOGRAPH-6708})?(\d{1,2})\N{CJK UNIFIED IDEOGRAPH-65E5}?"
    r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?"
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which field of the file stands for which canonical field.

    Attributes:
        sources: Canonical name → name in the file.
        unmapped: Fields of the file that no canonical field takes; they are not stored.
        missing: Canonical fields that the file does not have; stored as empty.
    """

    sources: dict[str, str]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]


def map_fields(definition: LayerDefinition, columns: list[str], file: str) -> Mapping:
    """Find the canonical fields by name and synonym, any letter case.

    Raises:
        CatalogError: A required field is missing; the error lists what the file has.
    """
    free = {column.lower(): column for column in columns}
    sources: dict[str, str] = {}
    for rule in definition.stored_fields:
        for name in (rule.name, *rule.synonyms):
            if name.lower() in free:
                sources[rule.name] = free.pop(name.lower())
                break
    missing = [rule for rule in definition.stored_fields if rule.name not in sources]
    for rule in missing:
        if rule.required:
            raise CatalogError(
                "field-missing",
                file=file,
                layer=definition.title,
                field=f"{rule.title.zh} {rule.name}",
                accepted=", ".join((rule.name, *rule.synonyms)),
                found=", ".join(columns) or "-",
            )
    return Mapping(sources, tuple(free.values()), tuple(rule.name for rule in missing))


def take_fields(
    definition: LayerDefinition, frame: pd.DataFrame, mapping: Mapping, file: str
) -> pd.DataFrame:
    """Give the canonical columns with their types, absent ones empty.

    Raises:
        CatalogError: A value is not of its field's type, or a required one is empty; named
            with its row.
    """
    columns = {}
    for rule in definition.stored_fields:
        source = mapping.sources.get(rule.name)
        values = (
            pd.Series([None] * len(frame), dtype=object)
            if source is None
            else frame[source].reset_index(drop=True)
        )
        columns[rule.name] = _typed(rule, values, file)
        if rule.required:
            _require_filled(rule, columns[rule.name], file)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def trim_unit_codes(codes: pd.Series, length: int, file: str) -> pd.Series:
    """Cut the trailing zeros that survey databases add to unit codes.

    Raises:
        CatalogError: A code is not of the level's length, or stands twice.
    """
    trimmed = codes.str.slice(0, length)
    rest = codes.str.slice(length)
    wrong = (trimmed.str.len() != length) | ~trimmed.str.isdigit() | rest.str.strip("0").ne("")
    wrong |= trimmed.duplicated()
    if wrong.any():
        row = int(wrong.to_numpy().nonzero()[0][0])
        raise CatalogError(
            "unit-code-wrong", file=file, row=row + 1, value=codes.iloc[row], length=length
        )
    return trimmed


def unknown_classes(definition: LayerDefinition, frame: pd.DataFrame) -> dict[str, int]:
    """Count the features whose class code is not in the class table, by ``field=code``."""
    counts: dict[str, int] = {}
    for rule in definition.class_fields:
        if rule.derive_from:
            continue
        known = set(definition.class_titles(rule.name)) | {""}
        values = frame[rule.name].fillna("").astype(str)
        for code, count in values[~values.isin(known)].value_counts().items():
            counts[f"{rule.name}={code}"] = int(count)
    return counts


def _typed(rule: FieldRule, values: pd.Series, file: str) -> pd.Series:
    if rule.type == "text":
        return _as_text(values)
    if rule.type == "date":
        return _as_dates(rule, values, file)
    numbers = pd.to_numeric(values.replace("", None), errors="coerce")
    wrong = numbers.isna() & values.notna() & (values.astype(str).str.strip() != "")
    wrong |= numbers.isin([np.inf, -np.inf])
    if rule.type == "integer":
        wrong |= numbers.notna() & (numbers % 1 != 0)
    _refuse_wrong(rule, values, wrong, file)
    return numbers.astype(_INTEGERS) if rule.type == "integer" else numbers.astype("float64")


def _refuse_wrong(rule: FieldRule, values: pd.Series, wrong: pd.Series, file: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().nonzero()[0][0])
        raise CatalogError(
            "field-value-wrong",
            file=file,
            row=row + 1,
            field=rule.name,
            value=str(values.iloc[row])[:60],
        )


def _as_dates(rule: FieldRule, values: pd.Series, file: str) -> pd.Series:
    """Read days however offices write them, as ISO text; an empty one stays empty."""
    words = _as_text(values)
    days = words.map(read_day)
    _refuse_wrong(rule, values, (days == "") & (words != ""), file)
    return days.astype(object)


def read_day(word: str) -> str:
    """Read a day however offices write it, as ISO text; ``""`` where it is none."""
    found = _DATE.fullmatch(word)
    if found is None:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def _as_text(values: pd.Series) -> pd.Series:
    """Read codes as text: a code that a tool stored as the number 101.0 reads ``101``."""

    def word(value: object) -> str:
        if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()

    return values.map(word).astype(object)


def _require_filled(rule: FieldRule, values: pd.Series, file: str) -> None:
    empty = values.isna() | (values.astype(str) == "")
    if empty.any():
        row = int(empty.to_numpy().nonzero()[0][0])
        raise CatalogError(
            "field-empty", file=file, row=row + 1, field=rule.name, count=int(empty.sum())
        )
