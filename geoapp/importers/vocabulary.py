"""The words that offices write into lists of boundary points, read from a table."""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("vocabulary.toml")
_SILENT: Final = str.maketrans("", "", "()[]{} \t\r\n:　")


@cache
def words(table: str) -> dict[str, list[str]]:
    """Give one table: meaning → words."""
    with _FILE.open("rb") as file:
        return {key: list(value) for key, value in tomllib.load(file)[table].items()}


def plain(text: object) -> str:
    """Bring a heading to the form in which it is compared."""
    return unicodedata.normalize("NFKC", str(text)).lower().translate(_SILENT)


def find_meaning(table: str, text: object) -> str:
    """Find what a word means, ``""`` when it is not in the table."""
    wanted = plain(text)
    return next((key for key, known in words(table).items() if wanted in known), "")


def find_column(heading: object) -> str:
    """Find what a column holds, by its heading; ``""`` when it is not known.

    >>> find_column("X"), find_column("Y (m)")
    ('north', 'east')
    """
    wanted = plain(heading)
    if not wanted:
        return ""
    known = find_meaning("columns", wanted)
    if known:
        return known
    return next(
        (
            key
            for key, beginnings in words("columns_begin").items()
            if any(wanted.startswith(plain(beginning)) for beginning in beginnings)
        ),
        "",
    )
