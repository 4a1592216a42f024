"""Reading the values of options."""

from datetime import date
from typing import get_args

from geoapp.errors import ChoiceError
from geoapp.exporters.request import Encoding
from geoapp.overlay.result import LEVELS, Level
from geoapp.values import AreaUnit


def read_date(value: str) -> date | None:
    """Read a day; ``None`` for no text.

    Raises:
        ChoiceError: It is none.
    """
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ChoiceError("date-wrong", value=value) from error


def read_level(value: str) -> Level:
    """Read a level of units.

    Raises:
        ChoiceError: It is none.
    """
    for level in LEVELS:
        if level == value:
            return level
    raise ChoiceError("choice-unknown", option="by", value=value, offered=", ".join(LEVELS))


def read_unit(value: str) -> AreaUnit:
    """Read a unit of area.

    Raises:
        ChoiceError: It is none.
    """
    try:
        return AreaUnit(value)
    except ValueError as error:
        raise ChoiceError(
            "choice-unknown", option="unit", value=value, offered=", ".join(AreaUnit)
        ) from error


def read_text_encoding(value: str) -> Encoding:
    """Read the encoding of the texts of a shapefile.

    Raises:
        ChoiceError: It is none that is offered.
    """
    offered: tuple[Encoding, ...] = get_args(Encoding)
    for name in offered:
        if value.lower() in {name, name.replace("-", "")}:
            return name
    raise ChoiceError("choice-unknown", option="encoding", value=value, offered=", ".join(offered))
