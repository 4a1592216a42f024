"""How long a person waits for a page: a real server, a real browser, this machine.

    .venv/bin/python benchmarks/pages.py WORKSPACE [--runs 5] [--lang en]

Each run is a fresh browser profile. "Drawn" is when the map's canvas holds more than four
colours, "filter" when the page shows the answer. Bytes are what went over the wire
(compressed), first visit, with the web socket's messages.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from geoapp import Workspace  # noqa: E402
from geoapp.i18n import Lang, text  # noqa: E402
from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.screen import Map  # noqa: E402

_PATIENCE_S = 60
_PACE_S = 0.01


@contextmanager
def serving(workspace: Path) -> Iterator[tuple[str, float]]:
    """Serve a workspace; gives the address and how long the start took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(workspace), "serve"]
    start = time.perf_counter()
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: answers(url), "server")
        yield url, time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(15)


def answers(url: str) -> bool:
    """Tell whether the server is up."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except OSError:
        return False


def wait(done: Callable[[], bool], what: str) -> None:
    """Wait for something, looking often."""
    end = time.perf_counter() + _PATIENCE_S
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError(what)
        time.sleep(_PACE_S)


def wait_drawn(page: Page) -> None:
    """Wait for a new map with colours on it; while a page changes there may be none, or two."""
    city_map = Map(page)

    def drawn() -> bool:
        try:
            if city_map.iframe.count() != 1 or city_map.colours() <= 4:
                return False
            return city_map.frame().evaluate("window.seen === undefined && (window.seen = true)")
        except Exception:  # noqa: BLE001  the frame is being replaced
            return False

    wait(drawn, "map")


class Clock:
    """Seconds of named steps, over all runs."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, step: str, act: Callable[[], object], done: Callable[[], object]) -> None:
        """Do something and wait until it shows."""
        start = time.perf_counter()
        act()
        done()
        self.seconds.setdefault(step, []).append(time.perf_counter() - start)


def choose(page: Page, label: str, option: str) -> Callable[[], None]:
    """Open a list now; the returned function takes the option, which is what is timed."""
    field = page.get_by_role("combobox", name=label, exact=True).first
    field.click()
    field.fill(option)
    offered = page.get_by_role("option", name=option, exact=True).first
    offered.wait_for()
    return offered.click


def total_shows(page: Page, words: str) -> Callable[[], None]:
    """Wait for a text in the figures above the map."""
    figures = page.get_by_test_id("stMetric").first
    return lambda: wait(lambda: words in figures.inner_text(), words)


def legend_changes(page: Page) -> Callable[[], None]:
    """Wait until the choropleth's legend is another one."""
    sheet = Map(page).inside.locator(".xt-sheet")
    before = sheet.inner_text()
    return lambda: wait(lambda: sheet.inner_text() != before, "legend")


def cell(page: Page, row: int, column: int) -> str:
    """Read a cell of the first table."""
    found = page.get_by_test_id(f"glide-cell-{column}-{row}").first
    return found.text_content(timeout=1000) or ""


def visit(browser: Browser, url: str, workspace: Workspace, lang: Lang, clock: Clock) -> int:
    """One run: in, across, filters, back. Returns the bytes of the first page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    received = [0]

    def count(event: dict[str, Any]) -> None:
        received[0] += int(event.get("encodedDataLength", 0))

    network.on("Network.loadingFinished", count)
    network.on(
        "Network.webSocketFrameReceived",
        lambda event: received.__setitem__(0, received[0] + len(event["response"]["payloadData"])),
    )

    def title(layer: str) -> str:
        return workspace.library.require(layer).title[lang]

    def say(key: str) -> str:
        return text(lang, key)

    def go(key: str) -> Callable[[], None]:
        return page.get_by_role("link", name=say(key)).first.click

    first = lambda: page.goto(f"{url}/?lang={lang}")  # noqa: E731
    clock.time("overview, first visit → map drawn", first, lambda: wait_drawn(page))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    total = received[0]

    code = next(name.code for name in workspace.unit_names if name.level == "district")
    before = cell(page, 0, 1)
    take = choose(page, say("overview.district_choice"), workspace.name_unit(code, lang))
    clock.time(
        "overview, district → figures",
        take,
        lambda: wait(lambda: cell(page, 0, 1) != before, "figures"),
    )
    clock.time("switch to statistics → map drawn", go("nav.statistics"), lambda: wait_drawn(page))
    page.wait_for_timeout(700)
    for step, label, option in (
        ("statistics, layer → map repainted", "statistics.layer", title("ecological_redline")),
        ("statistics, inside → map repainted", "statistics.inside", title("scenic_area")),
    ):
        take, shown = choose(page, say(label), option), legend_changes(page)
        clock.time(step, take, shown)
        page.wait_for_timeout(700)
    take = choose(page, say("unit.label"), say("unit.mu"))
    clock.time("statistics, unit → figures", take, total_shows(page, say("unit.mu")))
    page.wait_for_timeout(700)
    clock.time("switch to overview → map drawn", go("nav.overview"), lambda: wait_drawn(page))
    clock.time(
        "statistics, deep link, warm cache → map drawn",
        lambda: page.goto(f"{url}/statistics?lang={lang}"),
        lambda: wait_drawn(page),
    )
    context.close()
    return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    workspace = Workspace.open(options.workspace)
    clock = Clock()
    with serving(options.workspace) as (url, start), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        sizes = [visit(browser, url, workspace, options.lang, clock) for _ in range(options.runs)]
        browser.close()
    print(f"median of {options.runs} (least – most)")
    print(f"{'server start → healthy':<50} {start:6.2f} s")
    for step, seconds in clock.seconds.items():
        middle = statistics.median(seconds)
        print(f"{step:<50} {middle:6.2f} s  ({min(seconds):.2f} – {max(seconds):.2f})")
    print(
        f"{'overview, first visit, bytes over the wire':<50} {statistics.median(sizes) / 1e6:6.2f} MB"
    )


if __name__ == "__main__":
    main()
