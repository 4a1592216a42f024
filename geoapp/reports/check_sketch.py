"""The sketch of a parcel: its boundary with numbered points and the lengths of its edges.

Names that have no room are left out rather than set over one another; the table of
coordinates has them all, and the sketch says how many it leaves out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.boundary_points import BoundaryPoint, to_plane_xy
from geoapp.geometry.crs import Coordinates

MARGIN_MM: Final = 8.0  # room for names
NORTH_MM: Final = (10.0, 13.0)  # upper right corner, for the arrow
_NAME_PT: Final = 7.0
_LENGTH_PT: Final = 5.5
_MM_PER_PT: Final = 25.4 / 72
_LETTER_EM: Final = 0.56  # width of a figure or Latin letter
_NAME_OFF_MM: Final = 2.3
_LENGTH_OFF_MM: Final = 1.5
_EDGE_SLACK: Final = 1.15  # an edge must be so much longer than its figure
_BOX_GROWTH_MM: Final = 0.15

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SketchLabel:
    """A name or figure with its middle, mm from the upper left corner.

    Attributes:
        angle_deg: Clockwise from the horizontal, never upside down.
    """

    text: str
    x_mm: float
    y_mm: float
    angle_deg: float
    size_pt: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn.

    Attributes:
        rings: Vertices of each ring, mm from the upper left corner.
        labels: Names of points and lengths of edges that have room.
        names_left_out: Points whose name has none.
    """

    width_mm: float
    height_mm: float
    rings: tuple[tuple[tuple[float, float], ...], ...]
    labels: tuple[SketchLabel, ...]
    names_left_out: int


def draw_sketch(
    rings: Sequence[Sequence[BoundaryPoint]], zone: int, width_mm: float, height_mm: float
) -> Sketch:
    """Draw a parcel as large as fits, north up.

    Args:
        rings: Its numbered boundary.
        zone: Of the coordinates.
        width_mm: Of the sketch.
        height_mm: Of the sketch.
    """
    planes = [to_plane_xy(ring, zone) for ring in rings]
    papers = _to_paper(planes, width_mm, height_mm)
    shape = _shape(papers, rings)
    arrow_mm, arrow_high_mm = NORTH_MM
    placed: list[Box] = [(width_mm - arrow_mm, 0.0, width_mm, arrow_high_mm)]
    labels: list[SketchLabel] = []
    left_out = 0
    for ring, paper in zip(rings, papers, strict=True):
        for place, point in enumerate(ring):
            label = _name(point, paper, place, shape)
            if _put(label, placed, width_mm, height_mm):
                labels.append(label)
            else:
                left_out += 1
    for ring, paper in zip(rings, papers, strict=True):
        for place, point in enumerate(ring):
            found = _length(point, paper, place, shape)
            if found is not None and _put(found, placed, width_mm, height_mm):
                labels.append(found)
    outlines = tuple(tuple((float(x), float(y)) for x, y in paper) for paper in papers)
    return Sketch(width_mm, height_mm, outlines, tuple(labels), left_out)


def _to_paper(planes: list[Coordinates], width_mm: float, height_mm: float) -> list[Coordinates]:
    low = np.min([plane.min(axis=0) for plane in planes], axis=0)
    high = np.max([plane.max(axis=0) for plane in planes], axis=0)
    span = np.maximum(high - low, 1e-6)
    beside = MARGIN_MM + NORTH_MM[0] / 2
    room = np.array([width_mm - MARGIN_MM - beside, height_mm - 2 * MARGIN_MM])
    per_m = float((room / span).min())
    middle = np.array([MARGIN_MM, MARGIN_MM]) + room / 2
    return [(plane - (low + high) / 2) * (per_m, -per_m) + middle for plane in planes]


def _shape(papers: list[Coordinates], rings: Sequence[Sequence[BoundaryPoint]]) -> shapely.Geometry:
    """Give the ground of the parcel on paper, so that names can stand outside of it."""
    shells = [
        shapely.Polygon(paper)
        for paper, ring in zip(papers, rings, strict=True)
        if not ring[0].hole
    ]
    holes = [
        shapely.Polygon(paper) for paper, ring in zip(papers, rings, strict=True) if ring[0].hole
    ]
    ground = shapely.make_valid(shapely.union_all(shells))
    ground = shapely.difference(ground, shapely.make_valid(shapely.union_all(holes)))
    shapely.prepare(ground)
    return ground


def _name(
    point: BoundaryPoint, paper: Coordinates, place: int, shape: shapely.Geometry
) -> SketchLabel:
    """Place a point's name on the bisector of its corner, on the side without ground."""
    here, before, after = paper[place], paper[place - 1], paper[(place + 1) % len(paper)]
    bisector = _unit(_unit(before - here) + _unit(after - here))
    if not bisector.any():
        along = _unit(after - here)
        bisector = np.array([-along[1], along[0]])
    if not shapely.contains_xy(shape, *(here + bisector * 0.3)):
        bisector = -bisector
    x, y = here - bisector * _NAME_OFF_MM
    return SketchLabel(point.name, float(x), float(y), 0.0, _NAME_PT)


def _length(
    point: BoundaryPoint, paper: Coordinates, place: int, shape: shapely.Geometry
) -> SketchLabel | None:
    """Place the length of an edge along it, on the side without ground."""
    here, after = paper[place], paper[(place + 1) % len(paper)]
    text = str(point.length_m)
    along = after - here
    if math.hypot(*along) < _width(text, _LENGTH_PT) * _EDGE_SLACK:
        return None
    unit = _unit(along)
    across = np.array([-unit[1], unit[0]])
    middle = (here + after) / 2
    if shapely.contains_xy(shape, *(middle + across * 0.3)):
        across = -across
    x, y = middle + across * _LENGTH_OFF_MM
    angle = math.degrees(math.atan2(unit[1], unit[0]))
    angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    return SketchLabel(text, float(x), float(y), angle, _LENGTH_PT)


def _put(label: SketchLabel, placed: list[Box], width_mm: float, height_mm: float) -> bool:
    """Take the room of a label, if it is free."""
    half_x = _width(label.text, label.size_pt) / 2
    half_y = label.size_pt * _MM_PER_PT * 0.42
    turn = math.radians(label.angle_deg)
    wide = abs(half_x * math.cos(turn)) + abs(half_y * math.sin(turn)) + _BOX_GROWTH_MM
    high = abs(half_x * math.sin(turn)) + abs(half_y * math.cos(turn)) + _BOX_GROWTH_MM
    box = (label.x_mm - wide, label.y_mm - high, label.x_mm + wide, label.y_mm + high)
    inside = min(box[:2]) >= 0 and box[2] <= width_mm and box[3] <= height_mm
    if not inside or any(_meet(box, other) for other in placed):
        return False
    placed.append(box)
    return True


def _width(text: str, size_pt: float) -> float:
    return len(text) * _LETTER_EM * size_pt * _MM_PER_PT


def _unit(vector: Coordinates) -> Coordinates:
    length = float(np.hypot(*vector))
    return np.asarray(vector / length if length else vector * 0)


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
