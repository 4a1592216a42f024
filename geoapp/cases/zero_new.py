"""The statement that nothing new was built without permission: computed, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from geoapp.cases.case import CaseFilter
from geoapp.cases.office import Office
from geoapp.cases.patch import Batch, PatchFilter
from geoapp.cases.storage_event import find_head
from geoapp.cases.storage_list import list_cases
from geoapp.cases.storage_patch import count_verdicts, list_batches, violation_verdicts
from geoapp.cases.track import read_stages, stages_of_kind
from geoapp.errors import ConflictError, InputError


@dataclass(frozen=True, slots=True)
class ZeroNewStatement:
    """What was looked at in a window of time, and what was found.

    Attributes:
        unit: The unit that it speaks of, ``""`` for the whole city.
        batches: The batches that the patches came in with.
        by_verdict: Patches first seen in the window, by verdict; all are judged.
        violations: Patches judged a violation.
        cases: Cases found in the window, from any source, that have not left the track.
        open_cases: Of these, cases that are not settled.
        head: Hash of the register's newest event: what the statement rests on.
    """

    unit: str
    first: date
    last: date
    batches: tuple[Batch, ...]
    by_verdict: Mapping[str, int]
    violations: int
    cases: int
    open_cases: int
    made_at: str
    made_by: str
    head: str
    sample: bool

    @property
    def reviewed(self) -> int:
        """Patches that were judged."""
        return sum(self.by_verdict.values())

    @property
    def zero(self) -> bool:
        """Whether nothing new was found, by imagery or otherwise."""
        return self.violations == 0 and self.cases == 0


def state_zero_new(office: Office, first: date, last: date, *, unit: str = "") -> ZeroNewStatement:
    """Compute the statement for patches whose later image was taken in a window.

    Args:
        office: The register and who acts.
        first: First day of the window.
        last: Last day of the window.
        unit: Code of a district, township or village; by default all that the person may see.

    Raises:
        InputError: The window runs backwards or ends in the future.
        ConflictError: A patch of the window is not judged; a patch of unknown day is not
            judged, so it may belong to the window; or no patch was looked at, so nothing can
            be said.
        AccessError: The principal may not see cases.
    """
    office.require("view_cases")
    if first > last or last > office.today:
        raise InputError("zero-new-window-wrong", first=first.isoformat(), last=last.isoformat())
    window = PatchFilter(unit=unit, seen_from=first, seen_to=last)
    settled = (*stages_of_kind("closed"), "rechecked")
    kept = tuple(stage.id for stage in read_stages() if stage.kind != "exit")
    found = CaseFilter(unit=unit, found_from=first, found_to=last, stages=kept)
    open_stages = tuple(stage for stage in kept if stage not in settled)
    still = CaseFilter(unit=unit, found_from=first, found_to=last, stages=open_stages)
    with office.store.reading() as connection:
        rows = count_verdicts(connection, window, office.scope)
        waiting = sum(count for _, verdict, count, _ in rows if not verdict)
        undated = count_verdicts(connection, PatchFilter(unit=unit, reviewed=False), office.scope)
        dated = PatchFilter(unit=unit, reviewed=False, seen_from=date.min)
        with_day = sum(row[2] for row in count_verdicts(connection, dated, office.scope))
        without_day = sum(row[2] for row in undated) - with_day
        if waiting or without_day:
            raise ConflictError("zero-new-unreviewed", count=waiting, undated=without_day)
        if not rows:
            raise ConflictError("zero-new-nothing-seen", first=first.isoformat())
        seen = {row[0] for row in rows}
        batches = tuple(batch for batch in list_batches(connection) if batch.id in seen)
        count = list_cases(connection, found, office.scope, "case_no", offset=0, limit=0).total
        left = list_cases(connection, still, office.scope, "case_no", offset=0, limit=0).total
        head = find_head(connection)[1]
    by_verdict: dict[str, int] = {}
    for _, verdict, number, _ in rows:
        by_verdict[verdict] = by_verdict.get(verdict, 0) + number
    return ZeroNewStatement(
        unit=unit or office.scope,
        first=first,
        last=last,
        batches=batches,
        by_verdict=by_verdict,
        violations=sum(by_verdict.get(verdict, 0) for verdict in violation_verdicts()),
        cases=count,
        open_cases=left,
        made_at=office.moment,
        made_by=office.principal.name,
        head=head,
        sample=office.city.sample,
    )
