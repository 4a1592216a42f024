"""The demolition register as plain lists in memory, written from the statutes' tables.

It reads the tables of stages, moves, clocks and days itself and shares no code with geoapp. For
every act it says which faults stand against it; without a fault it does the act.
"""

import tomllib
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[2] / "geoapp" / "cases"
ZERO = (0, Decimal(0), Decimal(0))
GONE = ("demolished", "closed")
Triple = tuple[int, Decimal, Decimal]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


TRACKS = {name: _table(f"workflow/{name}.toml") for name in ("planning", "land")}
MOVES = {t: {move["id"]: move for move in table["move"]} for t, table in TRACKS.items()}
KINDS = {stage["id"]: stage["kind"] for stage in _table("workflow/stages.toml")["stage"]}
YEARS = _table("holidays.toml")["year"]
VIOLATIONS = {v["id"]: v["violation"] for v in _table("verdicts.toml")["verdict"]}


def is_off(day: date) -> bool:
    """Look a day up in the notice of its year; beyond them only weekends are off."""
    year, key = YEARS.get(str(day.year), {"off": [], "working": []}), f"{day:%m-%d}"
    if key in year["working"]:
        return False
    return day.weekday() > 4 or any(span[0] <= key <= span[-1] for span in year["off"])


def end_of(clock: dict[str, Any], start: date, term: date | None) -> tuple[date, bool] | None:
    """Count a period out: its last day, and whether all its years are known."""
    unit, length = clock["unit"], clock.get("length", 0)
    if unit == "stated":
        return None if term is None else (term, True)
    if unit == "working_day":
        day, first = start, start + timedelta(1)
        while length:
            day += timedelta(1)
            length -= not is_off(day)
    else:
        day = start + timedelta(length)
        if unit == "month":
            year, month = divmod(start.year * 12 + start.month - 1 + length, 12)
            day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        first = day
        while is_off(day):
            day += timedelta(1)
    return day, all(str(year) in YEARS for year in range(first.year, day.year + 1))


@dataclass
class Act:
    """One event of a case."""

    kind: str
    on: date
    move: str = ""
    to: str = ""
    document: str = ""
    mode: str = ""
    amounts: Triple = ZERO
    term: date | None = None
    correction: bool = False


@dataclass
class ModelCase:
    """One case as a row of a paper ledger."""

    id: int
    place: int
    track: str
    found_on: date
    land: Decimal
    households: int | None
    floor: Decimal | None
    keys: tuple[str, ...]
    previous: int | None = None
    patch: int | None = None
    stage: str = "lead"
    since: date | None = None
    permit: str = ""
    office: str = ""
    closed_on: date | None = None
    photos: list[tuple[str, bytes]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return KINDS[self.stage]

    @property
    def version(self) -> int:
        return len(self.acts)

    @property
    def known(self) -> bool:
        return self.households is not None and self.floor is not None

    @property
    def demolished(self) -> Triple:
        return self.torn()

    @property
    def demolished_on(self) -> date | None:
        if self.demolished == ZERO:
            return None
        days = {act.on for act in self.acts}
        return max(
            day
            for day in days
            if any(sum(a.amounts[k] for a in self.acts if a.on == day) > 0 for k in range(3))
        )

    @property
    def remaining(self) -> tuple[int | None, Decimal, Decimal | None]:
        done = self.demolished
        return (
            None if self.households is None else self.households - done[0],
            self.land - done[1],
            None if self.floor is None else self.floor - done[2],
        )

    def torn(self, mode: str = "") -> Triple:
        """Add up what the acts of a mode, or all, tore down."""
        parts = [a.amounts for a in self.acts if not mode or a.mode == mode]
        return sum(p[0] for p in parts), *(sum((p[k] for p in parts), Decimal(0)) for k in (1, 2))

    def periods(self) -> list[tuple[dict[str, Any], date, bool, bool]]:
        """Give clock, last day, whether that is certain, and whether it still runs."""
        moves = [act for act in self.acts if act.kind == "moved"]
        found: dict[str, tuple[dict[str, Any], date, bool, bool]] = {}
        for clock in TRACKS[self.track]["clock"]:
            after = found.get(clock.get("after", ""))
            if clock.get("after") and after is None:
                continue
            starters = after[0]["starts"] if after else clock["starts"]
            ranks = [rank for rank, act in enumerate(moves) if act.move in starters]
            if not ranks:
                continue
            begun = moves[ranks[-1]]
            ended = end_of(clock, after[1] if after else begun.on, None if after else begun.term)
            if ended is None:
                continue
            stopped = any(
                act.move in clock["ends"] or KINDS[act.to] != "open"
                for act in moves[ranks[-1] + 1 :]
            )
            found[clock["id"]] = (clock, *ended, not stopped)
        return list(found.values())

    def due(self) -> tuple[date | None, str]:
        """Give the limit that runs out first."""
        limits = [p for p in self.periods() if p[0]["kind"] == "limit" and p[3]]
        first = min(limits, key=lambda period: period[1], default=None)
        return (first[1], first[0]["id"]) if first else (None, "")

    def move_faults(self, name: str, on: date, **asked: Any) -> set[str]:
        """Say what stands against a move on a day."""
        move = MOVES[self.track][name]
        guards, faults = move.get("guards", []), set()
        documents = {act.document for act in self.acts if act.document}
        remaining = self.remaining
        acted = {"opened", "imported", "moved", "demolished"}
        for wrong, code in (
            (self.stage not in move["from"], "case-move-not-allowed"),
            ("amounts_known" in guards and not self.known, "case-amounts-unknown"),
            ("announced" in guards and "demolition_announcement" not in documents,
             "case-not-announced"),
            ("nothing_demolished" in guards and self.demolished != ZERO, "case-partly-demolished"),
            ("nothing_remains" in guards and (None in remaining or any(remaining)),
             "case-something-remains"),
            ("photo_after" in guards and not any(r == "after" for r, _ in self.photos),
             "case-photo-missing"),
            ("permit_named" in guards and not (asked["permit"] or self.permit),
             "case-permit-missing"),
            ("term_stated" in guards and asked["term"] is None, "case-term-missing"),
            (asked["term"] is not None and asked["term"] < on, "case-term-before"),
            (not asked["document"], "case-document-missing"),
            (on > asked["today"], "case-date-future"),
            (on < max(a.on for a in self.acts if a.kind in acted), "case-date-before"),
        ):  # fmt: skip
            if wrong:
                faults.add(code)
        for clock, last, certain, _ in self.periods():
            lifted = clock.get("lifted_by", "") in documents
            if clock["kind"] == "wait" and name in clock["ends"] and not lifted:
                if not certain:
                    faults.add("case-calendar-unknown")
                elif on <= last:
                    faults.add("case-too-early")
        return faults

    def move(self, name: str, on: date, **asked: Any) -> None:
        """Take a move that nothing stands against."""
        move = MOVES[self.track][name]
        to = move.get("to", "") or self.stage
        self.since = on if move.get("to") else self.since
        self.stage, self.permit = to, asked["permit"] or self.permit
        self.closed_on = on if self.kind in {"closed", "exit"} else None
        self.acts.append(Act("moved", on, name, to, move["document"], term=asked["term"]))

    def tear_faults(self, mode: str, amounts: Triple, on: date, *, correction: bool) -> set[str]:
        """Say what stands against recording, or taking back, a demolition."""
        allowed = TRACKS[self.track]["demolition"][mode]
        signed: Triple = tuple((-a if correction else a) for a in amounts)  # type: ignore[assignment]
        after = [a + b for a, b in zip(self.demolished, signed, strict=True)]
        of_mode = [a + b for a, b in zip(self.torn(mode), signed, strict=True)]
        whole = (self.households or 0, self.land, self.floor or 0)
        faults = set()
        for wrong, code in (
            (not any(amounts), "case-nothing-demolished"),
            (self.kind in {"closed", "exit"} or not (correction or self.stage in allowed),
             "case-demolition-not-allowed"),
            (not self.known, "case-amounts-unknown"),
            (on < self.found_on, "case-date-before"),
            (any(part < 0 for part in of_mode), "case-correction-too-large"),
            (any(a > b for a, b in zip(after, whole, strict=True)), "case-more-than-registered"),
        ):  # fmt: skip
            if wrong:
                faults.add(code)
        return faults


@dataclass
class ModelPatch:
    """One patch of a batch."""

    id: int
    batch: int
    place: int
    version: int = 1
    verdict: str = ""
    known_case: int | None = None
    case: int | None = None


@dataclass
class Ledger:
    """All cases and patches, in the order of their ids."""

    cases: list[ModelCase] = field(default_factory=list)
    patches: list[ModelPatch] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How many events there must be."""
        return sum(c.version for c in self.cases) + sum(p.version for p in self.patches)

    def on_ground(self, place: int) -> list[ModelCase]:
        """Give the cases of a place that have not left the track."""
        return [c for c in self.cases if c.place == place and c.kind != "exit"]

    def rebuilt(self, place: int) -> list[ModelCase]:
        """Give the cases whose building was torn down there."""
        return [c for c in self.on_ground(place) if c.kind in GONE]

    def counts_twice(self, place: int, keys: tuple[str, ...]) -> bool:
        """Tell whether ground or a household of a new case stands in another one."""
        gone = {case.id for case in self.rebuilt(place)}
        if any(case.id not in gone for case in self.on_ground(place)):
            return True
        return any(
            set(keys) & set(case.keys) and case.kind != "exit" and case.id not in gone
            for case in self.cases
        )
