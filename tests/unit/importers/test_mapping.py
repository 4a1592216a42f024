"""Fields are found by name, as stated, or as the last time; never guessed."""

import pandas as pd
import pytest

from geoapp.errors import CatalogError, ChoiceError
from geoapp.i18n import LANGS, word_error
from geoapp.importers.mapping import (
    map_fields,
    propose,
    recall,
    require_mapped,
    sign_source,
)
from tests.building import LIBRARY

LANDUSE = LIBRARY.require("landuse")


class Memory:
    """Remembers in memory: a stand-in by protocol."""

    def __init__(self, mapping=None):
        self.mapping = mapping or {}

    def find(self, layer, signature):
        return self.mapping.get((layer, signature), {})

    def save(self, layer, signature, mapping, _actor):
        self.mapping[layer, signature] = mapping


def test_names_and_synonyms_are_found_in_any_letter_case():
    mapping = map_fields(LANDUSE, ["DLBM", "图斑面积", "Other"])
    assert mapping.sources == {"dlbm": "DLBM", "tbmj": "图斑面积"}
    assert mapping.unmapped == ("Other",)
    assert "bsm" in mapping.missing


def test_what_is_stated_goes_before_what_is_found():
    mapping = map_fields(LANDUSE, ["DLBM", "CODE", "BZ"], {"code": "dlbm", "BZ": ""})
    assert mapping.sources == {"dlbm": "CODE"}
    assert mapping.unmapped == ("DLBM", "BZ")
    assert "bz" in mapping.missing


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"NONE": "dlbm"}, "mapping-source-unknown"),
        ({"A": "nothing"}, "mapping-target-unknown"),
        ({"A": "dlyj"}, "mapping-target-unknown"),  # derived, not stored
        ({"A": "dlbm", "B": "dlbm"}, "mapping-target-twice"),
    ],
)
def test_a_mapping_that_cannot_be_is_named(stated, code):
    with pytest.raises(ChoiceError) as caught:
        map_fields(LANDUSE, ["A", "B"], stated)
    assert caught.value.code == code
    assert all("{" not in word_error(caught.value, lang) for lang in LANGS)


def test_without_a_required_field_nothing_is_imported():
    mapping = map_fields(LANDUSE, ["BSM"])
    with pytest.raises(CatalogError) as caught:
        require_mapped(LANDUSE, mapping, ["BSM"], "a.gpkg")
    assert caught.value.code == "field-missing"


def test_a_kind_of_file_is_told_by_its_reader_and_fields_in_any_order():
    one = sign_source("shapefile", ["A", "b"])
    assert one == sign_source("shapefile", ["B", "a"])
    assert one != sign_source("geopackage", ["A", "b"])
    assert one != sign_source("shapefile", ["A", "b", "c"])


def test_what_no_longer_fits_the_layer_is_not_recalled():
    key = ("landuse", sign_source("x", ["A", "B"]))
    memory = Memory({key: {"A": "dlbm", "B": "gone", "C": "bsm"}})
    assert recall(LANDUSE, "x", ["A", "B"], memory) == {"A": "dlbm"}


def test_a_proposal_shows_every_field_with_samples_and_why():
    frame = pd.DataFrame(
        {"A": ["0101", "0101", None, "0103"], "TBMJ": [1.5, 2, 3, 4], "Z": [""] * 4}
    )
    memory = Memory({("landuse", sign_source("x", list(frame.columns))): {"A": "dlbm"}})
    proposal = propose(LANDUSE, "x", frame, memory)
    assert [(c.field, c.canonical, c.how) for c in proposal.choices] == [
        ("A", "dlbm", "remembered"),
        ("TBMJ", "tbmj", "name"),
        ("Z", "", "none"),
    ]
    assert proposal.choices[0].samples == ("0101", "0103")
    assert proposal.choices[2].samples == ()
    assert proposal.missing_required == ()
    assert propose(LANDUSE, "x", frame[["Z"]], Memory()).missing_required == ("dlbm",)
