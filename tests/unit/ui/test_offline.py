"""A map that we draw loads nothing from outside."""

import re

import folium
import folium.plugins
import pytest
from branca.colormap import LinearColormap

from geoapp.ui.assets import ASSETS, asset_url
from geoapp.ui.assets.elements import (
    CHOROPLETH_SCRIPTS,
    CITY_SCRIPTS,
    SHARED_SCRIPTS,
    Call,
    LeanMap,
)
from geoapp.ui.offline import FIELD_WORDS, make_folium_offline, outside_urls, page_style

EXTENT = (109.6, 28.8, 111.4, 29.8)


@pytest.mark.parametrize("scripts", [CITY_SCRIPTS, CHOROPLETH_SCRIPTS])
@pytest.mark.parametrize("clusters", [True, False])
def test_our_maps_load_only_from_this_app(scripts: tuple[str, ...], *, clusters: bool) -> None:
    lean = LeanMap(EXTENT, scripts=SHARED_SCRIPTS + scripts, clusters=clusters)
    lean.add_child(Call("cityMap", {}))
    assert outside_urls(lean) == []
    assert "://" not in lean.get_root().render()


def test_a_lean_map_is_a_folium_map() -> None:
    """Streamlit-folium asks."""
    assert isinstance(LeanMap(EXTENT, scripts=()), folium.Map)


def test_what_one_map_loads_does_not_leak_into_another() -> None:
    before = list(folium.Map.default_js)
    LeanMap(EXTENT, scripts=CITY_SCRIPTS).add_js_link("extra", "/extra.js")
    assert folium.Map.default_js == before


def test_patching_replaces_what_is_shipped_also_in_plugins_and_twice() -> None:
    make_folium_offline()
    make_folium_offline()
    cluster = folium.plugins.MarkerCluster()
    assert outside_urls(cluster) == []
    assert dict(folium.Map.default_js)["leaflet"].startswith("/assets/vendor/leaflet/")


@pytest.mark.parametrize(
    "element",
    [
        folium.Map(tiles=None),
        folium.TileLayer("https://tiles.example/{z}/{x}/{y}.png", attr="x"),
        folium.TileLayer("//tiles.example/{z}/{x}/{y}.png", attr="x"),
        folium.plugins.Draw(),
        LinearColormap(["red", "blue"]),
    ],
    ids=["plain map", "tiles", "tiles without scheme", "plugin", "colour bar"],
)
def test_what_is_not_shipped_is_named(element: folium.Element) -> None:
    make_folium_offline()
    group = folium.FeatureGroup()
    group.add_child(element)
    assert outside_urls(group)


def test_an_address_names_the_content() -> None:
    assert asset_url("app/citymap.js").startswith("/assets/app/citymap.js?v=")
    assert asset_url("app/citymap.js") != asset_url("app/citymap.css")
    with pytest.raises(FileNotFoundError):
        asset_url("app/absent.js")


def test_the_words_of_fields_go_with_the_style() -> None:
    style = page_style(dict.fromkeys(FIELD_WORDS, '选"</style>'))
    assert asset_url("app/fields.css") in style
    assert style.count("</style>") == 1
    sheet = (ASSETS / "app" / "fields.css").read_text()
    assert set(re.findall(r"var\(--say-(\w+)\)", sheet)) == set(FIELD_WORDS)


def test_the_page_links_its_style() -> None:
    assert page_style() == f'<style>@import url("{asset_url("app/xiangtu.css")}");</style>'
