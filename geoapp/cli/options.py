"""Reading the values of options."""

from datetime import date
from typing import Any, get_args

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


def read_mapping(pairs: list[str]) -> dict[str, str] | None:
    """Read ``FIELD=canonical`` pairs, ``FIELD=`` to leave a field out; ``None`` for none.

    Raises:
        ChoiceError: A pair has no equals sign.
    """
    mapping = {}
    for pair in pairs:
        field, sign, canonical = pair.rpartition("=")
        if not sign or not field:
            raise ChoiceError("mapping-pair-wrong", value=pair)
        mapping[field.strip()] = canonical.strip()
    return mapping or None


def require_choice(option: str, value: str, choices: Any) -> Any:
    """Check the value of an option.

    Args:
        option: As it is called.
        value: What was given.
        choices: A ``Literal`` of what is offered.

    Raises:
        ChoiceError: It is none of them.
    """
    if value not in get_args(choices):
        offered = ", ".join(get_args(choices))
        raise ChoiceError("choice-unknown", option=option, value=value, offered=offered)
    return value
