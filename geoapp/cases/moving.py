"""Moving cases along their track, one or many at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from geoapp.cases.case import Case, require_word
from geoapp.cases.changing import require_version, write_change
from geoapp.cases.deadline import TERM, find_deadlines, find_unknown_waits
from geoapp.cases.drafting import draft_event
from geoapp.cases.event import Event
from geoapp.cases.guard import Circumstances, MoveRequest, find_blocks, find_request_faults
from geoapp.cases.office import Office
from geoapp.cases.storage import Connection
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_document import (
    CaseDocument,
    insert_document,
    next_document_serial,
    read_documents,
)
from geoapp.cases.storage_event import read_events
from geoapp.cases.storage_evidence import count_evidence
from geoapp.cases.track import Move, stages_of_kind
from geoapp.errors import GeoAppError, InputError

MOST_MOVED: Final = 500


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A move that the stage allows, and what stands against it now.

    Attributes:
        blocks: Empty: it can be taken today.
    """

    move: Move
    blocks: tuple[GeoAppError, ...]

    @property
    def allowed(self) -> bool:
        """Whether it can be taken today."""
        return not self.blocks


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """A document that is to be written for a move.

    Attributes:
        number: The register's number for it: it stands on the paper.
        events: History of the case before the move.
    """

    case: Case
    move: Move
    request: MoveRequest
    number: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document as its writer gives it."""

    name: str
    media: str
    content: bytes


WriteDocument = Callable[[DocumentOrder], WrittenDocument]
NumberDocument = Callable[[str, str, int, int], str]


def plain_number(kind: str, unit: str, year: int, serial: int) -> str:
    """Number a document where the office has no form of its own.

    >>> plain_number("urging_notice", "439901", 2026, 7)
    'urging_notice-439901-2026-0007'
    """
    return f"{kind}-{unit}-{year}-{serial:04d}"


class CaseMover:
    """Takes moves for one acting principal."""

    def __init__(self, office: Office, number_document: NumberDocument = plain_number) -> None:
        self._office = office
        self._number = number_document

    def offered(self, case: int | str) -> tuple[OfferedMove, ...]:
        """List the moves that the stage of a case allows, each with what stands against it.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            found = office.require_found(find_case(connection, case), case)
            around = self._look_around(connection, found)
        role, today = office.principal.role, office.today
        return tuple(
            OfferedMove(move, tuple(find_blocks(found, move, around, today, role)))
            for move in office.track(found.track).moves_from(found.stage)
        )

    def move(
        self,
        case: int | str,
        seen: int,
        request: MoveRequest,
        *,
        write_document: WriteDocument | None = None,
    ) -> Case:
        """Take a move.

        Args:
            case: Id or number.
            seen: Version of the case that the person has seen.
            request: The move, its day, reason and document.
            write_document: Writes the document that the move needs; it is numbered, kept and
                entered in the same transaction, so there is no move without its document and
                no document without its move.

        Raises:
            ConflictError: It was changed since, or the move is not possible now.
            InputError: Reason, document, day or permit is missing or wrong.
            AccessError: The principal may not move cases.
        """
        self._office.require("move_cases")
        with self._office.store.writing() as connection:
            return self._take(connection, case, seen, request, write_document)

    def move_many(self, cases: Sequence[tuple[int | str, int]], request: MoveRequest) -> list[Case]:
        """Take one move for many cases: for all of them, or for none.

        Args:
            cases: Id or number of each, and the version that the person has seen.
            request: The move, with one reason and document for all.

        Raises:
            InputError: Too many cases, or one stands twice.
            ConflictError: One of them cannot be moved; the error names it.
            AccessError: The principal may not move cases.
        """
        self._office.require("move_cases")
        if not 0 < len(cases) <= MOST_MOVED:
            raise InputError("case-too-many", count=len(cases), most=MOST_MOVED)
        if len({case for case, _ in cases}) != len(cases):
            raise InputError("case-named-twice")
        moved = []
        with self._office.store.writing() as connection:
            for case, seen in cases:
                try:
                    moved.append(self._take(connection, case, seen, request, None))
                except GeoAppError as error:
                    facts = {"case": str(case)} | error.facts
                    raise type(error)(error.code, **facts) from error
        return moved

    def documents(self, case: int | str) -> list[CaseDocument]:
        """List the documents that were written for a case.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            found = self._office.require_found(find_case(connection, case), case)
            return read_documents(connection, found.id)

    def read_document(self, document: CaseDocument) -> bytes:
        """Read a document that ``documents`` listed, byte for byte.

        Raises:
            NotFoundError: The case is not to be seen, or the file is gone.
            ConflictError: The file is not what was written.
            AccessError: The principal may not see cases.
        """
        if document not in self.documents(document.case):
            raise InputError("case-document-unknown", document=document.number)
        return self._office.attachments.read(document.sha256)

    def _take(
        self,
        connection: Connection,
        key: int | str,
        seen: int,
        request: MoveRequest,
        write_document: WriteDocument | None,
    ) -> Case:
        office = self._office
        before = require_version(office, connection, key, seen)
        move = office.track(before.track).move(request.move)
        around = self._look_around(connection, before)
        number = unit = ""
        serial = 0
        if write_document is not None:
            unit, year = before.units.district, request.on.year
            serial = next_document_serial(connection, move.document, unit, year)
            number = self._number(move.document, unit, year, serial)
            request = replace(request, document=number)
        faults = find_blocks(before, move, around, request.on, office.principal.role)
        faults += find_request_faults(before, move, request, around, office.today)
        for fault in faults:
            raise fault
        written = None
        if write_document is not None:
            order = DocumentOrder(before, move, request, number, around.events)
            written = write_document(order)
        after, event = self._write(connection, before, move, request, written)
        if written is not None:
            insert_document(
                connection,
                {
                    "case": before.id,
                    "event": event.seq,
                    "kind": move.document,
                    "number": number,
                    "no_unit": unit,
                    "no_year": request.on.year,
                    "no_serial": serial,
                    "sha256": event.facts["document_sha256"],
                    "name": written.name,
                    "media": written.media,
                    "size": len(written.content),
                },
            )
        return after

    def _write(
        self,
        connection: Connection,
        before: Case,
        move: Move,
        request: MoveRequest,
        written: WrittenDocument | None,
    ) -> tuple[Case, Event]:
        office = self._office
        stage = move.to or before.stage
        closed = stage in stages_of_kind("closed", "exit")
        after = replace(
            before,
            stage=stage,
            stage_since=request.on if move.to else before.stage_since,
            permit=require_word(request.permit, "permit") or before.permit,
            closed_on=request.on if closed else None,
        )
        facts: dict[str, object] = {}
        if request.term is not None:
            facts[TERM] = request.term.isoformat()
        if request.permit:
            facts["permit"] = after.permit
        if written is not None:
            facts["document_sha256"] = office.attachments.add(written.content)
        event = draft_event(
            office,
            "moved",
            request.on,
            request.reason,
            stage=before.stage,
            document=(move.document, request.document),
            facts=facts,
        )
        return write_change(office, connection, before, after, replace(event, move=move.id))

    def _look_around(self, connection: Connection, case: Case) -> Circumstances:
        events = read_events(connection, "case", case.id)
        track = self._office.track(case.track)
        deadlines = find_deadlines(track, events, self._office.days)
        return Circumstances(
            events,
            deadlines,
            count_evidence(connection, case.id, "after"),
            find_unknown_waits(track, events, deadlines),
        )
