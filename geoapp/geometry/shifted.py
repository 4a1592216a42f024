"""GCJ-02 and BD-09: the shifted systems of Chinese web maps, both ways.

The formulas are unofficial but agree everywhere they are used. Areas must never be measured
in these systems: they stretch by up to half a percent.

Source: the sine series known as "Mars coordinates", Krasovsky-based; test positions in
``tests/unit/geometry/test_shifted.py``.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geoapp.errors import CrsError

Coordinates = NDArray[np.float64]
ShiftedSystem = Literal["GCJ-02", "BD-09"]

_A: Final = 6378245.0
_EE: Final = 0.00669342162296594323
_ORIGIN: Final = (105.0, 35.0)
_BD_OFFSET: Final = (0.0065, 0.006)
_BD_FACTOR: Final = np.pi * 3000.0 / 180.0
_ENOUGH_DEGREES: Final = 1e-11  # about a micrometre
_MOST_ROUNDS: Final = 30


def find_system(name: str) -> ShiftedSystem | None:
    """Recognise ``GCJ-02`` or ``BD-09``, any letter case, with or without hyphen."""
    plain = name.upper().replace("-", "").replace(" ", "")
    known: dict[str, ShiftedSystem] = {"GCJ02": "GCJ-02", "BD09": "BD-09"}
    return known.get(plain)


def from_cgcs2000(positions: Coordinates, system: str) -> Coordinates:
    """Shift ``(n, 2)`` longitude and latitude to a web-map system."""
    shifted = _add_gcj(positions)
    return _gcj_to_bd(shifted) if find_system(system) == "BD-09" else shifted


def to_cgcs2000(positions: Coordinates, system: str) -> Coordinates:
    """Undo the shift, to better than 1 mm, by fixed-point iteration.

    Args:
        positions: ``(n, 2)`` longitude and latitude in ``system``, degrees.
        system: ``GCJ-02`` or ``BD-09``.

    Returns:
        ``(n, 2)`` CGCS2000 longitude and latitude.

    Raises:
        CrsError: A position is not on Earth, so that the iteration cannot settle.
    """
    guess = positions.copy()
    off = np.zeros_like(positions)
    for _ in range(_MOST_ROUNDS):
        off = from_cgcs2000(guess, system) - positions
        guess -= off
        if len(off) == 0 or np.abs(off).max() < _ENOUGH_DEGREES:
            return guess
    worst = int(np.abs(off).max(axis=1).argmax())
    raise CrsError(
        "crs-does-not-fit", crs=system, x=float(positions[worst, 0]), y=float(positions[worst, 1])
    )


def _add_gcj(positions: Coordinates) -> Coordinates:
    longitude, latitude = positions[:, 0], positions[:, 1]
    x, y = longitude - _ORIGIN[0], latitude - _ORIGIN[1]
    root = np.sqrt(np.abs(x))
    shared = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    north = north + (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    east = east + (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    angle = np.radians(latitude)
    magic = 1 - _EE * np.sin(angle) ** 2
    north = np.degrees(north / (_A * (1 - _EE) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(angle)))
    inside = (longitude >= 72.004) & (longitude <= 137.8347)
    inside &= (latitude >= 0.8293) & (latitude <= 55.8271)
    moved = np.column_stack([longitude + east, latitude + north])
    return np.where(inside[:, None], moved, positions)


def _gcj_to_bd(positions: Coordinates) -> Coordinates:
    x, y = positions[:, 0], positions[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_FACTOR)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_FACTOR)
    east, north = radius * np.cos(angle), radius * np.sin(angle)
    return np.column_stack([east + _BD_OFFSET[0], north + _BD_OFFSET[1]])
