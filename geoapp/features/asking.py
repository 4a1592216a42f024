"""Reading what is asked of a layer's features: box, day, place in the pages."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError
from geoapp.features.reference import Reference
from geoapp.finding.window import Box

# A day of the offices begins when it begins in China, whatever offset a program writes.
CHINA: Final = timezone(timedelta(hours=8))
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_DURATION: Final = re.compile(r"P(\d{1,5})([DW])", re.ASCII)
_DAYS: Final = {"D": 1, "W": 7}
_OPEN: Final = ("", "..")
_TOKEN: Final = re.compile(r"([0-9a-zA-Z-]{1,64})\.(\d{1,12})", re.ASCII)
_SHOWN: Final = 80


class Place(NamedTuple):
    """Where a page begins.

    Attributes:
        snapshot: In which snapshot, by name.
        row: At which row; earlier pages hold what lies before.
    """

    snapshot: str
    row: int

    def __str__(self) -> str:
        """Write it as the next page's address has it."""
        return f"{self.snapshot}.{self.row}"


def read_place(written: str) -> Place:
    """Read where a page begins.

    Raises:
        ChoiceError: No page of ours gave this out.
    """
    found = _TOKEN.fullmatch(written)
    if found is None:
        raise ChoiceError("features-offset-wrong", value=written[:_SHOWN])
    return Place(found[1], int(found[2]))


def place_after(snapshot: Snapshot, row: int) -> Place:
    """Give the place after a row."""
    return Place(snapshot.name, row + 1)


def read_box(written: str, reference: Reference) -> Box:
    """Read four numbers, or six of which heights do not count, as west, south, east, north.

    Args:
        written: Lower corner, upper corner, in the axis order of the system.
        reference: The system.

    Raises:
        ChoiceError: They are no box of that system.
    """
    parts = [part.strip() for part in written.split(",")]
    if len(parts) not in {4, 6} or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ChoiceError("features-box-wrong", value=written[:_SHOWN])
    numbers = [float(part) for part in parts]
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            raise ChoiceError("features-box-upside-down", value=written[:_SHOWN])
        del numbers[5], numbers[2]
    west, south, east, north = reference.swap((numbers[0], numbers[1], numbers[2], numbers[3]))
    if south > north or (west > east and not reference.geographic):
        raise ChoiceError("features-box-upside-down", value=written[:_SHOWN])
    if reference.geographic and not (
        min(west, east) >= -180 and max(west, east) <= 180 and south >= -90 and north <= 90
    ):
        raise ChoiceError("features-box-off-earth", value=written[:_SHOWN])
    if not all(abs(number) < float("inf") for number in (west, south, east, north)):
        raise ChoiceError("features-box-wrong", value=written[:_SHOWN])
    return west, south, east, north


def read_day(written: str) -> date | None:
    """Read the day whose data are asked for; of an interval its last.

    The data in force at the end of an interval are the newest in force in it.

    Returns:
        ``None`` for an interval without end: what is in force now.

    Raises:
        ChoiceError: It is no date, time or interval.
    """
    begin, slash, end = written.partition("/")
    if not slash:
        return _read_instant(written, written)
    first = None if begin in _OPEN else _read_instant(begin, written)
    duration = _DURATION.fullmatch(end)
    if duration and first:
        return first + timedelta(days=int(duration[1]) * _DAYS[duration[2]])
    last = None if end in _OPEN else _read_instant(end, written)
    if first and last and first > last:
        raise ChoiceError("features-time-wrong", value=written[:_SHOWN])
    return last


def _read_instant(written: str, whole: str) -> date:
    """Read a day or a moment, which is a day in China."""
    try:
        if len(written) == len("2026-01-01"):
            return date.fromisoformat(written)
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise ChoiceError("features-time-wrong", value=whole[:_SHOWN]) from error
    if moment.tzinfo is None or "T" not in written.upper():
        raise ChoiceError("features-time-wrong", value=whole[:_SHOWN])
    return moment.astimezone(CHINA).date()
