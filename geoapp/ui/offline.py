"""Keeps Folium from reaching for the internet: all scripts and styles come from this app.

Streamlit-folium loads the scripts of a map one after another and stops at the first that
fails, so one forgotten address is a blank map on a closed network. Hence the two halves:
``make_folium_offline`` replaces what we ship, ``outside_urls`` finds for the tests what is left.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import folium.plugins  # noqa: F401 (defines the classes that are patched)
from branca.colormap import ColorMap
from branca.element import Element
from folium.elements import JSCSSMixin
from folium.raster_layers import TileLayer

from geoapp.ui.assets import VENDOR, asset_url

# Words of Streamlit's own fields, by the name of the text in ``field``.
FIELD_WORDS: Final = ("choose", "drop", "enter", "enter_lines", "all", "none")


def make_folium_offline() -> None:
    """Point every Folium class at the files that this app serves. Doing it twice does no harm.

    The lists are changed in place: subclasses and Folium's own modules share them.

    Raises:
        FileNotFoundError: ``make install`` has not fetched the files.
    """
    local: dict[str, str] = json.loads((VENDOR / "urls.json").read_text())
    for kind in _with_subclasses(JSCSSMixin):
        for links in (kind.default_js, kind.default_css):
            links[:] = [(name, local.get(url, url)) for name, url in links]


def outside_urls(element: Element) -> list[str]:
    """List the addresses outside this app that an element and its children would load."""
    urls = [url for child in _with_children(element) for url in _urls(child)]
    return [url for url in dict.fromkeys(urls) if not url.startswith("/") or url.startswith("//")]


def _urls(element: Element) -> Iterator[str]:
    if isinstance(element, JSCSSMixin):
        yield from (url for _, url in [*element.default_js, *element.default_css])
    if isinstance(element, TileLayer):
        yield element.tiles
    if isinstance(element, ColorMap):
        yield "https://d3js.org/d3.v4.min.js"  # written into streamlit-folium itself


def _with_children(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001 (branca offers no other way)
        yield from _with_children(child)


def _with_subclasses(kind: type[JSCSSMixin]) -> Iterator[type[JSCSSMixin]]:
    yield kind
    for subclass in kind.__subclasses__():
        yield from _with_subclasses(subclass)


def page_style(words: Mapping[str, str] | None = None) -> str:
    """Give the HTML that links the pages' style sheet and fonts, for ``st.html`` in ``main``.

    A link and not Streamlit's ``theme.fontFaces``: the face has a hundred pieces, and
    Streamlit would send all of them to the browser again with every single rerun.

    Args:
        words: A text for each of ``FIELD_WORDS``, which Streamlit itself says in English;
            ``None``: it may.
    """
    links = f'@import url("{asset_url("app/xiangtu.css")}");'
    if words is None:
        return f"<style>{links}</style>"
    links += f'@import url("{asset_url("app/fields.css")}");'
    said = "".join(f"--say-{name}:{_quoted(words[name])};" for name in FIELD_WORDS)
    return f"<style>{links}:root{{{said}}}</style>"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("<", "\\3c ")
