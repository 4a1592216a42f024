"""The public site from a plain file server, on a phone and a desk; the pages for the public."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geoapp import Workspace
from tests.browser.screen import Screen

PHONE = {"width": 390, "height": 844}
MOST_BYTES = 2_000_000
MOST_MS = 3000


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files; knows no ranges, as many plain servers do not."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site_url(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("public") / "site"
    workspace = Workspace.open(sample_workspace)
    workspace.publish_site(folder)
    workspace.close()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(viewport=PHONE).new_page()


def test_a_first_visit_on_a_phone_is_small_and_soon_drawn(
    phone: Page, site_url: str, pictures: Path
) -> None:
    sizes: list[int] = []
    phone.on("response", lambda reply: sizes.append(int(reply.headers.get("content-length", 0))))
    phone.goto(site_url)
    expect(phone.locator(".xt-cluster").first).to_be_visible(timeout=MOST_MS)
    assert sum(sizes) < MOST_BYTES
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    phone.screenshot(path=pictures / "public-site-phone.png")


def test_a_place_is_found_by_pinyin_and_shown_on_the_map(phone: Page, site_url: str) -> None:
    phone.goto(f"{site_url}/en.html")
    phone.locator("#query").fill("dingjiazhuang")
    shown = phone.locator("#list li:visible")
    expect(shown).to_have_count(1)
    expect(phone.locator("#found")).to_have_text("1 places")
    shown.get_by_role("button").click()
    expect(phone.locator("#citymap")).to_be_in_viewport()


def test_villages_come_out_of_the_archive(
    new_context: Callable[..., BrowserContext], site_url: str
) -> None:
    page = new_context().new_page()
    page.goto(site_url)
    with page.expect_response(lambda reply: reply.url.endswith("village.pmtiles")):
        page.get_by_text("村（社区）", exact=True).click()
    drawn = """() => [...document.querySelectorAll("canvas.xt-tile")].some((canvas) =>
        canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
          .some((value) => value > 0))"""
    page.wait_for_function(drawn)


def test_a_point_on_the_map_is_taken_for_a_tip(screen: Screen) -> None:
    screen.open("/report").wait_for_heading("report.title")
    frame = screen.page.frame_locator("iframe").first
    canvas = frame.locator(".leaflet-container")
    expect(canvas).to_be_visible()
    frame.locator(".xt-cluster").first.wait_for()
    canvas.click(position={"x": 260, "y": 330})
    expect(screen.page.get_by_text("已选位置")).to_be_visible()


def test_the_directory_works_at_phone_width(
    new_context: Callable[..., BrowserContext], base_url: str, pictures: Path
) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto(f"{base_url}/places?q=tianmen&lang=zh")
    expect(page.get_by_text("共 2 处")).to_be_visible(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.screenshot(path=pictures / "places-phone.png")
