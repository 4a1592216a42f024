"""Everything that has a name: units, hamlets, scenic areas, reserves, villages.

Names are few, thousands, so they are looked through one by one; keys are many and have an
index of their own.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow.parquet as pq

from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.finding.ground import Ground
from geoapp.finding.pinyin import plain_latin, readings

Kind = Literal["unit", "hamlet", "scenic", "village", "feature", "case", "coordinates"]

KINDS: Final[dict[str, Kind]] = {
    "hamlet": "hamlet",
    "scenic_area": "scenic",
    "traditional_village": "village",
    "demolition": "case",
}
SIZES: Final = {"city": 9, "district": 8, "township": 6, "village": 4}
MOST_NAMED: Final = 50_000
EXACT: Final = 1.0
PREFIX: Final = 0.8
WITHIN: Final = 0.6
TYPO: Final = 0.4
SIZE_WORTH: Final = 0.01
_LATIN_COSTS: Final = 0.02
_INITIALS_COST: Final = 0.05
_FEWEST_INITIALS: Final = 2
_FEWEST_FOR_TYPO: Final = 5
_NAMED_SIZE: Final = 3
_POINT_SIZE: Final = 2
_CODED: Final = re.compile(r"[\w\-./()]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with a name.

    Attributes:
        layer: Its layer, empty for the city.
        row: Its row there, ``None`` where nothing is drawn of it.
        key: Code or key.
        name: Chinese or only name.
        name_en: English name, or empty.
        size: Bigger stands first.
        plain: The name as it is compared.
        english: Likewise, words without spaces.
        english_starts: Where its words begin.
        sounds: Joined syllables of each reading, with where syllables begin.
        initials: First letters of each reading.
    """

    kind: Kind
    layer: str
    row: int | None
    key: str
    name: str
    name_en: str
    size: int
    plain: str
    english: str
    english_starts: frozenset[int]
    sounds: tuple[tuple[str, frozenset[int]], ...]
    initials: frozenset[str]


@dataclass(frozen=True, slots=True)
class Typed:
    """A query in the forms that are compared."""

    plain: str
    latin: str

    @classmethod
    def of(cls, query: str) -> "Typed":
        """Bring a query to these forms."""
        latin = plain_latin(query)
        return cls(plain_text(query), latin if latin.isascii() and latin.isalnum() else "")


def plain_text(text: str) -> str:
    """Bring a name to one form: width, case and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_entries(ground: Ground, current: dict[str, Snapshot]) -> list[Entry]:
    """Gather everything that has a name, whoever asks; layers are chosen later."""
    city = ground.city
    entries = [make_entry("unit", "", None, city.code, city.name.zh, city.name.en, SIZES["city"])]
    rows = {level: _unit_rows(ground, current, level) for level in UNIT_LEVELS}
    for unit in ground.unit_names():
        row = rows[unit.level].get(unit.code)
        size = SIZES[unit.level]
        entries.append(
            make_entry("unit", unit.level, row, unit.code, unit.name, unit.name_en, size)
        )
    for definition in ground.library:
        if definition.group != "unit" and definition.id in current:
            entries += _named(definition, current[definition.id])
    return entries


def rate(entry: Entry, typed: Typed) -> float:
    """Rate how well an entry fits what was typed; zero where it does not."""
    best = _compare(typed.plain, entry.plain) if typed.plain else 0.0
    if typed.latin:
        best = max(best, _rate_latin(entry, typed.latin))
    if typed.plain.isdigit() and entry.layer in {"", *UNIT_LEVELS}:
        best = max(best, _compare(typed.plain, entry.key, within=False))
    return best + entry.size * SIZE_WORTH if best else 0.0


def rate_typo(entry: Entry, typed: Typed) -> float:
    """Rate an entry that fits but for one letter."""
    if len(typed.latin) < _FEWEST_FOR_TYPO or not typed.latin.isalpha():
        return 0.0
    fits = any(_one_off(typed.latin, sound) for sound, _ in entry.sounds)
    return TYPO + entry.size * SIZE_WORTH if fits else 0.0


def _rate_latin(entry: Entry, latin: str) -> float:
    best = 0.0
    for sound, starts in (*entry.sounds, (entry.english, entry.english_starts)):
        found = _compare(latin, sound, starts=starts)
        best = max(best, found - _LATIN_COSTS if found else 0.0)
    if len(latin) >= _FEWEST_INITIALS:
        for initials in entry.initials:
            found = _compare(latin, initials, within=False)
            best = max(best, found - _INITIALS_COST if found else 0.0)
    return best


def _compare(
    typed: str, text: str, *, within: bool = True, starts: frozenset[int] | None = None
) -> float:
    if not text or len(typed) > len(text):
        return 0.0
    if typed == text:
        return EXACT
    if text.startswith(typed):
        return PREFIX
    place = text.find(typed) if within else -1
    while place > 0 and starts is not None and place not in starts:
        place = text.find(typed, place + 1)
    return WITHIN if place > 0 else 0.0


def _one_off(typed: str, sound: str) -> bool:
    """Tell whether one letter added, left out, changed or swapped gives a beginning."""
    place = next(
        (k for k, (a, b) in enumerate(zip(typed, sound, strict=False)) if a != b), len(typed)
    )
    rest, other = typed[place:], sound[place:]
    if not rest:
        return True
    swapped = other[1:2] + other[:1] + other[2:] if len(other) > 1 else other
    return any(
        whole.startswith(part)
        for part, whole in (
            (rest[1:], other[1:]),
            (rest[1:], other),
            (rest, other[1:]),
            (rest, swapped),
        )
    )


def make_entry(
    kind: Kind, layer: str, row: int | None, key: str, name: str, name_en: str, size: int
) -> Entry:
    """Bring a name to the forms in which it is looked for."""
    every = readings(name)
    words = [plain_latin(word) for word in name_en.split()]
    return Entry(
        kind=kind,
        layer=layer,
        row=row,
        key=key,
        name=name,
        name_en=name_en,
        size=size,
        plain=plain_text(name),
        english="".join(words),
        english_starts=_starts(words),
        sounds=tuple(("".join(each), _starts(each)) for each in every),
        initials=frozenset("".join(part[:1] for part in each) for each in every),
    )


def _starts(parts: Sequence[str]) -> frozenset[int]:
    starts, place = [], 0
    for part in parts:
        starts.append(place)
        place += len(part)
    return frozenset(starts)


def _unit_rows(ground: Ground, current: dict[str, Snapshot], level: str) -> dict[str, int]:
    if level not in current:
        return {}
    definition = ground.library.require(level)
    codes = current[level].read_attributes([definition.key])[definition.key]
    return {str(code): row for row, code in enumerate(codes)}


def _named(definition: LayerDefinition, snapshot: Snapshot) -> Iterator[Entry]:
    """Give the features whose names are names and not numbers."""
    if definition.name_field == definition.key:
        return
    if snapshot.manifest.feature_count > MOST_NAMED:
        return
    path = snapshot.folder / FEATURES
    wanted = [definition.key, definition.name_field, f"{definition.name_field}_en"]
    there = set(pq.read_schema(path).names)
    columns = [name for name in wanted if name in there]
    if definition.name_field not in columns:
        return
    kind = KINDS.get(definition.id, "feature")
    size = _POINT_SIZE if definition.geometry == "point" else _NAMED_SIZE
    for row, values in enumerate(pq.read_table(path, columns=columns).to_pylist()):
        name = str(values[definition.name_field] or "")
        if not _CODED.fullmatch(name):
            key = str(values.get(definition.key) or "")
            name_en = str(values.get(f"{definition.name_field}_en") or "")
            yield make_entry(kind, definition.id, row, key, name, name_en, size)
