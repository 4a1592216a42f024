"""One event of the register, and the chain of hashes that holds all of them together.

Every event holds the hash of the one before it in the whole register, so a changed, removed
or inserted one breaks the chain at that place. What the chain cannot show is that its newest
end was cut off: keep ``head`` somewhere else, as on a printed statement.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from geoapp.cases.case import Amounts

SubjectKind = Literal["case", "patch", "permit"]
EventKind = Literal[
    "opened",
    "imported",
    "edited",
    "moved",
    "demolished",
    "noted",
    "evidence",
    "document",
    "verdict",
    "visited",
]
FIRST_HASH: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, who did it and why.

    Attributes:
        seq: Place in the register's chain, from 1.
        subject: What it happened to, and its id.
        version: Version of the subject after it.
        at: Moment of the entry, UTC, ISO text: the very text that is hashed.
        on: Legal day of the act.
        move: Id of the move, ``""`` for other kinds.
        amounts: What was torn down; nothing for other kinds.
        facts: What else belongs to it: before and after, hash of a photo, stated day.
    """

    seq: int
    subject_kind: SubjectKind
    subject: int
    version: int
    kind: EventKind
    at: str
    on: date
    actor: str
    reason: str
    move: str = ""
    from_stage: str = ""
    to_stage: str = ""
    document_kind: str = ""
    document: str = ""
    mode: str = ""
    amounts: Amounts = field(default_factory=Amounts)
    facts: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""

    def chained(self, previous: str) -> "Event":
        """Give the event with its place in the chain sealed."""
        linked = replace(self, previous_hash=previous, hash="")
        return replace(linked, hash=linked.digest())

    def digest(self) -> str:
        """Compute the hash of everything but the hash."""
        content = {name: getattr(self, name) for name in _HASHED}
        content["amounts"] = asdict(self.amounts)
        return hashlib.sha256(canonical_text(content).encode()).hexdigest()


_HASHED: Final = tuple(part.name for part in fields(Event) if part.name != "hash")


def canonical_text(value: Any) -> str:
    """Write a value as JSON that has one form only."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


@dataclass(frozen=True, slots=True)
class ChainFault:
    """Where the chain is broken.

    Attributes:
        seq: The first event that does not fit.
        fault: ``gap``: one is missing. ``link``: it does not follow the one before it.
            ``content``: it was changed.
    """

    seq: int
    fault: Literal["gap", "link", "content"]


def find_chain_fault(events: Iterable[Event]) -> ChainFault | None:
    """Check events in rising order from the first; ``None`` when the chain is whole."""
    previous, expected = FIRST_HASH, 1
    for event in events:
        if event.seq != expected:
            return ChainFault(expected, "gap")
        if event.previous_hash != previous:
            return ChainFault(event.seq, "link")
        if event.hash != event.digest():
            return ChainFault(event.seq, "content")
        previous, expected = event.hash, expected + 1
    return None


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} has no canonical form"
    raise TypeError(message)
