"""Keeping small counts back, so that no subtraction brings them to light.

A count below ``least`` is not given, and then none of its siblings is: their common total is
all that is said. To hide only some of them gives the rest away to whoever knows by what rule
they were chosen; a test that tries every city shows it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not given.

    Attributes:
        city: The total of the whole, and with it everything.
        districts: Codes of districts: all of them, or none.
        townships: Codes of townships: of a district all, or none.
    """

    city: bool
    districts: frozenset[str]
    townships: frozenset[str]


def find_hidden(townships: Mapping[str, Mapping[str, int]], least: int) -> Hidden:
    """Say which counts have to be hidden.

    Args:
        townships: District -> township -> count, townships with nothing among them.
        least: Counts from 1 to below this are small.
    """
    totals = {district: sum(parts.values()) for district, parts in townships.items()}
    city = _any_small([sum(totals.values())], least)
    everywhere = city or _any_small(totals.values(), least)
    codes: set[str] = set()
    for parts in townships.values():
        if everywhere or _any_small(parts.values(), least):
            codes |= parts.keys()
    districts = frozenset(townships) if everywhere else frozenset()
    return Hidden(city=city, districts=districts, townships=frozenset(codes))


def merge_classes(counts: Mapping[str, Mapping[str, int]], least: int) -> frozenset[str]:
    """Say which classes are given as one, so that no unit has a small count of any.

    Args:
        counts: Class -> unit -> count.
        least: Counts from 1 to below this are small.
    """
    merged = {name for name, units in counts.items() if _any_small(units.values(), least)}
    rest = sorted(counts.keys() - merged, key=lambda name: (sum(counts[name].values()), name))
    while merged and rest and _any_small(_together(counts, merged), least):
        merged.add(rest.pop(0))
    return frozenset(merged)


def _any_small(counts: Iterable[int], least: int) -> bool:
    return any(0 < count < least for count in counts)


def _together(counts: Mapping[str, Mapping[str, int]], merged: Collection[str]) -> list[int]:
    units = {unit for name in merged for unit in counts[name]}
    return [sum(counts[name].get(unit, 0) for name in merged) for unit in sorted(units)]
