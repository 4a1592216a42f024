"""Both pages in both languages on a desk and on a phone: drawn, whole, in one language."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geoapp.i18n import Lang
from tests.browser.screen import CJK, PATHS, Screen, eventually

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
HEADINGS = {"overview": "overview.title", "statistics": "statistics.title"}
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
# The language switch, and names that are the same in both languages.
SAME_EVERYWHERE = {"中文", "English", "Excel", "CSV", "CGCS"}


def open_page(new_context: Callable[..., BrowserContext], size: str) -> Page:
    phone = size == "phone"
    return new_context(viewport=SIZES[size], is_mobile=phone, has_touch=phone).new_page()


def layer_titles(screen: Screen, sample_workspace: Path) -> list[str]:
    from geoapp import Workspace

    workspace = Workspace.open(sample_workspace)
    titles = [s.definition.title[screen.lang] for s in workspace.layers() if s.snapshot]
    rasters = workspace.rasters.catalogue().rasters.values()
    return titles + [raster.title[screen.lang] for raster in rasters]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PATHS)
def test_page_is_drawn_whole_and_in_one_language(
    new_context: Callable[..., BrowserContext],
    base_url: str,
    sample_workspace: Path,
    pictures: Path,
    name: str,
    lang: Lang,
    size: str,
) -> None:
    page = open_page(new_context, size)
    screen = Screen(page, base_url).open(PATHS[name], lang)
    screen.wait_for_heading(HEADINGS[name])
    screen.map.wait_drawn()
    screen.wait_for_table()
    screen.wait_at_rest()
    page.screenshot(path=pictures / f"{name}-{lang}-{size}.png")

    banner = page.get_by_text(screen.say("sample.banner"))
    expect(banner.first).to_be_visible()
    expect(screen.map.inside.get_by_text(screen.say("sample.badge"), exact=True)).to_be_visible()
    screen.map.open_legend()
    if name == "overview":
        titles = sorted(layer_titles(screen, sample_workspace))
        # Backgrounds arrive a little after the layers.
        eventually(lambda: sorted(screen.map.legend()), lambda seen: seen == titles, "legend")
    else:
        expect(screen.map.inside.get_by_text(screen.say("coverage.no_data"))).to_be_visible()
    check_language(screen)
    check_no_sideways_scroll(page)


def check_language(screen: Screen) -> None:
    foreign = CJK if screen.lang == "en" else LATIN_WORD
    found = {line: foreign.findall(line) for line in screen.words()}
    strange = {line: set(parts) - SAME_EVERYWHERE for line, parts in found.items()}
    assert not any(strange.values()), {line: parts for line, parts in strange.items() if parts}


def check_no_sideways_scroll(page: Page) -> None:
    width = page.evaluate(
        "() => Math.max(...[document.documentElement, document.body,"
        " document.querySelector('[data-testid=stMain]')].map((e) => e.scrollWidth - e.clientWidth))"
    )
    assert width <= 0, f"{width} px wider than the screen"


@pytest.mark.parametrize("name", PATHS)
def test_dark_theme_is_followed_by_the_map(
    new_context: Callable[..., BrowserContext], base_url: str, pictures: Path, name: str
) -> None:
    page = new_context(color_scheme="dark").new_page()
    screen = Screen(page, base_url).open(PATHS[name], "zh")
    screen.map.wait_drawn()
    screen.wait_for_table()
    page.screenshot(path=pictures / f"{name}-zh-dark.png")
    ground = eventually(
        lambda: screen.map.container.evaluate("e => getComputedStyle(e).backgroundColor"),
        lambda colour: max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 80,
        "ground of the map",
    )
    assert ground


def test_same_map_is_kept_while_the_page_is_only_looked_at(screen: Screen) -> None:
    screen.open("/", "en").map.wait_drawn()
    with screen.map.staying():
        screen.page.mouse.wheel(0, 400)
        screen.page.wait_for_timeout(500)
