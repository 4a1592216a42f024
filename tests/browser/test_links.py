"""Addresses: deep links, the way back, paths that do not exist, two tabs at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from geoapp.i18n import Lang
from tests.browser.conftest import Witness
from tests.browser.screen import Screen


def test_statistics_opens_straight_from_its_address(screen: Screen) -> None:
    screen.open("/statistics").wait_for_heading("statistics.title")
    screen.map.wait_drawn()
    screen.wait_for_table(lambda rows: len(rows) == 4)


@pytest.mark.parametrize("path", ["/", "/statistics"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_address_chooses_the_language(screen: Screen, path: str, lang: Lang) -> None:
    screen.open(path, lang)
    key = "overview.title" if path == "/" else "statistics.title"
    screen.wait_for_heading(key)
    expect(screen.page.get_by_role("radio", checked=True)).to_have_text(
        {"zh": "中文", "en": "English"}[lang]
    )


def test_language_of_the_address_goes_along_to_the_next_page(screen: Screen) -> None:
    screen.open("/", "en").wait_for_heading("overview.title")
    screen.turn_to("nav.statistics")
    screen.wait_for_heading("statistics.title")


def test_browser_leads_back_and_forth(screen: Screen) -> None:
    screen.open("/", "en").wait_for_heading("overview.title")
    screen.turn_to("nav.statistics")
    screen.wait_for_heading("statistics.title")
    screen.page.go_back()
    screen.wait_for_heading("overview.title")
    screen.map.wait_drawn()
    screen.page.go_forward()
    screen.wait_for_heading("statistics.title")
    screen.map.wait_drawn()


def test_page_that_does_not_exist_is_named_and_can_be_left(
    screen: Screen, witness: Witness
) -> None:
    witness.expected.append("does not seem to exist")
    screen.open("/nowhere", "en").wait_for_heading("overview.title")
    screen.page.get_by_role("dialog").press("Escape")
    screen.turn_to("nav.statistics")
    screen.wait_for_heading("statistics.title")
    screen.map.wait_drawn()


def test_deep_path_that_does_not_exist_leads_to_its_page(screen: Screen) -> None:
    screen.open("/statistics/430821", "en")
    expect(screen.page.get_by_role("link", name=screen.say("nav.statistics"))).to_be_visible()


def test_two_tabs_speak_two_languages(
    new_context: Callable[..., BrowserContext], base_url: str
) -> None:
    context = new_context()
    left = Screen(context.new_page(), base_url).open("/", "zh")
    right = Screen(context.new_page(), base_url).open("/statistics", "en")
    left.wait_for_heading("overview.title")
    right.wait_for_heading("statistics.title")
    left.turn_to("nav.statistics")
    left.wait_for_heading("statistics.title")
    right.turn_to("nav.overview")
    right.wait_for_heading("overview.title")


def test_reload_keeps_the_page(screen: Screen) -> None:
    screen.open("/statistics", "en").wait_for_heading("statistics.title")
    screen.page.reload()
    screen.wait_for_heading("statistics.title")
    screen.map.wait_drawn()


def test_switched_language_survives_a_reload(screen: Screen) -> None:
    screen.open("/", "zh").wait_for_heading("overview.title")
    screen.page.get_by_role("radio", name="English").click()
    screen.lang = "en"
    screen.wait_for_heading("overview.title")
    expect(screen.page).to_have_url(re.compile("lang=en"))
    screen.page.reload()
    screen.wait_for_heading("overview.title")
