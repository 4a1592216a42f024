"""The overview: layers on and off, what lies under the pointer, districts, reported figures."""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pytest
from playwright.sync_api import expect

from geoapp import Workspace
from geoapp.i18n import Lang
from tests.browser.conftest import Witness
from tests.browser.screen import Screen, eventually, number

REPORTED: Final = 1  # the second table of the page


@pytest.fixture(scope="session")
def city(sample_workspace: Path) -> Workspace:
    return Workspace.open(sample_workspace)


@pytest.fixture
def overview(screen: Screen) -> Screen:
    screen.open("/", "en").map.wait_drawn()
    screen.wait_for_table()
    return screen


def point_in(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    """A position well inside the largest feature."""
    largest = frame.geometry.iloc[int(frame.geometry.to_crs(4546).area.argmax())]
    point = largest.representative_point()
    return point.x, point.y


def title(city: Workspace, layer: str, lang: Lang = "en") -> str:
    return city.library.require(layer).title[lang]


def rows_by_layer(screen: Screen) -> dict[str, dict[str, str]]:
    return {row[screen.say("statistics.layer")]: row for row in screen.table()}


def test_layer_is_fetched_when_it_is_first_switched_on(
    overview: Screen, city: Workspace, witness: Witness
) -> None:
    def fetched() -> list[str]:
        return [url for url in witness.requests if "/map/features/construction_land" in url]

    name = title(city, "construction_land")
    overview.map.open_legend()
    without = overview.map.settled_picture()
    assert not fetched()
    with overview.map.staying():
        overview.map.switch(name, on=True)
        eventually(overview.map.picture, lambda now: now != without, "map with the layer")
        assert len(fetched()) == 1
        shown = overview.map.settled_picture()
        overview.map.switch(name, on=False)
        eventually(overview.map.picture, lambda now: now != shown, "map without the layer")
        overview.map.switch(name, on=True)
        eventually(overview.map.picture, lambda now: now == shown, "map with it again")
        assert len(fetched()) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pointer_tells_titles_and_worded_classes(
    screen: Screen, city: Workspace, lang: Lang
) -> None:
    screen.open("/", lang).map.wait_drawn()
    screen.map.settled_picture()  # all layers have arrived
    redline = city.layer("ecological_redline")
    largest = redline.iloc[[int(redline.geometry.to_crs(4546).area.argmax())]]
    definition = city.library.require("ecological_redline")
    code = str(largest["lhlx"].iloc[0])
    told = screen.map.hover(*point_in(largest))
    assert definition.title[lang] in told
    rule = definition.find_field("lhlx")
    assert rule is not None
    assert rule.title[lang] in told
    assert definition.class_titles("lhlx")[code][lang] in told
    assert title(city, "district", lang) in told
    assert title(city, "township", lang) in told


def test_district_changes_the_figures_and_keeps_the_map(overview: Screen, city: Workspace) -> None:
    whole = rows_by_layer(overview)
    code = "430821"
    result = city.stats("ecological_redline", by="district")
    area = next(row.area_m2 for row in result.rows if row.unit_code == code)
    assert area is not None
    name = title(city, "ecological_redline")
    with overview.map.staying():
        overview.choose("overview.district_choice", city.name_unit(code, "en"))
        overview.wait_for_table(
            lambda rows: bool(rows) and rows_by_layer(overview)[name] != whole[name]
        )
    heading = overview.say("table.area", unit=overview.say("unit.ha"))
    shown = rows_by_layer(overview)[name]
    assert abs(float(number(shown[heading])) - area / 10_000) <= 0.00005
    assert int(shown[overview.say("table.count")]) < int(whole[name][overview.say("table.count")])


def test_unit_of_area_changes_the_figures_and_keeps_the_map(overview: Screen) -> None:
    ha, mu = overview.say("unit.ha"), overview.say("unit.mu")
    before = overview.table()[0][overview.say("table.area", unit=ha)]
    with overview.map.staying():
        overview.choose("unit.label", mu)
        head = overview.say("table.area", unit=mu)
        rows = overview.wait_for_table(lambda rows: bool(rows) and head in rows[0])
    assert abs(number(rows[0][head]) - 15 * number(before)) < 1


def test_language_is_switched_in_place(overview: Screen) -> None:
    overview.wait_at_rest()
    overview.page.get_by_role("radio", name="中文").click()
    overview.lang = "zh"
    overview.wait_for_heading("overview.title")
    overview.wait_at_rest()
    overview.map.wait_drawn()
    eventually(
        overview.map.legend,
        lambda titles: overview.say("level.district") in titles,
        "legend in Chinese",
    )
    overview.turn_to("nav.statistics")
    overview.wait_for_heading("statistics.title")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reported_figures_stand_beside_computed_ones(screen: Screen, lang: Lang) -> None:
    screen.open("/", lang).map.wait_drawn()
    rows = screen.wait_for_table(lambda rows: len(rows) >= 5, REPORTED)

    def cells(row: dict[str, Any]) -> tuple[str, str, str, str]:
        keys = ("reported_value", "computed_value", "gap", "quote")
        return tuple(row[screen.say(f"overview.{key}")] for key in keys)  # type: ignore[return-value]

    households, floor_area, hamlets, redline, farmland = (cells(row) for row in rows[:5])
    quote = "累计拆除违建3.03万户、277.8万平方米"
    assert households[:3] == ("30,300", "30,300", "0")
    assert quote in households[3]
    assert floor_area[0].startswith("2,778,000")
    assert floor_area[1] == floor_area[0]
    assert number(floor_area[2].split()[0]) == 0
    assert quote in floor_area[3]
    assert hamlets[:3] == ("114", "114", "0")
    for without in (redline, farmland):
        assert without[0] == screen.say("overview.no_target")
        assert without[2] == "–"
        assert number(without[1].split()[0]) > 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_layer_known_in_part_of_the_city_says_so(
    screen: Screen, city: Workspace, lang: Lang
) -> None:
    screen.open("/", lang).map.wait_drawn()
    screen.wait_for_table()
    coverage = screen.say("table.coverage")
    rows = rows_by_layer(screen)
    assert rows[title(city, "construction_land", lang)][coverage] == screen.say("coverage.partial")
    assert rows[title(city, "landuse", lang)][coverage] == screen.say("coverage.complete")


def test_view_and_switched_layers_survive_a_visit_to_the_other_page(
    overview: Screen, city: Workspace
) -> None:
    name = title(city, "construction_land")
    overview.map.switch(name, on=True)
    overview.turn_to("nav.statistics")
    overview.wait_for_heading("statistics.title")
    overview.turn_to("nav.overview")
    overview.wait_for_heading("overview.title")
    overview.map.wait_drawn()
    row = overview.map.inside.locator(".xt-layer", has_text=name)
    expect(row.locator(".xt-row input[type=checkbox]")).to_be_checked()
