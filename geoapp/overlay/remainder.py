"""What is left of features where the other ground has nothing.

It is measured by geometry and not found by subtracting figures, so that a pair that was
missed or measured wrongly shows in the closure.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows, polygon_parts
from geoapp.overlay.ground import Ground
from geoapp.overlay.kernel import Integers
from geoapp.overlay.meeting import Finder
from geoapp.overlay.workers import in_threads

_ROWS: Final = 500


def subtract_ground(
    one: Ground, rows: Integers, other: Ground, other_rows: Integers
) -> Iterator[tuple[Geometries, Rows]]:
    """Subtract some features of a ground from some of another.

    Args:
        one: The ground.
        rows: ``(n,)`` rising rows of which something is left.
        other: The other ground.
        other_rows: ``(m,)`` rows of it that may meet the first ones.

    Returns:
        Some at a time, polygons and the row of ``one`` that each is a part of.
    """
    finder = Finder(other, other_rows)

    def subtract(some: Integers) -> tuple[Geometries, Rows]:
        piece, met = finder.near(one.bounds[some])
        near, place = np.unique(met, return_inverse=True)
        left = _subtract(_valid(one.geometries(some)), _valid(other.geometries(near)), piece, place)
        return polygon_parts(left, some)

    return in_threads(subtract, [rows[low : low + _ROWS] for low in range(0, len(rows), _ROWS)])


def _subtract(
    shapes: Geometries, others: Geometries, piece: Integers, other: Integers
) -> Geometries:
    """Subtract shapes from those they are paired with, ``piece`` rising, one after another."""
    left = shapes.copy()
    turn = np.arange(len(piece)) - np.searchsorted(piece, piece)
    for step in range(int(turn.max(initial=-1)) + 1):
        now = turn == step
        left[piece[now]] = shapely.difference(left[piece[now]], others[other[now]])
    return left


def _valid(shapes: Geometries) -> Geometries:
    """Mend what became invalid by rounding on the way to the measure plane."""
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    return shapes
