"""Answers that are kept: computed once, the oldest let go, faults never kept."""

import pytest

from geoapp.catalog.kept import KeptAnswers


def test_an_answer_is_computed_once_and_the_one_used_least_is_let_go():
    kept, computed = KeptAnswers(2), []

    def ask(key):
        return kept.give(key, lambda: computed.append(key) or f"answer {key}")

    assert [ask(key) for key in "abacab"] == [f"answer {key}" for key in "abacab"]
    assert computed == ["a", "b", "c", "b"]


def test_an_answer_that_is_nothing_is_kept_and_a_fault_is_not():
    kept, computed = KeptAnswers(2), []
    assert kept.give("none", lambda: computed.append(1)) is None
    assert kept.give("none", lambda: computed.append(2)) is None
    assert computed == [1]
    with pytest.raises(ZeroDivisionError):
        kept.give("fault", lambda: 1 // 0)
    assert kept.give("fault", lambda: "well") == "well"
