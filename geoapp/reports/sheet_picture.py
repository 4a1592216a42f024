"""The drawing of a frame as files: SVG for shapes, PNG for what has too many vertices."""

import io
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoapp.reports.sheet_drawing import POINT_RADIUS_MM, DrawnLayer, Look, Picture, Shapes
from geoapp.reports.sheet_frame import UNITS_PER_MM, Frame

_HATCH_MM: Final = 1.6
_DOTS_MM: Final = 1.5
_PATTERN_STROKE_MM: Final = 0.16
_DOT_RADIUS_MM: Final = 0.2
_PATTERN_OPACITY: Final = 0.75
_FAST: Final = 1  # of zlib: twice the bytes of the best, a tenth of the time


def write_pieces(layers: list[DrawnLayer], frame: Frame) -> list[tuple[str, bytes]]:
    """Write the frame as files, from below upwards: (suffix, content)."""
    return write_parts([part for layer in layers for part in layer.body], frame)


def write_parts(parts: list[Shapes | Picture], frame: Frame) -> list[tuple[str, bytes]]:
    """Write shapes and pictures as files, from below upwards: (suffix, content)."""
    written: list[tuple[str, bytes]] = []
    for is_picture, group in groupby(parts, key=lambda part: isinstance(part, Picture)):
        if is_picture:
            written += [("png", _png(part, frame)) for part in group if isinstance(part, Picture)]
        else:
            shapes = [part for part in group if isinstance(part, Shapes)]
            written.append(("svg", _svg(shapes, frame.size)))
    return written


def draw_swatch(look: Look, width_mm: float, height_mm: float) -> bytes:
    """Draw a legend's swatch with the code that draws the map: SVG."""
    width, height = round(width_mm * UNITS_PER_MM), round(height_mm * UNITS_PER_MM)
    middle = [width // 2, height // 2]
    inset = 10
    if look.kind == "point":
        shape = Shapes(look, [np.array([middle])], closed=False)
    elif look.kind in {"line", "outline"}:
        line = np.array([[0, middle[1]], [width, middle[1]]])
        shape = Shapes(look, [line], closed=False)
    else:
        far_x, far_y = width - inset, height - inset
        ring = np.array([[inset, inset], [inset, far_y], [far_x, far_y], [far_x, inset]])
        shape = Shapes(look, [ring])
    return _svg([shape], (width, height))


def _svg(shapes: list[Shapes], size: tuple[float, float]) -> bytes:
    width, height = size
    looks = [shape.look for shape in shapes if shape.look.pattern]
    names = {look: f"p{k}" for k, look in enumerate(dict.fromkeys(looks))}
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / UNITS_PER_MM:.4f}mm" '
            f'height="{height / UNITS_PER_MM:.4f}mm" viewBox="0 0 {width:.2f} {height:.2f}">'
        )
    ]
    lines.append("<defs>" + "".join(_pattern(look, name) for look, name in names.items()))
    lines.append("</defs>")
    for shape in shapes:
        lines += _shape(shape, names.get(shape.look, ""))
    lines.append("</svg>")
    return "\n".join(lines).encode()


def _shape(shape: Shapes, pattern: str) -> Iterator[str]:
    look = shape.look
    fill, stroke = escape(look.fill), escape(look.stroke)
    if look.kind == "point":
        radius = POINT_RADIUS_MM * UNITS_PER_MM
        yield f'<g fill="{fill}" fill-opacity="{look.opacity:.3f}" stroke="{stroke}" stroke-width="9">'
        for x, y in shape.rings[0].tolist():
            yield f'<circle cx="{x}" cy="{y}" r="{radius:.0f}"/>'
        yield "</g>"
        return
    data = " ".join(_path(ring, closed=shape.closed) for ring in shape.rings)
    width = look.stroke_mm * UNITS_PER_MM
    dashes = " ".join(f"{part * UNITS_PER_MM:.1f}" for part in look.dash_mm)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    stroked = f'stroke-width="{width:.1f}" stroke-linejoin="round"{dashed}'
    if look.kind in {"line", "outline"}:
        colour = fill if look.kind == "line" else stroke
        yield (
            f'<path fill="none" stroke="{colour}" stroke-opacity="{look.opacity:.3f}" '
            f'{stroked} d="{data}"/>'
        )
        return
    # Outlines and holes turn opposite ways: overlapping features of a class fill once.
    yield f'<path fill="{fill}" fill-opacity="{look.opacity:.3f}" fill-rule="nonzero" d="{data}"/>'
    if pattern:
        yield f'<path fill="url(#{pattern})" fill-rule="nonzero" d="{data}"/>'
    yield f'<path fill="none" stroke="{stroke}" {stroked} d="{data}"/>'


def _path(ring: np.ndarray, *, closed: bool) -> str:
    numbers = " ".join(map(str, ring.ravel().tolist()))
    return f"M{numbers}{'Z' if closed else ''}"


def _pattern(look: Look, name: str) -> str:
    side = (_HATCH_MM if look.pattern == "hatch" else _DOTS_MM) * UNITS_PER_MM
    colour = escape(look.stroke)
    if look.pattern == "hatch":
        width = _PATTERN_STROKE_MM * UNITS_PER_MM
        half = side / 2
        inner = (
            f'<path d="M{-half} {half}L{half} {-half}M0 {side}L{side} 0'
            f'M{half} {side + half}L{side + half} {half}" '
            f'stroke="{colour}" stroke-opacity="{_PATTERN_OPACITY}" stroke-width="{width}"/>'
        )
    else:
        radius, near, far = _DOT_RADIUS_MM * UNITS_PER_MM, side / 4, 3 * side / 4
        inner = "".join(
            f'<circle cx="{at}" cy="{at}" r="{radius}" fill="{colour}" '
            f'fill-opacity="{_PATTERN_OPACITY}"/>'
            for at in (near, far)
        )
    return (
        f'<pattern id="{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">'
        f"{inner}</pattern>"
    )


def _png(picture: Picture, frame: Frame) -> bytes:
    """Write a picture with a palette: each class plain, and under the pattern's lines."""
    pixels, looks = picture.pixels, picture.looks
    palette = {0: (0, 0, 0, 0)}
    palette |= {k + 1: _colour(look.fill, look.opacity) for k, look in enumerate(looks)}
    patterned = {look.pattern for look in looks if look.pattern}
    if patterned:  # all classes of a layer have its pattern
        mask = _pattern_mask(patterned.pop(), frame) & (pixels > 0)
        palette[255] = _colour(looks[0].stroke, _PATTERN_OPACITY)
        pixels = np.where(mask, np.uint8(255), pixels)
    image = Image.fromarray(pixels)
    table = [palette.get(k, (0, 0, 0, 0)) for k in range(256)]
    image.putpalette([part for colour in table for part in colour[:3]])
    target = io.BytesIO()
    image.save(target, "PNG", transparency=bytes(c[3] for c in table), compress_level=_FAST)
    return target.getvalue()


def _pattern_mask(pattern: str, frame: Frame) -> NDArray[np.bool_]:
    mm = frame.width_mm / frame.width_px
    x = (np.arange(frame.width_px, dtype=np.float32) + 0.5) * mm
    y = ((np.arange(frame.height_px, dtype=np.float32) + 0.5) * mm)[:, None]
    if pattern == "hatch":
        width = max(_PATTERN_STROKE_MM, mm) * 2**0.5
        return np.asarray((x + y) % _HATCH_MM < width)
    cell, radius = _DOTS_MM / 2, max(_DOT_RADIUS_MM, mm * 0.8)
    # Dots in every other cell, as on a chequerboard's diagonal.
    near = ((x % cell) - cell / 2) ** 2 + ((y % cell) - cell / 2) ** 2 <= radius**2
    return np.asarray(near & ((np.floor(x / cell) + np.floor(y / cell)) % 2 == 0))


def _colour(fill: str, opacity: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(fill[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue, round(opacity * 255)
