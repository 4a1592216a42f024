"""Length of lines × unit × class × inside on a grid, by counting half sides. No code of geoapp.

Points are whole numbers of half squares; a line goes from point to point in half steps, each
of which lies in one square or along the side between two.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.oracles.grid import Cell, Cells, union

HalfStep = tuple[Cell, Cell]
Line = Sequence[Sequence[Cell]]  # parts, each from point to point


@dataclass(frozen=True)
class CountedLines:
    """What counting gives, in metres.

    Attributes:
        length: (unit, class) → length.
        count: (unit, class) → lines that reach in.
        outside: Length that lies in no unit.
        whole: class → length.
        lines: class → lines.
    """

    length: Counter[tuple[str, str]]
    count: Counter[tuple[str, str]]
    outside: float
    whole: Counter[str]
    lines: Counter[str]


def half_steps(line: Line) -> list[HalfStep]:
    """Split the straight edges of a line into half steps."""
    found = []
    for part in line:
        for (x, y), (to_x, to_y) in itertools.pairwise(part):
            steps = max(abs(to_x - x), abs(to_y - y))
            for n in range(steps):
                dx, dy = (to_x - x) // steps, (to_y - y) // steps
                found.append(((x + n * dx, y + n * dy), (x + (n + 1) * dx, y + (n + 1) * dy)))
    return found


def beside(step: HalfStep) -> list[Cell]:
    """List the squares that a half step lies in or runs along."""
    (x, y), (to_x, to_y) = step
    column, row = min(x, to_x) // 2, min(y, to_y) // 2
    if y == to_y and y % 2 == 0:
        return [(column, row - 1), (column, row)]
    if x == to_x and x % 2 == 0:
        return [(column - 1, row), (column, row)]
    return [(column, row)]


def tabulate_lines(
    lines: Sequence[tuple[Line, str]],
    units: Sequence[tuple[str, Cells]],
    length_of: Callable[[HalfStep], float],
    inside: Sequence[Cells] | None = None,
) -> CountedLines:
    """Measure every half step and give it to the first unit that it touches along its length."""
    ground = None if inside is None else union(inside)
    result = CountedLines(Counter(), Counter(), 0.0, Counter(), Counter())
    outside = 0.0
    for line, name in lines:
        steps = [s for s in half_steps(line) if ground is None or ground & set(beside(s))]
        reached = set()
        for step in steps:
            cells = set(beside(step))
            owners = sorted(code for code, unit in units if cells & unit)
            result.whole[name] += length_of(step)
            if owners:
                result.length[owners[0], name] += length_of(step)
                reached.add(owners[0])
            else:
                outside += length_of(step)
        for code in reached:
            result.count[code, name] += 1
        result.lines[name] += bool(steps)
    return CountedLines(result.length, result.count, outside, result.whole, result.lines)
