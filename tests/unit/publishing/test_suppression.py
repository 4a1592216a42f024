"""What is hidden cannot be found again: every way to undo it is tried out."""

import itertools
from collections.abc import Iterator

import hypothesis
import hypothesis.strategies as st
import pytest

from geoapp.publishing.suppression import Hidden, find_hidden, merge_classes

LEAST = 3
City = dict[str, dict[str, int]]


def _publish(city: City, hidden: Hidden) -> tuple[object, ...]:
    """Give what anybody reads: counts, or that there is one that is not given."""
    whole = None if hidden.city else sum(sum(parts.values()) for parts in city.values())
    districts = {
        code: None if code in hidden.districts else sum(parts.values())
        for code, parts in city.items()
    }
    townships = {
        code: None if code in hidden.townships else count
        for parts in city.values()
        for code, count in parts.items()
    }
    return whole, tuple(districts.items()), tuple(townships.items())


def _every_city(shape: City, most: int) -> Iterator[City]:
    keys = [(district, code) for district, parts in shape.items() for code in parts]
    for counts in itertools.product(range(most + 1), repeat=len(keys)):
        if sum(counts) > most:  # else the bound itself would tell something
            continue
        city: City = {district: {} for district in shape}
        for (district, code), count in zip(keys, counts, strict=True):
            city[district][code] = count
        yield city


def _cells(city: City) -> dict[str, int]:
    found = {code: count for parts in city.values() for code, count in parts.items()}
    return found | {district: sum(parts.values()) for district, parts in city.items()}


@pytest.mark.parametrize("shape", [(3,), (2, 1), (2, 2), (1, 1, 1)])
def test_an_attacker_who_knows_the_rule_finds_no_hidden_count(shape: tuple[int, ...]) -> None:
    empty = {f"d{k}": {f"d{k}t{n}": 0 for n in range(size)} for k, size in enumerate(shape)}
    possible: dict[tuple[object, ...], list[City]] = {}
    for city in _every_city(empty, 7):
        published = _publish(city, find_hidden(city, LEAST))
        possible.setdefault(published, []).append(city)
    for published, cities in possible.items():
        hidden = find_hidden(cities[0], LEAST)
        for code in hidden.townships | hidden.districts:
            values = {_cells(city)[code] for city in cities}
            assert len(values) > 1, (published, code, values)


@hypothesis.given(
    st.dictionaries(
        st.sampled_from("ABCDE"),
        st.dictionaries(st.sampled_from("123456"), st.integers(0, 9), min_size=1),
        min_size=1,
    )
)
def test_no_small_count_is_given_and_none_is_total_minus_the_rest(
    drawn: dict[str, dict[str, int]],
) -> None:
    city = {d: {d + t: count for t, count in parts.items()} for d, parts in drawn.items()}
    hidden = find_hidden(city, LEAST)
    for district, parts in city.items():
        for code, count in parts.items():
            assert not 0 < count < LEAST or code in hidden.townships
        kept_back = hidden.townships & parts.keys()
        assert kept_back in (set(), parts.keys())
        assert district in hidden.districts or not 0 < sum(parts.values()) < LEAST
    assert hidden.districts in (set(), city.keys())


def test_a_small_township_leaves_the_total_of_its_district_alone() -> None:
    hidden = find_hidden({"d": {"a": 1, "b": 8}, "e": {"f": 8, "g": 4}}, LEAST)
    assert hidden == Hidden(city=False, districts=frozenset(), townships=frozenset("ab"))


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    hidden = find_hidden({"d": {"a": 3, "b": 0, "c": 12}}, LEAST)
    assert hidden == Hidden(city=False, districts=frozenset(), townships=frozenset())


def test_a_small_district_leaves_the_total_of_the_city_alone() -> None:
    hidden = find_hidden({"d": {"a": 2}, "e": {"f": 8}}, LEAST)
    assert hidden == Hidden(city=False, districts=frozenset("de"), townships=frozenset("af"))


def test_classes_are_merged_until_no_unit_has_a_small_count_of_any() -> None:
    counts = {"01": {"x": 9, "y": 9}, "02": {"x": 1, "y": 5}, "03": {"x": 4, "y": 4}}
    assert merge_classes(counts, LEAST) == {"02", "03"}
    assert merge_classes({"01": {"x": 9}, "02": {"x": 0}}, LEAST) == frozenset()
