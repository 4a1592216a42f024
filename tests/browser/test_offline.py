"""Offline is true: nothing that we serve names an address on another machine."""

import re
import urllib.request
from pathlib import Path
from typing import Final

import pytest

from geoapp.ui.assets import ASSETS
from tests.browser.conftest import Witness
from tests.browser.screen import PATHS, Screen

ADDRESS: Final = re.compile(
    r"""(?:https?:|wss?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'`)<>\\]*""", re.IGNORECASE
)
COMMENTS: Final = re.compile(r"/\*.*?\*/|<!--.*?-->", re.DOTALL)
READABLE: Final = {".css", ".html", ".js", ".json", ".svg"}
# Address -> why it may stand there. None of them is ever fetched.
ALLOWED: Final = {
    "http://www.w3.org/": "names of XML languages, for createElementNS",
    "https://leafletjs.com": "Leaflet's own name in its attribution control, which we leave out",
    "http://leafletjs.com": "the same, in comments of plug-ins",
    "https://github.com/Leaflet/": "licence and help texts",
}
# A map of Folium addresses to ours: the left-hand sides are what is replaced.
TABLES_OF_REPLACEMENTS: Final = {"urls.json"}


def outside(text: str) -> list[str]:
    found = ADDRESS.findall(text)
    return [url for url in found if not any(url.startswith(known) for known in ALLOWED)]


def own_files() -> list[Path]:
    files = (path for path in ASSETS.rglob("*") if path.suffix in READABLE)
    return sorted(path for path in files if path.name not in TABLES_OF_REPLACEMENTS)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as reply:
        return str(reply.read().decode("utf-8", "replace"))


def test_there_are_files_to_look_into() -> None:
    names = {path.name for path in own_files()}
    assert {"leaflet.js", "citymap.js", "index.css", "fonts.css"} <= names


@pytest.mark.parametrize("path", own_files(), ids=lambda path: path.name)
def test_served_file_names_no_other_machine(base_url: str, path: Path) -> None:
    served = fetch(f"{base_url}/assets/{path.relative_to(ASSETS).as_posix()}")
    # Third parties' licence comments name their home; nobody follows them.
    words = COMMENTS.sub("", served) if "vendor" in path.parts else served
    assert not outside(words)


@pytest.mark.parametrize("path", PATHS.values())
def test_first_page_names_no_other_machine(base_url: str, path: str) -> None:
    assert not outside(COMMENTS.sub("", fetch(base_url + path)))


def test_no_tab_of_the_app_asks_another_machine(screen: Screen, witness: Witness) -> None:
    """The witness fails any test that does; here it must also have seen the app at work."""
    for path in PATHS.values():
        screen.open(path, "zh").map.wait_drawn()
    assert len(witness.requests) > 50
    assert not witness.faults
