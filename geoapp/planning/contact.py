"""Who answers for fields, forests and rivers: one person, one theme, one unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from geoapp.errors import CatalogError

Theme = Literal["field", "forest", "river"]
THEMES: Final[tuple[Theme, ...]] = ("field", "forest", "river")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who answers for one theme in one unit. Personal data: never for the public.

    Attributes:
        unit: Code of the city, a district, a township or a village.
        section: Part of the unit, such as a village group; ``""`` for the whole.
        phone: As written; ``""`` where none was given.
    """

    theme: Theme
    unit: str
    name: str
    office: str = ""
    phone: str = ""
    section: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ContactReading:
    """What a file holds.

    Attributes:
        problems: What is wrong, in the order of rows; with any of them nothing is taken.
    """

    file: str
    contacts: tuple[Contact, ...]
    problems: tuple[CatalogError, ...]


@dataclass(frozen=True, slots=True)
class ThemeCoverage:
    """How many units of a level have somebody who answers for a theme.

    Attributes:
        missing: Codes of the units that have nobody.
    """

    theme: Theme
    units: int
    missing: tuple[str, ...]

    @property
    def named(self) -> int:
        """Units that have somebody."""
        return self.units - len(self.missing)


def in_order(contacts: Sequence[Contact]) -> list[Contact]:
    """Order people by theme, then from the city down to the village."""
    return sorted(
        contacts,
        key=lambda one: (THEMES.index(one.theme), len(one.unit), one.unit, one.section, one.name),
    )
