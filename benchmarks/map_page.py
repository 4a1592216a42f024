"""Time the map page in a browser: ``python benchmarks/map_page.py WORKSPACE [REPEATS]``.

Starts a server for the workspace, opens the overview with the land-use layer on in a fresh
browser each time, and prints the time until the layer is drawn whole, what was transferred,
and how long the browser was blocked while the map was dragged at three zooms.
"""

import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, sync_playwright

LINK = "1~llanduse!ecological_redline!permanent_farmland!township!district"
FRAME = "iframe[title='streamlit_folium.st_folium']"
SIZE = {"width": 1440, "height": 900}
ZOOMS = (9, 13, 15)
PLACE = (29.12, 110.48)  # the densest part of the sample city
LIMIT_S = 120
BLOCKED_MS = 50  # what counts as a long task
DRAWN = """() => {
  const tiles = [...document.querySelectorAll(".leaflet-xt-landuse-pane canvas")];
  return tiles.length > 0 && tiles.every((tile) => tile.matches(".leaflet-tile-loaded"));
}"""
WATCH = """() => {
  window.blocked = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.blocked.push(duration);
  }).observe({ type: "longtask" });
}"""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(url: str) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 (our own)
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("the server did not start")


def map_frame(page: Page) -> Frame:
    """Wait for the frame of the map."""
    handle = page.wait_for_selector(FRAME, timeout=1000 * LIMIT_S)
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise SystemExit("the page has no map")
    return frame


def open_page(browser: Browser, url: str) -> tuple[float, int, Page]:
    """Open the page afresh; give the seconds until land use is drawn, the bytes, the page."""
    page = browser.new_context(viewport=SIZE).new_page()
    network = page.context.new_cdp_session(page)
    received: list[float] = []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    start = time.perf_counter()
    page.goto(f"{url}/?map={LINK}", wait_until="commit")
    map_frame(page).wait_for_function(DRAWN, polling=20, timeout=1000 * LIMIT_S)
    return time.perf_counter() - start, round(sum(received)), page


def drag(page: Page, zoom: int) -> list[float]:
    """Drag the map to and fro; give the long tasks in ms."""
    frame = map_frame(page)
    latitude, longitude = PLACE
    frame.evaluate(f"() => void map.setView([{latitude}, {longitude}], {zoom})")
    page.wait_for_timeout(2500)
    frame.evaluate(WATCH)
    box = page.locator(FRAME).bounding_box()
    if box is None:
        raise SystemExit("the map cannot be seen")
    x, y = box["x"] + 350, box["y"] + 350
    for step in (-1, 1, -1):
        page.mouse.move(x, y)
        page.mouse.down()
        for part in range(1, 21):
            page.mouse.move(x + step * 10 * part, y + 4 * part)
            page.wait_for_timeout(16)
        page.mouse.up()
        page.wait_for_timeout(700)
    if frame.evaluate("map.getCenter().lng") == longitude:
        raise SystemExit("the map was not dragged")
    return [float(duration) for duration in frame.evaluate("window.blocked")]


def main() -> None:
    """Print the figures."""
    workspace, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(workspace)]
    server = subprocess.Popen([*command, "serve", "--port", str(port)])
    try:
        wait_for(url)
        with sync_playwright() as driver:
            chromium = driver.chromium
            browser = chromium.launch(executable_path=shutil.which("chromium"))
            open_page(browser, url)[2].context.close()  # the server's first answer, not counted
            seconds = []
            for _ in range(repeats):
                taken, size, page = open_page(browser, url)
                seconds.append(taken)
                print(f"drawn after {taken:5.2f} s, {size / 1000:7.1f} kB")
                if len(seconds) < repeats:
                    page.context.close()
            print(f"median {statistics.median(seconds):.2f} s")
            for zoom in ZOOMS:
                blocked = drag(page, zoom)
                print(
                    f"dragged at zoom {zoom}: {len(blocked)} tasks above {BLOCKED_MS} ms,"
                    f" longest {max(blocked, default=0):.0f} ms"
                )
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=15)


if __name__ == "__main__":
    main()
