"""Working days by the notices of the State Council; a year without a notice is unknown."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from geoapp.errors import CatalogError

FILE: Final = "holidays.toml"
_SATURDAY: Final = 5
_ONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The last day of a period.

    Attributes:
        day: The day, reckoned by weekends alone in years that are not known.
        unknown_years: Years that the period reaches into and whose holidays are not known.
    """

    day: date
    unknown_years: tuple[int, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether every day that was counted is known to be a working day or not."""
        return not self.unknown_years


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked.

    Attributes:
        off: Holidays.
        working: Saturdays and Sundays that are worked.
        sources: The notice of every year that is known.
    """

    off: frozenset[date]
    working: frozenset[date]
    sources: Mapping[int, str]

    def is_working(self, day: date) -> bool:
        """Tell whether a day is worked; in an unknown year, whether it is a weekday."""
        if day in self.working:
            return True
        return day not in self.off and day.weekday() < _SATURDAY

    def add_working_days(self, start: date, count: int) -> Reckoned:
        """Give the last day of a period of working days; the day of the start is not counted."""
        day = start
        for _ in range(count):
            day += _ONE
            while not self.is_working(day):
                day += _ONE
        return Reckoned(day, self._unknown(start + _ONE, day))

    def add_days(self, start: date, count: int) -> Reckoned:
        """Give the last day of a period of days; one that ends on a day off ends later."""
        return self._extend(start + timedelta(days=count))

    def add_months(self, start: date, count: int) -> Reckoned:
        """Give the last day of a period of months: the same day, or the month's last.

        >>> nothing = WorkingDays(frozenset(), frozenset(), {2024: ""})
        >>> nothing.add_months(date(2023, 8, 31), 6).day
        datetime.date(2024, 2, 29)
        """
        month = start.month - 1 + count
        year, month = start.year + month // 12, month % 12 + 1
        first_after = date(year + month // 12, month % 12 + 1, 1)
        last = (first_after - _ONE).day
        return self._extend(date(year, month, min(start.day, last)))

    def _extend(self, day: date) -> Reckoned:
        last = day
        while not self.is_working(last):
            last += _ONE
        return Reckoned(last, self._unknown(day, last))

    def _unknown(self, first: date, last: date) -> tuple[int, ...]:
        return tuple(y for y in range(first.year, last.year + 1) if y not in self.sources)


@cache
def read_working_days() -> WorkingDays:
    """Read the years that ship with the product."""
    return _read(Path(__file__).with_name(FILE))


def read_office_days(folder: Path) -> WorkingDays:
    """Read the years that ship, and those that the office has added in its workspace.

    Raises:
        CatalogError: The office's file is wrong.
    """
    shipped, path = read_working_days(), folder / FILE
    if not path.is_file():
        return shipped
    added = _read(path)
    years = set(added.sources)
    return WorkingDays(
        frozenset(day for day in shipped.off if day.year not in years) | added.off,
        frozenset(day for day in shipped.working if day.year not in years) | added.working,
        {**shipped.sources, **added.sources},
    )


def _read(path: Path) -> WorkingDays:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        years: dict[str, dict[str, Any]] = table["year"]
        off: set[date] = set()
        working: set[date] = set()
        for year, notice in years.items():
            for span in notice["off"]:
                off |= _days(year, span[0], span[-1])
            working |= {date.fromisoformat(f"{year}-{day}") for day in notice["working"]}
        sources = {int(year): str(notice["source"]) for year, notice in years.items()}
    except (OSError, KeyError, TypeError, ValueError, IndexError) as error:
        raise CatalogError(
            "definition-wrong", file=path.name, key="year", reason=str(error)
        ) from error
    return WorkingDays(frozenset(off), frozenset(working), sources)


def _days(year: str, first: str, last: str) -> set[date]:
    begin, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
    return {begin + timedelta(days=step) for step in range((end - begin).days + 1)}
