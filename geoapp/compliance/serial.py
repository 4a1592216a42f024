"""Serials of checks: readable over the telephone, and a mistyped one is noticed.

``ZJ-2026-000123-8``: the city's letters, the year, the number within it, a check digit. The
digit is Damm's: every single wrong digit and every two neighbours exchanged are noticed.
"""

import re
import unicodedata
from typing import Final

from geoapp.errors import NotFoundError

_FORM: Final = re.compile(r"([A-Z]{2,6})-([0-9]{4})-([0-9]{6,9})-([0-9])")
# A totally anti-symmetric quasigroup of order 10 (H. Damm, 2004).
_QUASIGROUP: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def make_serial(prefix: str, year: int, number: int) -> str:
    """Make a serial.

    >>> make_serial("ZJ", 2026, 123)
    'ZJ-2026-000123-8'
    """
    digits = f"{year:04d}{number:06d}"
    return f"{prefix}-{year:04d}-{number:06d}-{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """Give the digit that belongs after others.

    >>> check_digit("572")
    4
    """
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return interim


def require_serial(text: str) -> str:
    """Give a serial in its one form: what people type may be small, wide or spaced.

    Raises:
        NotFoundError: It is none, or mistyped.
    """
    cleaned = unicodedata.normalize("NFKC", text).upper()
    cleaned = re.sub(r"\s+", "", re.sub("[\u2010-\u2015\u2212]", "-", cleaned))
    found = _FORM.fullmatch(cleaned)
    if not found:
        raise NotFoundError("check-serial-form", serial=text[:40])
    if check_digit(found[2] + found[3]) != int(found[4]):
        raise NotFoundError("check-serial-mistyped", serial=text[:40])
    return cleaned
