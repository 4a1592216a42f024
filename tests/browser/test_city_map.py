"""The map at city scale: tiles, filter, order, card, search, measuring, comparing, links."""

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from geoapp import Workspace
from tests.browser.conftest import Witness
from tests.browser.screen import Screen, eventually

MIDDLE: Final = (110.48, 29.35)
NASTY: Final = "<img src=x onerror=window.testHurt=1>\"'&"
TRIANGLE: Final = {"type": "Polygon", "coordinates": [[[110.4, 29.3], [110.5, 29.3], [110.4, 29.4], [110.4, 29.3]]]}  # fmt: skip
FEATURE: Final[dict[str, Any]] = {
    "layer": "landuse",
    "layer_title": NASTY,
    "snapshot": "s",
    "row": 7,
    "title": NASTY,
    "key": "K-1",
    "class": {"code": "01", "title": NASTY, "fill": "#f0cf65"},
    "area_m2": 1.0,
    "length_m": None,
    "measure_text": "1.23 ha",
    "attributes": [{"name": "a", "label": NASTY, "value": NASTY}],
    "geometry": TRIANGLE,
    "links": [
        {"kind": "statistics", "title": "good", "href": "/statistics?x=1"},
        {"kind": "case", "title": "bad", "href": "javascript:alert(1)"},
        {"kind": "case", "title": "worse", "href": "//elsewhere.test/"},
    ],
}
ANSWER: Final = {
    "schema": "geoapp.identify/1",
    "lon": 0,
    "lat": 0,
    "units": [{"level": "district", "code": "430811", "name": NASTY}],
    "outside": False,
    "features": [FEATURE],
    "no_data": [{"layer": "x", "title": "Unknown layer", "coverage": "no_data"}],
    "truncated": True,
}
FOUND: Final = {
    "kind": "feature",
    "layer": "landuse",
    "row": 7,
    "key": "K-1",
    "title": NASTY,
    "detail": "a detail",
    "lon": 110.43,
    "lat": 29.33,
    "bounds": [110.4, 29.3, 110.5, 29.4],
    "score": 1.0,
}


def answer_with(page: Page, asked: list[dict[str, str]]) -> None:
    """Stand in for the routes of finding."""
    answers = {
        "identify": ANSWER,
        "search": {"results": [FOUND], "notes": []},
        "object": FEATURE | {"bounds": FOUND["bounds"]},
    }

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        name = parts.path.rpartition("/")[2]
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        asked.append({"route": name} | query)
        route.fulfill(content_type="application/json", body=json.dumps(answers[name]))

    for name in answers:
        page.context.route(f"**/map/{name}?*", answer)


@pytest.fixture(scope="session")
def city(sample_workspace: Any) -> Workspace:
    return Workspace.open(sample_workspace)


@pytest.fixture
def asked(screen: Screen) -> list[dict[str, str]]:
    requests: list[dict[str, str]] = []
    answer_with(screen.page, requests)
    return requests


@pytest.fixture
def overview(screen: Screen, asked: list[dict[str, str]]) -> Screen:
    del asked
    screen.open("/", "en").map.wait_drawn()
    screen.map.settled_picture()
    return screen


def row_of(screen: Screen, layer: str) -> Locator:
    return screen.map.inside.locator(f"[data-layer='{layer}']")


def switch(screen: Screen, layer: str, *, on: bool) -> None:
    screen.map.open_legend()
    row_of(screen, layer).locator(".xt-row input").set_checked(on, force=True)


def read(screen: Screen, script: str) -> Any:
    return screen.map.frame().evaluate(script)


def tool(screen: Screen, word: str) -> Locator:
    return screen.map.inside.get_by_role("button", name=screen.say(f"map.{word}"), exact=True)


def go(screen: Screen, zoom: int) -> None:
    west, north = MIDDLE
    view = f"[{north}, {west}], {zoom}, {{ animate: false }}"
    read(screen, f"() => void window.map.setView({view})")
    screen.map.settled_picture()


def test_land_use_is_drawn_from_tiles_in_its_colours_and_can_be_filtered(
    overview: Screen, witness: Witness
) -> None:
    before = overview.map.settled_picture()
    switch(overview, "landuse", on=True)
    eventually(overview.map.picture, lambda now: now != before, "land use on the map")
    whole = overview.map.settled_picture(looks=12)  # it is to come back exactly
    assert any("/tiles/landuse/" in url for url in witness.requests)
    assert not any("/map/features/landuse" in url for url in witness.requests)
    forest = row_of(overview, "landuse").locator("input[value='03']")
    forest.set_checked(False, force=True)
    eventually(overview.map.picture, lambda now: now != whole, "land use without forest")
    expect(forest).to_be_visible()  # it can be switched on again
    forest.set_checked(True, force=True)
    eventually(overview.map.picture, lambda now: now == whole, "land use with forest again")


def test_legend_lists_only_classes_in_view(overview: Screen) -> None:
    switch(overview, "landuse", on=True)
    classes = row_of(overview, "landuse").locator(".xt-class")
    everywhere = eventually(classes.count, lambda found: found > 5, "classes of the city")
    go(overview, 17)
    eventually(classes.count, lambda found: 0 < found < everywhere, "classes of one place")


def test_opacity_order_and_switches_outlive_a_reload(overview: Screen) -> None:
    switch(overview, "landuse", on=True)
    row = row_of(overview, "landuse")
    row.locator("input[type=range]").fill("50")
    up = row.get_by_role("button", name=overview.say("map.move_up"))
    place = row.locator(".xt-movers span")
    before = place.inner_text()
    up.focus()
    up.press("Enter")
    expect(place).not_to_have_text(before)
    after = place.inner_text()
    row.locator("input[value='03']").set_checked(False, force=True)
    overview.page.reload()
    overview.map.wait_drawn()
    row = row_of(overview, "landuse")
    expect(row.locator(".xt-row input")).to_be_checked()
    expect(row.locator("input[type=range]")).to_have_value("50")
    expect(row.locator(".xt-movers span")).to_have_text(after)
    expect(row.locator("input[value='03']")).not_to_be_checked()


def test_click_tells_what_lies_there_and_escapes_it(
    overview: Screen, asked: list[dict[str, str]]
) -> None:
    overview.map.click(*MIDDLE)
    card = overview.map.inside.locator(".xt-card")
    expect(card.locator("article")).to_have_count(1)
    [question] = [one for one in asked if one["route"] == "identify"]
    assert float(question["lon"]) == pytest.approx(MIDDLE[0], abs=0.01)
    assert {"z", "also", "lang", "unit"} <= question.keys()
    assert "layers" not in question  # what is off may matter, too
    assert "district" in question["also"].split(",")
    expect(card.locator("h4")).to_have_count(0)
    for text in (NASTY, "1.23 ha", "Unknown layer", overview.say("map.more_here")):
        expect(card).to_contain_text(text)
    links = card.locator("a")
    expect(links).to_have_count(1)
    assert links.get_attribute("href") == "/statistics?x=1"
    assert read(overview, "window.testHurt") is None
    overview.page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_unit_of_area_goes_along_with_the_next_click(
    overview: Screen, asked: list[dict[str, str]]
) -> None:
    with overview.map.staying():
        overview.choose("unit.label", overview.say("unit.mu"))
        overview.wait_at_rest()
        eventually(lambda: read(overview, "!!window.map"), bool, "map")
        overview.map.click(*MIDDLE)
        expect(overview.map.inside.locator(".xt-card article")).to_have_count(1)
    assert asked[-1]["unit"] == "mu"


def test_server_without_answers_to_clicks_says_so(screen: Screen, witness: Witness) -> None:
    witness.expected.append("404")
    for name in ("identify", "search"):
        screen.page.context.route(
            f"**/map/{name}?*",
            lambda route: route.fulfill(
                status=404, content_type="application/problem+json", body='{"code":"not-found"}'
            ),
        )
    screen.open("/", "en").map.wait_drawn()
    screen.map.click(*MIDDLE)
    card = screen.map.inside.locator(".xt-card")
    expect(card).to_contain_text(screen.say("map.no_identify"))
    screen.map.inside.get_by_role("combobox").fill("x")
    expect(screen.map.inside.locator(".xt-found")).to_contain_text(screen.say("map.no_search"))


def test_search_by_keyboard_goes_there_and_shows_it(
    overview: Screen, asked: list[dict[str, str]]
) -> None:
    field = overview.map.inside.get_by_role("combobox")
    field.fill("tianmen")
    option = overview.map.inside.get_by_role("option")
    expect(option).to_contain_text(NASTY)
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(overview.map.inside.locator(".xt-card article")).to_have_count(1)
    expect(overview.map.inside.locator(".xt-flag")).to_have_count(1)
    assert asked[-1] | {"layer": "landuse", "row": "7"} == asked[-1]
    inside = "map.getBounds().contains([29.33, 110.43]) && map.getZoom() >= 10"
    eventually(lambda: read(overview, inside), bool, "view of what was found")


def test_measured_area_comes_from_the_server(overview: Screen, asked: list[dict[str, str]]) -> None:
    tool(overview, "area").click()
    before = len(asked)
    x, y = MIDDLE
    for at in ((x, y), (x + 0.2, y), (x + 0.2, y - 0.2)):
        overview.map.container.click(position=overview.map.position(*at), force=True)
    told = overview.map.inside.locator(".xt-measuring b")
    expect(told).to_contain_text("mu")
    expect(told).to_contain_text("m²")
    assert len(asked) == before  # such a click asks nothing
    overview.map.inside.locator(".xt-measuring").get_by_role(
        "button", name=overview.say("map.close")
    ).click()
    expect(overview.map.inside.locator(".xt-measuring")).to_be_hidden()


def test_divider_is_moved_by_keys(overview: Screen) -> None:
    tool(overview, "compare").click()
    divider = overview.map.inside.get_by_role("slider", name=overview.say("map.divider"))
    choice = overview.map.inside.get_by_label(overview.say("map.left_side"))
    dates = choice.locator("option").filter(has_text="Land-use parcels").all_inner_texts()
    choice.select_option(label=max(dates))
    script = "map.getPane('xt-swipe-left').querySelectorAll('canvas').length"
    eventually(lambda: read(overview, script), bool, "tiles on the left")
    clip = "map.getPane('xt-swipe-left').style.clipPath"
    before = read(overview, clip)
    divider.focus()
    divider.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "48")
    assert read(overview, clip) != before
    tool(overview, "compare").click()
    expect(divider).to_be_hidden()


def test_link_opens_the_same_map_in_another_browser(
    overview: Screen, new_context: Callable[..., BrowserContext], base_url: str
) -> None:
    switch(overview, "landuse", on=True)
    switch(overview, "hamlet", on=False)
    row = row_of(overview, "landuse")
    row.locator("input[value='03']").set_checked(False, force=True)
    go(overview, 12)
    overview.map.click(*MIDDLE)
    expect(overview.map.inside.locator(".xt-card article")).to_have_count(1)
    tool(overview, "copy_link").click()
    link = overview.map.inside.locator(".xt-share input").input_value()
    assert link.startswith(base_url)

    page = new_context().new_page()
    asked: list[dict[str, str]] = []
    answer_with(page, asked)
    other = Screen(page, base_url)
    other.lang = "en"
    page.goto(link)
    other.map.wait_drawn()
    row = row_of(other, "landuse")
    expect(row.locator(".xt-row input")).to_be_checked()
    expect(row.locator("input[value='03']")).not_to_be_checked()
    expect(row_of(other, "hamlet").locator(".xt-row input")).not_to_be_checked()
    expect(other.map.inside.locator(".xt-card article")).to_have_count(1)
    assert [one["route"] for one in asked] == ["search", "object"]
    assert read(other, "map.getZoom()") == 12
    assert read(other, "map.getCenter().lat") == pytest.approx(MIDDLE[1], abs=5e-4)  # a pixel


@pytest.mark.parametrize("junk", ["x", "1~lnowhere*q!~v1", "1~v1_2~%3Cscript%3E", "%00%ff"])
def test_link_that_makes_no_sense_is_a_note(screen: Screen, base_url: str, junk: str) -> None:
    screen.lang = "en"
    screen.page.goto(f"{base_url}/?lang=en&map={junk}")
    screen.map.wait_drawn()
    expect(screen.map.inside.locator(".xt-notices")).to_contain_text(screen.say("map.link_partly"))


PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63646060f8"
    "0f0001050101cf2eb4a40000000049454e44ae426082"
)


def test_backgrounds_are_offered_and_one_basemap_replaces_another(screen: Screen) -> None:
    def base(name: str) -> dict[str, Any]:
        url = f"/basemaps/{name}/{{z}}/{{x}}/{{y}}.png"
        return {"id": name, "title": name, "url": url, "attribution": NASTY, "maxzoom": 12}

    lists: dict[str, Any] = {
        "basemaps": {"basemaps": [base("one"), base("two")], "refused": []},
        "rasters": {
            "rasters": [
                {"id": "dem", "title": {"en": "Hillshade"}, "url": "/rasters/dem/{z}/{x}/{y}.png"},
                {"id": "bad", "title": {"en": "Bad"}, "url": "javascript:alert(1)"},
            ]
        },
    }

    def answer(route: Route) -> None:
        name = urlsplit(route.request.url).path.rpartition("/")[2].removesuffix(".json")
        route.fulfill(content_type="application/json", body=json.dumps(lists[name]))

    fetched: list[str] = []

    def tile(route: Route) -> None:
        fetched.append(urlsplit(route.request.url).path)
        route.fulfill(content_type="image/png", body=PIXEL)

    context = screen.page.context
    for name in lists:
        context.route(f"**/map/{name}.json*", answer)
    context.route("**/basemaps/**", tile)
    context.route("**/rasters/dem/**", tile)
    screen.open("/", "en").map.wait_drawn()
    assert {"one", "two", "Hillshade"} <= set(screen.map.legend())
    assert "Bad" not in screen.map.legend()
    switch(screen, "basemap:one", on=True)
    switch(screen, "basemap:two", on=True)
    expect(row_of(screen, "basemap:one").locator(".xt-row input")).not_to_be_checked()
    switch(screen, "raster:dem", on=True)
    for part in ("/basemaps/two/", "/rasters/dem/"):
        eventually(lambda part=part: any(part in url for url in fetched), bool, part)
    expect(screen.map.inside.locator(".leaflet-control-attribution")).to_contain_text(NASTY)
    assert read(screen, "window.testHurt") is None
