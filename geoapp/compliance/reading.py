"""Parcels from files: every feature of a file is one, with its number, name and stated area."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoapp.catalog.city import City
from geoapp.compliance.request import Parcel
from geoapp.geometry.crs import DatumShift
from geoapp.importers.reading import AUTO, Reading
from geoapp.importers.vector import read_features

_NUMBERS: Final = ("parcel_no", "dkbh", "bsm", "id", "tbbh", "code", "objectid", "fid")
_NAMES: Final = ("parcel_name", "name", "dkmc", "xmmc", "mc")
_AREAS_M2: Final = ("declared_m2",)


def read_parcels(
    path: Path,
    city: City,
    *,
    crs: str = AUTO,
    sublayer: str = "",
    shift: DatumShift | None = None,
) -> list[Parcel]:
    """Read the parcels of a file; rows that are no good polygons are kept and listed later.

    Raises:
        InputError: The file or its system cannot be taken.
    """
    reading = read_features(path, sublayer=sublayer, crs=crs)
    return to_parcels(reading, city, shift)


def to_parcels(reading: Reading, city: City, shift: DatumShift | None = None) -> list[Parcel]:
    """Make parcels of what was read.

    Raises:
        CrsError: The system is not known, or the coordinates do not fit it.
    """
    system, geometries = reading.located(city.zone, shift)
    count = len(geometries)
    numbers = _texts(reading.frame, _NUMBERS, count)
    names = _texts(reading.frame, _NAMES, count)
    declared = _areas(reading.frame, count)
    return [
        Parcel(
            geometry=geometries[row],
            id=numbers[row],
            name=names[row],
            declared_m2=declared[row],
            crs=system,
            row=row + 1,
        )
        for row in range(count)
    ]


def renumber(parcels: Iterable[Parcel]) -> list[Parcel]:
    """Number the rows of several inputs through."""
    return [
        Parcel(
            geometry=parcel.geometry,
            id=parcel.id,
            name=parcel.name,
            declared_m2=parcel.declared_m2,
            crs=parcel.crs,
            row=row,
        )
        for row, parcel in enumerate(parcels, start=1)
    ]


def _column(frame: pd.DataFrame, offered: Sequence[str]) -> Any:
    columns = {str(column).lower(): column for column in frame.columns}
    found = next((columns[name] for name in offered if name in columns), None)
    return None if found is None else frame[found]


def _texts(frame: pd.DataFrame, offered: Sequence[str], count: int) -> list[str]:
    column = _column(frame, offered)
    if column is None:
        return [""] * count
    return ["" if pd.isna(value) else str(value).strip() for value in column]


def _areas(frame: pd.DataFrame, count: int) -> list[float | None]:
    """Read stated areas; what is no positive number states nothing."""
    column = _column(frame, _AREAS_M2)
    if column is None:
        return [None] * count
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return [float(n) if math.isfinite(n) and n > 0 else None for n in numbers]
