"""Picture tiles: the classes of a layer in their colours, for views of very many features."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoapp.catalog.definition import ClassValue, LayerDefinition
from geoapp.errors import ChoiceError
from geoapp.overlay.kinds import Kinds
from geoapp.tiles.burning import Rows
from geoapp.tiles.drawn import Drawn, PictureLevel
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.png import encode_png
from geoapp.tiles.rules import TILE_PX

COLOURING_VERSION: Final = 1
_MOST_COLOURS: Final = 256
_SHOWN: Final = 20


class Colouring(NamedTuple):
    """Which colour each class of a field gets.

    Attributes:
        numbers: ``(k + 1,)`` number of the colour of each class; of no feature first.
        colours: ``(c, 4)`` red, green, blue, opacity; clear first.
    """

    numbers: NDArray[np.uint8]
    colours: NDArray[np.uint8]


def class_values(definition: LayerDefinition, field: str) -> tuple[ClassValue, ...]:
    """Give the class table of a field.

    Raises:
        ChoiceError: The layer has no such class field.
    """
    offered = {rule.name: rule.classes for rule in definition.class_fields}
    if field and field not in offered:
        raise ChoiceError(
            "tile-field-unknown", field=field[:_SHOWN], offered=", ".join(sorted(offered))
        )
    return definition.classes.get(offered.get(field, ""), ())


def choose_colours(
    definition: LayerDefinition, field: str, kinds: Kinds, only: frozenset[str]
) -> Colouring:
    """Choose the colours of the classes of a field.

    Args:
        definition: The layer.
        field: One of its class fields, ``""`` for one colour.
        kinds: The classes that occur.
        only: Codes of the classes to draw; all when it is empty.

    Raises:
        ChoiceError: A code is neither in the class table nor in the data.
    """
    fills = {value.code: value.fill for value in class_values(definition, field)}
    unknown = only - fills.keys() - set(kinds.names)
    if unknown:
        raise ChoiceError("tile-class-unknown", field=field, value=min(unknown)[:_SHOWN])
    wanted = [
        fills.get(code, definition.style.fill) if not only or code in only else ""
        for code in kinds.names
    ]
    # Colours beyond what a palette holds: the layer's own for the classes that come last.
    palette = list(dict.fromkeys(["", definition.style.fill, *wanted]))[:_MOST_COLOURS]
    at = {fill: number for number, fill in enumerate(palette)}
    numbers = np.array([0, *(at.get(fill, 1) for fill in wanted)], dtype=np.uint8)
    colours = np.array([_rgba(fill) for fill in palette], dtype=np.uint8)
    return Colouring(numbers, colours)


def draw_tile(
    drawn: Drawn,
    kinds: Kinds,
    colouring: Colouring,
    address: TileAddress,
    shown: NDArray[np.bool_] | None = None,
) -> bytes:
    """Draw one tile as PNG; the zoom must be one of ``drawn.pictures``.

    Of the features only those that are ``shown``; ``None``: all.
    """
    rows = cut_tile(drawn.pictures[address.zoom], address)
    pixels = np.zeros(rows.shape, dtype=np.uint8)
    filled = rows > 0
    if shown is not None:
        filled[filled] = shown[rows[filled] - 1]
    pixels[filled] = colouring.numbers[kinds.numbers[rows[filled] - 1] + 1]
    return encode_png(pixels, colouring.colours)


def cut_tile(level: PictureLevel, address: TileAddress) -> Rows:
    """Cut ``(256, 256)`` rows + 1 out of a picture, 0 beyond its edge."""
    tile = np.zeros((TILE_PX, TILE_PX), dtype=np.uint32)
    height, width = level.rows.shape
    left, top = address.x * TILE_PX - level.column, address.y * TILE_PX - level.row
    west, east = max(left, 0), min(left + TILE_PX, width)
    north, south = max(top, 0), min(top + TILE_PX, height)
    if west < east and north < south:
        cut = level.rows[north:south, west:east]
        tile[north - top : south - top, west - left : east - left] = cut
    return tile


def _rgba(fill: str) -> tuple[int, int, int, int]:
    if not fill:
        return 0, 0, 0, 0
    return int(fill[1:3], 16), int(fill[3:5], 16), int(fill[5:7], 16), 255
