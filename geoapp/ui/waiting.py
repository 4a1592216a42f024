"""Progress of long work on a page, refusals, and texts of data shown as they are."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.ui.session import current_lang, say
from geoapp.values import Progress

_BETWEEN_S: Final = 0.1
_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&\"'])")


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show how far long work is; the bar leaves when the work is done or fails."""
    place = st.empty()
    last = 0.0

    def report(stage: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _BETWEEN_S and fraction < 1.0:
            return
        last = now
        place.progress(min(max(fraction, 0.0), 1.0), text=say(stage))

    try:
        yield report
    finally:
        place.empty()


def show_refusal(error: GeoAppError, icon: str = ":material/block:") -> None:
    """Show why something cannot be done; names of files in it are text, never marks."""
    st.error(plain(word_error(error, current_lang())), icon=icon)


def plain(words: object) -> str:
    r"""Write a text of the data so that Markdown shows it as it is.

    >>> plain("a_b*[c](d)")
    'a\\_b\\*\\[c\\]\\(d\\)'
    """
    return _MARKS.sub(r"\\\1", str(words)).replace("\n", " ")
