"""What is drawn in the frame: shapes with their style, and pictures, from below upwards."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.geometry.crs import Geometries

MM_PER_STYLE_PX: Final = 0.17  # a stroke of 1 px on the screen
POINT_RADIUS_MM: Final = 0.75
# More vertices than this make a PDF that viewers draw slowly, so they become a picture.
MOST_VERTICES: Final = 250_000


@dataclass(frozen=True, slots=True)
class Look:
    """How one class of a layer looks, on the map and in the legend.

    Attributes:
        kind: ``area``, ``outline``, ``line`` or ``point``.
        opacity: Of the fill; strokes are solid, those of lines and outlines excepted.
        stroke_mm: Zero: no stroke.
        dash_mm: Lengths of strokes and gaps; empty: solid.
    """

    kind: str
    fill: str
    stroke: str
    opacity: float
    stroke_mm: float
    dash_mm: tuple[float, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Features of one class that are drawn as shapes.

    Attributes:
        rings: Closed rings, ``(m, 2)`` each, hundredths of a millimetre; holes turn the other
            way than outlines. Of points: one ``(m, 2)`` array of their middles.
        closed: Whether the first vertex follows the last.
    """

    look: Look
    rings: list[np.ndarray]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """Features of all classes of a layer, filled into a picture of the frame.

    Attributes:
        pixels: ``(h, w)`` number of the class plus one; zero is empty.
        looks: By number of the class.
    """

    pixels: NDArray[np.uint8]
    looks: list[Look]


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """One layer as it stands in the frame.

    Attributes:
        body: What is drawn, from below upwards.
        seen: Classes that show, by the code of the class, with their looks; the code is ``""``
            where the layer is not drawn by class, or a feature has none.
        present: Whether any feature lies in the frame. One may without showing: a township of
            which the frame holds no border.
        outlines: Of units that are named on the map: row in the snapshot and polygon on paper.
    """

    definition: LayerDefinition
    body: list[Shapes | Picture]
    seen: dict[str, Look]
    present: bool
    outlines: tuple[NDArray[np.int64], Geometries] | None = field(default=None)


def find_look(definition: LayerDefinition, code: str, opacity: float | None) -> Look:
    """Say how a class looks.

    Args:
        definition: The layer.
        code: Of the class; ``""`` for features without one.
        opacity: As asked for; ``None``: of the style.
    """
    style = definition.style
    kind = {"line": "line", "cluster": "point", "outline": "outline"}.get(style.draw, "area")
    if definition.geometry == "point":
        kind = "point"
    given = style.opacity if opacity is None else opacity
    if kind == "outline" and not given:
        given = 1.0  # an outline has no fill to be seen through
    colour = style.fill
    if is_by_class(definition):
        rule = definition.find_field(definition.class_field)
        values = definition.classes.get(rule.classes if rule else "", ())
        colour = next((value.fill for value in values if value.code == code), style.fill)
    return Look(
        kind,
        colour,
        style.stroke,
        given,
        style.weight * MM_PER_STYLE_PX,
        tuple(float(part) * MM_PER_STYLE_PX for part in style.dash.split()),
        style.pattern,
    )


def is_by_class(definition: LayerDefinition) -> bool:
    """Tell whether a layer is drawn in the colours of its classes."""
    return bool(definition.class_field) and (
        definition.style.by_class or definition.style.draw == "picture"
    )
