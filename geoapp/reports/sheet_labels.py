"""Names of units on a sheet: inside the frame, inside their unit, never over one another."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.reports.sheet_drawing import DrawnLayer
from geoapp.reports.sheet_frame import UNITS_PER_MM, Frame

_SIZE_PT: Final = {"district": 11.0, "township": 7.5, "village": 5.5}
_MM_PER_PT: Final = 25.4 / 72
_NARROW_EM: Final = 0.62  # of Latin letters; Chinese ones are an em wide
_GAP_MM: Final = 0.8
_MOST_OVERHANG: Final = 1.25  # a name may be wider than its unit by this much
_LEAST_SHARE: Final = 0.2  # of a level's units; fewer names only puzzle
_SIMPLE_UNITS: Final = 30.0
_INSIDE_UNITS: Final = 50.0


@dataclass(frozen=True, slots=True)
class Label:
    """A name with its middle in the frame, mm."""

    name: str
    level: str
    x_mm: float
    y_mm: float
    size_pt: float


@dataclass(frozen=True, slots=True)
class _Wish:
    label: Label
    half_mm: tuple[float, float]
    weight: float


def place_labels(
    layers: Sequence[DrawnLayer], name_rows: Callable[[DrawnLayer], dict[int, str]], frame: Frame
) -> list[Label]:
    """Place names, those of higher and of larger units first.

    What has no room is left out, and a level of which most have none altogether.

    Args:
        layers: Those with outlines of units are named.
        name_rows: Names by row of a layer's snapshot.
        frame: What they must stay inside.
    """
    wishes: list[_Wish] = []
    for layer in layers:
        if layer.outlines is not None:
            wishes += _wish(layer, name_rows(layer), frame)
    wishes.sort(key=lambda wish: (-wish.label.size_pt, -wish.weight))
    placed: list[tuple[float, float, float, float]] = []
    kept: list[Label] = []
    for wish in wishes:
        (half_x, half_y), label = wish.half_mm, wish.label
        box = (
            label.x_mm - half_x, label.y_mm - half_y, label.x_mm + half_x, label.y_mm + half_y
        )  # fmt: skip
        inside = min(box[:2]) >= 0 and box[2] <= frame.width_mm and box[3] <= frame.height_mm
        if inside and not any(_meet(box, other) for other in placed):
            placed.append(box)
            kept.append(label)
    shown = Counter({each.definition.id: _count(each) for each in layers})
    named = Counter(label.level for label in kept)
    return [each for each in kept if named[each.level] >= _LEAST_SHARE * shown[each.level]]


def _count(layer: DrawnLayer) -> int:
    return 0 if layer.outlines is None else len(layer.outlines[0])


def _wish(layer: DrawnLayer, names: dict[int, str], frame: Frame) -> list[_Wish]:
    assert layer.outlines is not None  # noqa: S101
    rows, polygons = layer.outlines
    level = layer.definition.id
    size = _SIZE_PT[level]
    wishes = []
    for row, shown in zip(rows, _largest_parts(polygons, frame), strict=True):
        name = names.get(int(row), "")
        if not name or shown.is_empty:
            continue
        width = (_measure(name) * size * _MM_PER_PT) + _GAP_MM
        west, _, east, _ = shown.bounds
        if width > (east - west) / UNITS_PER_MM * _MOST_OVERHANG:
            continue
        x, y = _middle(shown)
        label = Label(name, level, x / UNITS_PER_MM, y / UNITS_PER_MM, size)
        half = (width / 2, size * _MM_PER_PT * 0.65 + _GAP_MM / 2)
        wishes.append(_Wish(label, half, shown.area))
    return wishes


def _largest_parts(polygons: Geometries, frame: Frame) -> Geometries:
    """Give of each unit the largest part in the frame."""
    width, height = frame.size
    simple = shapely.simplify(polygons, _SIMPLE_UNITS)
    clipped = shapely.clip_by_rect(shapely.make_valid(simple), 0, 0, width, height)
    largest = np.empty(len(clipped), dtype=object)
    for row, shown in enumerate(clipped):
        parts = [p for p in shapely.get_parts(shown) if p.geom_type == "Polygon"]
        largest[row] = max(parts, key=lambda part: part.area, default=shapely.Polygon())
    return largest


def _middle(polygon: shapely.Polygon) -> tuple[float, float]:
    """Give the middle of the largest circle inside."""
    circle = shapely.maximum_inscribed_circle(polygon, tolerance=_INSIDE_UNITS)
    x, y = shapely.get_coordinates(circle)[0]
    return float(x), float(y)


def _measure(name: str) -> float:
    """Estimate the width of a name, em."""
    return sum(1.0 if ord(letter) > 0x2E80 else _NARROW_EM for letter in name)


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
