"""Evidence of cases: photos and documents, kept as they came, shown with what is odd."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from geoapp.cases.case import Case, require_offered, require_word
from geoapp.cases.changing import require_version, write_change
from geoapp.cases.drafting import draft_event
from geoapp.cases.office import Office
from geoapp.cases.photo import PhotoFacts, draw_thumbnail, is_photo, read_photo
from geoapp.cases.plausibility import Remark, find_remarks
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_event import read_events
from geoapp.cases.storage_evidence import (
    Evidence,
    find_evidence,
    find_uses,
    insert_evidence,
    next_evidence_id,
    read_evidence,
)
from geoapp.catalog.disk import discard
from geoapp.errors import ConflictError, FileError, InputError, NotFoundError

Role = Literal["before", "after", "scene", "document"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
MOST_PIECES: Final = 200
_DOCUMENTS: Final = {
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """What somebody hands in.

    Attributes:
        name: Name of the file; shown, never used as a path.
        role: ``before`` or ``after`` the demolition, the ``scene``, or a ``document``.
    """

    content: bytes
    name: str
    role: Role
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A piece of evidence with what is odd about it; nothing of it is for the public."""

    evidence: Evidence
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The newest photo from before and from after the demolition, where there are any."""

    before: Evidence | None
    after: Evidence | None


class EvidenceFile:
    """Evidence for one acting principal."""

    def __init__(self, office: Office, thumbnails: Path) -> None:
        self._office = office
        self._thumbnails = thumbnails

    def add(self, case: int | str, new: NewEvidence, *, seen: int | None = None) -> Case:
        """Add a photo or document to a case; the original stays byte for byte.

        Raises:
            FileError: It is neither a picture nor a document of a known kind, or damaged.
            InputError: It is empty or too large, or the case has too many.
            ConflictError: The case holds it already, or was changed since it was seen.
            AccessError: The principal may not edit cases, or not there.
        """
        office = self._office
        office.require("edit_cases")
        require_offered(new.role, "role", ROLES)
        name = _plain_name(new.name)
        facts = _read(new, name)
        digest = office.attachments.add(new.content)
        with office.store.writing() as connection:
            before = require_version(office, connection, case, seen)
            kept = read_evidence(connection, before.id)
            if len(kept) >= MOST_PIECES:
                raise InputError("evidence-too-many", most=MOST_PIECES)
            if any(piece.sha256 == digest for piece in kept):
                raise ConflictError("evidence-known", file=name)
            evidence = Evidence(
                id=next_evidence_id(connection),
                case=before.id,
                sha256=digest,
                role=new.role,
                media=facts.media,
                name=name,
                size=len(new.content),
                taken_at=facts.taken_at,
                longitude=facts.longitude,
                latitude=facts.latitude,
                bearing=facts.bearing,
                device=facts.device,
                added_at=office.moment,
                added_by=office.principal.name,
                caption=require_word(new.caption, "caption"),
            )
            insert_evidence(connection, [evidence])
            event = draft_event(
                office,
                "evidence",
                office.today,
                new.caption,
                stage=before.stage,
                facts={"sha256": digest, "role": new.role, "name": name, "media": facts.media},
            )
            return write_change(office, connection, before, before, event)[0]

    def select(self, case: int | str) -> tuple[ShownEvidence, ...]:
        """List the evidence of a case, oldest first, with what is odd about each piece.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            found = office.require_found(find_case(connection, case), case)
            events = read_events(connection, "case", found.id)
            shown = []
            for piece in read_evidence(connection, found.id):
                others = [use for use in find_uses(connection, piece.sha256) if use != found.id]
                cases = [other for use in others if (other := find_case(connection, use))]
                numbers = [c.case_no if office.may_see(c.units) else "-" for c in cases]
                remarks = (
                    find_remarks(piece, found, events, numbers, office.city.crs)
                    if piece.media.startswith("image/")
                    else ()
                )
                shown.append(ShownEvidence(piece, remarks))
        return tuple(shown)

    def pair(self, case: int | str) -> Pair:
        """Give the photos to lay side by side.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        photos = [s.evidence for s in self.select(case) if s.evidence.media.startswith("image/")]

        def newest(role: Role) -> Evidence | None:
            found = [photo for photo in photos if photo.role == role]
            return max(found, key=lambda photo: (photo.taken_at, photo.id), default=None)

        return Pair(newest("before"), newest("after"))

    def read(self, evidence: int) -> tuple[Evidence, bytes]:
        """Read an original, byte for byte.

        Raises:
            NotFoundError: There is none, or its case lies outside the principal's unit.
            ConflictError: The file is not what was handed in.
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            piece = find_evidence(connection, evidence)
            case = None if piece is None else find_case(connection, piece.case)
        if piece is None or case is None or not office.may_see(case.units):
            raise NotFoundError("evidence-unknown", evidence=evidence)
        return piece, office.attachments.read(piece.sha256)

    def thumbnail(self, evidence: int) -> bytes:
        """Give a small JPEG of a photo, without what the camera wrote; made once.

        Raises:
            NotFoundError: There is none, it is no photo, or its case is not to be seen.
            ConflictError: The file is not what was handed in.
            AccessError: The principal may not see cases.
        """
        piece, content = self.read(evidence)
        if not piece.media.startswith("image/"):
            raise NotFoundError("evidence-unknown", evidence=evidence)
        path = self._thumbnails / f"{piece.sha256}.jpg"
        if path.is_file():
            return path.read_bytes()
        small = draw_thumbnail(content, piece.name)
        temporary = path.with_name(f".{piece.sha256}-{id(small)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(small)
            temporary.replace(path)
        except OSError:
            discard(temporary)  # it can be drawn again
        return small


def _read(new: NewEvidence, name: str) -> PhotoFacts:
    if is_photo(new.content):
        return read_photo(new.content, name)
    for magic, media in _DOCUMENTS.items():
        if new.content.startswith(magic) and new.role == "document":
            return PhotoFacts(media, 0, 0, "", None, None, None, "")
    raise FileError("evidence-kind-unknown", file=name)


def _plain_name(name: str) -> str:
    """Give a name that can be shown: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable())
    return plain[-120:] or "-"
