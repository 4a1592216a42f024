"""Measuring a file without importing it."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geoapp.errors import CrsError
from geoapp.geometry.crs import ZONES, DatumShift, Geometries, gauss_crs
from geoapp.geometry.measure import (
    LINE_TYPES,
    line_lengths,
    official_areas,
    planar_areas,
    to_measure_plane,
)
from geoapp.geometry.repair import require_measurable
from geoapp.importers.reading import AUTO, Reading
from geoapp.importers.vector import read_features

_ID_FIELDS: Final = ("parcel_no", "bsm", "id", "tbbh", "code", "objectid", "fid", "name")
_MIDDLE_ZONE: Final = 37  # only for the hint of an error
_SOUTHMOST, _NORTHMOST = 3.0, 56.0  # of the country; degrees read as metres lie at the equator


@dataclass(frozen=True, slots=True)
class MeasuredFeature:
    """One geometry.

    Attributes:
        area_m2: Official ellipsoidal area.
        planar_m2: Area in the Gauss plane.
        declared_m2: Area that the file states, if it does.
        length_m: Length of a line, ``None`` for polygons.
    """

    id: str
    area_m2: float
    planar_m2: float
    declared_m2: float | None
    length_m: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of one feature; only lines have a length in it."""
        figures = {
            "id": self.id,
            "area_m2": self.area_m2,
            "planar_m2": self.planar_m2,
            "declared_m2": self.declared_m2,
        }
        return figures | ({} if self.length_m is None else {"length_m": self.length_m})


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """All geometries of a file.

    Attributes:
        crs: System of the file.
        gauss: The Gauss plane of the 3-degree zone that the data lies in.
    """

    crs: str
    gauss: str
    features: list[MeasuredFeature]

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.measure/1``."""
        return {
            "schema": "geoapp.measure/1",
            "crs": self.crs,
            "gauss": self.gauss,
            "features": [feature.to_json() for feature in self.features],
        }


def measure_file(
    path: Path, *, crs: str = AUTO, sublayer: str = "", shift: DatumShift | None = None
) -> MeasuredFile:
    """Measure every polygon of a file, or every line of a file of lines.

    Args:
        path: The file.
        crs: Stated system, or ``auto``.
        sublayer: Which layer, for files that hold several.
        shift: Local parameters of an old datum.

    Raises:
        InputError: The file, its system or a geometry cannot be taken.
    """
    reading = read_features(path, sublayer=sublayer, crs=crs)
    lines = _begins_with_line(reading.geometries)
    require_measurable(reading.geometries, "line" if lines else "polygon")
    name, geometries = reading.located(_MIDDLE_ZONE, shift)
    gauss = gauss_crs(_zone_of(geometries, reading, name))
    areas, planar = official_areas(geometries, gauss), planar_areas(geometries, gauss)
    lengths = line_lengths(to_measure_plane(geometries, gauss), gauss) if lines else None
    columns = {str(column).lower(): column for column in reading.frame.columns}
    key = next((columns[field] for field in _ID_FIELDS if field in columns), None)
    declared = _declared(reading.frame, columns.get("declared_m2"))
    features = [
        MeasuredFeature(
            id=str(reading.frame[key].iloc[row]) if key is not None else str(row + 1),
            area_m2=float(areas[row]),
            planar_m2=float(planar[row]),
            declared_m2=declared[row],
            length_m=None if lengths is None else float(lengths[row]),
        )
        for row in range(len(geometries))
    ]
    return MeasuredFile(name, gauss, features)


def _begins_with_line(geometries: Geometries) -> bool:
    """Tell by the first geometry that is there what the file is meant to hold."""
    kinds = shapely.get_type_id(geometries)
    return bool(np.isin(kinds[kinds >= 0][:1], LINE_TYPES).any())


def _declared(frame: pd.DataFrame, column: object) -> list[float | None]:
    """Read the areas that a file states; what is no finite number states nothing."""
    if column is None:
        return [None] * len(frame)
    numbers = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    return [float(number) if math.isfinite(number) else None for number in numbers]


def _zone_of(geometries: Geometries, reading: Reading, crs: str) -> int:
    """Find the 3-degree zone by the middle longitude."""
    if len(geometries) == 0:
        return _MIDDLE_ZONE
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    if north < _SOUTHMOST or south > _NORTHMOST:
        raise CrsError(
            "crs-outside-country",
            crs=crs,
            longitude=round(west, 4),
            latitude=round(south, 4),
            looks_like=reading.hint(_MIDDLE_ZONE),
        )
    zone = round((west + east) / 2 / 3)
    if zone not in ZONES:
        raise CrsError("crs-zone-unknown", zone=zone)
    return zone
