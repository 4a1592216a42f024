"""Cultivated land by grade of slope and unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.errors import InvariantError
from geoapp.geometry.measure import official_areas
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.planning.cells import CellGrid, cover_cells

LIMITS_DEG: Final = (2, 6, 15, 25)  # the upper bound belongs to the grade below it
GRADES: Final = (1, 2, 3, 4, 5)
STEEPEST: Final = 5  # above 25 degrees
Grades = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SlopeUnit:
    """Cultivated land of a unit by grade.

    Attributes:
        area_m2: All of it, official; parcels that overlap count twice.
        grade_m2: Grades 1 to 5.
        unknown_m2: Where no slope is known.
        coverage: Whether land use is known here.
    """

    unit_code: str
    unit_name: str
    area_m2: float
    grade_m2: tuple[float, ...]
    unknown_m2: float
    coverage: str

    def to_json(self) -> dict[str, Any]:
        """Give the row of a document; nothing is told of land use that is not known."""
        known = self.coverage != "no_data"
        return {
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "coverage": self.coverage,
            "area_m2": self.area_m2 if known else None,
            "grades_m2": list(self.grade_m2) if known else None,
            "unknown_m2": self.unknown_m2 if known else None,
        }


@dataclass(frozen=True, slots=True)
class SlopeResult:
    """Cultivated land by grade of slope.

    Attributes:
        raster: Height model and its version.
        snapshots: Of land use and units.
        whole: City or ``within`` unit, graded on its own, without cutting parcels at units.
        outside_m2: Cultivated land in no unit of the level.
        closure_m2: Largest gap between a unit and what statistics measure of it.
        steep: Parcels with ground above 25 degrees, as ``list_steep`` gives them.
    """

    by: str
    within: str
    raster: str
    snapshots: Mapping[str, str]
    units: tuple[SlopeUnit, ...]
    whole: SlopeUnit
    outside_m2: float
    closure_m2: float
    sample: bool
    steep: gpd.GeoDataFrame

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.slope/1``."""
        return {
            "schema": "geoapp.slope/1",
            "by": self.by,
            "within": self.within or None,
            "raster": self.raster,
            "limits_deg": list(LIMITS_DEG),
            "sample": self.sample,
            "snapshots": dict(self.snapshots),
            "rows": [unit.to_json() for unit in self.units],
            "whole": self.whole.to_json(),
            "outside_units_m2": self.outside_m2,
            "closure_m2": self.closure_m2,
        }


def grade_polygons(
    grid: CellGrid, polygons: Sequence[shapely.Geometry], gauss: str
) -> tuple[Grades, Grades]:
    """Grade polygons in EPSG:4490 by the slope of the cells under them.

    Args:
        grid: Grades of slope.
        polygons: What to grade.
        gauss: Gauss plane that official areas are computed with.

    Returns:
        Official area of each, m²; and ``(polygons, 6)``: grade 0 is not known, 1 to 5.
    """
    areas = np.asarray(official_areas(np.array(polygons, dtype=object), gauss))
    return areas, share_areas(grid, polygons, areas)


def share_areas(grid: CellGrid, polygons: Sequence[shapely.Geometry], areas_m2: Grades) -> Grades:
    """Share the area of each polygon out by the grade of the cells under it.

    Returns:
        ``(polygons, 6)`` m²: grade 0 is not known, 1 to 5.
    """
    shares = np.zeros((len(polygons), len(GRADES) + 1))
    for row, covered in enumerate(cover_cells(grid, polygons)):
        shares[row] = np.bincount(
            covered.values.astype(np.intp), weights=covered.shares, minlength=len(GRADES) + 1
        )
    shares[:, 0] = np.maximum(1.0 - shares[:, 1:].sum(axis=1), 0.0)
    shares[:, 0][shares[:, 0] < np.finfo(np.float32).eps] = 0.0
    return shares * areas_m2[:, None]


def require_slope_closes(
    units: Sequence[SlopeUnit], expected_m2: Mapping[str, float], raster: str
) -> float:
    """Stop where the graded land of a unit is not what statistics measure there.

    Returns:
        The largest gap, m².

    Raises:
        InvariantError: It is larger than the tolerance.
    """
    worst = 0.0
    for unit in units:
        graded = sum(unit.grade_m2) + unit.unknown_m2
        gap = abs(graded - expected_m2.get(unit.unit_code, 0.0))
        if gap > CLOSURE_TOLERANCE_M2:
            raise InvariantError(
                "slope-not-closed", unit=unit.unit_code, raster=raster, closure_m2=f"{gap:.4f}"
            )
        worst = max(worst, gap)
    return worst
