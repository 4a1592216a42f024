"""Small pages of our own, plain HTML that needs no script."""

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

from geoapp.i18n import Lang, text

_PAGE: Final = Path(__file__).with_name("page.html")


def draw_page(lang: Lang, title: str, body: str, *, other: str = "") -> str:
    """Draw a page.

    Args:
        lang: Its language.
        title: Plain text.
        body: HTML; whatever people wrote in it is escaped already.
        other: Address of the same page in the other language, escaped by us.
    """
    switch = ""
    if other:
        words = escape(text(lang, "sign_in.other_language"))
        switch = f'<a class="language" href="{escape(other, quote=True)}">{words}</a>'
    parts = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "code": lang,
        "title": escape(title),
        "app": escape(text(lang, "app.name")),
        "other": switch,
        "body": body,  # last: nothing in it is taken for a place to fill
    }
    page = _template()
    for name, content in parts.items():
        page = page.replace(f"{{{{{name}}}}}", content)
    return page


@lru_cache(maxsize=1)
def _template() -> str:
    return _PAGE.read_text(encoding="utf-8")
