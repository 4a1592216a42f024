"""Numbers of things that one may not see: asked for, they answer as numbers of nothing do."""

import pytest

from geoapp.cases.evidence import NewEvidence
from geoapp.cases.tip import NewTip
from geoapp.cases.tip_desk import TipDesk
from geoapp.errors import GeoAppError
from tests.photos import photo
from tests.registering import *  # noqa: F403
from tests.registering import new

ABSENT = 987_654
WEST, EAST = "439902", "439901"


@pytest.fixture
def tips(acting):
    def act(role, *, unit=""):
        desk = acting(role, unit=unit)
        return TipDesk(desk.office, desk.register)

    return act


@pytest.fixture
def hidden(desk):
    """A case, a photo and a tip of the east, by number."""
    case = desk.register.open(new())
    case = desk.evidence.add(case.id, NewEvidence(photo(), "a.jpg", "before"), seen=case.version)
    [piece] = desk.evidence.select(case.id)
    return {"case": case.id, "case_no": case.case_no, "evidence": piece.evidence.id}


def questions(cases, ids):
    return {
        "show": lambda: cases.register.show(ids["case"]),
        "show by number": lambda: cases.register.show(ids["case_no"]),
        "events": lambda: cases.register.events(ids["case"]),
        "deadlines": lambda: cases.register.deadlines(ids["case"]),
        "assess": lambda: cases.register.assess(ids["case"]),
        "evidence list": lambda: cases.evidence.select(ids["case"]),
        "evidence": lambda: cases.evidence.read(ids["evidence"]),
        "thumbnail": lambda: cases.evidence.thumbnail(ids["evidence"]),
        "pair": lambda: cases.evidence.pair(ids["case"]),
    }


def answer(ask, ids):
    """What somebody is told, without the number that was asked for."""
    with pytest.raises(GeoAppError) as caught:
        ask()
    asked = {str(value) for value in ids.values()}
    facts = {name: value for name, value in caught.value.facts.items() if str(value) not in asked}
    return type(caught.value).__name__, caught.value.code, facts


def test_what_lies_in_another_unit_answers_as_what_does_not_exist(acting, hidden):
    absent = {"case": ABSENT, "case_no": "439901-1999-0001", "evidence": ABSENT}
    foreign = acting("township", unit=WEST)
    for name, ask in questions(foreign, hidden).items():
        told = answer(ask, hidden)
        assert told == answer(questions(foreign, absent)[name], absent), name
        assert told[0] == "NotFoundError", name
    own = acting("township", unit=EAST)
    for name, ask in questions(own, hidden).items():
        assert ask() is not None or name == "assess"


def test_a_role_that_sees_no_cases_is_refused_alike_whether_they_exist_or_not(acting, hidden):
    absent = {"case": ABSENT, "case_no": "439901-1999-0001", "evidence": ABSENT}
    public = acting("public")
    for name, ask in questions(public, hidden).items():
        told = answer(ask, hidden)
        assert told == answer(questions(public, absent)[name], absent), name
        assert told[0] == "AccessError", name


def test_a_tip_of_another_unit_answers_as_one_that_does_not_exist(tips):
    tips("public").send(NewTip(111.1001, 29.4001, "田里正在建房", photo=photo()), "10.0.0.1")
    [known] = tips("planner").select()
    foreign = tips("township", unit=WEST)
    asks = (foreign.show, foreign.photo, foreign.picture, lambda tip: foreign.reject(tip, "x"))
    for ask in asks:
        told = answer(lambda ask=ask: ask(known.id), {"tip": known.id})
        assert told == answer(lambda ask=ask: ask(ABSENT), {"tip": ABSENT})
    assert tips("township", unit=EAST).show(known.id) == known
