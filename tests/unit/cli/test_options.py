"""Values of options of the command line."""

import pytest

from geoapp.cli.options import read_mapping, read_text_encoding, require_choice
from geoapp.errors import ChoiceError
from geoapp.importers.request import OnProblem


def test_a_mapping_is_pairs_and_nothing_after_the_sign_leaves_a_field_out():
    assert read_mapping([]) is None
    assert read_mapping(["名称=mc", "a=b=c", "YSDM="]) == {"名称": "mc", "a=b": "c", "YSDM": ""}
    for wrong in ("mc", "=mc"):
        with pytest.raises(ChoiceError) as refusal:
            read_mapping([wrong])
        assert refusal.value.facts["value"] == wrong


def test_what_is_not_offered_is_refused_with_what_is():
    assert require_choice("on-problem", "accept", OnProblem) == "accept"
    with pytest.raises(ChoiceError) as refusal:
        require_choice("on-problem", "guess", OnProblem)
    assert "reject_rows" in refusal.value.facts["offered"]


def test_encodings_may_be_written_in_any_case():
    assert read_text_encoding("GBK") == "gbk"
    assert read_text_encoding("UTF8") == read_text_encoding("utf-8") == "utf-8"
    with pytest.raises(ChoiceError):
        read_text_encoding("latin1")
