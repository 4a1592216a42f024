"""Chords of arcs: curves become straight pieces of a stated step."""

import math
from collections.abc import Sequence
from typing import Final

STEP_DEGREES: Final = 0.1  # the area of a full circle loses 5e-7 of itself
_FLAT: Final = 1e-12


def chords(points: Sequence[tuple[float, float, float]], *, closed: bool) -> list[list[float]]:
    """Replace the arcs of a polyline by chords.

    Args:
        points: x, y and bulge: the tangent of a quarter of the angle of the arc that leads to
            the next point, positive when it turns left, 0 for a straight edge.
        closed: The last point leads to the first.

    Returns:
        x and y, without a closing point.

    >>> len(chords([(0, 0, 1), (2, 0, 1)], closed=True))  # a circle of two half arcs
    3600
    """
    line: list[list[float]] = []
    for place, (x, y, bulge) in enumerate(points):
        line.append([x, y])
        last = place == len(points) - 1
        if abs(bulge) > _FLAT and not (last and not closed):
            to_x, to_y, _ = points[(place + 1) % len(points)]
            line += _between(x, y, to_x, to_y, bulge)
    return line


def circle(x: float, y: float, radius: float) -> list[list[float]]:
    """Give the corners of a circle."""
    return chords([(x - radius, y, 1.0), (x + radius, y, 1.0)], closed=True)


def _between(x: float, y: float, to_x: float, to_y: float, bulge: float) -> list[list[float]]:
    """Give the points of an arc between its ends."""
    angle = 4 * math.atan(bulge)
    count = max(1, math.ceil(abs(math.degrees(angle)) / STEP_DEGREES))
    # The centre lies on the perpendicular bisector of the chord.
    offset = (1 - bulge * bulge) / (4 * bulge)
    centre_x = (x + to_x) / 2 - (to_y - y) * offset
    centre_y = (y + to_y) / 2 + (to_x - x) * offset
    points = []
    for step in range(1, count):
        turn = angle * step / count
        cosine, sine = math.cos(turn), math.sin(turn)
        off_x, off_y = x - centre_x, y - centre_y
        points.append(
            [centre_x + off_x * cosine - off_y * sine, centre_y + off_x * sine + off_y * cosine]
        )
    return points
