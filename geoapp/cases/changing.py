"""The one way in which a case changes: an event, and the case that it makes, together."""

from collections.abc import Sequence
from dataclasses import replace

from geoapp.cases.case import Case
from geoapp.cases.deadline import find_deadlines, nearest_limit
from geoapp.cases.event import Event
from geoapp.cases.office import Office
from geoapp.cases.storage import Connection
from geoapp.cases.storage_case import find_case, update_case
from geoapp.cases.storage_event import append_events, find_last_event, read_events
from geoapp.errors import ConflictError


def require_version(
    office: Office, connection: Connection, case: int | str, seen: int | None
) -> Case:
    """Give a case in the version that its editor has seen.

    Args:
        office: The register and who acts.
        connection: A transaction that writes.
        case: Id or number.
        seen: The version; ``None`` only where nothing depends on what was seen.

    Raises:
        NotFoundError: There is no such case, or it lies outside the principal's unit.
        ConflictError: Somebody changed it since; the error says who, when and how.
    """
    found = office.require_found(find_case(connection, case), case)
    if seen is None or found.version == seen:
        return found
    last = find_last_event(connection, "case", found.id)
    raise ConflictError(
        "case-changed",
        case=found.case_no,
        actor=last.actor if last else "-",
        at=last.at[:16].replace("T", " ") if last else "-",
        act=f"@case.event_{last.kind}" if last else "-",
        seen=seen,
        version=found.version,
    )


def write_change(
    office: Office,
    connection: Connection,
    before: Case,
    after: Case,
    event: Event,
    *,
    bounds: Sequence[float] | None = None,
) -> tuple[Case, Event]:
    """Write a changed case and its event.

    Args:
        office: The register and who acts.
        connection: A transaction that writes.
        before: The case as it was read in this transaction.
        after: The case as it is to be; version and deadlines are set here.
        event: What happened.
        bounds: Box of the footprint, when that changed.

    Raises:
        ConflictError: The case was changed by somebody else.
    """
    version = before.version + 1
    drafted = replace(event, subject=before.id, version=version, to_stage=after.stage)
    history = [*read_events(connection, "case", before.id), drafted]
    changed = replace(with_deadline(office, after, history), version=version)
    [written] = append_events(connection, [drafted], office.principal.author)
    if not update_case(connection, changed, before.version, bounds):
        raise ConflictError("register-unavailable", reason=before.case_no)
    return changed, written


def with_deadline(office: Office, case: Case, history: Sequence[Event]) -> Case:
    """Give a case with the limit that runs out first, as its events make it."""
    deadlines = find_deadlines(office.track(case.track), history, office.days)
    nearest = nearest_limit(deadlines)
    if nearest is None:
        return replace(case, due_on=None, due_clock="", due_certain=True)
    return replace(
        case,
        due_on=nearest.due_on,
        due_clock=nearest.clock.id,
        due_certain=nearest.certain,
    )
