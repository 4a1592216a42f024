"""Making geometries valid, with a line for every change.

Nothing is repaired in silence: the caller gets what was changed and by how much.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.errors import GeometryError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import LINE_TYPES, official_areas

_POLYGONS = frozenset({shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value})
KINDS: Final[dict[str, frozenset[int]]] = {
    "polygon": _POLYGONS,
    "line": frozenset(LINE_TYPES),
    "point": frozenset({shapely.GeometryType.POINT.value}),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One geometry that was changed.

    Attributes:
        row: Position in the input, counted from 0.
        reason: What was wrong, in the words of the geometry library, without coordinates.
        before_m2: Official area as handed over.
        after_m2: Official area after the repair.
    """

    row: int
    reason: str
    before_m2: float
    after_m2: float


def require_measurable(geometries: Geometries, kind: str) -> None:
    """Stop at the first geometry that cannot be stored.

    Args:
        geometries: ``(n,)`` geometries or ``None``.
        kind: ``polygon``, ``line`` or ``point``.

    Raises:
        GeometryError: Missing, empty, of another kind, with coordinates that are not finite,
            or a line whose vertices all coincide; named with its row, counted from 1.
    """
    types = shapely.get_type_id(geometries)
    wanted = KINDS[kind]
    checks = (
        ("geometry-missing", (types < 0) | shapely.is_empty(geometries)),
        ("geometry-wrong-kind", ~np.isin(types, list(wanted))),
        ("geometry-not-finite", ~_finite(geometries)),
    )
    for code, wrong in checks:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            found = shapely.GeometryType(int(types[row])).name.lower() if types[row] >= 0 else "-"
            raise GeometryError(code, row=row + 1, count=int(wrong.sum()), found=found, wanted=kind)
    if kind == "line":
        _require_length(geometries)


def repair_polygons(geometries: Geometries, gauss: str) -> tuple[Geometries, list[Change]]:
    """Make polygons valid: rings are rebuilt by structure, holes stay holes.

    Args:
        geometries: ``(n,)`` polygons in EPSG:4490, measurable.
        gauss: The Gauss plane in which areas are measured.

    Returns:
        Valid polygons, and one line for each that was changed.

    Raises:
        GeometryError: Nothing with an area is left of a polygon.
    """
    rows = np.flatnonzero(~shapely.is_valid(geometries))
    if len(rows) == 0:
        return geometries, []
    reasons = shapely.is_valid_reason(geometries[rows])
    before = official_areas(geometries[rows], gauss)
    mended = shapely.make_valid(geometries[rows], method="structure", keep_collapsed=False)
    after = official_areas(mended, gauss)
    lost = ~np.isin(shapely.get_type_id(mended), list(_POLYGONS)) | (after <= 0)
    if lost.any():
        raise GeometryError("geometry-without-area", row=int(rows[np.flatnonzero(lost)[0]]) + 1)
    repaired = geometries.copy()
    repaired[rows] = mended
    changes = [
        Change(int(row), str(reason).partition("[")[0], float(old), float(new))
        for row, reason, old, new in zip(rows, reasons, before, after, strict=True)
    ]
    return repaired, changes


def _require_length(lines: Geometries) -> None:
    west, south, east, north = shapely.bounds(lines).T
    nothing = (west == east) & (south == north)
    if nothing.any():
        row = int(np.flatnonzero(nothing)[0])
        raise GeometryError("geometry-without-length", row=row + 1, count=int(nothing.sum()))


def _finite(geometries: Geometries) -> np.ndarray:
    coordinates, rows = shapely.get_coordinates(geometries, return_index=True)
    bad = ~np.isfinite(coordinates).all(axis=1)
    finite = np.ones(len(geometries), dtype=bool)
    finite[rows[bad]] = False
    return finite
