"""The script that stands in Streamlit's own page, so that it and no other may run there."""

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit as st

_INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def inline_scripts() -> tuple[str, ...]:
    """Name the scripts of Streamlit's page by their hashes, as a content policy does."""
    page = Path(st.__file__).with_name("static") / "index.html"
    return tuple(_name(script) for script in _INLINE.findall(page.read_text(encoding="utf-8")))


def _name(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"
