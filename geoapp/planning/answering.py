"""Who answers for a place: the nearest unit that has somebody, up to the city."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.overlay.result import Level
from geoapp.planning.contact import Contact

_STEPS: Final[tuple[tuple[int, Level], ...]] = (
    (12, "village"),
    (9, "township"),
    (6, "district"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a place, for one theme.

    Attributes:
        people: Of one unit, those of the whole unit before those of a part of it; ``()`` where
            nobody was entered for the place or for anything above it.
        unit: Code of that unit, ``""`` without people.
        level: Its level: that of the place, or of what is above.
    """

    people: tuple[Contact, ...] = ()
    unit: str = ""
    level: Level = "city"


def find_answers(
    contacts: Sequence[Contact], codes: Iterable[str], *, city: str
) -> dict[str, Answer]:
    """Find who answers for each place: in its own unit, else in the next above it.

    Args:
        contacts: People of one theme.
        codes: Units that the places lie in; ``""`` for what lies in none.
        city: Code of the city, which stands above all.

    Returns:
        One answer for each code, as good as the code: a district has no village chief.
    """
    people: dict[str, list[Contact]] = defaultdict(list)
    for one in sorted(contacts, key=lambda one: (one.section, one.name)):
        people[one.unit].append(one)
    return {code: _find(code, people, city) for code in set(codes)}


def _find(code: str, people: dict[str, list[Contact]], city: str) -> Answer:
    if code != city:
        for length, level in _STEPS:
            unit = code[:length]
            if len(unit) == length and people.get(unit):
                return Answer(tuple(people[unit]), unit, level)
    return Answer(tuple(people[city]), city, "city") if people.get(city) else Answer()
