"""The demolition register against plain lists in memory: whatever people do, in any order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

import hypothesis.strategies as st
import pytest
import shapely
import sqlalchemy as sa
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Amounts, CaseEdit, DemolitionReport, NewCase
from geoapp.cases.evidence import NewEvidence
from geoapp.cases.guard import MoveRequest
from geoapp.errors import GeoAppError
from tests.case_figures import batch_of, check_figures
from tests.oracles.demolition import (
    KINDS,
    MOVES,
    TRACKS,
    VIOLATIONS,
    ZERO,
    Act,
    Ledger,
    ModelCase,
    ModelPatch,
)
from tests.oracles.ellipsoid import formula_ring
from tests.photos import photo
from tests.registering import TODAY, _at

PLACES = [shapely.box(111.1 + n / 100, 29.4, 111.1002 + n / 100, 29.4002) for n in range(3)]
LANDS = [
    Decimal(str(formula_ring(list(p.exterior.coords)))).copy_abs().quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )
    for p in PLACES
]  # fmt: skip
FIRST = date(2026, 1, 5)
ALL_MOVES = sorted({name for moves in MOVES.values() for name in moves})
AREA = st.integers(0, 60_000).map(lambda cents: Decimal(cents) / 100)
LAG = st.sampled_from([0, 1, 9, 61])
CASE = st.integers(0, 20)
STALE = st.sampled_from([False, False, False, False, True])
WORK = st.lists(st.integers(0, 99), min_size=4, max_size=12)


class RegisterMachine(RuleBasedStateMachine):
    """People work in the register; a ledger on paper is kept beside it."""

    open_empty: Callable[[], tuple[Workspace, Callable[[], None]]]

    def __init__(self) -> None:
        super().__init__()
        self.workspace, self._drop = type(self).open_empty()
        self.desk = self.workspace.cases
        self.desk.office = replace(self.desk.office, now=lambda: _at(TODAY))
        self.ledger = Ledger()
        self.batches = 0
        self.serial = 0

    def teardown(self) -> None:
        try:
            self.check_chain()
            check_figures(self.workspace, self.ledger)
        finally:
            self.workspace.close()
            self._drop()

    # -- what people do ------------------------------------------------------------------

    @initialize(tracks=st.permutations(sorted(TRACKS)), first=WORK, second=WORK)
    def begin(self, tracks: list[Any], first: list[int], second: list[int]) -> None:
        """Two cases, already somewhere on their way."""
        for place, (track, choices) in enumerate(zip(tracks, (first, second), strict=True)):
            floor = Decimal("300.00")
            self.open_case(place, track, 2, floor, (f"h{place}",), despite=False)
            self.work(place, choices)

    @rule(
        place=st.integers(0, 2),
        track=st.sampled_from(sorted(TRACKS)),
        households=st.none() | st.integers(0, 3),
        floor=st.none() | AREA,
        keys=st.sampled_from([(), ("a",), ("c", "d")]),
        despite=st.booleans(),
    )
    def open_case(
        self, place: int, track: Any, households: int | None, floor: Decimal | None,
        keys: tuple[str, ...], *, despite: bool,
    ) -> None:  # fmt: skip
        new = self._new(place, track, households, floor, keys)
        twice = self.ledger.counts_twice(place, keys) and not despite
        faults = {"case-overlaps", "case-household-twice"} if twice else set()
        case = self.attempt(
            faults, lambda: self.desk.register.open(new, reason="重复", despite_doubts=despite)
        )
        if case is not None:
            self._enter(case.id, place, track, households, floor, keys, None)

    @precondition(lambda self: self.ledger.cases)
    @rule(case=CASE, choices=WORK)
    def work(self, case: int, choices: list[int]) -> None:
        """Go on with a case as a good clerk does: one lawful step after the other."""
        key = self._pick(case).id
        for choice in choices:
            model = next(one for one in self.ledger.cases if one.id == key)
            steps = self._lawful(model)
            if not steps:
                return
            steps[choice % len(steps)]()

    def _lawful(self, model: ModelCase) -> list[Callable[[], None]]:
        """Give what may be done: moves at their first day, tearing down, a photo."""
        at = self.ledger.cases.index(model)
        steps: list[Callable[[], None]] = []
        waits = [
            last + timedelta(1) for clock, last, _, _ in model.periods() if clock["kind"] == "wait"
        ]
        for lag in sorted({0, 1} | {(day - self._last_day(model)).days for day in waits}):
            for name in MOVES[model.track]:
                on = self._last_day(model) + timedelta(lag)
                asked = self._asked("文1", "许1", on + timedelta(9))
                if lag >= 0 and not model.move_faults(name, on, **asked):
                    to = MOVES[model.track][name].get("to", "")
                    step = partial(self._move, model, name, lag, "文1", "许1", 9, stale=False)
                    forward = to and KINDS[to] != "exit"
                    steps = [step] * 9 + steps if forward else [*steps, step]
        tear = partial(self.tear_down, at, "self", 1, Decimal("1.25"), Decimal("2.50"), 0, "录2")
        if not model.known and model.kind == "open":
            facts = (at, 2, Decimal("77.77"), None, None)
            steps.append(partial(self.edit, *facts, stale=False))
        elif not model.tear_faults(
            "self", (0, Decimal("0.01"), Decimal(0)), TODAY, correction=False
        ):
            parts = ((False, False), (True, False), (False, True), (True, True))
            steps = [partial(tear, whole=whole, back=back) for whole, back in parts] + steps
        if model.stage == "demolished" and not any(role == "after" for role, _ in model.photos):
            steps = [partial(self.add_photo, at, "after", model.id % 3), *steps]
        return steps

    @precondition(lambda self: self.ledger.cases)
    @rule(case=CASE)
    def finish(self, case: int) -> None:
        """Tear down what is left and bring the case to its end, as far as that may be."""
        at = self.ledger.cases.index(self._pick(case))
        model = self.ledger.cases[at]
        self._move(model, "verify", 1, "文1", "", None, stale=False)
        self.tear_down(at, "assisted", 0, ZERO[1], ZERO[2], 1, "", whole=True, back=False)
        self._move(model, "confirm_demolished", 1, "文1", "", None, stale=False)
        self.add_photo(at, "after", model.id % 3)
        for name in ("recheck", "close"):
            self._move(model, name, 1, "文1", "", None, stale=False)

    @precondition(lambda self: self.ledger.cases)
    @rule(
        case=CASE, name=st.sampled_from(ALL_MOVES), lag=st.integers(-9, 400),
        document=st.sampled_from(["", "文2"]), permit=st.sampled_from(["", "许2"]),
        term=st.sampled_from([None, -1, 20]), stale=STALE,
    )  # fmt: skip
    def try_any_move(self, case: int, name: str, lag: int, **asked: Any) -> None:
        model = self._pick(case)
        if name in MOVES[model.track]:
            self._move(model, name, lag, **asked)

    @precondition(lambda self: len(self.ledger.cases) > 1)
    @rule(choice=st.integers(0, 20), lag=LAG)
    def move_all(self, choice: int, lag: int) -> None:
        """Move all cases in one step: all of them, or none."""
        cases = self.ledger.cases
        name = ALL_MOVES[choice % len(ALL_MOVES)]
        if choice % 2:
            name = "verify"
        on = max(self._last_day(case) for case in cases) + timedelta(lag)
        asked = self._asked("批1", "许3", on + timedelta(9))
        faults = set()
        for case in cases:
            known = name in MOVES[case.track]
            faults |= case.move_faults(name, on, **asked) if known else {"choice-unknown"}
        request = MoveRequest(name, on, "一起", "批1", asked["term"], "许3")
        seen = [(case.id, case.version) for case in cases]
        if self.attempt(faults, lambda: self.desk.mover.move_many(seen, request)):
            for case in cases:
                case.move(name, on, **asked)

    @precondition(lambda self: self.ledger.cases)
    @rule(
        case=CASE, mode=st.sampled_from(["self", "assisted", "forced"]),
        households=st.integers(0, 2), land=AREA, floor=AREA, lag=st.integers(-3, 90),
        whole=st.booleans(), back=st.booleans(), document=st.sampled_from(["", "录1"]),
    )  # fmt: skip
    def tear_down(
        self, case: int, mode: Any, households: int, land: Decimal, floor: Decimal, lag: int,
        document: str, *, whole: bool, back: bool,
    ) -> None:  # fmt: skip
        """Record a demolition, all that is left or a part, or take one back."""
        model = self._pick(case)
        amounts = (households, land, floor)
        if whole and not back:
            left = model.remaining
            amounts = (left[0] or 0, left[1], left[2] or Decimal(0))
        elif whole:
            amounts = model.torn(mode)
        on = min(self._last_day(model) + timedelta(lag), TODAY)
        faults = model.tear_faults(mode, amounts, on, correction=back)
        report = DemolitionReport(on, mode, Amounts(*amounts), "测量", document)
        act = self.desk.editor.correct if back else self.desk.editor.demolish
        if self.attempt(faults, lambda: act(model.id, model.version, report)):
            signed = tuple(-a for a in amounts) if back else amounts
            kind = "demolition_record" if document else ""
            model.acts.append(
                Act("demolished", on, "", model.stage, kind, mode, signed, correction=back)  # type: ignore[arg-type]
            )

    @precondition(lambda self: self.ledger.cases)
    @rule(
        case=CASE, households=st.none() | st.integers(0, 3), floor=st.none() | AREA,
        office=st.sampled_from(["甲所", "乙所"]),
        place=st.none() | st.integers(0, 2), stale=STALE,
    )  # fmt: skip
    def edit(
        self, case: int, households: int | None, floor: Decimal | None, office: str | None,
        place: int | None, *, stale: bool,
    ) -> None:  # fmt: skip
        model = self._pick(case)
        draft = replace(model)
        draft.households = model.households if households is None else households
        draft.floor = model.floor if floor is None else floor
        draft.office = model.office if office is None else office
        draft.place = model.place if place is None else place
        draft.land = LANDS[draft.place]
        faults = {"case-changed"} if stale else set()
        if model.kind in {"closed", "exit"}:
            faults.add("case-settled")
        if any(part is not None and part < 0 for part in draft.remaining) or (
            not draft.known and model.demolished != ZERO
        ):
            faults.add("case-more-than-registered")
        if draft == model:
            faults.add("case-nothing-changed")
        footprint = None if place is None else PLACES[place]
        change = CaseEdit(footprint, households, floor, office=office)
        seen = model.version - stale
        if self.attempt(faults, lambda: self.desk.editor.edit(model.id, seen, change, "更正")):
            draft.acts.append(Act("edited", TODAY, to=model.stage))
            self.ledger.cases[self.ledger.cases.index(model)] = draft

    @precondition(lambda self: self.ledger.cases)
    @rule(case=CASE, role=st.sampled_from(["before", "after"]), colour=st.integers(0, 2))
    def add_photo(self, case: int, role: Any, colour: int) -> None:
        model = self._pick(case)
        content = photo(size=(8, 8), colour=(colour * 90, 10, 10))
        known = any(kept == content for _, kept in model.photos)
        new = NewEvidence(content, "a.jpg", role)
        if self.attempt(
            {"evidence-known"} if known else set(), lambda: self.desk.evidence.add(model.id, new)
        ):
            model.photos.append((role, content))
            model.acts.append(Act("evidence", TODAY, to=model.stage))

    @precondition(lambda self: self.ledger.cases)
    @rule(case=CASE, lag=LAG)
    def enter_judgement(self, case: int, lag: int) -> None:
        """A court's word ends the waiting for a suit."""
        model = self._pick(case)
        on = min(self._last_day(model) + timedelta(lag), TODAY)
        seen, kind = model.version, "review_outcome"
        self.desk.editor.add_document(model.id, seen, kind, "判1", on, "维持")
        model.acts.append(Act("document", on, to=model.stage, document=kind))

    @rule(places=st.lists(st.integers(0, 2), min_size=1, max_size=3))
    def import_patches(self, places: list[int]) -> None:
        self.batches += 1
        name = f"批次{self.batches}"
        report = self.desk.patches.add(
            batch_of([(PLACES[place], LANDS[place]) for place in places], name), name
        )
        for place in places:
            known = [case.id for case in self.ledger.on_ground(place)]
            self.ledger.patches.append(
                ModelPatch(
                    len(self.ledger.patches) + 1, report.batch.id, place,
                    known_case=max(known, default=None),
                )
            )  # fmt: skip

    @precondition(lambda self: self.ledger.patches)
    @rule(
        patch=CASE, verdict=st.sampled_from(sorted(VIOLATIONS)), link=st.booleans(),
        stale=STALE,
    )  # fmt: skip
    def judge(self, patch: int, verdict: str, *, link: bool, stale: bool) -> None:
        model = self.ledger.patches[patch % len(self.ledger.patches)]
        reasons = {"legal": "permit", "other": "power", "non_farm": "house"}
        faults = {"patch-changed"} if stale else set()
        if model.case is not None and not VIOLATIONS[verdict]:
            faults.add("patch-has-case")
        seen, reason = [(model.id, model.version - stale)], reasons.get(verdict, "")
        if self.attempt(
            faults,
            lambda: self.desk.patches.judge(
                seen, verdict, reason, "现场", on=TODAY, link_known=link
            ),
        ):
            model.verdict, model.version = verdict, model.version + 1
            if link and VIOLATIONS[verdict] and model.case is None:
                model.case = model.known_case

    @precondition(lambda self: self.ledger.patches)
    @rule(patch=CASE, reason=st.sampled_from(["", "查实"]))
    def open_from_patch(self, patch: int, reason: str) -> None:
        model = self.ledger.patches[patch % len(self.ledger.patches)]
        new = self._new(model.place, "land", 1, Decimal("90.00"), ())
        faults = set()
        if model.case is not None:
            faults.add("patch-has-case")
        if model.verdict and not VIOLATIONS[model.verdict]:
            faults.add("patch-no-violation")
        if self.ledger.counts_twice(model.place, ()) and not reason:
            faults.add("case-overlaps")
        case = self.attempt(
            faults,
            lambda: self.desk.patches.open_case(model.id, model.version, new, reason=reason),
        )
        if case is not None:
            self._enter(case.id, model.place, "land", 1, Decimal("90.00"), (), model.id)
            model.case, model.version = case.id, model.version + 1

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def cases_are_as_the_ledger_says(self) -> None:
        found = self.desk.register.select(sort="case_no", limit=500).cases
        assert len(found) == len(self.ledger.cases)
        for case, model in zip(sorted(found, key=lambda c: c.id), self.ledger.cases, strict=True):
            done, registered = case.demolished, case.registered
            assert (case.id, case.version, case.stage, case.stage_since, case.track) == (
                model.id, model.version, model.stage, model.since, model.track,
            )  # fmt: skip
            assert (registered.households, registered.land_area_m2, registered.floor_area_m2) == (
                model.households, model.land, model.floor,
            )  # fmt: skip
            assert (done.households, done.land_area_m2, done.floor_area_m2) == model.demolished
            assert (case.demolished_on, case.closed_on) == (model.demolished_on, model.closed_on)
            assert (case.permit, case.office, case.previous, case.patch) == (
                model.permit, model.office, model.previous, model.patch,
            )  # fmt: skip
            assert (case.due_on, case.due_clock) == model.due()

    @invariant()
    def there_is_one_event_for_every_act(self) -> None:
        with self.workspace._engine.connect() as connection:
            count = connection.scalar(sa.text("SELECT COUNT(*) FROM case_event"))
        assert count == self.ledger.events

    def check_chain(self) -> None:
        state = self.desk.register.verify()
        assert state.whole
        assert state.events == self.ledger.events

    # -- how it is done ------------------------------------------------------------------

    def attempt(self, faults: set[str], act: Any) -> Any:
        """Do something; where faults stand against it, one of them has to be told."""
        if not faults:
            return act()
        with pytest.raises(GeoAppError) as caught:
            act()
        assert caught.value.code in faults
        return None

    def _move(
        self, model: ModelCase, name: str, lag: int, document: str, permit: str, term: int | None,
        *, stale: bool,
    ) -> None:  # fmt: skip
        on = self._last_day(model) + timedelta(lag)
        asked = self._asked(document, permit, None if term is None else on + timedelta(term))
        faults = model.move_faults(name, on, **asked) | ({"case-changed"} if stale else set())
        request = MoveRequest(name, on, "依法", document, asked["term"], permit)
        if self.attempt(
            faults, lambda: self.desk.mover.move(model.id, model.version - stale, request)
        ):
            model.move(name, on, **asked)

    def _asked(self, document: str, permit: str, term: date | None) -> dict[str, Any]:
        return {"document": document, "permit": permit, "term": term, "today": TODAY}

    def _pick(self, case: int) -> ModelCase:
        """Choose a case: mostly one that is worked on."""
        every = self.ledger.cases
        living = [one for one in every if one.kind not in {"closed", "exit"}]
        chosen = living if living and case < 16 else every
        return chosen[case % len(chosen)]

    def _last_day(self, case: ModelCase) -> date:
        acted = {"opened", "imported", "moved", "demolished"}
        return max(act.on for act in case.acts if act.kind in acted)

    def _new(
        self, place: int, track: Any, households: int | None, floor: Decimal | None,
        keys: tuple[str, ...],
    ) -> NewCase:  # fmt: skip
        return NewCase(PLACES[place], FIRST, "patrol", track, households, floor, keys)

    def _enter(
        self, key: int, place: int, track: str, households: int | None, floor: Decimal | None,
        keys: tuple[str, ...], patch: int | None,
    ) -> None:  # fmt: skip
        old = min((case.id for case in self.ledger.rebuilt(place)), default=None)
        self.ledger.cases.append(
            ModelCase(
                key, place, track, FIRST, LANDS[place], households, floor, keys, old, patch,
                since=FIRST, acts=[Act("opened", FIRST, to="lead")],
            )
        )  # fmt: skip
