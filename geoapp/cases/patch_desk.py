"""Taking in batches of patches, judging them, and opening cases from them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import shapely

from geoapp.cases.case import Case, NewCase, Units, require_word
from geoapp.cases.drafting import draft_event, take_footprint
from geoapp.cases.office import Office
from geoapp.cases.patch import (
    UNREVIEWED,
    Batch,
    BatchProgress,
    Patch,
    PatchFilter,
    PatchPage,
    read_verdicts,
)
from geoapp.cases.patch_matching import match_patches
from geoapp.cases.patch_reading import ReadPatches, read_patches
from geoapp.cases.register import CaseRegister
from geoapp.cases.storage import Connection
from geoapp.cases.storage_event import append_events, find_last_event
from geoapp.cases.storage_patch import (
    count_verdicts,
    find_batch,
    find_patch,
    insert_batch,
    list_batches,
    list_patches,
    next_batch_id,
    next_patch_id,
    update_patch,
    violation_verdicts,
)
from geoapp.catalog.manifest import Repair
from geoapp.errors import ConflictError, InputError, NotFoundError
from geoapp.geometry.crs import DatumShift
from geoapp.importers.reading import AUTO

MOST_JUDGED: Final = 500
MOST_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class PatchReport:
    """What became of a batch.

    Attributes:
        fields: Canonical field → field of the file.
        unmapped: Fields of the file that are kept under their own names.
        same: Patches on the ground of an earlier patch.
        known: Patches on the ground of a case that is not settled.
        rebuilt: Patches on ground where a case was torn down: suspected rebuilding.
        outside: Patches whose inner point lies in no district.
    """

    batch: Batch
    count: int
    fields: dict[str, str]
    unmapped: tuple[str, ...]
    repairs: tuple[Repair, ...]
    same: int
    known: int
    rebuilt: int
    outside: int


class PatchDesk:
    """Patches for one acting principal."""

    def __init__(self, office: Office, register: CaseRegister, shift: DatumShift | None) -> None:
        self._office = office
        self._register = register
        self._shift = shift

    def import_file(
        self, file: Path, name: str, *, crs: str = AUTO, sublayer: str = ""
    ) -> PatchReport:
        """Take in a batch: all of it, or nothing.

        Every patch is compared with earlier patches and with the cases that are known; none
        is left out because of that.

        Args:
            file: The file.
            name: Name of the batch, as the superior office gives it.
            crs: Stated system, or ``auto``.
            sublayer: Which layer of the file, where it holds several.

        Raises:
            InputError: The file cannot be taken; the error names the row.
            ConflictError: This file, or a batch of this name, is there already.
            AccessError: The principal may not import.
        """
        office = self._office
        office.require("import_cases")
        name = require_word(name, "batch", longest=100)
        if not name:
            raise InputError("patch-batch-unnamed")
        read = read_patches(file, office.city, self._shift, crs=crs, sublayer=sublayer)
        return self.add(read, name)

    def add(self, read: ReadPatches, name: str) -> PatchReport:
        """Take in a batch that was read; see ``import_file``."""
        office = self._office
        office.require("import_cases")
        units = office.locate(read.footprints)
        with office.store.writing() as connection:
            for known in (
                find_batch(connection, sha256=read.sha256),
                find_batch(connection, name=name),
            ):
                if known is not None:
                    day = known.imported_at[:10]
                    raise ConflictError("patch-batch-known", batch=known.name, day=day)
            batch = self._draft_batch(next_batch_id(connection), read, name)
            same, cases = match_patches(connection, read.footprints, office.city.crs)
            patches = self._draft(next_patch_id(connection), batch, read, units, same, cases)
            boxes = shapely.bounds(read.footprints).tolist()
            insert_batch(connection, batch, list(zip(patches, boxes, strict=True)))
            append_events(
                connection,
                [
                    draft_event(
                        office,
                        "imported",
                        office.today,
                        name,
                        subject=("patch", patch.id),
                        facts={"number": patch.number, "footprint": patch.footprint_wkb.hex()},
                    )
                    for patch in patches
                ],
                office.principal.author,
            )
        return _report(batch, read, patches, set(cases[1]))

    def select(
        self,
        wanted: PatchFilter = PatchFilter(),  # noqa: B008  frozen
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> PatchPage:
        """List patches, some at a time.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        limit = min(max(limit, 0), MOST_LISTED)
        with office.store.reading() as connection:
            return list_patches(
                connection, wanted, office.scope, offset=max(offset, 0), limit=limit
            )

    def show(self, patch: int) -> Patch:
        """Give a patch.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            return self._require(connection, patch)

    def progress(self, wanted: PatchFilter = PatchFilter()) -> tuple[BatchProgress, ...]:  # noqa: B008
        """Count every batch, newest first: judged, violations, done with.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            batches = list_batches(connection)
            rows = count_verdicts(connection, wanted, office.scope)
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        settled: dict[int, int] = defaultdict(int)
        for batch, verdict, count, done in rows:
            counts[batch][verdict] = count
            settled[batch] += done if verdict in violation_verdicts() else 0
        return tuple(
            BatchProgress(
                batch,
                sum(counts[batch.id].values()),
                counts[batch.id],
                sum(counts[batch.id].get(verdict, 0) for verdict in violation_verdicts()),
                settled[batch.id],
            )
            for batch in batches
            if wanted.batch in {None, batch.id}
        )

    def judge(
        self,
        patches: Sequence[tuple[int, int]],
        verdict: str,
        reason_code: str,
        reason: str,
        *,
        on: date,
        link_known: bool = False,
    ) -> list[Patch]:
        """Judge patches: all of them with one verdict and reason, or none.

        Args:
            patches: Id of each, and the version that the person has seen.
            verdict: What they are.
            reason_code: One of the reasons that the verdict offers, ``""`` where it needs none.
            reason: In words.
            on: Day of the judgement.
            link_known: A violation on the ground of a known case belongs to that case.

        Raises:
            ConflictError: One was changed since, or a case was opened from it and the verdict
                is no violation.
            InputError: Verdict, reason or day is wrong, or there are too many.
            AccessError: The principal may not judge patches.
        """
        office = self._office
        office.require("review_patches")
        found = read_verdicts().require(verdict, reason_code)
        if not reason.strip():
            raise InputError("case-reason-missing")
        if not 0 < len(patches) <= MOST_JUDGED:
            raise InputError("case-too-many", count=len(patches), most=MOST_JUDGED)
        judged = []
        with office.store.writing() as connection:
            for key, seen in patches:
                before = self._require(connection, key, seen)
                if before.case is not None and not found.violation:
                    raise ConflictError("patch-has-case", patch=before.number)
                after = replace(before, verdict=verdict, reason_code=reason_code, reviewed_on=on)
                if link_known and found.violation and before.case is None:
                    after = replace(after, case=before.known_case)
                judged.append(self._write(connection, before, after, reason, on))
        return judged

    def open_case(self, patch: int, seen: int, new: NewCase, *, reason: str = "") -> Case:
        """Open a case from a patch; both know of each other.

        Args:
            patch: Its id.
            seen: The version that the person has seen.
            new: What was entered; its footprint need not be the patch's, which is coarse.
            reason: Why; needed where the ground stands in another case.

        Raises:
            ConflictError: It has a case, was changed since, or was judged no violation.
            InputError: A value cannot be taken.
            AccessError: The principal may not, or not there.
        """
        office = self._office
        office.require("edit_cases")
        taken = take_footprint(office, new.footprint)
        if not taken.units.district:
            raise InputError("case-outside-units")
        context = office.assess(taken.shape)
        with office.store.writing() as connection:
            before = self._require(connection, patch, seen)
            if before.case is not None:
                raise ConflictError("patch-has-case", patch=before.number)
            if before.verdict not in {UNREVIEWED, *violation_verdicts()}:
                raise ConflictError("patch-no-violation", patch=before.number)
            led = replace(new, patch=before.id, source="satellite")
            case = self._register.write_new(
                connection, led, taken, context, reason, despite_doubts=bool(reason.strip())
            )
            after = replace(before, case=case.id)
            self._write(connection, before, after, case.case_no, office.today)
        return case

    def _require(self, connection: Connection, patch: int, seen: int | None = None) -> Patch:
        found = find_patch(connection, patch)
        if found is None or not self._office.may_see(found.units):
            raise NotFoundError("patch-unknown", patch=patch)
        if seen is not None and found.version != seen:
            last = find_last_event(connection, "patch", patch)
            raise ConflictError(
                "patch-changed",
                patch=found.number,
                actor=last.actor if last else "-",
                at=last.at[:16].replace("T", " ") if last else "-",
            )
        return found

    def _write(
        self, connection: Connection, before: Patch, after: Patch, reason: str, on: date
    ) -> Patch:
        written = replace(after, version=before.version + 1)
        event = draft_event(
            self._office,
            "verdict",
            on,
            reason,
            subject=("patch", before.id),
            facts={
                "verdict": written.verdict,
                "reason_code": written.reason_code,
                "case": written.case,
            },
        )
        append_events(
            connection,
            [replace(event, version=written.version)],
            self._office.principal.author,
        )
        if not update_patch(connection, written, before.version):
            raise ConflictError("register-unavailable", reason=before.number)
        return written

    def _draft_batch(self, key: int, read: ReadPatches, name: str) -> Batch:
        befores = [day for day in read.seen_from if day]
        afters = [day for day in read.seen_on if day]
        return Batch(
            id=key,
            name=name,
            file=read.file[:200],
            sha256=read.sha256,
            image_before=min(befores, default=None),
            image_after=max(afters, default=None),
            imported_at=self._office.moment,
            imported_by=self._office.principal.name,
            sample=self._office.city.sample,
        )

    def _draft(
        self,
        first: int,
        batch: Batch,
        read: ReadPatches,
        units: Sequence[Units],
        same: dict[int, int],
        cases: tuple[dict[int, int], list[int]],
    ) -> list[Patch]:
        shapes = shapely.to_wkb(read.footprints)
        return [
            Patch(
                id=first + row,
                batch=batch.id,
                number=number,
                version=1,
                footprint_wkb=shapes[row],
                area_m2=read.areas[row],
                declared_area_m2=read.declared[row],
                units=units[row],
                seen_from=read.seen_from[row],
                seen_on=read.seen_on[row],
                kind=read.kinds[row],
                attributes=read.attributes[row],
                verdict=UNREVIEWED,
                reason_code="",
                reviewed_on=None,
                same_as_patch=same.get(row),
                known_case=cases[0].get(row),
                case=None,
            )
            for row, number in enumerate(read.numbers)
        ]


def _report(
    batch: Batch, read: ReadPatches, patches: Sequence[Patch], rebuilt: set[int]
) -> PatchReport:
    return PatchReport(
        batch=batch,
        count=len(patches),
        fields=read.fields,
        unmapped=read.unmapped,
        repairs=read.repairs,
        same=sum(patch.same_as_patch is not None for patch in patches),
        known=sum(
            patch.known_case is not None and row not in rebuilt for row, patch in enumerate(patches)
        ),
        rebuilt=len(rebuilt),
        outside=sum(not patch.units.district for patch in patches),
    )
