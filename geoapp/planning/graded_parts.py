"""Parcels cut at units and graded by the slope of the cells under them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import polygon_parts
from geoapp.overlay.kernel import Integers
from geoapp.planning.cells import CellGrid
from geoapp.planning.slope import GRADES, Grades, grade_polygons

_POLYGONS: Final = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)


@dataclass(frozen=True, slots=True)
class GradedParts:
    """Parts of parcels, each in one unit.

    Attributes:
        unit_rows: Unit of each part.
        parcel_rows: Parcel of each part.
        shapes: Their ground, EPSG:4490.
        grades: ``(parts, 6)`` official m²: grade 0 is not known, 1 to 5.
    """

    unit_rows: Integers
    parcel_rows: Integers
    shapes: Geometries
    grades: Grades

    def by_unit(self, count: int) -> Grades:
        """Add up the parts of each of ``count`` units, ``(count, 6)``."""
        sums = np.zeros((count, len(GRADES) + 1))
        np.add.at(sums, self.unit_rows, self.grades)
        return sums


def grade_parts(
    grid: CellGrid,
    parcels: Geometries,
    units: Geometries,
    gauss: str,
    graded: Grades | None = None,
) -> GradedParts:
    """Cut parcels at units and grade what each unit has of them.

    Args:
        grid: Grades of slope.
        parcels: Polygons, EPSG:4490; those that overlap each other count twice.
        units: Likewise.
        gauss: Gauss plane that official areas are computed with.
        graded: ``(parcels, 6)`` of whole parcels, where they are known already.
    """
    unit, parcel = shapely.STRtree(parcels).query(units, predicate="intersects")
    shapely.prepare(units)
    within = shapely.contains(units[unit], parcels[parcel])
    parts = parcels[parcel].copy()
    parts[~within] = shapely.intersection(parts[~within], units[unit][~within])
    kept = shapely.area(parts) > 0
    unit, parcel, within = unit[kept], parcel[kept], within[kept]
    shapes = _only_polygons(parts[kept])
    if graded is None:
        return GradedParts(unit, parcel, shapes, grade_polygons(grid, list(shapes), gauss)[1])
    grades = graded[parcel]
    grades[~within] = grade_polygons(grid, list(shapes[~within]), gauss)[1]
    return GradedParts(unit, parcel, shapes, grades)


def _only_polygons(shapes: Geometries) -> Geometries:
    """Leave out lines and points along which a parcel only touches a unit."""
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONS)).tolist():
        ground, _ = polygon_parts(shapes[row : row + 1], np.zeros(1, dtype=np.int64))
        shapes[row] = shapely.MultiPolygon(list(ground))
    return shapes
