"""The responsibility grid: who answers for what, where, and whom one may see."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoapp.access.policy import Principal, require
from geoapp.catalog.city import City, UnitName
from geoapp.errors import NotFoundError
from geoapp.planning.answering import Answer, find_answers
from geoapp.planning.contact import (
    THEMES,
    Contact,
    ContactReading,
    Theme,
    ThemeCoverage,
    in_order,
)
from geoapp.planning.contact_reading import read_contacts
from geoapp.planning.storage_contact import ContactTable

Record = Callable[[str, str, dict[str, Any]], None]  # action, subject, facts


@dataclass(frozen=True)
class ContactBook:
    """People who answer for fields, forests and rivers, for one acting principal.

    Attributes:
        units: Names and codes of the city's units.
        record: Writes into the audit trail.
    """

    table: ContactTable
    city: City
    units: Sequence[UnitName]
    principal: Principal
    record: Record

    def find(self, *, unit: str = "", theme: Theme | None = None) -> list[Contact]:
        """List people: of a unit, those above and those below it.

        Args:
            unit: Code; ``""`` for the whole city.
            theme: Only those of one theme.

        Raises:
            AccessError: The principal may not see people.
            NotFoundError: There is no such unit.
        """
        require(self.principal, "view_contacts")
        if unit and unit not in {self.city.code, *(one.code for one in self.units)}:
            raise NotFoundError("unit-unknown", unit=unit)
        scope = unit if unit != self.city.code else ""
        return in_order(
            [
                one
                for one in self._seen()
                if (not scope or self._related(one.unit, scope)) and theme in {None, one.theme}
            ]
        )

    def answering(self, codes: Iterable[str], themes: Sequence[Theme] = THEMES) -> list[Contact]:
        """List who answers for a place, the nearest first.

        Args:
            codes: Units that the place lies in, of any levels.
            themes: What it is about.

        Raises:
            AccessError: The principal may not see people.
        """
        require(self.principal, "view_contacts")
        here = {self.city.code, *(code for code in codes if code)}
        found = [one for one in self._seen() if one.unit in here and one.theme in themes]
        return sorted(
            found,
            key=lambda one: (
                THEMES.index(one.theme),
                one.unit == self.city.code,
                -len(one.unit),
                one.section,
                one.name,
            ),
        )

    def nearest(
        self, codes: Iterable[str], themes: Sequence[Theme] = THEMES
    ) -> dict[Theme, dict[str, Answer]]:
        """Find who answers for each of many places: the nearest alone, all in one look.

        Args:
            codes: Units that the places lie in, the smallest that is known of each.
            themes: What it is about.

        Returns:
            By theme, then by code.

        Raises:
            AccessError: The principal may not see people.
        """
        require(self.principal, "view_contacts")
        seen, places = self._seen(), set(codes)
        return {
            theme: find_answers(
                [one for one in seen if one.theme == theme], places, city=self.city.code
            )
            for theme in themes
        }

    def coverage(self, level: str = "village") -> list[ThemeCoverage]:
        """Tell in how many units of a level somebody answers for each theme.

        Raises:
            AccessError: The principal may not see people.
        """
        require(self.principal, "view_contacts")
        codes = [one.code for one in self.units if one.level == level and self._may_see(one.code)]
        named = {(one.theme, one.unit) for one in self._seen()}
        return [
            ThemeCoverage(
                theme, len(codes), tuple(code for code in codes if (theme, code) not in named)
            )
            for theme in THEMES
        ]

    def read(self, path: Path, theme: Theme | None = None) -> ContactReading:
        """Read a table of people, to look at; nothing is written.

        Raises:
            FileError: It cannot be read.
            AccessError: The principal may not enter people.
        """
        require(self.principal, "edit_contacts")
        return read_contacts(path, self.city, self.units, theme)

    def take(self, path: Path, theme: Theme | None = None) -> tuple[ContactReading, int]:
        """Take a table of people: they replace those of their themes in their units.

        Returns:
            What was taken, and how many people were replaced.

        Raises:
            FileError: It cannot be read.
            CatalogError: A row is wrong; nothing was changed.
            AccessError: The principal may not enter people.
        """
        found = self.read(path, theme)
        if found.problems:
            raise found.problems[0]
        replaced = self.table.replace(found.contacts)
        units = len({one.unit for one in found.contacts})
        # Counts alone: names and phones have no place in the trail.
        facts = {"count": len(found.contacts), "units": units, "replaced": replaced}
        self.record("contacts.import", found.file, facts)
        return found, replaced

    def _seen(self) -> list[Contact]:
        return [one for one in self.table.read() if self._may_see(one.unit)]

    def _may_see(self, unit: str) -> bool:
        """A township's official sees the own unit, what is below and who is above."""
        if self.principal.role != "township" or unit == self.city.code:
            return True
        scope = self.principal.unit
        return bool(scope) and self._related(unit, scope)

    def _related(self, unit: str, scope: str) -> bool:
        return unit == self.city.code or unit.startswith(scope) or scope.startswith(unit)
