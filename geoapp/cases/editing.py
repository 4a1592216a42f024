"""Changing what is said of a case, and recording what was torn down."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import shapely

from geoapp.cases.case import (
    OWNER_KINDS,
    TRACKS,
    Amounts,
    Case,
    CaseEdit,
    DemolitionReport,
    Registered,
    require_area,
    require_households,
    require_offered,
    require_word,
)
from geoapp.cases.changing import require_version, write_change
from geoapp.cases.drafting import draft_event, require_mode, take_footprint, take_keys
from geoapp.cases.event import Event, EventKind
from geoapp.cases.office import Office
from geoapp.cases.storage import to_area
from geoapp.cases.storage_event import read_events
from geoapp.cases.track import stages_of_kind
from geoapp.errors import ConflictError, InputError

_LONGEST_NOTE: Final = 4000
_WORDS: Final = ("cause", "office", "inspector", "permit")


class CaseEditor:
    """Edits cases for one acting principal."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def edit(self, case: int | str, seen: int, edit: CaseEdit, reason: str) -> Case:
        """Change what is said of a case; the history keeps what was said before.

        Args:
            case: Id or number.
            seen: Version of the case that the editor has seen.
            edit: What is changed.
            reason: Why.

        Raises:
            ConflictError: It was changed since, less would be registered than was torn down,
                or it is settled.
            InputError: A value cannot be taken, nothing is changed, or the reason is missing.
            AccessError: The principal may not edit cases, or not there.
        """
        office = self._office
        office.require("edit_cases")
        _require_reason(reason)
        bounds: Sequence[float] | None = None
        with office.store.writing() as connection:
            before = require_version(office, connection, case, seen)
            if before.stage in stages_of_kind("closed", "exit"):
                raise ConflictError("case-settled", stage=f"@case.stage_{before.stage}")
            after = self._apply_words(before, edit)
            if edit.footprint is not None:
                taken = take_footprint(office, edit.footprint)
                bounds = taken.bounds
                after = replace(
                    after,
                    footprint_wkb=shapely.to_wkb(taken.shape),
                    longitude=taken.inner[0],
                    latitude=taken.inner[1],
                    units=taken.units,
                    registered=replace(after.registered, land_area_m2=to_area(taken.area)),
                )
            if edit.track is not None and before.stage not in {"lead", "verified"}:
                raise ConflictError("case-track-fixed", stage=f"@case.stage_{before.stage}")
            _require_enough(after.registered, after.demolished)
            changes = find_changes(before, after)
            if not changes:
                raise InputError("case-nothing-changed")
            event = draft_event(
                office, "edited", office.today, reason, stage=before.stage, facts=changes
            )
            return write_change(office, connection, before, after, event, bounds=bounds)[0]

    def note(
        self, case: int | str, seen: int | None, words: str, *, kind: EventKind = "noted"
    ) -> Case:
        """Add a remark, or with kind ``visited`` a visit, to the history of a case.

        Raises:
            ConflictError: It was changed since the version that was seen.
            InputError: There are no words.
            AccessError: The principal may not edit cases, or not there.
        """
        office = self._office
        office.require("edit_cases")
        _require_reason(words)
        with office.store.writing() as connection:
            before = require_version(office, connection, case, seen)
            event = draft_event(office, kind, office.today, words, stage=before.stage)
            return write_change(office, connection, before, before, event)[0]

    def add_document(
        self, case: int | str, seen: int | None, kind: str, document: str, on: date, reason: str
    ) -> Case:
        """Enter a document that moves nothing, such as a court's judgement.

        Args:
            case: Id or number.
            seen: Version of the case that the editor has seen.
            kind: Kind of the document; ``review_outcome`` ends the waiting for a suit.
            document: Its reference.
            on: Its day.
            reason: What it says.

        Raises:
            ConflictError: It was changed since.
            InputError: Kind, reference or reason is missing.
            AccessError: The principal may not move cases, or not there.
        """
        office = self._office
        office.require("move_cases")
        _require_reason(reason)
        if not document.strip() or not kind.strip():
            raise InputError("case-document-missing", document=f"@case.document_{kind}")
        with office.store.writing() as connection:
            before = require_version(office, connection, case, seen)
            event = draft_event(
                office, "document", on, reason, stage=before.stage, document=(kind, document)
            )
            return write_change(office, connection, before, before, event)[0]

    def demolish(self, case: int | str, seen: int, report: DemolitionReport) -> Case:
        """Record what was torn down on a day; the stage stays until that is confirmed.

        Raises:
            ConflictError: It was changed since; more would be torn down than was registered;
                the stage does not allow this mode; amounts are not established yet.
            InputError: An amount, the day or the reason is wrong.
            AccessError: The principal may not edit cases, or not there.
        """
        amounts = Amounts(
            require_households(report.amounts.households) or 0,
            require_area(report.amounts.land_area_m2, "land_area") or Decimal("0.00"),
            require_area(report.amounts.floor_area_m2, "floor_area") or Decimal("0.00"),
        )
        self._office.require("edit_cases")
        return self._record(case, seen, replace(report, amounts=amounts), correction=False)

    def correct(self, case: int | str, seen: int, report: DemolitionReport) -> Case:
        """Take back what was recorded too much: ``report.amounts`` is subtracted.

        Raises:
            ConflictError: It was changed since, or more is taken back than was recorded for
                the mode.
            InputError: An amount, the day or the reason is wrong.
            AccessError: The principal may not correct cases.
        """
        self._office.require("correct_cases")
        wrong = report.amounts
        amounts = Amounts(
            -(require_households(wrong.households) or 0),
            -(require_area(wrong.land_area_m2, "land_area") or Decimal("0.00")),
            -(require_area(wrong.floor_area_m2, "floor_area") or Decimal("0.00")),
        )
        return self._record(case, seen, replace(report, amounts=amounts), correction=True)

    def _record(
        self, case: int | str, seen: int, report: DemolitionReport, *, correction: bool
    ) -> Case:
        office = self._office
        require_mode(report.mode)
        _require_reason(report.reason)
        if report.amounts.nothing:
            raise InputError("case-nothing-demolished")
        with office.store.writing() as connection:
            before = require_version(office, connection, case, seen)
            modes = office.track(before.track).demolition
            settled = before.stage in stages_of_kind("closed", "exit")
            if settled or not (correction or before.stage in modes[report.mode]):
                raise ConflictError(
                    "case-demolition-not-allowed",
                    mode=f"@case.mode_{report.mode}",
                    stage=f"@case.stage_{before.stage}",
                )
            if not before.registered.known:
                raise ConflictError("case-amounts-unknown")
            if report.on < before.found_on:
                day, last = report.on.isoformat(), before.found_on.isoformat()
                raise ConflictError("case-date-before", day=day, last=last)
            events = read_events(connection, "case", before.id)
            of_mode = [e.amounts for e in events if e.mode == report.mode]
            if _sum([*of_mode, report.amounts]).falls_short:
                raise ConflictError("case-correction-too-large")
            demolished = before.demolished.plus(report.amounts)
            _require_enough(before.registered, demolished)
            last_day = _last_day([*events, report], demolished)
            after = replace(before, demolished=demolished, demolished_on=last_day)
            document = ("demolition_record", report.document) if report.document else ("", "")
            event = draft_event(
                office,
                "demolished",
                report.on,
                report.reason,
                stage=before.stage,
                mode=report.mode,
                amounts=report.amounts,
                document=document,
                facts={"correction": True} if correction else None,
            )
            return write_change(office, connection, before, after, event)[0]

    def _apply_words(self, before: Case, edit: CaseEdit) -> Case:
        if edit.owner_kind is not None:
            require_offered(edit.owner_kind, "owner_kind", OWNER_KINDS)
        if edit.track is not None:
            require_offered(edit.track, "track", TRACKS)
        registered = before.registered
        if edit.households is not None:
            registered = replace(registered, households=require_households(edit.households))
        if edit.floor_area_m2 is not None:
            floor = require_area(edit.floor_area_m2, "floor_area")
            registered = replace(registered, floor_area_m2=floor)
        values: dict[str, Any] = {
            name: require_word(value, name)
            for name in _WORDS
            if (value := getattr(edit, name)) is not None
        }
        if edit.note is not None:
            values["note"] = require_word(edit.note, "note", longest=_LONGEST_NOTE)
        if edit.household_keys is not None:
            values["household_keys"] = take_keys(edit.household_keys)
        for name in ("owner_kind", "track"):
            if getattr(edit, name) is not None:
                values[name] = getattr(edit, name)
        return replace(before, registered=registered, **values)


def find_changes(before: Case, after: Case) -> dict[str, list[object]]:
    """Give what differs between two states of a case, before and after, as events keep it."""
    shown = (
        *("track", "owner_kind", "cause", "office", "inspector", "note", "permit"),
        "household_keys",
    )
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in shown}
    for name in ("land_area_m2", "households", "floor_area_m2"):
        pairs[name] = (getattr(before.registered, name), getattr(after.registered, name))
    pairs["footprint"] = (before.footprint_wkb.hex(), after.footprint_wkb.hex())
    pairs["units"] = (before.units.finest, after.units.finest)
    return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def _sum(amounts: Sequence[Amounts]) -> Amounts:
    total = Amounts()
    for part in amounts:
        total = total.plus(part)
    return total


def _last_day(acts: Sequence[Event | DemolitionReport], demolished: Amounts) -> date | None:
    """Give the last day on which more was torn down than was taken back of it."""
    by_day: dict[date, Amounts] = {}
    for act in acts:
        by_day[act.on] = by_day.get(act.on, Amounts()).plus(act.amounts)
    return None if demolished.nothing else max(d for d, part in by_day.items() if part.something)


def _require_enough(registered: Registered, demolished: Amounts) -> None:
    """Stop unless what was torn down is at most what was registered, in every quantity."""
    left = registered.remaining(demolished)
    short = left.land_area_m2 < 0 or (left.households or 0) < 0 or (left.floor_area_m2 or 0) < 0
    if short or (not registered.known and not demolished.nothing):
        raise ConflictError(
            "case-more-than-registered",
            households="-" if left.households is None else left.households,
            land_m2=left.land_area_m2,
            floor_m2="-" if left.floor_area_m2 is None else left.floor_area_m2,
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("case-reason-missing")
