"""What stands on the neatline: kilometre ticks and corner coordinates; and the scale bar."""

import math
from dataclasses import dataclass
from typing import Final

from geoapp.reports.sheet_frame import Frame

_LEAST_SPACING_MM: Final = 28.0
# Kept free of ticks' labels for the corner's own, which runs along the upper and lower edge.
_CORNER_MM: Final = (26.0, 4.0)
_BAR_MM: Final = 42.0
_STEPS: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the kilometre grid.

    Attributes:
        at_mm: From the left or upper edge of the frame.
        label: Kilometres, ``""`` where a corner's coordinates stand.
    """

    at_mm: float
    label: str


@dataclass(frozen=True, slots=True)
class Neatline:
    """Ticks and corners.

    Attributes:
        eastings: Ticks along the upper and lower edge, from the left.
        northings: Ticks along the left and right edge, from above.
        corners: Upper left, upper right, lower right, lower left: degrees, and kilometres
            east and north.
    """

    eastings: tuple[Tick, ...]
    northings: tuple[Tick, ...]
    corners: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar of two parts.

    Attributes:
        length_m: On the ground.
        length_mm: On the paper.
        unit: ``km`` or ``m``.
        marks: Numbers at its beginning, middle and end.
    """

    length_m: float
    length_mm: float
    unit: str
    marks: tuple[str, str, str]


def draw_neatline(frame: Frame) -> Neatline:
    """Say what stands on the neatline."""
    west, south, east, north = frame.gauss_bounds
    spacing = _round_up(_LEAST_SPACING_MM * frame.scale / 1000.0)
    mm_per_m = 1000.0 / frame.scale
    eastings = tuple(
        _tick(value, (value - west) * mm_per_m, frame.width_mm, _CORNER_MM[0])
        for value in _multiples(west, east, spacing)
    )
    northings = tuple(
        _tick(value, (north - value) * mm_per_m, frame.height_mm, _CORNER_MM[1])
        for value in reversed(_multiples(south, north, spacing))
    )
    kilometres = [(west, north), (east, north), (east, south), (west, south)]
    corners = tuple(
        (f"{_degrees(lon)}E  {_degrees(lat)}N", f"{x / 1000:.3f} km  {y / 1000:.3f} km")
        for (lon, lat), (x, y) in zip(frame.corners().tolist(), kilometres, strict=True)
    )
    return Neatline(eastings, northings, corners)


def draw_scale_bar(scale: int) -> ScaleBar:
    """Choose a scale bar of a round length."""
    length_m = _round_down(_BAR_MM * scale / 1000.0)
    unit, per_unit = ("km", 1000.0) if length_m >= 1000 else ("m", 1.0)
    marks = tuple(f"{length_m * part / per_unit:g}" for part in (0.0, 0.5, 1.0))
    return ScaleBar(length_m, length_m * 1000.0 / scale, unit, (marks[0], marks[1], marks[2]))


def _tick(value_m: float, at_mm: float, side_mm: float, corner_mm: float) -> Tick:
    free = corner_mm <= at_mm <= side_mm - corner_mm
    return Tick(at_mm, f"{round(value_m / 1000, 4):g}" if free else "")


def _multiples(low: float, high: float, spacing: float) -> list[float]:
    first, last = math.ceil(low / spacing), math.floor(high / spacing)
    return [spacing * k for k in range(first, last + 1)]


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (*_STEPS, 10.0) if power * step >= value * (1 - 1e-9))


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(power * step for step in _STEPS if power * step <= value * (1 + 1e-9))


def _degrees(value: float) -> str:
    """Write degrees, minutes and seconds."""
    seconds = round(abs(value) * 3600)
    return f"{seconds // 3600}°{seconds // 60 % 60:02d}′{seconds % 60:02d}″"
