"""Names of fields in files: canonical, official, and short enough for a shapefile."""

import pytest

from geoapp.catalog.definition import FieldRule
from geoapp.exporters.naming import (
    canonical_names,
    official_names,
    shorten_names,
    unofficial_fields,
)
from geoapp.i18n import Text
from tests.building import LIBRARY

WORDS = Text(zh="字段", en="Field")


def layer_with(*names: str, synonyms: tuple[str, ...] = ()):
    """Give a layer that has these fields beside its own key and name."""
    base = LIBRARY.require("hamlet")
    more = [FieldRule(name=name, title=WORDS, synonyms=synonyms) for name in names]
    return base.model_copy(update={"fields": (*base.fields, *more)})


@pytest.mark.parametrize("layer", list(LIBRARY), ids=lambda layer: layer.id)
def test_every_layer_has_short_names_that_are_single_and_fit(layer):
    for names in (canonical_names(layer), official_names(layer)):
        for encoding in ("gbk", "utf-8"):
            short = shorten_names(layer, names, encoding)
            assert short.keys() == names.keys()
            assert all(0 < len(name.encode(encoding)) <= 10 for name in short.values())
            assert len({name.lower() for name in short.values()}) == len(short)
            fitting = {k: v for k, v in names.items() if len(v) <= 10}
            assert {key: short[key] for key in fitting} == fitting


@pytest.mark.parametrize("layer", list(LIBRARY), ids=lambda layer: layer.id)
def test_a_short_name_is_read_again_as_the_same_field(layer):
    short = shorten_names(layer, canonical_names(layer), "gbk")
    for rule in layer.stored_fields:
        known = {name.lower() for name in (rule.name, *rule.synonyms)}
        assert short[rule.name].lower() in known


def test_long_names_that_are_cut_alike_are_numbered():
    layer = layer_with("a_long_name_one", "a_long_name_two", "a_long_nam")
    short = shorten_names(layer, canonical_names(layer), "gbk")
    assert short["a_long_nam"] == "a_long_nam"
    assert {short["a_long_name_one"], short["a_long_name_two"]} == {"a_long_na1", "a_long_na2"}


def test_a_synonym_is_preferred_to_a_cut_name_and_taken_once():
    layer = layer_with("a_long_name_one", "a_long_name_two", synonyms=("全称中文名字很长", "CC"))
    short = shorten_names(layer, canonical_names(layer), "utf-8")
    assert short["a_long_name_one"] == "CC"
    assert short["a_long_name_two"] == "a_long_nam"


def test_official_names_are_those_of_the_standard_and_else_in_capitals():
    village = LIBRARY.require("village")
    names = official_names(village)
    assert names["code"] == "ZLDWDM"
    assert names["dcmj"] == "DCMJ"
    assert names["name_en"] == "NAME_EN"
    assert unofficial_fields(village) == ["parent", "name_en"]
    hamlet = LIBRARY.require("hamlet")
    assert unofficial_fields(hamlet) == [rule.name for rule in hamlet.stored_fields]
