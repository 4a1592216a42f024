"""Wording: both languages, facts from outside are never taken for keys."""

import pytest

from geoapp.errors import ChoiceError, CrsError, NotFoundError
from geoapp.i18n import LANGS, Text, require_lang, text, word_error


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("value", ["@foo", "@", "@app.name.x", "{layer}", "{0}", "%s", "{", "}"])
def test_what_a_user_typed_is_shown_as_typed(lang, value):
    error = NotFoundError("layer-unknown", layer=value, offered="a, b")
    assert value in word_error(error, lang)


def test_a_fact_in_two_languages_is_shown_in_one():
    error = NotFoundError("snapshot-none", layer=Text(zh="图斑", en="Parcels"), as_of="-")
    assert "Parcels" in word_error(error, "en")
    assert "图斑" in word_error(error, "zh")


def test_a_fact_that_names_a_key_of_ours_is_worded():
    error = CrsError("crs-missing", file="a", looks_like="@importer.looks_like_nothing")
    assert "nothing known" in word_error(error, "en")


def test_a_fact_that_an_error_does_not_have_reads_as_a_dash():
    assert "-" in word_error(CrsError("crs-does-not-fit", crs="EPSG:4546", x=1, y=2), "en")


def test_other_languages_are_refused():
    with pytest.raises(ChoiceError):
        require_lang("fr")


def test_an_unknown_key_is_our_own_mistake():
    with pytest.raises(KeyError):
        text("zh", "no.such.key")
