"""What a city keeps: never less than what is current, pinned, new or young."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given

from geoapp.catalog.city import Retention
from geoapp.catalog.retention import find_retired
from geoapp.catalog.storage import SnapshotEntry

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def entry(layer, number, days, *, current=False):
    at = NOW - timedelta(days=days)
    return SnapshotEntry(layer, f"s{number}", date(2020, 1, 1), 1, at, "x", current)


def history(layer="landuse", current=0):
    return [entry(layer, k, 10 * k + 1, current=k == current) for k in range(6)]


def names(retired):
    return [e.name for e in retired]


def test_without_a_rule_all_are_kept():
    assert find_retired(history(), Retention(), set(), NOW) == []


def test_the_newest_are_kept():
    assert names(find_retired(history(), Retention(newest=2), set(), NOW)) == [
        "s2",
        "s3",
        "s4",
        "s5",
    ]


def test_the_young_are_kept():
    assert names(find_retired(history(), Retention(days=30), set(), NOW)) == ["s3", "s4", "s5"]


def test_the_current_one_is_kept_however_old():
    retired = find_retired(history(current=5), Retention(newest=1), set(), NOW)
    assert names(retired) == ["s1", "s2", "s3", "s4"]


def test_a_pinned_one_is_kept_in_its_own_layer_only():
    entries = history("a") + history("b")
    retired = find_retired(entries, Retention(newest=1), {("b", "s3")}, NOW)
    kept = {(e.layer, e.name) for e in entries} - {(e.layer, e.name) for e in retired}
    assert kept == {("a", "s0"), ("b", "s0"), ("b", "s3")}


@given(
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=12),
    st.integers(0, 5),
    st.integers(0, 300),
)
def test_no_rule_ever_retires_what_is_current_or_pinned(rows, newest, days):
    ages = sorted(age for age, _ in rows)
    entries = [entry("a", k, age, current=k == len(rows) // 2) for k, age in enumerate(ages)]
    pinned = {("a", f"s{k}") for k, (_, pin) in enumerate(rows) if pin}
    for retired in find_retired(entries, Retention(newest=newest, days=days), pinned, NOW):
        assert not retired.current
        assert ("a", retired.name) not in pinned
        assert retired.published_at <= NOW - timedelta(days=days)
