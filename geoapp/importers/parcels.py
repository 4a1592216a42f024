"""From the parcels of a list of boundary points to features."""

import re
from collections import Counter
from typing import Any, Final, Protocol

import numpy as np
import shapely

from geoapp.errors import FileError
from geoapp.importers.content import Content, content_of
from geoapp.importers.job import Kind
from geoapp.importers.orientation import find_order, turn
from geoapp.importers.problem import Problem
from geoapp.importers.rings import Parcel, corners_of, to_polygon
from geoapp.importers.vocabulary import find_meaning, plain
from geoapp.values import M2_PER_MU

_M2: Final = {"m2": 1.0, "ha": 10_000.0, "mu": float(M2_PER_MU)}
_NEAR: Final = 0.05  # a stated area this near to the computed one is meant in that unit
_TEXTS: Final = ("parcel_no", "parcel_name", "use", "land_class")
_EXTRA: Final = ("sheet", "more")


class CrsOf(Protocol):
    """Names the system of a list by one of its eastings."""

    def __call__(self, easting: float, *, degrees: bool) -> tuple[str, list[Problem]]:
        """Give the system, ``""`` where it cannot be told, and what was noticed."""


def to_content(
    kind: Kind,
    parcels: list[Parcel],
    problems: list[Problem],
    file: str,
    crs_of: CrsOf,
    encoding: str = "",
) -> Content:
    """Build the features of a list.

    Raises:
        FileError: A parcel or ring has too few points, or an area is no number.
    """
    order, degrees = find_order(parcels)
    if order == "east_first":
        turn(parcels)
        problems.append(Problem("text-axes-turned", "warning"))
    shapes = [
        _shape(parcel, row, file, problems, degrees=degrees)
        for row, parcel in enumerate(parcels, start=1)
    ]
    columns: dict[str, list[Any]] = {
        name: [parcel.texts.get(name, "") for parcel in parcels] for name in _TEXTS
    }
    columns["declared_m2"] = [
        _declared_m2(parcel, shape, row, file, problems, degrees=degrees)
        for row, (parcel, shape) in enumerate(zip(parcels, shapes, strict=True), start=1)
    ]
    for name in _EXTRA:
        values = [parcel.texts.get(name, "") for parcel in parcels]
        if any(values):
            columns[name] = values
    easting = next(iter(next(iter(parcels)).rings.values()))[0].second
    crs, found = crs_of(easting, degrees=degrees)
    content = content_of(kind, columns, shapes, crs=crs, encoding=encoding)
    content.problems = problems + found
    content.lines = [parcel.line for parcel in parcels]
    return content


def find_twice(parcels: list[Parcel]) -> list[Problem]:
    """List parcel numbers that more than one parcel has."""
    counts = Counter(parcel.number for parcel in parcels if parcel.number)
    return [
        Problem("parcel-number-twice", "warning", row, parcel.line, {"parcel": parcel.number})
        for row, parcel in enumerate(parcels, start=1)
        if counts[parcel.number] > 1
    ]


def _shape(
    parcel: Parcel, row: int, file: str, problems: list[Problem], *, degrees: bool
) -> shapely.Geometry:
    kind = find_meaning("shapes", parcel.texts.get("shape", ""))
    if kind in {"line", "point"} and parcel.rings:
        parts = [[(p.second, p.first) for p in points] for points in parcel.rings.values()]
        problems.append(Problem("text-no-polygon", "warning", row, parcel.line))
        if kind == "point" or any(len(part) < 2 for part in parts):
            return shapely.MultiPoint([point for part in parts for point in part])
        return shapely.MultiLineString(parts)
    corners = corners_of(parcel, row, file, problems, degrees=degrees)
    return to_polygon(corners, parcel, row, problems)


def _declared_m2(
    parcel: Parcel,
    shape: shapely.Geometry,
    row: int,
    file: str,
    problems: list[Problem],
    *,
    degrees: bool,
) -> float | None:
    """Read the area that is stated: hectares by the form, other units where it shows.

    Raises:
        FileError: It is no number.
    """
    text = plain(parcel.texts.get("area", "")).replace(",", "")
    if not text:
        return None
    matched = re.fullmatch(r"([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?|[0-9]+\.)(.*)", text)
    unit = find_meaning("areas", matched[2]) if matched and matched[2] else ""
    if matched is None or (matched[2] and not unit):
        content = parcel.texts["area"][:60]
        raise FileError("text-line-wrong", file=file, line=parcel.line, content=content)
    number = float(matched[1])
    if not np.isfinite(number * 10_000):
        content = parcel.texts["area"][:60]
        raise FileError("text-line-wrong", file=file, line=parcel.line, content=content)
    if unit:
        facts: dict[str, object] = {"stated": parcel.texts["area"][:60]}
        problems.append(Problem("text-area-unit", "note", row, parcel.line, facts))
        return number * _M2[unit]
    if degrees:
        return number * _M2["ha"]
    computed = float(shapely.area(shape))
    meant = _unit_meant(number, computed)
    if meant != "ha":
        facts = {"stated": parcel.texts["area"][:60], "unit": f"@unit.{meant}"}
        problems.append(Problem("text-area-other-unit", "warning", row, parcel.line, facts))
    return number * _M2[meant]


def _unit_meant(number: float, computed: float) -> str:
    """Tell the unit in which a bare number is the parcel's area; hectares when none fits."""

    def near(unit: str) -> bool:
        return abs(number * _M2[unit] - computed) <= _NEAR * computed

    if near("ha"):
        return "ha"
    return next((unit for unit in ("m2", "mu") if near(unit)), "ha")
