"""Text of people and of data inside of Markdown: it is shown as it is and means nothing."""

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:&-])")


def plain(words: object) -> str:
    r"""Write a text so that Markdown shows it letter by letter.

    >>> plain("![x](http://y) :red[z]")
    '\\!\\[x\\]\\(http\\://y\\) \\:red\\[z\\]'
    """
    return _SPECIAL.sub(r"\\\1", str(words).replace("\n", " "))
