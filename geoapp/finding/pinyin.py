"""How Chinese names are typed in Latin letters: syllables, initials, several readings.

The table of readings is large, so it is loaded when the first name is read.
"""

import itertools
import re
import unicodedata
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

Syllables = tuple[str, ...]

_MOST_READINGS: Final = 8
_MOST_OF_A_SIGN: Final = 2
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_TONED: Final = re.compile(r"(?:[a-z]+[1-5])+")


def readings(name: str) -> tuple[Syllables, ...]:
    """Give the ways to read a name, the likeliest first; none without Chinese characters.

    What is not Chinese stands as one syllable in small letters.
    """
    if not _HAN.search(name):
        return ()
    likeliest = _read(name)
    choices = [
        list(dict.fromkeys([syllable, *others]))[:_MOST_OF_A_SIGN]
        for syllable, others in zip(likeliest, _others(name, likeliest), strict=True)
    ]
    every = itertools.product(*choices)
    return tuple(itertools.islice(every, _MOST_READINGS))


@lru_cache(maxsize=8192)
def latin_name(name: str) -> str:
    """Give the likeliest reading of a name as it is typed, and its initials; "" without any.

    >>> latin_name("永定区")
    'yongdingqu ydq'
    """
    if not _HAN.search(name):
        return ""
    syllables = _read(name)
    return f"{''.join(syllables)} {''.join(one[0] for one in syllables)}"


def plain_latin(text: str) -> str:
    """Bring typed letters to one form: no case, tones, spaces or apostrophes; ü is v."""
    lowered = unicodedata.normalize("NFKC", text).casefold().replace("u:", "v")
    parts = unicodedata.normalize("NFD", lowered.replace("\u00fc", "v"))
    parts = re.sub("u([\u0300-\u036f]*)\u0308", r"v\1", parts)
    bare = re.sub("[\u0300-\u036f\\s'\u2019\\-]", "", parts)
    return re.sub(r"[1-5]", "", bare) if _TONED.fullmatch(bare) else bare


def _read(name: str) -> Syllables:
    module: Any = import_module("pypinyin")
    found = module.lazy_pinyin(name, errors=lambda other: [plain_latin(other)])
    return tuple(syllable for syllable in found if syllable)


def _others(name: str, likeliest: Syllables) -> list[tuple[str, ...]]:
    """Give further readings of each Chinese character; none where the count does not agree."""
    signs = [_sign_readings(sign) for sign in name if _HAN.match(sign)]
    if len(signs) != len(likeliest):
        return [()] * len(likeliest)
    return signs


@lru_cache(maxsize=8192)
def _sign_readings(sign: str) -> tuple[str, ...]:
    module: Any = import_module("pypinyin")
    found = module.pinyin(sign, style=module.Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(found[0])) if found else ()
