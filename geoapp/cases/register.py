"""Opening cases and looking at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from geoapp.cases.case import Case, CaseFilter, CasePage, NewCase, SortKey
from geoapp.cases.constraint import Context, Score, Weights, score
from geoapp.cases.deadline import Deadline, find_deadlines
from geoapp.cases.doubt import Doubt, find_ground_doubts
from geoapp.cases.drafting import Footprint, draft_case, draft_event, take_footprint, take_keys
from geoapp.cases.event import ChainFault, Event
from geoapp.cases.office import Office
from geoapp.cases.storage import Connection
from geoapp.cases.storage_case import (
    CaseNumber,
    find_case,
    find_household_cases,
    insert_cases,
    next_case_id,
    next_serial,
    write_priorities,
)
from geoapp.cases.storage_cell import MapCell, count_cells
from geoapp.cases.storage_event import (
    append_events,
    find_chain_fault,
    find_head,
    find_unequal_cases,
    read_events,
)
from geoapp.cases.storage_list import (
    CasePoint,
    find_near,
    list_all_cases,
    list_cases,
    list_points,
)
from geoapp.cases.track import stages_of_kind
from geoapp.errors import ConflictError, InputError
from geoapp.values import Progress, no_progress

MOST_LISTED: Final = 500
_WORLD_DEG: Final = 360.0
_CELLS_A_TILE: Final = 4  # a side
_LAST_ZOOM: Final = 22
_RANKED_AT_ONCE: Final = 200  # a short transaction, and something to show


@dataclass(frozen=True, slots=True)
class RegisterState:
    """What a check of the whole register found.

    Attributes:
        events: How many events there are.
        head: Hash of the newest one; written down elsewhere, it shows a cut-off end.
        fault: Where the chain is broken, ``None`` where it is whole.
        unequal: Ids of cases that are not what their events make of them.
    """

    events: int
    head: str
    fault: ChainFault | None
    unequal: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None and not self.unequal


class CaseRegister:
    """Cases of a city, for one acting principal."""

    def __init__(self, office: Office, weights: Weights) -> None:
        self._office = office
        self._weights = weights

    def check(self, new: NewCase) -> list[Doubt]:
        """Compare a case that is to be opened with those that are known.

        Raises:
            InputError: The footprint cannot be taken.
            AccessError: The principal may not, or not there.
        """
        self._office.require("edit_cases")
        taken = take_footprint(self._office, new.footprint)
        with self._office.store.reading() as connection:
            return self._find_doubts(connection, new, taken)

    def open(self, new: NewCase, *, reason: str = "", despite_doubts: bool = False) -> Case:
        """Open a case as a lead.

        A case on ground that was torn down before is opened with the old case named in it.

        Args:
            new: What was entered.
            reason: Why; needed when it is opened despite doubts.
            despite_doubts: Open it although its ground or a household stands in another case.

        Raises:
            ConflictError: It would count ground or a household twice.
            InputError: A value cannot be taken.
            AccessError: The principal may not, or not there.
        """
        office = self._office
        office.require("edit_cases")
        taken = take_footprint(office, new.footprint)
        if not taken.units.district:
            raise InputError("case-outside-units")
        context = office.assess(taken.shape)  # takes a while: not while others wait to write
        with office.store.writing() as connection:
            return self.write_new(
                connection, new, taken, context, reason, despite_doubts=despite_doubts
            )

    def write_new(
        self,
        connection: Connection,
        new: NewCase,
        taken: Footprint,
        context: Context | None,
        reason: str,
        *,
        despite_doubts: bool = False,
    ) -> Case:
        """Write a new case in a transaction that is open; see ``open``."""
        office = self._office
        doubts = self._find_doubts(connection, new, taken)
        _require_no_doubt(doubts, reason, despite_doubts=despite_doubts)
        rebuilt = next((doubt.case for doubt in doubts if doubt.kind == "rebuilt"), None)
        unit, year = taken.units.district, office.today.year
        number = CaseNumber(unit, year, next_serial(connection, unit, year))
        case = draft_case(
            replace(new, previous=new.previous or rebuilt),
            taken,
            key=next_case_id(connection),
            case_no=number.text,
            sample=office.city.sample,
        )
        facts = _opening_facts(case, doubts, context)
        if context is not None:
            age = (office.today - new.found_on).days
            case = replace(case, priority=score(context, age, self._weights).points)
        event = draft_event(
            office, "opened", new.found_on, reason, subject=("case", case.id), facts=facts
        )
        append_events(connection, [replace(event, to_stage=case.stage)], office.principal.author)
        insert_cases(connection, [(case, number, taken.bounds)])
        return case

    def show(self, case: int | str) -> Case:
        """Give a case by its id or number.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            return self._office.require_found(find_case(connection, case), case)

    def select(
        self,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008  frozen
        *,
        sort: SortKey = "priority",
        offset: int = 0,
        limit: int = 50,
    ) -> CasePage:
        """List cases, some at a time.

        Raises:
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        limit = min(max(limit, 0), MOST_LISTED)
        with self._office.store.reading() as connection:
            return list_cases(
                connection, wanted, self._office.scope, sort, offset=max(offset, 0), limit=limit
            )

    def select_all(
        self,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008  frozen
        *,
        sort: SortKey = "case_no",
    ) -> CasePage:
        """List all cases of a filter, as they stand at one moment, for a ledger.

        Raises:
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            return list_all_cases(connection, wanted, self._office.scope, sort)

    def points(self, wanted: CaseFilter = CaseFilter()) -> Sequence[CasePoint]:  # noqa: B008
        """List all cases of a filter as points, for a map.

        Raises:
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            return list_points(connection, wanted, self._office.scope)

    def map_cells(
        self,
        extent: tuple[float, float, float, float],
        zoom: int,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008
    ) -> Sequence[MapCell]:
        """Count the cases of a filter by cells of a map, sixteen to a tile.

        Args:
            extent: West, south, east, north of the map's window, degrees.
            zoom: Its zoom, 0 to 22; what lies outside of that is taken as the nearest.
            wanted: The filter; its own bounds are not used.

        Raises:
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        side_deg = _WORLD_DEG / _CELLS_A_TILE / 2 ** min(max(zoom, 0), _LAST_ZOOM)
        with self._office.store.reading() as connection:
            within = replace(wanted, bounds=extent)
            return count_cells(connection, within, self._office.scope, side_deg)

    def events(self, case: int | str) -> Sequence[Event]:
        """Give the history of a case, oldest first.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        found = self.show(case)
        with self._office.store.reading() as connection:
            return read_events(connection, "case", found.id)

    def deadlines(self, case: int | str) -> tuple[Deadline, ...]:
        """Compute the periods that run or ran for a case.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        found = self.show(case)
        events = self.events(found.id)
        return find_deadlines(self._office.track(found.track), events, self._office.days)

    def assess(self, case: int | str) -> tuple[Context, Score] | None:
        """Measure the control layers under a case now, and how urgent that makes it.

        Returns:
            ``None`` where the principal may not see the layers.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        found = self.show(case)
        context = self._office.assess(found.footprint)
        if context is None:
            return None
        age = (self._office.today - found.found_on).days
        return context, score(context, age, self._weights)

    def rank(self, progress: Progress = no_progress) -> int:
        """Compute anew how urgent every case is that is worked on.

        The score ages with a case and changes with the control layers; it is no act on the
        case and leaves its history and version as they are. Stopping keeps what is done.

        Returns:
            How many cases were ranked; 0 where the principal may not see the control layers.

        Raises:
            AccessError: The principal may not edit cases.
        """
        office = self._office
        office.require("edit_cases")
        wanted = CaseFilter(stages=stages_of_kind("open"))
        cases = self.select_all(wanted).cases
        today, ranked = office.today, 0
        for first in range(0, len(cases), _RANKED_AT_ONCE):
            progress("cases.ranking", first / len(cases))
            points: dict[int, float] = {}
            for case in cases[first : first + _RANKED_AT_ONCE]:
                context = office.assess(case.footprint)
                if context is not None:
                    age = (today - case.found_on).days
                    points[case.id] = score(context, age, self._weights).points
            with office.store.writing() as connection:
                write_priorities(connection, points)
            ranked += len(points)
        progress("cases.ranking", 1.0)
        return ranked

    def verify(self) -> RegisterState:
        """Check the chain of all events, and every case against its own.

        Raises:
            AccessError: The principal may not verify the register.
        """
        self._office.require("verify_register")
        with self._office.store.reading() as connection:
            count, head = find_head(connection)
            fault = find_chain_fault(connection)
            return RegisterState(count, head, fault, tuple(find_unequal_cases(connection)))

    def _find_doubts(self, connection: Connection, new: NewCase, taken: Footprint) -> list[Doubt]:
        near = find_near(connection, taken.bounds)
        doubts = find_ground_doubts(taken.shape, near, self._office.city.crs)
        rebuilt = {doubt.case for doubt in doubts if doubt.kind == "rebuilt"}
        for key, other in find_household_cases(connection, take_keys(new.household_keys)):
            case = find_case(connection, other)
            gone = case is None or case.stage in stages_of_kind("exit")
            if case is not None and not gone and other not in rebuilt:
                stands = Doubt("household", other, case.case_no, case.stage, household=key)
                doubts.append(stands)
        return [self._named(connection, doubt) for doubt in doubts]

    def _named(self, connection: Connection, doubt: Doubt) -> Doubt:
        """Hide the number of a case that lies where the principal may not see it."""
        case = find_case(connection, doubt.case)
        seen = case is not None and self._office.may_see(case.units)
        return doubt if seen else replace(doubt, case_no="-", stage="-")


def _require_no_doubt(doubts: Sequence[Doubt], reason: str, *, despite_doubts: bool) -> None:
    twice = [doubt for doubt in doubts if doubt.kind != "rebuilt"]
    if not twice:
        return
    if not despite_doubts:
        first = twice[0]
        code = "case-household-twice" if first.kind == "household" else "case-overlaps"
        raise ConflictError(
            code, case=first.case_no, shared_m2=f"{first.shared_m2:.2f}", count=len(twice)
        )
    if not reason.strip():
        raise InputError("case-reason-missing")


def _opening_facts(case: Case, doubts: Sequence[Doubt], context: Context | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "case_no": case.case_no,
        "source": case.source,
        "track": case.track,
        "land_area_m2": case.registered.land_area_m2,
        "floor_area_m2": case.registered.floor_area_m2,
        "households": case.registered.households,
        "units": case.units.finest,
        "footprint": case.footprint_wkb.hex(),
    }
    if doubts:
        facts["doubts"] = [doubt.to_json() for doubt in doubts]
    if context is not None:
        facts["context"] = context.to_json()
    if case.previous is not None:
        facts["previous"] = case.previous
    if case.patch is not None:
        facts["patch"] = case.patch
    return facts
