"""Polygons from numbered rings of boundary points."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from geoapp.errors import FileError
from geoapp.importers.problem import Problem

FEWEST_POINTS: Final = 3
_CLOSED_M: Final = 1e-4
_CLOSED_DEGREES: Final = 1e-9


@dataclass(slots=True)
class Point:
    """One row of a list of boundary points.

    Attributes:
        line: Line or row of the file.
        first: First number of the position as written: north, where the list keeps its form.
        second: The other one: east.
    """

    line: int
    first: float
    second: float


@dataclass(slots=True)
class Parcel:
    """One parcel as it stands in a list.

    Attributes:
        line: Where it begins.
        texts: What is said of it: parcel_no, parcel_name, use, land_class, area, …
        rings: Points by number of the ring.
    """

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    rings: dict[int, list[Point]] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its number, for a message."""
        return self.texts.get("parcel_no", "")


def corners_of(
    parcel: Parcel, row: int, file: str, problems: list[Problem], *, degrees: bool
) -> dict[int, list[tuple[float, float]]]:
    """Give each ring as (east, north) without its closing point.

    Raises:
        FileError: A parcel without points, or a ring of fewer than three.
    """
    if not parcel.rings:
        raise FileError("text-parcel-empty", file=file, line=parcel.line, parcel=parcel.number)
    found = {}
    for ring, points in sorted(parcel.rings.items()):
        near = _CLOSED_DEGREES if degrees else _CLOSED_M
        first, last = points[0], points[-1]
        kept = points
        if len(points) > 1:
            apart = np.hypot(first.first - last.first, first.second - last.second)
            if apart <= near:
                kept = points[:-1]
            elif last.first == last.second and abs(last.first - first.first) <= near:
                # A known fault of one program: it closes the ring with X written twice.
                kept = points[:-1]
                problems.append(
                    Problem("text-closing-x-x", "warning", row, last.line, {"ring": ring})
                )
            else:
                problems.append(Problem("text-ring-open", "note", row, last.line, {"ring": ring}))
        if len(kept) < FEWEST_POINTS:
            raise FileError(
                "text-ring-too-short",
                file=file,
                line=parcel.line,
                parcel=parcel.number,
                ring=ring,
            )
        found[ring] = [(point.second, point.first) for point in kept]
    return found


def to_polygon(
    corners: dict[int, list[tuple[float, float]]],
    parcel: Parcel,
    row: int,
    problems: list[Problem],
) -> shapely.Geometry:
    """Build the parcel: a ring within a ring is a hole, within a hole a part, else a part.

    The number of a ring does not tell, so whatever is no plain "first ring outside, the
    others holes" is reported with the area of both readings.
    """
    rings = [shapely.Polygon(points) for points in corners.values()]
    numbers = list(corners)
    around = [
        [other for other in range(len(rings)) if other != one and _holds(rings[other], rings[one])]
        for one in range(len(rings))
    ]
    parts = []
    for one, outside in enumerate(around):
        if len(outside) % 2 == 0:
            holes = [
                rings[inner].exterior
                for inner, holders in enumerate(around)
                if one in holders and len(holders) == len(outside) + 1
            ]
            parts.append(shapely.Polygon(rings[one].exterior, holes))
    doubtful = len(parts) > 1
    crossing = [
        (numbers[a], numbers[b])
        for a in range(len(rings))
        for b in range(a + 1, len(rings))
        if a not in around[b] and b not in around[a] and _overlap(rings[a], rings[b])
    ]
    problems += [
        Problem(
            "text-rings-cross",
            "warning",
            row,
            parcel.line,
            {"parcel": parcel.number, "ring": a, "other": b},
        )
        for a, b in crossing
    ]
    built = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if doubtful:
        sizes = [shapely.area(ring) for ring in rings]
        facts: dict[str, object] = {
            "parcel": parcel.number,
            "parts": len(parts),
            "as_parts": round(float(shapely.area(built)), 2),
            "as_holes": round(float(sizes[0] - sum(sizes[1:])), 2),
        }
        problems.append(Problem("text-rings-apart", "warning", row, parcel.line, facts))
    return built


def _holds(outer: shapely.Polygon, inner: shapely.Polygon) -> bool:
    """Tell whether a ring lies within another; of two equal ones neither does."""
    try:
        return bool(outer.contains(inner)) and not outer.equals(inner)
    except shapely.errors.GEOSException:  # crosses itself too badly to tell
        return False


def _overlap(one: shapely.Polygon, other: shapely.Polygon) -> bool:
    try:
        return bool(one.overlaps(other) or one.equals(other))
    except shapely.errors.GEOSException:
        return True
