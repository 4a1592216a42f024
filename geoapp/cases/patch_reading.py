"""Reading a batch of patches from a file: fields by their names, never by position."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geoapp.cases.patch import require_number
from geoapp.catalog.city import City
from geoapp.catalog.manifest import Repair
from geoapp.errors import CatalogError
from geoapp.geometry.crs import DatumShift, Geometries, require_inside
from geoapp.geometry.measure import official_areas
from geoapp.geometry.repair import repair_polygons, require_measurable
from geoapp.importers.mapping import read_day
from geoapp.importers.reading import AUTO
from geoapp.importers.vector import read_features

_FILE: Final = "patch_fields.toml"
_OWN: Final = ("number", "kind", "seen_from", "seen_on", "declared_area_m2")


@dataclass(frozen=True, slots=True)
class ReadPatches:
    """A batch as the file gives it.

    Attributes:
        fields: Canonical field → field of the file.
        unmapped: Fields of the file that are kept under their own names.
        areas: ``(n,)`` official areas, two decimals.
        repairs: Outlines that crossed themselves and were repaired, by row from 1.
    """

    file: str
    sha256: str
    crs: str
    fields: dict[str, str]
    unmapped: tuple[str, ...]
    numbers: tuple[str, ...]
    kinds: tuple[str, ...]
    seen_from: tuple[date | None, ...]
    seen_on: tuple[date | None, ...]
    declared: tuple[Decimal | None, ...]
    attributes: tuple[dict[str, Any], ...]
    footprints: Geometries
    areas: tuple[Decimal, ...]
    repairs: tuple[Repair, ...]


def read_patches(
    path: Path, city: City, shift: DatumShift | None, *, crs: str = AUTO, sublayer: str = ""
) -> ReadPatches:
    """Read a file; nothing is written.

    Raises:
        FileError: It cannot be read.
        CrsError: Its system is missing or refused, or it lies outside the city.
        CatalogError: The number is missing, stands twice, or a value is wrong; named with row.
        GeometryError: A geometry is missing or no polygon.
    """
    reading = read_features(path, sublayer=sublayer, crs=crs)
    require_measurable(reading.geometries, "polygon")
    name, geometries = reading.located(city.zone, shift)
    require_inside(geometries, name, city.extent.to_extent(), city.zone)
    geometries, changes = repair_polygons(geometries, city.crs)
    table = pd.DataFrame(reading.frame.drop(columns=reading.frame.geometry.name))
    fields = _map([str(column) for column in table.columns], path.name)
    numbers = _numbers(table, fields, path.name)
    areas = official_areas(geometries, city.crs)
    unmapped = tuple(str(c) for c in table.columns if str(c) not in fields.values())
    return ReadPatches(
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        crs=name,
        fields=fields,
        unmapped=unmapped,
        numbers=numbers,
        kinds=tuple(_word(value)[:32] for value in _column(table, fields, "kind")),
        seen_from=_days(table, fields, "seen_from", path.name),
        seen_on=_days(table, fields, "seen_on", path.name),
        declared=_areas(table, fields, path.name),
        attributes=_attributes(table, fields, unmapped),
        footprints=np.asarray(shapely.force_2d(geometries), dtype=object),
        areas=tuple(_exact(float(area)) for area in areas),
        repairs=tuple(
            Repair(
                row=change.row + 1,
                problem=change.reason,
                before_m2=change.before_m2,
                after_m2=change.after_m2,
            )
            for change in changes
        ),
    )


@cache
def read_synonyms() -> dict[str, tuple[str, ...]]:
    """Read the names under which each field is handed over."""
    path = Path(__file__).with_name(_FILE)
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: tuple(field["synonyms"]) for name, field in table["fields"].items()}


def _map(columns: list[str], file: str) -> dict[str, str]:
    free = {column.lower(): column for column in columns}
    found: dict[str, str] = {}
    for name, synonyms in read_synonyms().items():
        for synonym in synonyms:
            if synonym.lower() in free:
                found[name] = free.pop(synonym.lower())
                break
    if "number" not in found:
        raise CatalogError(
            "field-missing",
            file=file,
            layer="@case.patches",
            field="number",
            accepted=", ".join(read_synonyms()["number"]),
            found=", ".join(columns) or "-",
        )
    return found


def _numbers(table: pd.DataFrame, fields: dict[str, str], file: str) -> tuple[str, ...]:
    values = [_word(value) for value in _column(table, fields, "number")]
    numbers = tuple(require_number(value, row, file) for row, value in enumerate(values, start=1))
    seen: set[str] = set()
    for row, number in enumerate(numbers, start=1):
        if number in seen:
            raise CatalogError("patch-number-twice", file=file, row=row, value=number)
        seen.add(number)
    return numbers


def _column(table: pd.DataFrame, fields: dict[str, str], name: str) -> list[Any]:
    return table[fields[name]].tolist() if name in fields else [None] * len(table)


def _days(
    table: pd.DataFrame, fields: dict[str, str], name: str, file: str
) -> tuple[date | None, ...]:
    return tuple(
        _day(_word(value), fields.get(name, name), row, file)
        for row, value in enumerate(_column(table, fields, name), start=1)
    )


def _day(word: str, field: str, row: int, file: str) -> date | None:
    if not word:
        return None
    iso = read_day(word)
    if not iso:
        raise CatalogError("field-value-wrong", file=file, row=row, field=field, value=word[:60])
    return date.fromisoformat(iso)


def _areas(table: pd.DataFrame, fields: dict[str, str], file: str) -> tuple[Decimal | None, ...]:
    found: list[Decimal | None] = []
    name = "declared_area_m2"
    for row, value in enumerate(_column(table, fields, name), start=1):
        word = _word(value)
        try:
            area = Decimal(word) if word else None
        except InvalidOperation as error:
            field = fields.get(name, name)
            raise CatalogError(
                "field-value-wrong", file=file, row=row, field=field, value=word[:60]
            ) from error
        found.append(None if area is None or not area.is_finite() else _exact(float(area)))
    return tuple(found)


def _attributes(
    table: pd.DataFrame, fields: dict[str, str], unmapped: tuple[str, ...]
) -> tuple[dict[str, Any], ...]:
    names = {column: name for name, column in fields.items() if name not in _OWN}
    kept = {**names, **{column: column for column in unmapped}}
    words = {name: [_word(value) for value in table[column]] for column, name in kept.items()}
    return tuple(
        {name: values[row] for name, values in words.items() if values[row]}
        for row in range(len(table))
    )


def _exact(area_m2: float) -> Decimal:
    return Decimal(repr(area_m2)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _word(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
