"""Why a move is not possible now: every reason, not only the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from geoapp.cases.case import Case
from geoapp.cases.deadline import Deadline, find_waits
from geoapp.cases.event import Event
from geoapp.cases.track import Clock, Guard, Move
from geoapp.errors import ConflictError, GeoAppError, InputError

ANNOUNCEMENT: Final = "demolition_announcement"


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A step that somebody wants to take.

    Attributes:
        move: Its id in the track.
        on: Legal day: of the decision, or of service where the law counts from service.
        reason: Why.
        document: Reference of the document that the move needs; ``""`` only when the register
            writes and numbers it itself.
        term: Last day that the document states, such as the end of the time to demolish.
        permit: Reference of the permit, for the moves that need one.
    """

    move: str
    on: date
    reason: str
    document: str = ""
    term: date | None = None
    permit: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a move is judged by beside the case itself.

    Attributes:
        events: The case's events.
        deadlines: Its periods.
        photos_after: Photos of the place after the demolition.
        unknown_waits: Waiting periods of which nobody knows when they began.
    """

    events: Sequence[Event]
    deadlines: Sequence[Deadline]
    photos_after: int
    unknown_waits: Sequence[Clock] = ()

    @property
    def documents(self) -> set[str]:
        """Kinds of the documents that the case has."""
        return {event.document_kind for event in self.events if event.document_kind}

    @property
    def last_day(self) -> date:
        """Legal day of the newest act; later acts are not before it."""
        acts = {"opened", "imported", "moved", "demolished"}
        return max(event.on for event in self.events if event.kind in acts)


def find_request_faults(
    case: Case, move: Move, request: MoveRequest, around: Circumstances, today: date
) -> list[GeoAppError]:
    """Find what is missing or wrong in a request."""
    faults: list[GeoAppError] = []
    if not request.reason.strip():
        faults.append(InputError("case-reason-missing"))
    if not request.document.strip():
        faults.append(
            InputError("case-document-missing", document=f"@case.document_{move.document}")
        )
    if request.on > today:
        faults.append(ConflictError("case-date-future", day=request.on.isoformat()))
    if request.on < around.last_day:
        last = around.last_day.isoformat()
        faults.append(ConflictError("case-date-before", day=request.on.isoformat(), last=last))
    if request.term is not None and request.term < request.on:
        faults.append(InputError("case-term-before", term=request.term.isoformat()))
    if "permit_named" in move.guards and not (request.permit.strip() or case.permit):
        faults.append(InputError("case-permit-missing"))
    if "term_stated" in move.guards and request.term is None:
        faults.append(InputError("case-term-missing"))
    return faults


def find_blocks(
    case: Case, move: Move, around: Circumstances, on: date, role: str
) -> list[GeoAppError]:
    """Find what stands against a move, whatever the request says.

    Args:
        case: As it is.
        move: The move.
        around: What it is judged by.
        on: Legal day of the move.
        role: Of the person who wants to take it.
    """
    blocks: list[GeoAppError] = []
    if case.stage not in move.source:
        blocks.append(
            ConflictError(
                "case-move-not-allowed", move=move.title, stage=f"@case.stage_{case.stage}"
            )
        )
    if role not in move.roles:
        blocks.append(ConflictError("case-move-not-yours", move=move.title))
    for guard in move.guards:
        check = _CHECKS.get(guard)
        block = check(case, around) if check else None
        if block is not None:
            blocks.append(block)
    blocks += [
        _too_early(wait)
        for wait in find_waits(around.deadlines, move.id, around.documents)
        if on <= wait.due_on or not wait.certain
    ]
    blocks += [
        ConflictError("case-wait-unknown", clock=clock.title)
        for clock in around.unknown_waits
        if move.id in clock.ends and clock.lifted_by not in around.documents
    ]
    return blocks


def _too_early(wait: Deadline) -> GeoAppError:
    if not wait.certain:
        years = ", ".join(str(year) for year in wait.unknown_years)
        return ConflictError("case-calendar-unknown", clock=wait.clock.title, years=years)
    return ConflictError(
        "case-too-early",
        clock=wait.clock.title,
        until=wait.due_on.isoformat(),
        law=wait.clock.law,
        article=wait.clock.article or "-",
    )


def _amounts_known(case: Case, _around: Circumstances) -> GeoAppError | None:
    return None if case.registered.known else ConflictError("case-amounts-unknown")


def _announced(_case: Case, around: Circumstances) -> GeoAppError | None:
    done = ANNOUNCEMENT in around.documents
    return None if done else ConflictError("case-not-announced")


def _nothing_demolished(case: Case, _around: Circumstances) -> GeoAppError | None:
    return None if case.demolished.nothing else ConflictError("case-partly-demolished")


def _nothing_remains(case: Case, _around: Circumstances) -> GeoAppError | None:
    remaining = case.remaining
    if remaining.nothing:
        return None
    return ConflictError(
        "case-something-remains",
        households="-" if remaining.households is None else remaining.households,
        land_m2=remaining.land_area_m2,
        floor_m2="-" if remaining.floor_area_m2 is None else remaining.floor_area_m2,
    )


def _photo_after(_case: Case, around: Circumstances) -> GeoAppError | None:
    return None if around.photos_after else ConflictError("case-photo-missing")


_CHECKS: Final[dict[Guard, Callable[[Case, Circumstances], GeoAppError | None]]] = {
    "amounts_known": _amounts_known,
    "announced": _announced,
    "nothing_demolished": _nothing_demolished,
    "nothing_remains": _nothing_remains,
    "photo_after": _photo_after,
}
