"""Styles for QGIS: the colours, patterns and lines of the map, for every class there can be."""

import xml.etree.ElementTree as ET

import pytest

from geoapp.i18n import LANGS
from geoapp.reports.qgis_style import make_qgis_style
from tests.building import LIBRARY

LAYERS = list(LIBRARY)


def parse(definition, lang="zh"):
    text = make_qgis_style(definition, lang)
    head, _, body = text.partition("\n")
    assert head.startswith("<!DOCTYPE qgis")
    return ET.fromstring(body)  # noqa: S314  written by us a moment ago


def codes_of(category):
    return [value.get("value") for value in category.findall("val")] or [category.get("value")]


def properties(layer):
    return {prop.get("k"): prop.get("v") for prop in layer.findall("prop")}


@pytest.mark.parametrize("definition", LAYERS, ids=lambda d: d.id)
@pytest.mark.parametrize("lang", LANGS)
def test_symbols_are_of_the_layers_kind_and_each_category_has_one(definition, lang):
    root = parse(definition, lang)
    symbols = root.findall("renderer-v2/symbols/symbol")
    kind = {"polygon": "fill", "line": "line", "point": "marker"}[definition.geometry]
    assert {symbol.get("type") for symbol in symbols} == {kind}
    names = [symbol.get("name") for symbol in symbols]
    asked = [c.get("symbol") for c in root.findall("renderer-v2/categories/category")]
    assert names == (asked or ["0"])
    assert all(symbol.findall("layer") for symbol in symbols)
    index = root.findtext("layerGeometryType")
    assert index == {"point": "0", "line": "1", "polygon": "2"}[definition.geometry]


@pytest.mark.parametrize("definition", LAYERS, ids=lambda d: d.id)
def test_every_stored_class_has_the_colour_of_the_map(definition):
    root = parse(definition)
    rule = definition.find_field(definition.class_field)
    if not definition.style.by_class or rule is None:
        assert root.find("renderer-v2").get("type") == "singleSymbol"
        return
    renderer = root.find("renderer-v2")
    stored = rule.derive_from or rule.name
    assert renderer.get("attr") == stored
    assert definition.find_field(stored).derive_from == ""
    found = {}
    for category in renderer.findall("categories/category"):
        symbol = renderer.find(f"symbols/symbol[@name='{category.get('symbol')}']")
        facts = properties(symbol.find("layer"))
        shown = facts.get("color") or facts["line_color"]
        for code in codes_of(category):
            assert code not in found
            found[code] = "#{:02x}{:02x}{:02x}".format(*map(int, shown.split(",")[:3]))
    fills = {value.code: value.fill for value in definition.classes[rule.classes]}
    table = definition.classes[definition.find_field(stored).classes]
    for value in table:
        owner = (
            value.group
            if rule.derive_by == "group"
            else (value.parent or value.code)
            if rule.derive_from
            else value.code
        )
        assert found.pop(value.code) == fills[owner]
    assert found == {"": definition.style.fill}  # whatever else there is


def test_opacity_stands_in_the_fill_and_borders_stay_clear():
    [fill, pattern, border] = parse(LIBRARY.require("ecological_redline")).findall(
        "renderer-v2/symbols/symbol/layer"
    )
    assert properties(fill)["color"] == "0,158,115,97"  # 0.38 of 255
    assert pattern.get("class") == "LinePatternFill"
    assert properties(border)["line_color"] == "0,102,74,255"


def test_dots_dashes_and_outlines_are_told_apart():
    farmland = parse(LIBRARY.require("permanent_farmland"))
    assert farmland.find(".//layer[@class='PointPatternFill']/symbol/layer") is not None
    [fill, border] = parse(LIBRARY.require("township")).findall("renderer-v2/symbols/symbol/layer")
    assert properties(fill)["style"] == "no"
    facts = properties(border)
    assert (facts["use_custom_dash"], facts["customdash"]) == ("1", "6;3")


@pytest.mark.parametrize("level", ["district", "township", "village"])
def test_units_are_labelled_with_their_names(level):
    definition = LIBRARY.require(level)
    style = parse(definition).find("labeling/settings/text-style")
    assert style.get("fieldName") == '"name"'
    english = parse(definition, "en").find("labeling/settings/text-style").get("fieldName")
    assert ("name_en" in english) == (definition.find_field("name_en") is not None)
    assert parse(LIBRARY.require("landuse")).find("labeling") is None


def test_the_same_layer_gives_the_same_bytes():
    for definition in LAYERS:
        assert make_qgis_style(definition, "zh") == make_qgis_style(definition, "zh")
