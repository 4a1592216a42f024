"""How heights, slopes and imagery are coloured and written as pictures."""

from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from geoapp.tiles.hillshade import SLOPE_BOUNDS_DEG

Format = Literal["png", "webp"]
Pixels = NDArray[np.uint8]

SLOPE_FILLS: Final = ("#f7f7d9", "#d5e8a8", "#f2cf6b", "#e08a3c", "#a83232")
HEIGHT_STOPS_M: Final = (0, 100, 200, 400, 700, 1000, 1500, 2000, 3000)
HEIGHT_FILLS: Final = (
    "#5f9e6e", "#8dbd7a", "#bfd58a", "#e9e3a2", "#dcc081",
    "#c79a64", "#a97a54", "#94705f", "#d9d4d2",
)  # fmt: skip
_SHADOW: Final = 170  # of 255, where no light falls
_GLOSS: Final = 90  # where light falls straight on
_TINT: Final = 190
_GREY_BANDS: Final = 2
_LEVEL: Final = float(np.sin(np.radians(45.0)))


def relief_picture(lit: NDArray[np.float64]) -> Pixels:
    """Draw light as clear pixels that darken or lighten whatever lies below.

    Args:
        lit: ``(rows, columns)`` of ``hillshade.relief``; not a number where unknown.

    Returns:
        ``(2, rows, columns)`` grey and opacity; level ground and unknown are fully clear.
    """
    known = np.isfinite(lit)
    above = np.where(known, lit - _LEVEL, 0.0)
    opacity = np.where(above < 0, -above / _LEVEL * _SHADOW, above / (1 - _LEVEL) * _GLOSS)
    grey = np.where(above < 0, 0, 255)
    return np.stack([grey, np.round(opacity)]).astype(np.uint8)


def slope_picture(grades: NDArray[np.uint8]) -> Pixels:
    """Colour slope grades ``(rows, columns)``, clear where the grade is 0."""
    table = np.zeros((len(SLOPE_FILLS) + 1, 4), np.uint8)
    table[1:] = [(*_rgb(fill), _TINT) for fill in SLOPE_FILLS]
    return np.moveaxis(table[grades], -1, 0)


def height_picture(heights: NDArray[np.float64]) -> Pixels:
    """Colour heights ``(rows, columns)``, metres, clear where not a number."""
    known = np.isfinite(heights)
    fills = np.array([_rgb(fill) for fill in HEIGHT_FILLS], float)
    filled = np.where(known, heights, 0.0)
    bands = [np.interp(filled, HEIGHT_STOPS_M, fills[:, band]) for band in range(3)]
    return np.stack([*np.round(bands), np.where(known, _TINT, 0)]).astype(np.uint8)


def legend(style: str) -> list[dict[str, str]]:
    """List the colours of a style with what they stand for, in numbers."""
    if style == "slope":
        bounds = [f"{bound:g}" for bound in SLOPE_BOUNDS_DEG]
        between = [f"{low}–{high}°" for low, high in pairwise(bounds)]
        labels = [f"≤{bounds[0]}°", *between, f">{bounds[-1]}°"]
        return _entries(labels, SLOPE_FILLS)
    if style == "elevation":
        return _entries([f"{stop} m" for stop in HEIGHT_STOPS_M], HEIGHT_FILLS)
    return []


def write_picture(pixels: Pixels, kind: Format) -> bytes:
    """Encode ``(bands, rows, columns)``; the last band is the opacity."""
    options: dict[str, Any] = {"driver": "PNG", "zlevel": 2}
    if kind == "webp":
        options = {"driver": "WEBP", "quality": 80}
        if len(pixels) == _GREY_BANDS:  # it knows no grey
            pixels = pixels[[0, 0, 0, 1]]
    count, height, width = pixels.shape
    # The browser places it. A place is named only so that GDAL does not warn of none:
    # warnings cannot be silenced for one thread alone.
    options["transform"] = Affine.translation(1, 0)
    with MemoryFile() as file:
        with file.open(
            width=width, height=height, count=count, dtype="uint8", **options
        ) as picture:
            picture.write(pixels)
        return bytes(file.read())


def _entries(labels: list[str], fills: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"label": label, "fill": fill} for label, fill in zip(labels, fills, strict=True)]


def _rgb(fill: str) -> tuple[int, int, int]:
    return int(fill[1:3], 16), int(fill[3:5], 16), int(fill[5:7], 16)
