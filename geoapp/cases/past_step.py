"""Steps that were taken before a case came into the register, stated afterwards.

A ledger tells at which stage a case is, not when a decision was served. Without that day the
law's periods cannot be reckoned, and the steps that wait for them stay closed. Whoever holds
the paper file states the step with its day and document; the case's stage stays as it is.
"""

from dataclasses import replace

from geoapp.cases.case import Case
from geoapp.cases.changing import require_version, write_change
from geoapp.cases.deadline import TERM, find_deadlines
from geoapp.cases.drafting import draft_event
from geoapp.cases.guard import MoveRequest
from geoapp.cases.office import Office
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_event import read_events
from geoapp.cases.track import FIRST_STAGE, Move
from geoapp.errors import ConflictError, GeoAppError, InputError

STATED = "stated"  # fact of a move that was stated after the case was entered


def list_past_steps(office: Office, case: int | str) -> tuple[Move, ...]:
    """List the steps whose day is not known, though a period of the law begins with them.

    Raises:
        NotFoundError: There is no such case, or it lies outside the principal's unit.
        AccessError: The principal may not see cases.
    """
    office.require("view_cases")
    with office.store.reading() as connection:
        found = office.require_found(find_case(connection, case), case)
        events = read_events(connection, "case", found.id)
    if events[0].kind != "imported" or events[0].to_stage == FIRST_STAGE:
        return ()
    track = office.track(found.track)
    known = {deadline.clock.id for deadline in find_deadlines(track, events, office.days)}
    starting = {move for c in track.clocks if c.id not in known for move in c.starts}
    return tuple(move for move in track.moves if move.id in starting)


def state_past_step(office: Office, case: int | str, seen: int, request: MoveRequest) -> Case:
    """State a step that was taken before the case was entered.

    Args:
        office: The register and who acts.
        case: Id or number.
        seen: Version of the case that the person has seen.
        request: The step, its legal day, document and, where the document states one, its term.

    Raises:
        ConflictError: It was changed since; the step is known or starts no period; it would
            lie after a step that the register has seen.
        InputError: Reason, document or term is missing.
        AccessError: The principal may not move cases.
    """
    office.require("move_cases")
    steps = {move.id: move for move in list_past_steps(office, case)}
    if request.move not in steps:
        titles = {m.id: m.title for track in office.tracks.values() for m in track.moves}
        raise ConflictError(
            "case-past-step-not-open", move=titles.get(request.move, request.move[:40])
        )
    move = steps[request.move]
    with office.store.writing() as connection:
        before = require_version(office, connection, case, seen)
        events = read_events(connection, "case", before.id)
        for fault in _find_faults(office, before, move, request):
            raise fault
        later = [e for e in events if e.kind == "moved" and STATED not in e.facts]
        if later and request.on > later[0].on:
            raise ConflictError(
                "case-past-step-late", day=request.on.isoformat(), last=later[0].on.isoformat()
            )
        facts: dict[str, object] = {STATED: True}
        if request.term is not None:
            facts[TERM] = request.term.isoformat()
        event = draft_event(
            office,
            "moved",
            request.on,
            request.reason,
            stage=before.stage,
            document=(move.document, request.document),
            facts=facts,
        )
        return write_change(office, connection, before, before, replace(event, move=move.id))[0]


def _find_faults(office: Office, case: Case, move: Move, request: MoveRequest) -> list[GeoAppError]:
    faults: list[GeoAppError] = []
    if not request.reason.strip():
        faults.append(InputError("case-reason-missing"))
    if not request.document.strip():
        document = f"@case.document_{move.document}"
        faults.append(InputError("case-document-missing", document=document))
    if request.on > office.today:
        faults.append(ConflictError("case-date-future", day=request.on.isoformat()))
    if request.on < case.found_on:
        found = case.found_on.isoformat()
        faults.append(ConflictError("case-date-before", day=request.on.isoformat(), last=found))
    if "term_stated" in move.guards and request.term is None:
        faults.append(InputError("case-term-missing"))
    if request.term is not None and request.term < request.on:
        faults.append(InputError("case-term-before", term=request.term.isoformat()))
    return faults
