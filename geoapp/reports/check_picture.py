"""The map of a check: the layers that matter around the parcel, drawn as map sheets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.catalog.city import City
from geoapp.geometry.crs import GEOGRAPHIC, transform, transform_points
from geoapp.i18n import Lang, text
from geoapp.reports.sheet_content import LegendEntry, legend_of, word_scale
from geoapp.reports.sheet_drawing import Look, Shapes
from geoapp.reports.sheet_frame import Frame, fit_scale
from geoapp.reports.sheet_grid import ScaleBar, draw_scale_bar
from geoapp.reports.sheet_picture import write_parts
from geoapp.reports.sheet_reading import LayerToDraw, draw_layer, order_layers
from geoapp.reports.sheet_request import MM_PER_INCH
from geoapp.reports.sheet_trace import Tracer

DPI: Final = 300
_AROUND: Final = 1.6  # the frame holds the parcel and so much of it again around
_LEAST_SPAN_M: Final = 120.0
PARCEL: Final = Look("area", "#ffffff", "#c21a1a", 0.12, 0.5)
REMAINING: Final = Look("area", "#1a7f37", "#1a7f37", 0.25, 0.3)
SHIFTED: Final = Look("outline", "#1f4fa3", "#1f4fa3", 1.0, 0.4, (1.2, 0.8))


@dataclass(frozen=True, slots=True)
class CheckPicture:
    """A map before it is set.

    Attributes:
        pieces: Files from below upwards: suffix and content.
        legend: What shows, the parcel first.
    """

    width_mm: float
    height_mm: float
    pieces: list[tuple[str, bytes]]
    legend: tuple[LegendEntry, ...]
    scale_text: str
    scale_bar: ScaleBar
    north: str


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """A shape over the layers.

    Attributes:
        geometry: EPSG:4490.
        title: In the legend.
    """

    geometry: shapely.Geometry
    title: str
    look: Look


def draw_check_picture(
    shapes: Sequence[DrawnShape],
    layers: Sequence[LayerToDraw],
    city: City,
    lang: Lang,
    size_mm: tuple[float, float],
) -> CheckPicture:
    """Draw layers with a parcel over them.

    Args:
        shapes: From below upwards; the parcel last. The frame holds them all.
        layers: What is drawn below, in any order.
        city: Its Gauss plane.
        lang: Of the legend.
        size_mm: Width and height.

    Raises:
        ChoiceError: The shapes fit at no scale that is offered.
    """
    frame = _lay_out(shapes, city, size_mm)
    tracer = Tracer(frame)
    drawn = [draw_layer(layer, frame, tracer) for layer in order_layers(layers)]
    below = [part for layer in drawn for part in layer.body]
    over = [_trace(shape, frame) for shape in shapes]
    own = tuple(LegendEntry(shape.title, shape.look) for shape in reversed(shapes))
    return CheckPicture(
        frame.width_mm,
        frame.height_mm,
        write_parts([*below, *over], frame),
        own + tuple(entry for entry in legend_of(drawn, lang) if entry.look is not None),
        word_scale(frame.scale),
        draw_scale_bar(frame.scale),
        text(lang, "sheet.north"),
    )


def _lay_out(shapes: Sequence[DrawnShape], city: City, size_mm: tuple[float, float]) -> Frame:
    planes = transform(np.array([s.geometry for s in shapes]), GEOGRAPHIC, city.crs)
    west, south, east, north = shapely.total_bounds(planes).tolist()
    px_mm = MM_PER_INCH / DPI
    width_px, height_px = (int(side / px_mm) for side in size_mm)
    width_mm, height_mm = width_px * px_mm, height_px * px_mm
    wide = max((east - west) * _AROUND, _LEAST_SPAN_M)
    high = max((north - south) * _AROUND, _LEAST_SPAN_M)
    scale = fit_scale(wide / width_mm, high / height_mm)
    half_x, half_y = (side / 2 * scale / 1000.0 for side in (width_mm, height_mm))
    return Frame(
        left_mm=0.0,
        top_mm=0.0,
        width_mm=width_mm,
        height_mm=height_mm,
        width_px=width_px,
        height_px=height_px,
        scale=scale,
        west_m=(west + east) / 2 - half_x,
        north_m=(south + north) / 2 + half_y,
        gauss=city.crs,
    )


def _trace(shape: DrawnShape, frame: Frame) -> Shapes:
    plane = shapely.transform(
        shapely.force_2d(shape.geometry),
        lambda xy: frame.to_paper(transform_points(xy, GEOGRAPHIC, frame.gauss)),
    )
    rings = [
        np.rint(shapely.get_coordinates(ring)[:-1]).astype(np.int64)
        for part in shapely.get_parts(shapely.orient_polygons(plane))
        for ring in (part.exterior, *part.interiors)
    ]
    return Shapes(shape.look, rings)
