"""Targets: what a document asks of a unit, and the indicators that they are given for."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

from pydantic import Field

from geoapp.catalog.definition import Record
from geoapp.catalog.parsing import named_faults
from geoapp.errors import CatalogError, InputError, NotFoundError
from geoapp.i18n import Text
from geoapp.planning.ledger import Draft
from geoapp.planning.measure import Measure
from geoapp.planning.places import Places
from geoapp.planning.quantity import UNITS, Unit, dimension_of
from geoapp.planning.sheet import Row, read_rows
from geoapp.planning.wording import find_word

_FILE: Final = "indicators.toml"
_REQUIRED: Final = ("indicator", "unit_code", "value", "unit", "document")
_YEARS: Final = (1950, 2200)


class Indicator(Record):
    """What a target can be given for.

    Attributes:
        sense: ``at_least``: the actual value must not fall below; ``at_most``: not rise above.
        unit: In which it is shown.
        compute: What the actual value is computed from.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]{0,39}$")
    title: Text
    sense: Literal["at_least", "at_most"]
    unit: Unit
    compute: Measure


class _File(Record):
    indicator: tuple[Indicator, ...]


class Target(Record):
    """What a document asks of a unit.

    Attributes:
        value: In ``unit``, as the document has it.
        dated: Day of the document.
        due: Day by which it is to be met.
    """

    indicator: str
    unit_code: str
    value: Decimal = Field(ge=0)
    unit: Unit
    document: str
    dated: date | None = None
    due: date | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """What tells it from other targets."""
        return f"{self.indicator}/{self.unit_code}/{self.due or ''}"


@cache
def read_indicators() -> dict[str, Indicator]:
    """Read the indicators, by id."""
    path = Path(__file__).with_name(_FILE)
    with named_faults(path):
        table = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    return {indicator.id: indicator for indicator in table.indicator}


def require_indicator(name: str) -> Indicator:
    """Give an indicator.

    Raises:
        NotFoundError: There is none of that name.
    """
    found = read_indicators().get(name)
    if found is None:
        raise NotFoundError("indicator-unknown", name=name, offered=", ".join(read_indicators()))
    return found


def require_target(target: Target, places: Places) -> Target:
    """Check a target that a person entered.

    Raises:
        InputError: Its unit of measure does not fit the indicator, its document is missing, or
            the administrative unit is not one of the city.
    """
    indicator = require_indicator(target.indicator)
    if dimension_of(target.unit) != dimension_of(indicator.unit):
        raise InputError("target-unit-wrong", indicator=indicator.title, unit=target.unit)
    if not target.document.strip():
        raise InputError("target-document-missing")
    if not places.knows(target.unit_code):
        raise NotFoundError("unit-unknown", unit=target.unit_code)
    return target


def draft_target(target: Target, seen: int | None = None) -> Draft:
    """Give the entry of a target."""
    return Draft(target.key, target.unit_code, target.model_dump(mode="json"), seen=seen)


def read_targets(path: Path, places: Places) -> list[Draft]:
    """Read targets from a table; nothing is written.

    Raises:
        FileError: It cannot be read.
        CatalogError: A column is missing, a target stands twice, or a cell is wrong; named
            with its row.
    """
    drafts: dict[str, Draft] = {}
    for row in read_rows(path, "target", _REQUIRED):
        target = _to_target(row, places)
        if target.key in drafts:
            raise CatalogError(
                "planning-number-twice", file=row.file, row=row.number, value=target.key
            )
        drafts[target.key] = draft_target(target)
    return list(drafts.values())


def _to_target(row: Row, places: Places) -> Target:
    indicator = _find_indicator(row)
    code = row.text("unit_code", required=True)
    if not places.knows(code):
        raise row.wrong("unit_code", code)
    value = row.number_of("value")
    if value is None:
        raise CatalogError("planning-cell-empty", file=row.file, row=row.number, field="value")
    if value < 0:
        raise row.wrong("value", value)
    word = row.text("unit", required=True)
    unit = find_word(word, "quantity.unit", UNITS)
    if not unit or dimension_of(cast("Unit", unit)) != dimension_of(indicator.unit):
        raise row.wrong("unit", word)
    return Target(
        indicator=indicator.id,
        unit_code=code,
        value=value,
        unit=cast("Unit", unit),
        document=row.text("document", required=True),
        dated=row.day("dated"),
        due=_due(row),
        note=row.text("note"),
    )


def _find_indicator(row: Row) -> Indicator:
    word = row.text("indicator", required=True)
    for indicator in read_indicators().values():
        if word in {indicator.id, indicator.title.zh, indicator.title.en}:
            return indicator
    raise row.wrong("indicator", word)


def _due(row: Row) -> date | None:
    """Read the day by which it is to be met; a year alone is its last day."""
    word = row.text("due")
    if word.isdecimal() and _YEARS[0] <= int(word) <= _YEARS[1]:
        return date(int(word), 12, 31)
    return row.day("due")
