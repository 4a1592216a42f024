"""Cases from an older ledger: what it says is taken, what it does not say is not guessed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from geoapp.cases.case import Amounts, CaseFilter
from geoapp.cases.guard import MoveRequest
from geoapp.cases.loading import PastAct, PastCase
from geoapp.catalog.manifest import Source
from geoapp.errors import AccessError, ConflictError, InputError, NotFoundError
from tests.registering import *  # noqa: F403
from tests.registering import HOUSE, OTHER, REASON, TODAY, move, new, to_performing

FOUND = date(2025, 3, 2)
TORN = Amounts(3, Decimal("400.00"), Decimal("600.00"))


def past(case_no="甲-1", stage="performing", acts=(), **more):
    one = replace(new(**more), found_on=FOUND, source="ledger", household_keys=())
    return PastCase(one, case_no, stage, acts, 1)


def serve(on, term, **more):
    facts = {"document": "甲自然资处〔2025〕3号", "reason": REASON} | more
    return MoveRequest("serve", on, facts["reason"], facts["document"], term)


def blocks(desk, case, name):
    offered = {one.move.id: one for one in desk.mover.offered(case.id)}
    return {block.code for block in offered[name].blocks}


def test_a_waiting_period_that_nobody_knows_keeps_its_step_closed(desk):
    [case] = desk.load([past()], "台账.xlsx", REASON)
    assert "case-wait-unknown" in blocks(desk, case, "urge")
    with pytest.raises(ConflictError) as caught:
        move(desk, case, "urge", date(2026, 3, 1))
    assert caught.value.code == "case-wait-unknown"
    assert desk.register.show(case.id).version == case.version


def test_a_case_that_the_register_knows_from_its_lead_has_no_unknown_periods(desk):
    case = to_performing(desk, desk.register.open(new()))
    assert "case-wait-unknown" not in blocks(desk, case, "urge")
    assert desk.past_steps(case.id) == ()


def test_an_earlier_step_from_its_document_opens_the_periods_of_the_law(desk):
    [case] = desk.load([past()], "台账.xlsx", REASON)
    assert "serve" in {step.id for step in desk.past_steps(case.id)}
    stated = desk.state_past(case.id, case.version, serve(date(2026, 9, 1), term=date(2026, 12, 1)))
    assert (stated.stage, stated.version) == ("performing", case.version + 1)
    assert stated.due_on == date(2026, 12, 1)
    assert blocks(desk, stated, "urge") == {"case-too-early"}
    assert "serve" not in {step.id for step in desk.past_steps(case.id)}
    assert desk.register.verify().whole


def test_an_earlier_step_whose_term_has_run_out_opens_the_next_step(desk):
    [case] = desk.load([past()], "台账.xlsx", REASON)
    served = serve(date(2025, 4, 1), term=date(2025, 5, 1))
    case = desk.state_past(case.id, case.version, served)
    assert blocks(desk, case, "urge") == set()
    assert move(desk, case, "urge", date(2026, 3, 2)).stage == "urged"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (serve(date(2025, 4, 1), None), "case-term-missing"),
        (serve(date(2025, 4, 1), date(2025, 3, 1)), "case-term-before"),
        (serve(date(2025, 3, 1), date(2025, 5, 1)), "case-date-before"),
        (serve(date(2027, 3, 1), date(2027, 5, 1)), "case-date-future"),
        (serve(date(2025, 4, 1), date(2025, 5, 1), document=" "), "case-document-missing"),
        (serve(date(2025, 4, 1), date(2025, 5, 1), reason=" "), "case-reason-missing"),
        (MoveRequest("close", FOUND, REASON, "x"), "case-past-step-not-open"),
        (MoveRequest("nonsense", FOUND, REASON, "x"), "case-past-step-not-open"),
    ],
)
def test_an_earlier_step_that_cannot_be_is_refused_and_changes_nothing(desk, request_, code):
    [case] = desk.load([past()], "台账.xlsx", REASON)
    with pytest.raises((ConflictError, InputError)) as caught:
        desk.state_past(case.id, case.version, request_)
    assert caught.value.code == code
    assert desk.register.show(case.id) == case


def test_an_earlier_step_does_not_lie_after_one_that_the_register_has_seen(desk):
    [case] = desk.load([past(stage="decided")], "台账.xlsx", REASON)
    case = move(desk, case, "serve", date(2026, 3, 2), term=date(2026, 4, 2))
    late = MoveRequest("decide", date(2026, 3, 3), REASON, "x")
    with pytest.raises(ConflictError) as caught:
        desk.state_past(case.id, case.version, late)
    assert caught.value.code in {"case-past-step-late", "case-past-step-not-open"}


def test_who_may_not_move_cases_may_not_state_earlier_steps(desk, acting):
    [case] = desk.load([past()], "台账.xlsx", REASON)
    served = serve(date(2025, 4, 1), date(2025, 5, 1))
    with pytest.raises(AccessError):
        acting("public").state_past(case.id, case.version, served)
    with pytest.raises(NotFoundError):
        acting("township", unit="439902").state_past(case.id, case.version, served)


def test_all_cases_of_a_ledger_are_entered_or_none(desk):
    twice = [past(), past()]
    with pytest.raises(ConflictError) as caught:
        desk.load(twice, "台账.xlsx", REASON)
    assert caught.value.facts["case"] == "甲-1"
    assert desk.register.select().total == 0
    desk.load([past()], "台账.xlsx", REASON)
    with pytest.raises(ConflictError):
        desk.load([past("乙-1"), past()], "第二份.xlsx", REASON)
    assert desk.register.select().total == 1


def test_cases_are_found_by_words_and_by_how_they_were_torn_down(desk):
    done = (PastAct("demolished", date(2025, 8, 1), "", mode="forced", amounts=TORN),)
    desk.load(
        [past(stage="closed", acts=done), past("乙-100%", cause="占用耕地", office="Bureau A")],
        "台账.xlsx",
        REASON,
    )

    def found(**wanted):
        return [case.case_no for case in desk.register.select(CaseFilter(**wanted)).cases]

    assert found(modes=("forced",)) == ["甲-1"]
    assert found(modes=("self", "assisted")) == []
    assert found(text="耕地") == found(text="bureau a") == found(text="100%") == ["乙-100%"]
    assert found(text="%") == ["乙-100%"]
    assert found(text="_") == []
    forced = desk.progress.demolitions(("mode",), CaseFilter(modes=("forced",)))
    assert [(row.mode, row.amounts) for row in forced] == [("forced", TORN)]


def test_the_whole_ledger_is_every_case_of_the_filter_in_its_order(desk):
    desk.load([past(f"甲-{n:04d}") for n in range(1205)], "台账.xlsx", REASON)
    page = desk.register.select_all(CaseFilter(text="甲"), sort="case_no")
    assert [case.case_no for case in page.cases] == [f"甲-{n:04d}" for n in range(1205)]
    assert page.total == 1205


def test_ranking_is_no_act_on_a_case(desk):
    done = (PastAct("demolished", date(2025, 8, 1), "", mode="self", amounts=TORN),)
    [case, settled] = desk.load([past(), past("乙-1", "closed", done)], "台账.xlsx", REASON)
    seen = []
    assert desk.register.rank(lambda _stage, share: seen.append(share)) == 1
    ranked = desk.register.show(case.id)
    assert ranked.priority is not None
    assert replace(ranked, priority=None) == case
    assert desk.register.show(settled.id) == settled
    assert seen[-1] == 1.0
    assert desk.register.verify().whole


def test_a_round_leaves_out_what_is_settled_unless_it_is_asked_for(desk):
    done = (PastAct("demolished", date(2025, 8, 1), "", mode="self", amounts=TORN),)
    desk.load([past(), past("乙-1", "closed", done)], "台账.xlsx", REASON)

    def stops(wanted):
        return [stop.case.case_no for stop in desk.plan_round(wanted, (111.0, 29.4)).stops]

    assert stops(CaseFilter()) == ["甲-1"]
    assert stops(CaseFilter(stages=("closed",))) == ["乙-1"]


def test_the_register_becomes_a_snapshot_of_its_layer(workspace, desk):
    with pytest.raises(NotFoundError):
        workspace.publish_cases()
    done = (PastAct("demolished", date(2025, 8, 1), "", mode="forced", amounts=TORN),)
    there = replace(past("乙-1", "closed", done), new=replace(past().new, footprint=OTHER))
    desk.load([past(households=None, floor_area_m2=None), there], "台账.xlsx", REASON)
    workspace.cases.office = desk.office
    snapshot = workspace.publish_cases()
    rows = snapshot.read().set_index("case_no")
    assert (snapshot.manifest.as_of, snapshot.manifest.source) == (
        TODAY,
        Source(note="source.register"),
    )
    assert rows.loc["乙-1", ["status", "mode", "demolished_households"]].tolist() == [
        "closed", "forced", 3,
    ]  # fmt: skip
    assert rows.loc["甲-1", ["households", "floor_area_m2"]].isna().all()
    assert rows.loc["甲-1", "geometry"].equals(HOUSE)
    assert set(snapshot.manifest.coverage.values()) == {"partial"}
