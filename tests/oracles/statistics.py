"""Layer × unit × class × inside on sets of unit squares, by counting. No code of geoapp."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracles.grid import Cells, union


@dataclass(frozen=True)
class Counted:
    """What counting gives, in squares.

    Attributes:
        net: (unit, class) → squares, each once per class.
        gross: (unit, class) → squares, once per feature.
        count: (unit, class) → features that reach in.
        outside: class → squares of the layer that lie in no unit, once per class.
        whole: class → squares of the layer, once per class.
        covered: unit → squares of the unit that the layer covers.
    """

    net: Counter[tuple[str, str]]
    gross: Counter[tuple[str, str]]
    count: Counter[tuple[str, str]]
    outside: Counter[str]
    whole: Counter[str]
    covered: Counter[str]


def tabulate(
    features: Sequence[tuple[Cells, str]],
    units: Sequence[tuple[str, Cells]],
    inside: Sequence[Cells] | None = None,
) -> Counted:
    """Count. Units may be of several parts with the same code; they must not overlap."""
    allowed = None if inside is None else union(inside)
    clipped = [(c if allowed is None else c & allowed, name) for c, name in features]
    result = Counted(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())
    everywhere = union(cells for _, cells in units)
    by_code: dict[str, Cells] = {}
    for code, cells in units:
        by_code[code] = by_code.get(code, frozenset()) | cells
    for name in {name for _, name in clipped}:
        ground = union(cells for cells, own in clipped if own == name)
        result.whole[name] = len(ground)
        result.outside[name] = len(ground - everywhere)
        for code, unit in by_code.items():
            result.net[code, name] = len(ground & unit)
    for cells, name in clipped:
        for code, unit in by_code.items():
            shared = len(cells & unit)
            result.gross[code, name] += shared
            result.count[code, name] += shared > 0
    ground = union(cells for cells, _ in clipped)
    for code, unit in by_code.items():
        result.covered[code] = len(ground & unit)
    return result
