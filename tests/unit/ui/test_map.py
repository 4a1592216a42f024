"""What the two maps tell the browser, and what they read back."""

import json
import re
from typing import Any

import pytest

from geoapp.i18n import read_words
from geoapp.ui import map as maps
from geoapp.ui.assets import ASSETS
from geoapp.ui.map_words import CHOROPLETH_WORDS, DRAW_WORDS, LIVE_WORDS, SHEET_WORDS
from geoapp.ui.map_words import WORDS as CITY_WORDS
from geoapp.values import AreaUnit

EXTENT = (109.6, 28.8, 111.4, 29.8)
ALL_WORDS = CHOROPLETH_WORDS | CITY_WORDS
WORDS = {name: f"<{name}>" for name in ALL_WORDS}
CITY: dict[str, Any] = {
    "place": maps.CityPlace(EXTENT, 37, 111),
    "words": WORDS | {f"sheet.{key}": "-" for key in SHEET_WORDS},
    "height": 400,
    "lang": "zh",
    "unit": AreaUnit.HA,
    "sample": False,
}
LAYER = maps.MapLayer(
    id="district",
    title="</script>",
    group="${group}",
    kind="outline",
    url="/map/features/district.geojson?v=a_1",
    visible=True,
    fill="#000000",
    stroke="#333333",
    weight=1.0,
    opacity=1.0,
)
UNITS = maps.Choropleth(
    url="/map/features/township.geojson",
    code_field="code",
    name_field="name",
    values={"1": 1.0, "2": None, "3": float("nan"), "4": 0.0},
    shown={"1": "1.0 %", "4": "0.0 %"},
    breaks=(maps.ValueClass(None, "all", "#1c5f63"),),
    title="share",
    no_data_label="no data",
)


class Browser:
    """Stands in for streamlit-folium: keeps what was drawn, gives a prepared reply."""

    def __init__(self) -> None:
        self.reply: dict[str, Any] = {}
        self.figure: Any = None
        self.options: dict[str, Any] = {}

    def __call__(self, figure: Any, **options: Any) -> dict[str, Any]:
        self.figure, self.options = figure, options
        return self.reply

    @staticmethod
    def settings(element: Any) -> Any:
        literal = element.value.removeprefix("JSON.parse(").removesuffix(")")
        return json.loads(json.loads(literal))


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    stand_in = Browser()
    monkeypatch.setattr(maps, "st_folium", stand_in)
    return stand_in


def draw_units(key: str, **changes: Any) -> str | None:
    return maps.draw_choropleth(
        UNITS, extent=EXTENT, words=WORDS, key=key, height=400, sample=False, **changes
    )


def test_layers_reach_the_browser_as_they_are(browser: Browser) -> None:
    basemap = maps.Basemap("base", "/base/{z}/{x}/{y}.png", "<b>", 17)
    maps.draw_city_map((LAYER,), **CITY | {"key": "city", "basemap": basemap, "sample": True})
    [call] = browser.figure._children.values()
    settings = browser.settings(call)
    assert settings["layers"][0]["title"] == "</script>"
    assert settings["basemap"]["attribution"] == "<b>"
    assert settings["words"] == {name: WORDS[name] for name in CITY_WORDS}
    assert settings["sample"] is True
    assert browser.options["returned_objects"] == []


def test_clusters_are_loaded_only_when_a_layer_needs_them(browser: Browser) -> None:
    for kind, wanted in (("outline", False), ("cluster", True)):
        layer = maps.dataclasses.replace(LAYER, kind=kind)
        maps.draw_city_map((layer,), key="c", **CITY)
        links = [url for _, url in browser.figure.default_js]
        assert any("markercluster" in url for url in links) is wanted


def test_a_new_unit_of_area_leaves_the_map_itself_unchanged(browser: Browser) -> None:
    scripts = []
    for unit in (AreaUnit.HA, AreaUnit.MU):
        maps.draw_city_map((LAYER,), key="c", **CITY | {"unit": unit})
        [call] = browser.figure._children.values()
        scripts.append(call.value)
        assert browser.settings(browser.options["feature_group_to_add"]) == {"unit": unit}
    assert scripts[0] == scripts[1]


def test_an_endless_link_is_cut(browser: Browser) -> None:
    maps.draw_city_map((LAYER,), key="c", **CITY | {"link": "x" * 100_000})
    [call] = browser.figure._children.values()
    assert len(browser.settings(call)["link"]) <= 4000


def test_a_missing_word_is_named(browser: Browser) -> None:
    words = {name: text for name, text in WORDS.items() if name != "retry"}
    with pytest.raises(KeyError, match="retry"):
        maps.draw_city_map((), key="c", **CITY | {"words": words})
    assert browser.figure is None


def test_unknown_figures_are_left_out_and_zero_is_not(browser: Browser) -> None:
    draw_units("unknown")
    values = browser.settings(browser.options["feature_group_to_add"])["values"]
    assert values == [["1", 1.0], ["4", 0.0]]


def test_new_figures_leave_the_map_itself_unchanged(browser: Browser) -> None:
    scripts = []
    for selected in (None, "4"):
        draw_units("same", selected=selected)
        [call] = browser.figure._children.values()
        scripts.append(call.value)
    assert scripts[0] == scripts[1]


def test_a_click_is_read_once(browser: Browser) -> None:
    assert draw_units("clicks") is None
    browser.reply = {"click": {"code": "430802", "time": 1}}
    assert draw_units("clicks") == "430802"
    assert draw_units("clicks") is None
    browser.reply = {"click": {"code": "430802", "time": 2}}
    assert draw_units("clicks") == "430802"


SOURCES = {path.name: path.read_text() for path in sorted((ASSETS / "app").glob("*.[jc]s*"))}


def test_every_word_is_used_in_the_browser_and_every_word_used_is_there() -> None:
    scripts = [
        text
        for name, text in SOURCES.items()
        if name.endswith(".js") and name not in {"print.js", "publicsite.js"}
    ]
    whole = "".join(scripts)
    used = set(re.findall(r"(?<!dataset\.)\bwords\.(\w+)", whole))
    for taken in re.findall(r"const \{([^}]*)\} = this\.words;", whole):
        used |= {name.partition(":")[0].strip() for name in taken.split(",")}
    assert used == set(ALL_WORDS) | set(DRAW_WORDS) | set(LIVE_WORDS)


@pytest.mark.parametrize("name", SOURCES)
def test_browser_sources_hold_no_address_no_markup_and_no_chinese(name: str) -> None:
    text = SOURCES[name].replace("http://www.w3.org/2000/svg", "")
    assert "://" not in text
    assert not re.search(r"innerHTML\s*=|insertAdjacentHTML|\beval\(", text)
    assert not re.search(r"[\u3400-\u9fff]", text)


def test_the_words_of_the_print_form_are_there() -> None:
    used = set(re.findall(r"words\.(\w+)", SOURCES["print.js"]))
    assert len(used) > 10
    assert {f"sheet.{word}" for word in used} <= read_words("en").keys()
