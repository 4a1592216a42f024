"""One entry of the audit trail, and the chain of hashes that holds all of them together.

Every entry holds the hash of the one before it, so a changed, removed or inserted one breaks
the chain at that place. What the chain cannot show is that its newest end was cut off: keep
``head`` somewhere else; every backup does.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

Result = Literal["done", "refused", "failed"]
FIRST_HASH: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Author:
    """Who stands behind an entry, as known when it was written.

    Attributes:
        unit: Code of the unit that the person is bound to, ``""`` for none.
        address: From where, as the server saw it, ``""`` for this machine.
    """

    name: str
    role: str = ""
    unit: str = ""
    address: str = ""


Actor = Author | str  # a name alone says nothing about role and place


def author_of(actor: Actor) -> Author:
    """Give the author that an actor is."""
    return actor if isinstance(actor, Author) else Author(actor)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What happened, who did it, from where, and how it ended.

    Attributes:
        seq: Place in the chain, from 1.
        at: Moment of the entry, UTC, ISO text: the very text that is hashed.
        action: A word of the program, such as ``publish``.
        subject: What it was done to.
        detail: What else belongs to it.
    """

    seq: int
    at: str
    actor: str
    role: str
    unit: str
    address: str
    action: str
    subject: str
    result: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""

    @property
    def moment(self) -> datetime:
        """The moment of the entry, UTC."""
        return datetime.fromisoformat(self.at).astimezone(UTC)

    def chained(self, previous: str) -> "AuditEntry":
        """Give the entry with its place in the chain sealed."""
        linked = replace(self, previous_hash=previous, hash="")
        return replace(linked, hash=linked.digest())

    def digest(self) -> str:
        """Compute the hash of everything but the hash."""
        content = asdict(replace(self, hash=""))
        del content["hash"]
        return hashlib.sha256(plain_text(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Where the chain is broken.

    Attributes:
        seq: The first entry that does not fit.
        fault: ``gap``: one is missing. ``link``: it does not follow the one before it.
            ``content``: it was changed.
    """

    seq: int
    fault: Literal["gap", "link", "content"]


@dataclass(frozen=True, slots=True)
class AuditState:
    """What a check of the whole trail found.

    Attributes:
        entries: How many entries there are.
        head: Hash of the newest one; written down elsewhere, it shows a cut-off end.
        fault: Where the chain is broken, ``None`` where it is whole.
        clock_back: Entries whose clock stood before that of the entry they follow.
    """

    entries: int
    head: str
    fault: AuditFault | None
    clock_back: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the part of a document."""
        return {
            "entries": self.entries,
            "head": self.head,
            "fault": asdict(self.fault) if self.fault else None,
            "clock_back": list(self.clock_back),
        }


def check_chain(entries: Iterable[AuditEntry]) -> AuditState:
    """Check entries in rising order from the first."""
    previous, count, at = FIRST_HASH, 0, ""
    back: list[int] = []
    for entry in entries:
        count += 1
        fault: AuditFault | None = None
        if entry.seq != count:
            fault = AuditFault(count, "gap")
        elif entry.previous_hash != previous:
            fault = AuditFault(entry.seq, "link")
        elif entry.hash != entry.digest():
            fault = AuditFault(entry.seq, "content")
        if fault:
            return AuditState(count, previous, fault, tuple(back))
        if entry.at < at:
            back.append(entry.seq)
        previous, at = entry.hash, entry.at
    return AuditState(count, previous, None, tuple(back))


def moment_text(at: datetime) -> str:
    """Write a moment as entries hold it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def plain_text(value: Any) -> str:
    """Write a value as JSON that has one form only; what JSON does not know, as its text."""
    written = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    )
    return written.encode("utf-8", "backslashreplace").decode()


def one_line(text: str, most: int) -> str:
    """Give a text as one printable line that fits a column; a cut one ends in ``…``."""
    line = "".join(sign if sign.isprintable() else "�" for sign in text)
    return line if len(line) <= most else line[: most - 1] + "…"
