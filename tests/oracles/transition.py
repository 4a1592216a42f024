"""Transition matrices of layers made of unit squares, by counting. No code of geoapp."""

from collections import Counter
from collections.abc import Sequence

from tests.oracles.grid import Cell, Cells

Layer = Sequence[tuple[Cells, str]]
Flows = Counter[tuple[str, str | None, str | None]]  # unit, class before, class after → squares
WHOLE = "*"


def owners(layer: Layer) -> dict[Cell, str]:
    """Give the class of each square; where features overlap, the first one has it."""
    found: dict[Cell, str] = {}
    for cells, name in layer:
        for cell in cells:
            found.setdefault(cell, name)
    return found


def transition(before: Layer, after: Layer, units: Sequence[tuple[str, Cells]]) -> Flows:
    """Count squares by unit (``""``: in none; ``WHOLE``: anywhere), class before and after."""
    earlier, later = owners(before), owners(after)
    flows: Flows = Counter()
    for cell in earlier.keys() | later.keys():
        change = (earlier.get(cell), later.get(cell))
        flows[(WHOLE, *change)] += 1
        inside = {code for code, cells in units if cell in cells}
        for code in inside or {""}:
            flows[(code, *change)] += 1
    return flows


def counts(before: Layer, after: Layer) -> tuple[int, int, int, int]:
    """Count features that are unchanged, reclassified, only before, only after."""
    one, other = Counter(before), Counter(after)
    same = sum((one & other).values())
    shapes, later = Counter(c for c, _ in before), Counter(c for c, _ in after)
    pairs = sum((shapes & later).values())
    return same, pairs - same, len(before) - pairs, len(after) - pairs
