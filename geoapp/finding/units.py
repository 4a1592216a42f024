"""The administrative units at a point, from the largest down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.access.policy import decide
from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.snapshot import Snapshot
from geoapp.finding.ground import Ground
from geoapp.finding.shapes import Spot
from geoapp.i18n import Lang, text

PLACE_LEVELS: Final = ("district", "township")  # what tells people where something lies


@dataclass(frozen=True, slots=True)
class UnitHere:
    """A unit that holds a point or touches it."""

    level: str
    code: str


def units_at(
    ground: Ground,
    current: dict[str, Snapshot],
    spot: Spot,
    levels: Sequence[str] = UNIT_LEVELS,
) -> list[UnitHere]:
    """Find the units at a point: several of a level on their common border."""
    found = []
    for level in levels:
        definition = ground.library.require(level)
        if level not in current or not decide(ground.principal, "view", definition).allowed:
            continue
        shapes = ground.shapes(definition, current[level])
        for row in shapes.find(spot, 0.0)[0]:
            code = str(ground.rows.read(shapes.snapshot, row).get(definition.key) or "")
            found.append(UnitHere(level, code))
    return found


def word_place(ground: Ground, units: list[UnitHere], lang: Lang) -> str:
    """Say where something lies: district and township, or what is known of them."""
    first = {unit.level: unit.code for unit in reversed(units)}
    codes = [first[level] for level in PLACE_LEVELS if level in first]
    names = [ground.name_unit(code, lang) for code in codes]
    return text(lang, "finding.between_units").join(names)
