"""Parcels cut at units and graded by the slope of the cells under them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import from_measure_plane, to_measure_plane
from geoapp.overlay.fragment import polygon_parts
from geoapp.overlay.kernel import Integers
from geoapp.planning.cells import CellGrid
from geoapp.planning.slope import GRADES, Grades, share_areas

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
    plane: Geometries | None = None,
) -> GradedParts:
    """Cut parcels at units and grade what each unit has of them.

    They are cut in the measure plane, where areas of parts add up to the area of the whole; cut
    in degrees, long edges would have been straight in another way.

    Args:
        grid: Grades of slope.
        parcels: Polygons, EPSG:4490; those that overlap each other count twice.
        units: Likewise.
        gauss: Gauss plane that official areas are computed with.
        graded: ``(parcels, 6)`` of whole parcels, where they are known already.
        plane: The parcels in the measure plane, likewise.
    """
    if plane is None:
        plane = _to_plane(parcels, gauss)
    ground = _to_plane(units, gauss)
    unit, parcel = shapely.STRtree(plane).query(ground, predicate="intersects")
    shapely.prepare(ground)
    crossing = ~shapely.contains(ground[unit], plane[parcel])
    parts, shapes = plane[parcel], parcels[parcel]
    parts[crossing] = shapely.intersection(parts[crossing], ground[unit[crossing]])
    parts[crossing] = _only_polygons(parts[crossing])
    shapes[crossing] = from_measure_plane(parts[crossing], gauss)
    areas = shapely.area(parts)
    kept = areas > 0
    grades = np.zeros((len(parts), len(GRADES) + 1)) if graded is None else graded[parcel]
    cut = kept if graded is None else kept & crossing
    grades[cut] = share_areas(grid, list(shapes[cut]), areas[cut])
    return GradedParts(unit[kept], parcel[kept], shapes[kept], grades[kept])


def _to_plane(shapes: Geometries, gauss: str) -> Geometries:
    plane = to_measure_plane(shapes, gauss)
    wrong = ~shapely.is_valid(plane)
    plane[wrong] = shapely.make_valid(plane[wrong])
    return plane


def _only_polygons(shapes: Geometries) -> Geometries:
    """Leave out lines and points along which a parcel only touches a unit."""
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONS)).tolist():
        ground, _ = polygon_parts(shapes[row : row + 1], np.zeros(1, dtype=np.int64))
        shapes[row] = shapely.MultiPolygon(list(ground))
    return shapes
