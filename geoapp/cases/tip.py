"""A tip of the public: somebody saw something built that should not be. Pure values."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from geoapp.cases.case import Units
from geoapp.errors import InputError

TipState = Literal["received", "checking", "closed"]
TIP_STATES: Final[tuple[TipState, ...]] = ("received", "checking", "closed")
SHORTEST_TEXT: Final = 5
LONGEST_TEXT: Final = 1000
MOST_PHOTO_BYTES: Final = 10 * 2**20
MOST_AN_HOUR: Final = 5  # of one sender
MOST_A_DAY: Final = 300  # of all
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
_LETTERS_OF_RECEIPT: Final = 12
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class NewTip:
    """What somebody reports; nothing about the person.

    Attributes:
        longitude: Degrees, CGCS2000.
        text: What was seen.
        photo: Bytes of a picture, or nothing.
        photo_name: Name of its file, for errors.
        trap: A field that people do not see: whoever fills it in is a machine.
    """

    longitude: float
    latitude: float
    text: str
    photo: bytes = b""
    photo_name: str = ""
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip as the office sees it.

    Attributes:
        receipt: Number that the reporter has.
        sha256: Of the photo among the attachments, ``""`` for none.
        received_at: UTC, ISO text.
        case: Id of the case that it led to.
        reason: Why it was set aside.
    """

    id: int
    receipt: str
    state: TipState
    longitude: float
    latitude: float
    text: str
    sha256: str
    units: Units
    received_at: str
    decided_at: str
    decided_by: str
    reason: str
    case: int | None


def make_receipt() -> str:
    """Make a receipt number that nobody can guess: 59 bits by chance."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_OF_RECEIPT))
    return "-".join(letters[k : k + _GROUP] for k in range(0, _LETTERS_OF_RECEIPT, _GROUP))


def read_receipt(typed: str) -> str:
    """Bring a receipt number as somebody types it to its one form.

    >>> read_receipt(" abcd efgh-jkmn ")
    'ABCD-EFGH-JKMN'
    """
    letters = [letter for letter in typed[:60].upper() if letter in _LETTERS]
    return "-".join("".join(letters[k : k + _GROUP]) for k in range(0, len(letters), _GROUP))


def require_text(text: str) -> str:
    """Take what was seen in words.

    Raises:
        InputError: Too short, too long, or with what cannot be printed.
    """
    plain = text.strip()
    if len(plain) < SHORTEST_TEXT:
        raise InputError("tip-text-short", least=SHORTEST_TEXT)
    if len(plain) > LONGEST_TEXT:
        raise InputError("tip-text-long", most=LONGEST_TEXT, count=len(plain))
    if not all(letter.isprintable() or letter in "\n\t\r" for letter in plain):
        raise InputError("tip-text-unprintable")
    return plain
