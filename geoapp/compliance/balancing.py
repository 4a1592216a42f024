"""Balancing pieces so that they add up to a declared area, to the hundredth of a square metre.

Each piece is scaled; what rounding leaves goes, a hundredth each, to the pieces that it was
taken from most. Beyond a limit nothing is balanced: then one of the areas is wrong.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from geoapp.compliance.composition import ClassShare, Composition
from geoapp.compliance.finding import Finding
from geoapp.values import round_half_up


def may_balance(area_m2: float, declared_m2: float | None, most_share: float) -> bool:
    """Tell whether the declared area is near enough."""
    if declared_m2 is None or declared_m2 <= 0:
        return False
    return abs(area_m2 - declared_m2) <= most_share * declared_m2


def balance_areas(areas_m2: Sequence[float], declared_m2: float) -> list[float]:
    """Scale areas so that they add up to a declared one; hundredths of square metres.

    >>> balance_areas([1.0, 1.0, 1.0], 1.0)
    [0.34, 0.33, 0.33]
    """
    target = int(round_half_up(declared_m2, 2) * 100)
    exact = [Fraction(area) for area in areas_m2]
    total = sum(exact)
    if total <= 0:
        return [0.0 for _ in areas_m2]
    scaled = [area * target / total for area in exact]
    cents = [int(value) for value in scaled]
    left = target - sum(cents)
    order = sorted(range(len(scaled)), key=lambda k: (cents[k] - scaled[k], -scaled[k], k))
    for k in order[:left]:
        cents[k] += 1
    return [cent / 100 for cent in cents]


def balance_composition(found: Composition, declared_m2: float) -> Composition:
    """Balance the classes of a parcel, with the ground of unknown class as one more piece."""
    pieces = [share.area_m2 for share in found.classes]
    balanced = balance_areas([*pieces, max(found.unknown_m2, 0.0)], declared_m2)
    classes = tuple(
        replace(share, balanced_m2=area)
        for share, area in zip(found.classes, balanced[:-1], strict=True)
    )
    groups = tuple(replace(group, balanced_m2=_add(classes, group.code)) for group in found.groups)
    return replace(found, classes=classes, groups=groups, balanced=True)


def balance_finding(found: Finding, area_m2: float, declared_m2: float) -> Finding:
    """Scale the area that a rule bears on."""
    if found.overlap_m2 is None:
        return found
    rest = max(area_m2 - found.overlap_m2, 0.0)
    return replace(found, balanced_m2=balance_areas([found.overlap_m2, rest], declared_m2)[0])


def _add(classes: Sequence[ClassShare], group: str) -> float:
    cents = (round((share.balanced_m2 or 0.0) * 100) for share in classes if share.group == group)
    return sum(cents) / 100
