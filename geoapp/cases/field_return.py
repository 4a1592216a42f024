"""Taking a pack back from the field: visits, photos, and what somebody else changed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from geoapp.cases.case import Case, Registered
from geoapp.cases.changing import write_change
from geoapp.cases.drafting import draft_event
from geoapp.cases.editing import find_changes
from geoapp.cases.evidence import EvidenceFile, NewEvidence, Role
from geoapp.cases.field_pack import CASES, FOUND_STATES, PACK
from geoapp.cases.office import Office
from geoapp.cases.storage import Connection
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_event import read_events
from geoapp.cases.track import stages_of_kind
from geoapp.errors import CatalogError, ChoiceError, ConflictError, FileError
from geoapp.importers.mapping import read_day
from geoapp.importers.vector import read_features

_CENT: Final = Decimal("0.01")
_PHOTOS: Final[dict[str, Role]] = {"photo_before": "before", "photo_after": "after"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One row that was filled in.

    Attributes:
        row: In the file, from 1.
        seen: Version of the case that was taken along.
        photos: Role of each photo and the name under which it is looked for.
    """

    row: int
    case_no: str
    seen: int
    pack: str
    visited_on: date
    found_state: str
    households: int | None
    floor_area_m2: Decimal | None
    remark: str
    photos: tuple[tuple[Role, str], ...]


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A figure from the field that was not taken, because the case changed meanwhile.

    Attributes:
        name: Which figure.
        ours: As the register has it now.
        theirs: As the field has it.
    """

    case_no: str
    name: str
    ours: str
    theirs: str
    why: Literal["changed", "settled", "below_demolished"]


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What came back.

    Attributes:
        visits: Visits that were entered.
        repeated: Visits that had been entered before; nothing was done for these.
        changed: Cases whose figures were taken over.
        photos_named: Photos that the rows name, ``photos_found`` of them were handed in.
        photos_missing: Names of the others.
        photos_refused: Photos that could not be taken, with their names.
    """

    visits: int
    repeated: int
    changed: int
    conflicts: tuple[FieldConflict, ...]
    photos_named: int
    photos_found: int
    photos_missing: tuple[str, ...]
    photos_refused: tuple[str, ...]


def take_back(
    office: Office, evidence: EvidenceFile, path: Path, photos: Mapping[str, bytes]
) -> FieldReport:
    """Enter the visits of a pack: all of them, or none.

    A visit is entered whatever happened to its case meanwhile: it took place. Its figures
    are taken over only while the case is as it was when it was taken along; else both stand
    in the list of conflicts, for a person to decide. Photos are added one by one after that.

    Args:
        office: The register and who acts.
        evidence: Where photos go.
        path: The ``.gpkg``.
        photos: Photos by name, as the rows name them; folders do not count.

    Raises:
        FileError: It is no pack.
        CatalogError: A row names an unknown case, or a value is wrong.
        AccessError: The principal may not edit cases.
    """
    office.require("edit_cases")
    visits = read_visits(path)
    conflicts: list[FieldConflict] = []
    entered: list[Visit] = []
    changed = 0
    with office.store.writing() as connection:
        for visit in visits:
            before = find_case(connection, visit.case_no)
            if before is None or not office.may_see(before.units):
                raise CatalogError(
                    "field-case-unknown", file=path.name, row=visit.row, case=visit.case_no
                )
            if _known(connection, before, visit):
                continue
            after, found = _take_figures(before, visit)
            conflicts += found
            changed += after != before
            _write_visit(office, connection, before, after, visit)
            entered.append(visit)
    named = [(visit, role, name) for visit in entered for role, name in visit.photos]
    have = {_last(name): content for name, content in photos.items()}
    missing, refused = [], []
    for visit, role, name in named:
        content = have.get(_last(name))
        if content is None:
            missing.append(name)
            continue
        try:
            evidence.add(visit.case_no, NewEvidence(content, _last(name), role))
        except (ConflictError, FileError):
            refused.append(name)
    return FieldReport(
        visits=len(entered),
        repeated=len(visits) - len(entered),
        changed=changed,
        conflicts=tuple(conflicts),
        photos_named=len(named),
        photos_found=len(named) - len(missing),
        photos_missing=tuple(missing),
        photos_refused=tuple(refused),
    )


def read_visits(path: Path) -> list[Visit]:
    """Read the rows of a pack that were filled in.

    Raises:
        FileError: It is no pack.
        CatalogError: A value is wrong; named with its row.
    """
    try:
        frame = read_features(path, sublayer=CASES).frame
    except ChoiceError as error:
        raise FileError("field-pack-wrong", file=path.name) from error
    needed = {"case_no", "version", PACK, "visited_on", "found_state"}
    if not needed <= set(frame.columns):
        raise FileError("field-pack-wrong", file=path.name)
    rows = enumerate(frame.drop(columns=frame.geometry.name).to_dict("records"), start=1)
    return [
        _to_visit(row, values, path.name) for row, values in rows if _word(values["visited_on"])
    ]


def _to_visit(row: int, values: Mapping[Any, Any], file: str) -> Visit:
    day, state = read_day(_word(values["visited_on"])), _word(values["found_state"])
    if not day:
        raise _wrong(row, file, "visited_on", values)
    if state and state not in FOUND_STATES:
        raise _wrong(row, file, "found_state", values)
    households = values.get("households_seen")
    floor = values.get("floor_area_seen_m2")
    if not pd.isna(households) and (households < 0 or households != int(households)):
        raise _wrong(row, file, "households_seen", values)
    if not pd.isna(floor) and not 0 <= floor < float("inf"):
        raise _wrong(row, file, "floor_area_seen_m2", values)
    return Visit(
        row=row,
        case_no=_word(values["case_no"]),
        seen=int(values["version"]),
        pack=_word(values[PACK]),
        visited_on=date.fromisoformat(day),
        found_state=state,
        households=None if pd.isna(households) else int(households),
        floor_area_m2=(
            None
            if pd.isna(floor)
            else Decimal(repr(float(floor))).quantize(_CENT, rounding=ROUND_HALF_UP)
        ),
        remark=_word(values.get("remark")),
        photos=tuple((role, name) for f, role in _PHOTOS.items() if (name := _word(values.get(f)))),
    )


def _take_figures(before: Case, visit: Visit) -> tuple[Case, list[FieldConflict]]:
    """Give the case with the field's figures, or the conflicts that keep them out."""
    ours = before.registered
    asked: dict[str, tuple[Any, Any]] = {
        "households": (ours.households, visit.households),
        "floor_area_m2": (ours.floor_area_m2, visit.floor_area_m2),
    }
    differ = {
        name: pair for name, pair in asked.items() if pair[1] is not None and pair[0] != pair[1]
    }
    if not differ:
        return before, []
    theirs = Registered(
        ours.land_area_m2,
        visit.households if visit.households is not None else ours.households,
        visit.floor_area_m2 if visit.floor_area_m2 is not None else ours.floor_area_m2,
    )
    left = theirs.remaining(before.demolished)
    why: Literal["changed", "settled", "below_demolished"] | None = None
    if before.stage in stages_of_kind("closed", "exit"):
        why = "settled"
    elif before.version != visit.seen:
        why = "changed"
    elif (left.households or 0) < 0 or (left.floor_area_m2 or 0) < 0:
        why = "below_demolished"
    if why is None:
        return replace(before, registered=theirs), []
    return before, [
        FieldConflict(
            before.case_no, name, "-" if pair[0] is None else str(pair[0]), str(pair[1]), why
        )
        for name, pair in differ.items()
    ]


def _write_visit(
    office: Office, connection: Connection, before: Case, after: Case, visit: Visit
) -> None:
    event = draft_event(
        office,
        "visited",
        visit.visited_on,
        visit.remark,
        stage=before.stage,
        facts={
            "pack": visit.pack,
            "found_state": visit.found_state,
            "taken_along": visit.seen,
            "changes": find_changes(before, after),
        },
    )
    write_change(office, connection, before, after, event)


def _known(connection: Connection, case: Case, visit: Visit) -> bool:
    """Tell whether this visit was entered before."""
    return any(
        event.kind == "visited"
        and event.facts.get("pack") == visit.pack
        and event.on == visit.visited_on
        for event in read_events(connection, "case", case.id)
    )


def _wrong(row: int, file: str, field: str, values: Mapping[Any, Any]) -> CatalogError:
    value = _word(values[field])[:60]
    return CatalogError("field-value-wrong", file=file, row=row, field=field, value=value)


def _word(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def _last(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
