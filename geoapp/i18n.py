"""The words of the product in Chinese and English.

Keys are dotted: ``text("en", "statistics.title")`` reads table ``statistics``, key ``title``
of the files in ``locale/en``, one file a subject. Both languages hold the same keys; a test
keeps it so.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from geoapp.errors import ChoiceError, GeoAppError
from geoapp.settings import PACKAGE

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = get_args(Lang)


class Text(BaseModel):
    """A text that stands in a data file in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        """Give the text in one language."""
        return self.zh if lang == "zh" else self.en


def require_lang(value: str) -> Lang:
    """Check a language code.

    Raises:
        ChoiceError: It is neither ``zh`` nor ``en``.
    """
    for lang in LANGS:
        if value == lang:
            return lang
    raise ChoiceError("choice-unknown", option="lang", value=value, offered=", ".join(LANGS))


@cache
def read_words(lang: Lang) -> Mapping[str, str]:
    """Read one language as a flat table of dotted keys, from all its files.

    Raises:
        ValueError: A key stands in two files: our own mistake.
    """
    words: dict[str, str] = {}
    for path in sorted((PACKAGE / "locale" / lang).glob("*.toml")):
        with path.open("rb") as file:
            pairs = dict(_flatten("", tomllib.load(file)))
        if doubled := words.keys() & pairs.keys():
            message = f"{path.name}: {sorted(doubled)} stand in another file too"
            raise ValueError(message)
        words |= pairs
    return words


def _flatten(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        pairs += _flatten(f"{name}.", value) if isinstance(value, dict) else [(name, str(value))]
    return pairs


def text(lang: Lang, key: str, /, **facts: object) -> str:
    """Word a key, with named facts filled in.

    Raises:
        KeyError: The key is not in the locale file: our own mistake.
    """
    words = read_words(lang)[key]
    return words.format_map(_Facts(facts)) if facts else words


class _Facts(dict[str, object]):
    """Facts of a sentence; one that an error does not have reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "-"


def word_error(error: GeoAppError, lang: Lang) -> str:
    """Say an error as one sentence."""
    return text(lang, f"error.{error.code}", **word_facts(error.facts, lang))


def word_facts(facts: Mapping[str, object], lang: Lang) -> dict[str, object]:
    """Word the facts of a sentence, those that are texts in two languages or keys of the locale."""
    return {key: _word_fact(value, lang) for key, value in facts.items()}


def _word_fact(value: object, lang: Lang) -> object:
    """Word a fact that is itself a text in two languages or a key of the locale."""
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, str) and value.startswith("@") and value[1:] in read_words(lang):
        return text(lang, value[1:])
    return value
