"""Finding what a person's word stands for, in either language."""

from collections.abc import Sequence

from geoapp.i18n import LANGS, text


def find_word(word: str, prefix: str, offered: Sequence[str]) -> str:
    """Find which of some keys a word means: the key itself, or its text in a language.

    Args:
        word: As it was written.
        prefix: Table of the locale in which the keys stand.
        offered: The keys.

    Returns:
        The key, ``""`` where the word means none of them.
    """
    plain = word.strip().lower()
    for key in offered:
        words = {text(lang, f"{prefix}_{key}").lower() for lang in LANGS}
        if plain in {key.lower(), *words}:
            return key
    return ""
