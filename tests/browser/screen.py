"""What a person does and sees on a page, in words of the page and not of its HTML."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect
from playwright.sync_api import TimeoutError as PageTimeoutError

from geoapp.i18n import Lang, text

PATHS: Final = {"overview": "/", "statistics": "/statistics"}
CJK: Final = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
PATIENCE_MS: Final = 30_000  # CI machines may be busy
_MARK: Final = "the test was here"
_LOST_CLICK_MS: Final = 6000
_REACTION_MS: Final = 250  # until a choice has reached the server and its script runs
_CANVASES = ".leaflet-map-pane > :not(.leaflet-labels-pane) canvas"
# The maps draw on canvases, so what is on them can only be told by its colours.
_COLOURS = """() => {
  let most = 0;
  for (const canvas of document.querySelectorAll("CANVASES")) {
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 7) if (pixels[i] !== 0) seen.add(pixels[i]);
    most = Math.max(most, seen.size);
  }
  return most;
}""".replace("CANVASES", _CANVASES)
_PRINT = """() => {
  let sum = 0;
  for (const canvas of document.querySelectorAll("CANVASES")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    for (let i = 0; i < pixels.length; i += 3) sum = (sum * 31 + pixels[i]) % 2147483647;
  }
  return sum;
}""".replace("CANVASES", _CANVASES)
_CELLS = """(canvas) => {
  const read = (row, cell) => [...row.querySelectorAll(cell)].map((part) => part.textContent);
  const table = canvas.querySelector("table");
  if (!table) return null;
  const rows = [...table.querySelectorAll("tbody tr")].map((row) => read(row, "td"));
  return { heads: read(table.querySelector("thead tr"), "th"), rows };
}"""
_WORDS = """() => {
  const lines = window === window.top ? [document.title] : [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("script, style, noscript, [data-testid=stSkipToContent]")) continue;
    if (getComputedStyle(parent).fontFamily.includes("Material Symbols")) continue;
    if (parent.closest("canvas") ? parent.localName === "th" : parent.checkVisibility()) {
      lines.push(node.data.trim());
    }
  }
  const fields = [...document.querySelectorAll("input[role=combobox]")];
  return [...lines, ...fields.map((field) => field.value)].filter(Boolean);
}"""
T = TypeVar("T")


def eventually(read: Callable[[], T], right: Callable[[T], bool], what: str) -> T:
    """Read until it is right: pages answer a little later."""
    end = monotonic() + PATIENCE_MS / 1000
    while not right(value := read()):
        if monotonic() > end:
            raise AssertionError(f"{what}: {value!r}")
        sleep(0.1)
    return value


class Map:
    """The map of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def iframe(self) -> Locator:
        return self.page.locator("iframe[title='streamlit_folium.st_folium']")

    @property
    def inside(self) -> FrameLocator:
        return self.iframe.content_frame

    def frame(self) -> Frame:
        handle = self.iframe.element_handle()
        assert handle is not None
        frame = handle.content_frame()
        assert frame is not None
        return frame

    def colours(self) -> int:
        return int(self.frame().evaluate(_COLOURS))

    def wait_drawn(self, colours: int = 4) -> None:
        expect(self.iframe).to_have_count(1, timeout=PATIENCE_MS)  # not the one before, too
        expect(self.iframe).to_be_visible(timeout=PATIENCE_MS)
        expect(self.inside.locator(".leaflet-container")).to_be_visible(timeout=PATIENCE_MS)
        expect(self.inside.locator(_CANVASES).first).to_be_attached(timeout=PATIENCE_MS)
        eventually(self.colours, lambda found: found >= colours, "colours on the map")

    def picture(self) -> int:
        """A number that stands for what is drawn; another picture has another number."""
        return int(self.frame().evaluate(_PRINT))

    def settled_picture(self, looks: int = 4) -> int:
        """The picture once it is the same at so many looks: layers arrive one after another."""
        last = list(range(-looks, 0))

        def look() -> bool:
            last.append(self.picture())
            sleep(0.15)
            return len(set(last[-looks:])) == 1

        eventually(look, bool, "the map keeps changing")
        return last[-1]

    @contextmanager
    def staying(self) -> Iterator[None]:
        """Hold that the map is the same one afterwards, not one built anew."""
        self.frame().evaluate(f"window.testMark = {_MARK!r}")
        yield
        assert self.frame().evaluate("window.testMark") == _MARK, "the map was built anew"

    @property
    def container(self) -> Locator:
        return self.inside.locator(".leaflet-container")

    def position(self, longitude: float, latitude: float) -> dict[str, float]:
        """Where a position lies in the map's frame, once the map has come to rest."""
        script = f"""() => {{
          const {{ x, y }} = window.map.latLngToContainerPoint([{latitude}, {longitude}]);
          return {{ x, y }};
        }}"""
        before: dict[str, float] = {}
        for _ in range(50):
            now = self.frame().evaluate(script)
            if now == before:
                return now
            before = now
            sleep(0.1)
        raise AssertionError("the map does not come to rest")

    def hover(self, longitude: float, latitude: float) -> str:
        """Move the pointer there; read what the box says."""
        where = self.position(longitude, latitude)
        self.container.hover(position={"x": where["x"] - 3, "y": where["y"] - 3}, force=True)
        self.container.hover(position=where, force=True)
        facts = self.inside.locator(".xt-facts")
        expect(facts).to_be_visible()
        return facts.inner_text()

    def click(self, longitude: float, latitude: float) -> None:
        # A click sent in the same moment as a scroll lands where the map was before.
        self.container.scroll_into_view_if_needed()
        self.settled_picture()
        self.container.click(position=self.position(longitude, latitude), force=True)

    def legend(self) -> list[str]:
        return self.inside.locator(".xt-title").all_inner_texts()

    def key(self) -> str:
        """The legend of a choropleth as text."""
        return self.inside.locator(".xt-sheet").inner_text()

    def open_legend(self) -> None:
        opener = self.inside.locator(".xt-panel-open")
        if opener.is_visible():
            opener.click()
        expect(self.inside.locator(".xt-sheet")).to_be_visible()

    def switch(self, title: str, *, on: bool) -> None:
        self.open_legend()
        row = self.inside.locator(".xt-layer").filter(has=self._titled(title))
        row.locator(".xt-row input[type=checkbox]").set_checked(on, force=True)

    def _titled(self, title: str) -> Locator:
        return self.inside.locator(".xt-title", has_text=re.compile(f"^{re.escape(title)}$"))


class Screen:
    """One page in one language."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.lang: Lang = "zh"
        self.map = Map(page)

    def open(self, path: str, lang: Lang | None = None) -> "Screen":
        """Go to a page by its address, in a language or in the one of the settings."""
        self.lang = lang or "zh"
        query = f"{'&' if '?' in path else '?'}lang={lang}" if lang else ""
        self.page.goto(f"{self.base_url}{path}{query}")
        return self

    def say(self, key: str, **facts: object) -> str:
        return text(self.lang, key, **facts)

    def wait_for_heading(self, key: str) -> None:
        heading = self.page.get_by_role("heading", name=self.say(key), exact=True)
        expect(heading).to_be_visible(timeout=PATIENCE_MS)

    def wait_at_rest(self) -> None:
        """Wait until the script has run and nothing on the page is out of date."""
        self.page.wait_for_timeout(_REACTION_MS)
        state = self.page.get_by_test_id("stApp")
        expect(state).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE_MS)
        expect(self.page.locator("[data-stale=true]")).to_have_count(0, timeout=PATIENCE_MS)

    def turn_to(self, key: str) -> None:
        """Follow a link of the navigation, unfolding it where it is folded."""
        self.wait_at_rest()
        link = self.page.get_by_role("link", name=self.say(key))
        if not link.first.is_visible():
            self.open_sidebar()
        left = urlsplit(self.page.url).path
        link.first.click()
        try:
            self.page.wait_for_url(lambda url: urlsplit(url).path != left, timeout=_LOST_CLICK_MS)
        except PageTimeoutError:
            # Streamlit now and then drops a click that meets the map's own rerun; a person
            # clicks again.
            link.first.click()

    def open_sidebar(self) -> None:
        opener = self.page.get_by_test_id("stExpandSidebarButton")
        if opener.is_visible():
            opener.click()
        expect(self.page.get_by_test_id("stSidebar")).to_be_visible()

    def field(self, key: str) -> Locator:
        return self.page.get_by_role("combobox", name=self.say(key), exact=True)

    def choose(self, key: str, option: str) -> None:
        """Choose in a list, as one does: type, take the one that reads so."""
        field = self.field(key).first
        field.click()
        field.fill(option)
        self.page.get_by_role("option", name=option, exact=True).first.click()
        expect(field).to_have_value(option)

    def options(self, key: str) -> list[str]:
        field = self.field(key).first
        field.click()
        offered = self.page.get_by_role("option").all_inner_texts()
        field.press("Escape")
        return offered

    def tables(self) -> int:
        return self.page.get_by_test_id("stDataFrame").count()

    def table(self, index: int = 0) -> list[dict[str, str]]:
        """Read a table's rows by their headings; empty while it is being built."""
        canvas = self.page.get_by_test_id("stDataFrame").nth(index).locator("canvas").first
        if not canvas.count():
            return []
        cells = canvas.evaluate(_CELLS)
        if not cells:
            return []
        return [dict(zip(cells["heads"], row, strict=True)) for row in cells["rows"]]

    def wait_for_table(
        self, right: Callable[[list[dict[str, str]]], bool] = bool, index: int = 0
    ) -> list[dict[str, str]]:
        return eventually(lambda: self.table(index), right, "table")

    def words(self) -> list[str]:
        """Every text that can be seen, page and map, but for the cells of tables."""
        return [*self.page.evaluate(_WORDS), *self.map.frame().evaluate(_WORDS)]

    def save_file(self, key: str, folder: Path, which: int | None = None) -> Path:
        """Press a download button, the only one or one of several; give its file under its name."""
        self.wait_at_rest()
        button = self.page.get_by_role("button", name=self.say(key))
        with self.page.expect_download() as coming:
            (button if which is None else button.nth(which)).click()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path


def number(cell: Any) -> Decimal:
    """Read a figure off a cell, in whatever dress it comes."""
    return Decimal(str(cell).replace(",", ""))
