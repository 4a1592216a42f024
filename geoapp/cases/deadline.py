"""Deadlines of a case, computed from its events and the clocks of its track."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from geoapp.cases.event import Event
from geoapp.cases.track import FIRST_STAGE, Clock, Track
from geoapp.cases.working_day import Reckoned, WorkingDays

TERM: Final = "term"  # fact of a move: the day that its document states


@dataclass(frozen=True, slots=True)
class Deadline:
    """One period of a case.

    Attributes:
        clock: The law's period.
        starts_on: The day that started it; it is not counted.
        due_on: Its last day; reckoned by weekends alone where ``certain`` is false.
        unknown_years: Years without a holiday notice that it reaches into.
        ended_on: When a move stopped it, ``None`` while it runs.
    """

    clock: Clock
    starts_on: date
    due_on: date
    unknown_years: tuple[int, ...]
    ended_on: date | None

    @property
    def certain(self) -> bool:
        """Whether the last day is known for sure."""
        return not self.unknown_years

    @property
    def running(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.ended_on is None

    def overdue(self, today: date) -> bool:
        """Tell whether a limit has passed without what it asks for."""
        return self.clock.kind == "limit" and self.running and self.due_on < today


def find_deadlines(
    track: Track, events: Sequence[Event], days: WorkingDays
) -> tuple[Deadline, ...]:
    """Compute the periods that the events of one case have started.

    Args:
        track: The case's track.
        events: Events of the case in rising order.
        days: Which days are worked.

    Returns:
        One for each clock that was started, in the track's order; the last start counts. When
        a case leaves the open stages, all of its periods end with that.
    """
    # By legal day: a step that was stated later, of a case from a ledger, takes its own place.
    moves = sorted((event for event in events if event.kind == "moved"), key=lambda e: e.on)
    found: dict[str, Deadline] = {}
    for clock in track.clocks:
        begun = _start(clock, moves, found)
        if begun is None:
            continue
        start, rank, term = begun
        reckoned = _reckon(clock, start, term, days)
        if reckoned is None:
            continue
        ended = _end(track, clock, moves, rank)
        found[clock.id] = Deadline(clock, start, reckoned.day, reckoned.unknown_years, ended)
    return tuple(found.values())


def find_waits(deadlines: Sequence[Deadline], move: str, documents: set[str]) -> list[Deadline]:
    """Find the periods that a move has to wait for, unless a document has lifted them."""
    return [
        deadline
        for deadline in deadlines
        if deadline.clock.kind == "wait"
        and move in deadline.clock.ends
        and deadline.clock.lifted_by not in documents
    ]


def find_unknown_waits(
    track: Track, events: Sequence[Event], deadlines: Sequence[Deadline]
) -> tuple[Clock, ...]:
    """Find the waiting periods of which nobody knows when they began.

    A case that came from a ledger in the middle of its way may have begun one before it was
    entered. Until somebody states that step, the period cannot be reckoned, and what has to
    wait for it has to wait.

    Args:
        track: The case's track.
        events: Events of the case in rising order.
        deadlines: The periods that are known, by ``find_deadlines``.
    """
    if not events or events[0].kind != "imported" or events[0].to_stage == FIRST_STAGE:
        return ()
    known = {deadline.clock.id for deadline in deadlines}
    return tuple(c for c in track.clocks if c.kind == "wait" and c.id not in known)


def nearest_limit(deadlines: Sequence[Deadline]) -> Deadline | None:
    """Find the limit that runs out first."""
    limits = [d for d in deadlines if d.clock.kind == "limit" and d.running]
    return min(limits, key=lambda deadline: deadline.due_on, default=None)


def _start(
    clock: Clock, moves: Sequence[Event], found: dict[str, Deadline]
) -> tuple[date, int, date | None] | None:
    """Give the day of the start, how many moves came up to it, and a stated last day."""
    if clock.after:
        before = found.get(clock.after)
        if before is None:
            return None
        rank = max(n for n, move in enumerate(moves) if move.move in before.clock.starts)
        return before.due_on, rank, None
    ranks = [n for n, move in enumerate(moves) if move.move in clock.starts]
    if not ranks:
        return None
    event = moves[ranks[-1]]
    term = event.facts.get(TERM)
    return event.on, ranks[-1], date.fromisoformat(term) if term else None


def _reckon(clock: Clock, start: date, term: date | None, days: WorkingDays) -> Reckoned | None:
    if clock.unit == "stated":
        return None if term is None else Reckoned(term)
    if clock.unit == "working_day":
        return days.add_working_days(start, clock.length)
    if clock.unit == "day":
        return days.add_days(start, clock.length)
    return days.add_months(start, clock.length)


def _end(track: Track, clock: Clock, moves: Sequence[Event], rank: int) -> date | None:
    open_stages = {stage.id for stage in track.stages if stage.kind == "open"}
    for move in moves[rank + 1 :]:
        if move.move in clock.ends or move.to_stage not in open_stages:
            return move.on
    return None
