"""Entering many cases with their past at once: an older ledger, or the sample city.

What the ledger says is taken as said: who did what and when is not asked again, and each
case says in its history that it was imported. What cannot be (more torn down than there was,
a number twice, an unknown stage) is refused, and then nothing is entered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import shapely

from geoapp.cases.case import Amounts, Case, NewCase, Registered, Units, require_word
from geoapp.cases.changing import with_deadline
from geoapp.cases.drafting import Footprint, draft_case, draft_event
from geoapp.cases.event import Event, EventKind
from geoapp.cases.office import Office
from geoapp.cases.storage import to_area
from geoapp.cases.storage_case import (
    CaseNumber,
    find_numbers,
    insert_cases,
    next_case_id,
    next_serial,
)
from geoapp.cases.storage_event import append_events
from geoapp.cases.track import Track, stages_of_kind
from geoapp.errors import CatalogError, ConflictError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import official_areas
from geoapp.values import round_half_up


@dataclass(frozen=True, slots=True)
class PastAct:
    """Something that happened to a case before it was entered.

    Attributes:
        kind: ``moved``, ``demolished``, ``noted`` or ``visited``.
        to: The stage after a move.
    """

    kind: EventKind
    on: date
    reason: str
    move: str = ""
    to: str = ""
    document: tuple[str, str] = ("", "")
    mode: str = ""
    amounts: Amounts = field(default_factory=Amounts)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case with its past.

    Attributes:
        case_no: Its number in the old ledger; ``""``: it gets the next one of its year.
        stage: Stage when it was entered, before ``acts``.
        acts: What is known to have happened, oldest first.
        row: Where it stands in the file, from 1.
    """

    new: NewCase
    case_no: str = ""
    stage: str = "lead"
    acts: tuple[PastAct, ...] = ()
    row: int = 0


def load_cases(office: Office, past: Sequence[PastCase], file: str, reason: str) -> list[Case]:
    """Enter cases with their past: all of them, or none.

    Args:
        office: The register and who acts.
        past: The cases.
        file: Where they come from, named in errors and in every history.
        reason: Why they are entered.

    Raises:
        CatalogError: A case cannot be; named with its row.
        ConflictError: A number is in the register already.
        AccessError: The principal may not import.
    """
    office.require("import_cases")
    footprints = np.array([shapely.force_2d(p.new.footprint) for p in past], dtype=object)
    taken = _take(office, footprints) if len(past) else []
    with office.store.writing() as connection:
        serials: dict[tuple[str, int], int] = {}
        known: set[str] = set()
        taken_numbers = find_numbers(connection, [item.case_no.strip() for item in past])
        first = next_case_id(connection)
        cases: list[Case] = []
        rows: list[tuple[Case, CaseNumber, tuple[float, ...]]] = []
        events: list[Event] = []
        for step, (item, ground) in enumerate(zip(past, taken, strict=True)):
            number = CaseNumber("", 0, 0)
            case_no = require_word(item.case_no, "case_no", longest=40)
            if not case_no:
                key = (ground.units.district or office.city.code, item.new.found_on.year)
                if key not in serials:
                    serials[key] = next_serial(connection, *key)
                number = CaseNumber(*key, serials[key])
                serials[key] += 1
                case_no = number.text
            if case_no in known or case_no in taken_numbers:
                raise ConflictError("case-number-known", file=file, row=item.row, case=case_no)
            known.add(case_no)
            case, history = _replay(office, item, ground, first + step, case_no, file, reason)
            cases.append(case)
            rows.append((case, number, ground.bounds))
            events += history
        append_events(connection, events, office.principal.author)
        insert_cases(connection, rows)
    return cases


def _take(office: Office, footprints: Geometries) -> list[Footprint]:
    areas = official_areas(footprints, office.city.crs).tolist()
    units: list[Units] = office.locate(footprints)
    inner = shapely.get_coordinates(shapely.point_on_surface(footprints))
    return [
        Footprint(
            footprints[row],
            int(round_half_up(areas[row], 2).scaleb(2)),
            (float(x), float(y)),
            units[row],
        )
        for row, (x, y) in enumerate(inner)
    ]


def _replay(
    office: Office,
    item: PastCase,
    ground: Footprint,
    key: int,
    case_no: str,
    file: str,
    reason: str,
) -> tuple[Case, list[Event]]:
    """Give a case as its past makes it, and the events of that past."""
    track = office.track(item.new.track)
    stages = {stage.id for stage in track.stages}
    if item.stage not in stages:
        raise _wrong(item, file, "stage", item.stage)
    case = draft_case(item.new, ground, key=key, case_no=case_no, sample=office.city.sample)
    case = replace(case, stage=item.stage)
    facts = {
        "file": file,
        "case_no": case_no,
        "source": case.source,
        "land_area_m2": case.registered.land_area_m2,
        "floor_area_m2": case.registered.floor_area_m2,
        "households": case.registered.households,
        "footprint": case.footprint_wkb.hex(),
    }
    first = draft_event(
        office, "imported", item.new.found_on, reason, subject=("case", key), facts=facts
    )
    events = [replace(first, from_stage="", to_stage=case.stage)]
    for act in item.acts:
        case, event = _apply(office, track, item, case, act, len(events) + 1, file)
        events.append(event)
    closed = case.stage in stages_of_kind("closed", "exit")
    case = replace(
        case, version=len(events), closed_on=case.stage_since if closed else case.closed_on
    )
    return with_deadline(office, case, events), events


def _apply(
    office: Office, track: Track, item: PastCase, case: Case, act: PastAct, version: int, file: str
) -> tuple[Case, Event]:
    if act.kind == "moved":
        allowed = {move.id: move for move in track.moves_from(case.stage)}
        if act.move and (act.move not in allowed or (allowed[act.move].to or case.stage) != act.to):
            raise _wrong(item, file, "move", act.move)
    if act.kind == "moved" and act.on < case.stage_since:
        raise _wrong(item, file, "day", act.on.isoformat())
    event = draft_event(
        office,
        act.kind,
        act.on,
        act.reason,
        subject=("case", case.id),
        stage=case.stage,
        document=act.document,
        mode=act.mode,
        amounts=act.amounts,
        facts=act.facts,
    )
    after = case
    if act.kind == "moved":
        after = replace(case, stage=act.to or case.stage)
        if act.to and act.to != case.stage:
            after = replace(after, stage_since=act.on)
    if act.kind == "demolished":
        demolished = case.demolished.plus(act.amounts)
        _require_left(item, case.registered, demolished, file)
        day = max(act.on, case.demolished_on or act.on)
        after = replace(case, demolished=demolished, demolished_on=day)
        if case.stage in stages_of_kind("demolished", "closed"):
            after = replace(after, stage_since=day)
    return after, replace(event, version=version, move=act.move, to_stage=after.stage)


def _require_left(item: PastCase, registered: Registered, demolished: Amounts, file: str) -> None:
    left = registered.remaining(demolished)
    low = min(left.households or 0, left.land_area_m2, left.floor_area_m2 or 0)
    if not registered.known or low < 0:
        raise _wrong(item, file, "demolished", str(low))


def _wrong(item: PastCase, file: str, name: str, value: str) -> CatalogError:
    return CatalogError(
        "field-value-wrong", file=file, row=item.row, field=f"@case.{name}", value=value
    )


def whole(registered: Registered) -> Amounts:
    """Give all that is registered, to be torn down at once; unknown counts as nothing."""
    floor = registered.floor_area_m2
    return Amounts(
        registered.households or 0,
        registered.land_area_m2,
        to_area(0) if floor is None else floor,
    )
