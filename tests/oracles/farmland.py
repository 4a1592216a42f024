"""The ledger of cultivated land of ground made of unit squares, by counting. No code of geoapp.

Causes and balances are written down anew from the notices that the product's table names.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.oracles.transition import Flows

# class → cause; balance of what is lost to it; balance of what is gained from it
OTHERS = {
    "0201": ("non_grain", "exchange", "exchange"),
    "0201K": ("non_grain", "exchange", "exchange"),
    "0301": ("non_grain", "exchange", "exchange"),
    "0303": ("ecological", "excluded", "excluded"),
    "0404": ("natural", "excluded", "occupation"),
    "0702": ("non_agricultural", "occupation", "occupation"),
    "1006": ("facility", "exchange", "exchange"),
    "1104": ("non_grain", "exchange", "exchange"),
    "1101": ("ecological", "excluded", "excluded"),
    "1202": ("facility", "exchange", "exchange"),
    "": ("unknown", "unknown", "unknown"),
    None: ("unknown", "unknown", "unknown"),
}
FIELDS = ("0101", "0102", "0103")
CLASSES = (*FIELDS, *(name for name in OTHERS if name is not None))


@dataclass
class Sums:
    """Squares of one unit."""

    before: int = 0
    after: int = 0
    internal: int = 0
    went: Counter = field(default_factory=Counter)  # direction → squares
    causes: Counter = field(default_factory=Counter)  # direction, cause → squares
    balances: Counter = field(default_factory=Counter)  # direction, balance → squares


def count(flows: Flows) -> dict[str, Sums]:
    """Count what each unit gained and lost."""
    found: dict[str, Sums] = {}
    for (unit, was, is_), squares in flows.items():
        sums = found.setdefault(unit, Sums())
        sums.before += squares * (was in FIELDS)
        sums.after += squares * (is_ in FIELDS)
        if was in FIELDS and is_ in FIELDS:
            sums.internal += squares * (was != is_)
        elif was in FIELDS or is_ in FIELDS:
            way = "out" if was in FIELDS else "in"
            cause, lost_to, gained_from = OTHERS[is_ if way == "out" else was]
            sums.went[way] += squares
            sums.causes[way, cause] += squares
            sums.balances[way, lost_to if way == "out" else gained_from] += squares
    return found
