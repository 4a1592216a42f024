"""Areas of shapes made of unit squares, by counting; exact shoelace. No code of geoapp."""

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction

Cell = tuple[int, int]
Cells = frozenset[Cell]


def rectangle(west: int, south: int, east: int, north: int) -> Cells:
    """Give the squares of a rectangle."""
    return frozenset((x, y) for x in range(west, east) for y in range(south, north))


def union(sets: Iterable[Cells]) -> Cells:
    """Give all squares that lie in any set."""
    return frozenset().union(*sets)


def boundary(cells: Cells) -> list[tuple[Cell, Cell]]:
    """List the unit edges around a set of squares, the set on the left of each."""
    edges = []
    for x, y in cells:
        if (x, y - 1) not in cells:
            edges.append(((x, y), (x + 1, y)))
        if (x + 1, y) not in cells:
            edges.append(((x + 1, y), (x + 1, y + 1)))
        if (x, y + 1) not in cells:
            edges.append(((x + 1, y + 1), (x, y + 1)))
        if (x - 1, y) not in cells:
            edges.append(((x, y + 1), (x, y)))
    return edges


def shoelace(ring: Sequence[tuple[Fraction | int, Fraction | int]]) -> Fraction:
    """Measure a closed ring exactly; positive when counter-clockwise."""
    total = Fraction(0)
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        total += Fraction(x1) * Fraction(y2) - Fraction(x2) * Fraction(y1)
    return total / 2
