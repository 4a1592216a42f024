"""Reading a table of responsible people from Excel or CSV: all that is wrong, row by row."""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import python_calamine

from geoapp.catalog.city import City, UnitName
from geoapp.errors import CatalogError, FileError
from geoapp.importers.encoding import decode_text
from geoapp.importers.members import archive_members
from geoapp.planning.contact import THEMES, Contact, ContactReading, Theme

_SUFFIXES: Final = (".xlsx", ".xls", ".csv")
_MOST_ROWS: Final = 100_000
_HEADING_WITHIN: Final = 20
_LONGEST: Final[Mapping[str, int]] = {
    "name": 100,
    "office": 200,
    "phone": 40,
    "section": 200,
    "note": 400,
}
_PHONE: Final = re.compile(r"\+?[\d\s()-]{5,30}(?:\s*(?:[/,;]|\s)\s*\+?[\d\s()-]{5,30})*")
_SHOWN: Final = 60
Row = tuple[int, list[str]]


@cache
def _headings() -> Mapping[str, Mapping[str, Sequence[str]]]:
    path = Path(__file__).with_name("contact.toml")
    found: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(
        path.read_text(encoding="utf-8")
    )
    return found


def read_contacts(
    path: Path, city: City, units: Sequence[UnitName], theme: Theme | None = None
) -> ContactReading:
    """Read a table; nothing is written.

    Args:
        path: Excel or CSV; a heading names the columns.
        city: The city, which may have chiefs of its own.
        units: Its units.
        theme: What all rows are about, for tables without a column that says so.

    Raises:
        FileError: It cannot be read, or has no heading with the columns that are needed.
    """
    rows = _read_rows(path)
    place, columns = _find_heading(rows, path.name, theme)
    reader = _Reader(path.name, columns, _Units(city, units), theme)
    for number, cells in rows[place + 1 :]:
        if any(cells):
            reader.take(number, cells)
    if not reader.contacts and not reader.problems:
        raise FileError("contacts-none", file=path.name)
    return ContactReading(path.name, tuple(reader.contacts), tuple(reader.problems))


class _Units:
    """Finds a unit by its code or by its name."""

    def __init__(self, city: City, units: Sequence[UnitName]) -> None:
        self._codes = {city.code, *(unit.code for unit in units)}
        self._by_name: dict[str, list[str]] = {}
        for unit in units:
            self._by_name.setdefault(unit.name, []).append(unit.code)
        self._by_name.setdefault(city.name.zh, []).append(city.code)

    def has(self, code: str) -> bool:
        """Tell whether there is such a code."""
        return code in self._codes

    def named(self, name: str) -> list[str]:
        """List the codes that a name stands for."""
        return self._by_name.get(name, [])


class _Reader:
    """Takes rows one by one; what is wrong is kept with its row."""

    def __init__(
        self, file: str, columns: Mapping[str, int], units: _Units, theme: Theme | None
    ) -> None:
        self.contacts: list[Contact] = []
        self.problems: list[CatalogError] = []
        self._file = file
        self._columns = columns
        self._units = units
        self._theme = theme
        self._rows: dict[Contact, int] = {}

    def take(self, number: int, cells: list[str]) -> None:
        """Take one row."""
        faults: list[CatalogError] = []

        def refuse(error: CatalogError) -> None:
            faults.append(error)

        texts = {name: _at(cells, place) for name, place in self._columns.items()}
        theme = self._read_theme(number, texts, refuse)
        unit = self._read_unit(number, texts, refuse)
        self._check_texts(number, texts, refuse)
        if faults or theme is None:
            self.problems += faults
            return
        contact = Contact(
            theme,
            unit,
            *(texts.get(key, "") for key in ("name", "office", "phone", "section", "note")),
        )
        if contact in self._rows:
            first = self._rows[contact]
            self.problems.append(
                CatalogError("contact-twice", file=self._file, row=number, first=first)
            )
            return
        self._rows[contact] = number
        self.contacts.append(contact)

    def _read_theme(
        self, number: int, texts: Mapping[str, str], refuse: Callable[[CatalogError], None]
    ) -> Theme | None:
        word = texts.get("theme", "")
        if not word and self._theme is not None:
            return self._theme
        for theme, words in _headings()["themes"].items():
            if word.casefold() in words:
                return cast("Theme", theme)
        refuse(
            CatalogError(
                "contact-theme-unknown",
                file=self._file,
                row=number,
                value=word[:_SHOWN] or "-",
                offered=", ".join(_headings()["themes"][name][0] for name in THEMES),
            )
        )
        return None

    def _read_unit(
        self, number: int, texts: Mapping[str, str], refuse: Callable[[CatalogError], None]
    ) -> str:
        code, name = texts.get("unit_code", ""), texts.get("unit_name", "")
        if code:
            if self._units.has(code):
                return code
            refuse(CatalogError("contact-unit-unknown", file=self._file, row=number, unit=code))
            return ""
        found = self._units.named(name)
        if len(found) == 1:
            return found[0]
        code = "contact-unit-ambiguous" if found else "contact-unit-unknown"
        facts: dict[str, object] = {"file": self._file, "row": number, "unit": name[:_SHOWN] or "-"}
        if found:
            facts["codes"] = ", ".join(found)
        refuse(CatalogError(code, **facts))
        return ""

    def _check_texts(
        self, number: int, texts: Mapping[str, str], refuse: Callable[[CatalogError], None]
    ) -> None:
        where: dict[str, object] = {"file": self._file, "row": number}
        if not texts.get("name"):
            refuse(CatalogError("contact-name-missing", **where))
        for key, most in _LONGEST.items():
            if len(texts.get(key, "")) > most:
                refuse(
                    CatalogError(
                        "contact-text-too-long", column=f"@contacts.{key}", most=most, **where
                    )
                )
        phone = texts.get("phone", "")
        if phone and not _PHONE.fullmatch(phone):
            refuse(CatalogError("contact-phone-wrong", value=phone[:_SHOWN], **where))


def _find_heading(rows: list[Row], file: str, theme: Theme | None) -> tuple[int, dict[str, int]]:
    """Find the first row that names the columns that are needed."""
    for place, (_, cells) in enumerate(rows[:_HEADING_WITHIN]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            for name, words in _headings()["columns"].items():
                if cell.casefold() in words:
                    columns.setdefault(name, column)
        has_unit = bool({"unit_code", "unit_name"} & columns.keys())
        if "name" in columns and has_unit and ("theme" in columns or theme is not None):
            return place, columns
    wanted = ("theme", "unit_name", "name")
    raise FileError(
        "contacts-heading-missing",
        file=file,
        columns=", ".join(_headings()["columns"][name][0] for name in wanted),
    )


def _read_rows(path: Path) -> list[Row]:
    if path.suffix.lower() not in _SUFFIXES:
        raise FileError("file-kind-unknown", file=path.name, offered=" ".join(_SUFFIXES))
    if not path.is_file():
        raise FileError("file-missing", file=path.name)
    rows = _read_csv(path) if path.suffix.lower() == ".csv" else _read_book(path)
    if len(rows) > _MOST_ROWS:
        raise FileError("table-too-long", file=path.name, most=_MOST_ROWS)
    return rows


def _read_csv(path: Path) -> list[Row]:
    text, _ = decode_text(path.read_bytes(), path.name)
    try:
        lines = csv.reader(io.StringIO(text, newline=""))
        return [(lines.line_num, [cell.strip() for cell in cells]) for cells in lines]
    except csv.Error as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)) from error


def _read_book(path: Path) -> list[Row]:
    """Read the first sheet."""
    if path.suffix.lower() == ".xlsx":
        with archive_members(path, path.name):
            pass  # its members are judged as those of any archive
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
        found = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)[:300]) from error
    return [
        (number, [_to_text(cell) for cell in cells]) for number, cells in enumerate(found, start=1)
    ]


def _to_text(cell: Any) -> str:
    """Write a cell as a person reads it: a code or a phone has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def _at(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
