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


def test_statistics_keep_their_question_in_the_address(screen: Screen) -> None:
    screen.page.goto(f"{screen.base_url}/statistics?layer=permanent_farmland&by=township&lang=en")
    screen.lang = "en"
    screen.wait_for_heading("statistics.title")
    expect(screen.field("statistics.layer")).to_have_value("Permanent basic farmland")
    expect(screen.field("statistics.level").first).to_have_value(screen.say("level.township"))
    screen.choose("statistics.inside", "Ecological redline")
    expect(screen.page).to_have_url(re.compile("inside=ecological_redline"))
    expect(screen.page).to_have_url(re.compile("layer=permanent_farmland"))
    screen.page.reload()
    screen.wait_for_heading("statistics.title")
    expect(screen.field("statistics.inside")).to_have_value("Ecological redline")
    screen.wait_at_rest()
    screen.choose("statistics.level", screen.say("level.village"))
    expect(screen.page).to_have_url(re.compile("by=village"))
    screen.wait_at_rest()
    screen.page.go_back()
    expect(screen.field("statistics.level").first).to_have_value(screen.say("level.township"))


def test_statistics_say_what_an_address_asks_in_vain(screen: Screen) -> None:
    screen.page.goto(f"{screen.base_url}/statistics?layer=%3Cimg%20src%3Dx%3E&within=1&lang=en")
    screen.lang = "en"
    screen.wait_for_heading("statistics.title")
    names = f"{screen.say('statistics.layer')} / {screen.say('statistics.within')}"
    expect(
        screen.page.get_by_text(screen.say("statistics.address_ignored", names=names))
    ).to_be_visible()
    screen.map.wait_drawn()
