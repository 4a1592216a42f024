"""Who answers for a place: the nearest unit that has somebody."""

from hypothesis import given
from hypothesis import strategies as st

from geoapp.planning.answering import Answer, find_answers
from geoapp.planning.contact import Contact

CITY, DISTRICT, TOWNSHIP, VILLAGE = "439900", "439901", "439901001", "439901001001"
ABOVE = (VILLAGE, TOWNSHIP, DISTRICT, CITY)
LEVELS = ("village", "township", "district", "city")


def people(*units, section=""):
    return [Contact("field", unit, f"of {unit}", section=section) for unit in units]


def test_the_village_answers_before_what_is_above_it():
    found = find_answers(people(*ABOVE), [VILLAGE], city=CITY)[VILLAGE]
    assert (found.unit, found.level) == (VILLAGE, "village")


@given(st.sets(st.sampled_from(ABOVE)))
def test_an_answer_falls_back_upward_one_step_after_the_other(entered):
    found = find_answers(people(*entered), [VILLAGE], city=CITY)[VILLAGE]
    nearest = next((place for place, unit in enumerate(ABOVE) if unit in entered), None)
    if nearest is None:
        assert found == Answer()
    else:
        assert (found.unit, found.level) == (ABOVE[nearest], LEVELS[nearest])


def test_a_neighbour_never_answers():
    found = find_answers(people("439901001002", "439902"), [VILLAGE], city=CITY)[VILLAGE]
    assert found.people == ()


def test_a_place_that_is_known_by_its_township_is_not_answered_for_by_a_village():
    found = find_answers(people(VILLAGE, DISTRICT), [TOWNSHIP], city=CITY)[TOWNSHIP]
    assert (found.unit, found.level) == (DISTRICT, "district")


def test_whoever_has_the_whole_unit_stands_before_whoever_has_a_part():
    both = [*people(VILLAGE, section="group 1"), *people(VILLAGE)]
    found = find_answers(both, [VILLAGE], city=CITY)[VILLAGE]
    assert [one.section for one in found.people] == ["", "group 1"]


def test_the_city_answers_for_what_lies_in_no_unit():
    found = find_answers(people(DISTRICT, CITY), ["", CITY], city=CITY)
    assert found[""].level == found[CITY].level == "city"
