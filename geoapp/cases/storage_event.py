"""Events in the register: appending to the chain, reading them back, checking them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from geoapp.cases.event import FIRST_HASH, ChainFault, Event, SubjectKind, canonical_text
from geoapp.cases.event import find_chain_fault as _find_fault
from geoapp.cases.storage import Connection, to_amounts, to_hundredths
from geoapp.cases.storage_tables import CASE, EVENT
from geoapp.catalog.audit import Actor
from geoapp.catalog.storage_audit import append_entry

_PORTION: Final = 5000


def find_head(connection: Connection) -> tuple[int, str]:
    """Give place and hash of the newest event; 0 and zeros in an empty register."""
    query = sa.select(EVENT.c.seq, EVENT.c.hash).order_by(EVENT.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return (0, FIRST_HASH) if row is None else (row.seq, row.hash)


def append_events(connection: Connection, events: Sequence[Event], actor: Actor) -> list[Event]:
    """Add events to the end of the chain, in the order given, and give them as they stand.

    The audit trail gets one entry that points at them.
    """
    seq, previous = find_head(connection)
    chained = []
    for event in events:
        seq += 1
        # What is hashed is what will be read back: facts in their plain form.
        facts = json.loads(canonical_text(dict(event.facts)))
        linked = replace(event, seq=seq, facts=facts).chained(previous)
        previous = linked.hash
        chained.append(linked)
    for low in range(0, len(chained), _PORTION):
        rows = [_to_row(event) for event in chained[low : low + _PORTION]]
        connection.execute(sa.insert(EVENT), rows)
    if chained:
        _point_at(connection, chained, actor)
    return chained


def _point_at(connection: Connection, events: Sequence[Event], actor: Actor) -> None:
    first, last = events[0], events[-1]
    of_one = all(
        (event.subject_kind, event.subject) == (first.subject_kind, first.subject)
        for event in events
    )
    subject = f"{first.subject_kind}/{first.subject}" if of_one else first.subject_kind
    pointer = {"kind": first.kind, "event": first.seq, "hash": last.hash}
    pointer |= {"move": first.move} if first.move else {}
    pointer |= {"events": len(events)} if len(events) > 1 else {}
    append_entry(connection, actor, "case-event", subject, pointer)


def read_events(connection: Connection, kind: SubjectKind, subject: int) -> list[Event]:
    """Read the events of one case, patch or permit, oldest first."""
    query = (
        sa.select(EVENT)
        .where(EVENT.c.subject_kind == kind, EVENT.c.subject == subject)
        .order_by(EVENT.c.version)
    )
    return [_to_event(row) for row in connection.execute(query).mappings()]


def find_last_event(connection: Connection, kind: SubjectKind, subject: int) -> Event | None:
    """Find the newest event of one case, patch or permit."""
    query = (
        sa.select(EVENT)
        .where(EVENT.c.subject_kind == kind, EVENT.c.subject == subject)
        .order_by(EVENT.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _to_event(row)


def iter_events(connection: Connection) -> Iterator[Event]:
    """Read all events in the order of the chain, some at a time."""
    last = 0
    while True:
        query = sa.select(EVENT).where(EVENT.c.seq > last).order_by(EVENT.c.seq).limit(_PORTION)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return
        for row in rows:
            yield _to_event(row)
        last = rows[-1]["seq"]


def find_chain_fault(connection: Connection) -> ChainFault | None:
    """Check the whole chain."""
    return _find_fault(iter_events(connection))


def find_unequal_cases(connection: Connection) -> list[int]:
    """Find the cases that are not what their events make of them.

    Compared are the version, the stage, and what was torn down.
    """
    sums = (
        sa.select(
            EVENT.c.subject,
            sa.func.max(EVENT.c.version).label("version"),
            sa.func.sum(EVENT.c.households).label("households"),
            sa.func.sum(EVENT.c.land_area).label("land_area"),
            sa.func.sum(EVENT.c.floor_area).label("floor_area"),
        )
        .where(EVENT.c.subject_kind == "case")
        .group_by(EVENT.c.subject)
        .subquery()
    )
    last = EVENT.alias()
    query = (
        sa.select(CASE.c.id)
        .outerjoin(sums, sums.c.subject == CASE.c.id)
        .outerjoin(
            last,
            (last.c.subject_kind == "case")
            & (last.c.subject == CASE.c.id)
            & (last.c.version == CASE.c.version),
        )
        .where(
            sa.or_(
                sums.c.version.is_(None),
                sums.c.version != CASE.c.version,
                last.c.to_stage != CASE.c.stage,
                sums.c.households != CASE.c.done_households,
                sums.c.land_area != CASE.c.done_land_area,
                sums.c.floor_area != CASE.c.done_floor_area,
            )
        )
        .order_by(CASE.c.id)
    )
    return list(connection.execute(query).scalars())


def _to_row(event: Event) -> dict[str, Any]:
    plain = (
        *("seq", "subject_kind", "subject", "version", "kind", "at", "actor", "reason", "move"),
        *("from_stage", "to_stage", "document_kind", "document", "mode"),
        *("previous_hash", "hash"),
    )
    return {name: getattr(event, name) for name in plain} | {
        "on_day": event.on,
        "households": event.amounts.households,
        "land_area": to_hundredths(event.amounts.land_area_m2),
        "floor_area": to_hundredths(event.amounts.floor_area_m2),
        "facts": canonical_text(dict(event.facts)),
    }


def _to_event(row: Any) -> Event:
    return Event(
        seq=row["seq"],
        subject_kind=row["subject_kind"],
        subject=row["subject"],
        version=row["version"],
        kind=row["kind"],
        at=row["at"],
        on=row["on_day"],
        actor=row["actor"],
        reason=row["reason"],
        move=row["move"],
        from_stage=row["from_stage"],
        to_stage=row["to_stage"],
        document_kind=row["document_kind"],
        document=row["document"],
        mode=row["mode"],
        amounts=to_amounts(row["households"], row["land_area"], row["floor_area"]),
        facts=json.loads(row["facts"]),
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )
