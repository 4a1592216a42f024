"""Measuring a file without importing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geoapp.errors import CrsError
from geoapp.geometry.crs import ZONES, Geometries, gauss_crs
from geoapp.geometry.measure import official_areas, planar_areas
from geoapp.geometry.repair import require_measurable
from geoapp.importers.reading import AUTO
from geoapp.importers.vector import read_features

_ID_FIELDS: Final = ("parcel_no", "bsm", "id", "tbbh", "code", "objectid", "fid", "name")
_MIDDLE_ZONE: Final = 37  # only for the hint of an error


@dataclass(frozen=True, slots=True)
class MeasuredFeature:
    """One geometry.

    Attributes:
        area_m2: Official ellipsoidal area.
        planar_m2: Area in the Gauss plane.
        declared_m2: Area that the file states, if it does.
    """

    id: str
    area_m2: float
    planar_m2: float
    declared_m2: float | None


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
            "features": [
                {
                    "id": feature.id,
                    "area_m2": feature.area_m2,
                    "planar_m2": feature.planar_m2,
                    "declared_m2": feature.declared_m2,
                }
                for feature in self.features
            ],
        }


def measure_file(path: Path, *, crs: str = AUTO, sublayer: str = "") -> MeasuredFile:
    """Measure every polygon of a file.

    Raises:
        InputError: The file, its system or a geometry cannot be taken.
    """
    reading = read_features(path, sublayer=sublayer, crs=crs)
    require_measurable(reading.geometries, "polygon")
    name, geometries = reading.located(_MIDDLE_ZONE)
    gauss = gauss_crs(_zone_of(geometries))
    areas, planar = official_areas(geometries, gauss), planar_areas(geometries, gauss)
    columns = {str(column).lower(): column for column in reading.frame.columns}
    key = next((columns[field] for field in _ID_FIELDS if field in columns), None)
    declared = reading.frame["declared_m2"] if "declared_m2" in columns else None
    features = []
    for row in range(len(geometries)):
        stated = None if declared is None else declared.iloc[row]
        features.append(
            MeasuredFeature(
                id=str(reading.frame[key].iloc[row]) if key is not None else str(row + 1),
                area_m2=float(areas[row]),
                planar_m2=float(planar[row]),
                declared_m2=None if stated is None or np.isnan(stated) else float(stated),
            )
        )
    return MeasuredFile(name, gauss, features)


def _zone_of(geometries: Geometries) -> int:
    """Find the 3-degree zone by the middle longitude."""
    bounds = shapely.total_bounds(geometries)
    zone = round(float(bounds[0] + bounds[2]) / 2 / 3)
    if zone not in ZONES:
        raise CrsError("crs-zone-unknown", zone=zone)
    return zone
