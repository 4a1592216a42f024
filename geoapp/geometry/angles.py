"""Two angles in a text of digits, marks and direction letters."""

import re
from dataclasses import dataclass
from typing import Final, Literal

AngleNotation = Literal["degrees", "minutes", "seconds"]

_TOKEN: Final = re.compile(r"(?P<number>[-+]?\d+(?:\.\d+)?)\s*(?P<mark>[°'\":]?)|(?P<letter>[A-Z])")
_BETWEEN: Final = re.compile(r"[\s,;/|()\[\]=:]*")
_PACKED: Final = 10_000  # fewer digits leave no room for minutes and seconds
_PLACES: Final = {"°": 0, "'": 1, '"': 2}
_NAMES: Final[tuple[AngleNotation, ...]] = ("degrees", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Angles:
    """Two angles.

    Attributes:
        values: Degrees, in the order of the text; west and south negative.
        notation: The finest part that is written.
        north_first: Which comes first, ``None`` where nothing says so.
        marked: A mark says that these are angles.
    """

    values: tuple[float, float]
    notation: AngleNotation
    north_first: bool | None
    marked: bool


def read_angles(plain: str, *, packed: bool = False) -> Angles | None:
    """Read two angles.

    Args:
        plain: Digits, the marks ``° ' " :``, separators and the letters N E S W X Y.
        packed: Read ``1102842`` beside a direction as degrees, minutes and seconds.

    Returns:
        ``None`` where the text does not hold exactly two angles.
    """
    tokens = _tokens(plain)
    if tokens is None:
        return None
    numbers = [(value, mark) for value, mark, _ in tokens if value]
    letters = [letter for _, _, letter in tokens if letter]
    groups = _group(numbers)
    if groups is None or len(letters) > 4:
        return None
    directed = _direct(letters, tokens)
    if directed is None:
        return None
    north_first, negative = directed
    if packed:
        lone = all(len(parts) == 1 and abs(float(parts[0])) >= _PACKED for parts in groups)
        if not lone or not set(letters) & set("NESW"):
            return None
        groups = (_unpack(*groups[0]), _unpack(*groups[1]))
    first, second = (
        _signed(_value(parts), backwards) for parts, backwards in zip(groups, negative, strict=True)
    )
    if first is None or second is None:
        return None
    finest = _NAMES[max(len(parts) for parts in groups) - 1]
    return Angles((first, second), finest, north_first, any(mark for _, mark in numbers))


def _tokens(plain: str) -> list[tuple[str, str, str]] | None:
    """Take a text apart into (number, its mark, letter); ``None`` where something is left."""
    tokens, place = [], 0
    while place < len(plain):
        gap = _BETWEEN.match(plain, place)
        place = gap.end() if gap else place
        if place == len(plain):
            break
        found = _TOKEN.match(plain, place)
        if found is None:
            return None
        tokens.append((found["number"] or "", found["mark"] or "", found["letter"] or ""))
        place = found.end()
    return tokens


def _group(numbers: list[tuple[str, str]]) -> tuple[list[str], list[str]] | None:
    """Put the numbers of each angle together: degrees, minutes, seconds."""
    marks = [mark for _, mark in numbers]
    if "°" in marks:
        starts = [place for place, mark in enumerate(marks) if mark == "°"]
        in_order = all(
            _PLACES.get(mark, 9) == place - start or (not mark and place > start)
            for start, end in zip(starts, [*starts[1:], len(marks)], strict=True)
            for place, mark in enumerate(marks[start:end], start)
        )
        if len(starts) != 2 or starts[0] != 0 or not in_order:
            return None
        middle = starts[1]
    elif ":" in marks:
        joined = [place for place in range(1, len(marks)) if marks[place - 1] != ":"]
        if len(joined) != 1:
            return None
        middle = joined[0]
    elif any(marks) or len(numbers) not in {2, 4, 6}:
        return None
    else:
        middle = len(numbers) // 2
    texts = [text for text, _ in numbers]
    first, second = texts[:middle], texts[middle:]
    return (first, second) if max(len(first), len(second)) <= 3 else None


def _direct(
    letters: list[str], tokens: list[tuple[str, str, str]]
) -> tuple[bool | None, tuple[bool, bool]] | None:
    """Tell what the letters say: which axis comes first, and which angles count backwards."""
    north = {"N", "S", "X"}  # in Chinese surveying X points north
    order = list(dict.fromkeys("north" if letter in north else "east" for letter in letters))
    if not order or set(letters) & set("XY"):  # drawings name X and Y either way round
        return None, (False, False)
    if {"N", "S"} <= set(letters) or {"E", "W"} <= set(letters):
        return None
    first = order[0] == "north"
    if len(order) == 1:
        if _times_apart(tokens) > 1:
            return None
        before = sum(bool(value) for value, _, _ in tokens[: _place(tokens)])
        if before == sum(bool(value) for value, _, _ in tokens):
            first = not first  # it follows the last number
        elif before:  # between the two: it may belong to either
            return None if set(letters) & set("SW") else (None, (False, False))
    backwards = {"north": "S" in letters, "east": "W" in letters}
    axes = ("north", "east") if first else ("east", "north")
    return first, (backwards[axes[0]], backwards[axes[1]])


def _times_apart(tokens: list[tuple[str, str, str]]) -> int:
    """Count the places with letters: several beside each other are one."""
    lettered = [bool(letter) for _, _, letter in tokens]
    return sum(
        now and not before for before, now in zip([False, *lettered], lettered, strict=False)
    )


def _place(tokens: list[tuple[str, str, str]]) -> int:
    return next(place for place, (_, _, letter) in enumerate(tokens) if letter)


def _unpack(text: str) -> list[str]:
    """Take 1102842.5 apart into degrees, minutes and seconds."""
    whole, point, rest = text.partition(".")
    return [whole[:-4] or "0", whole[-4:-2] or "0", whole[-2:] + point + rest]


def _value(parts: list[str]) -> float | None:
    """Add degrees, minutes and seconds; ``None`` where a part cannot be one."""
    if any("." in part for part in parts[:-1]) or any(part[0] in "+-" for part in parts[1:]):
        return None
    numbers = [float(part) for part in parts]
    if any(not 0 <= number <= 60 for number in numbers[1:]):
        return None
    size = sum(abs(number) / 60.0**place for place, number in enumerate(numbers))
    return -size if parts[0].startswith("-") else size


def _signed(value: float | None, backwards: bool) -> float | None:  # noqa: FBT001
    """Turn west and south round; a sign and such a letter together make no sense."""
    if value is None or not backwards:
        return value
    return -value if value >= 0 else None
