"""The planner's lists with their history: who entered what when, and what it was before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from geoapp.access.policy import Principal, require
from geoapp.errors import ConflictError, InputError, NotFoundError
from geoapp.planning.storage_ledger import (
    Connection,
    Entry,
    Kind,
    LedgerStore,
    append,
    read_current,
    read_newest,
    read_versions,
    to_text,
)

_LONGEST_REASON: Final = 400
Record = Callable[[Connection, str, Mapping[str, Any]], None]  # transaction, list, facts


def _nothing(_connection: Connection, _list: str, _facts: Mapping[str, Any]) -> None:
    """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry is to be.

    Attributes:
        geometry: WKB, EPSG:4490.
        seen: Version that the person saw, ``None`` where a file is imported.
    """

    key: str
    unit: str
    content: Mapping[str, Any]
    geometry: bytes | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the entries of a file or a form."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def to_json(self) -> dict[str, int]:
        """Give the counts."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
        }


class Ledger:
    """Lists of a city for one acting principal."""

    def __init__(
        self,
        store: LedgerStore,
        principal: Principal,
        now: Callable[[], datetime],
        *,
        sample: bool,
        record: Record = _nothing,
    ) -> None:
        self._record = record
        self._store = store
        self._principal = principal
        self._now = now
        self._sample = sample

    def current(self, kind: Kind, name: str = "") -> list[Entry]:
        """Read what stands on a list now.

        Raises:
            AccessError: The principal may not see planning.
        """
        require(self._principal, "view_planning")
        with self._store.reading() as connection:
            return read_current(connection, kind, name)

    def history(self, kind: Kind, name: str, key: str) -> list[Entry]:
        """Read every version of an entry, newest first.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not see planning.
        """
        require(self._principal, "view_planning")
        with self._store.reading() as connection:
            found = read_versions(connection, kind, name, key)
        if not found:
            raise NotFoundError("planning-entry-unknown", key=key)
        return found

    def write(
        self,
        kind: Kind,
        name: str,
        drafts: Sequence[Draft],
        *,
        reason: str,
        source: str = "",
        whole: bool = False,
    ) -> Written:
        """Write entries: all of them, or none.

        Args:
            kind: What they are.
            name: Which list.
            drafts: The entries; each key once.
            reason: Why.
            source: File that they come from.
            whole: What is on the list and not among them is taken off.

        Raises:
            InputError: The reason is missing or too long.
            ConflictError: Somebody changed an entry since it was seen.
            AccessError: The principal may not edit planning.
        """
        require(self._principal, "edit_planning")
        why = _require_reason(reason)
        with self._store.writing() as connection:
            keys = [draft.key for draft in drafts]
            known = read_newest(connection, kind, name, None if whole else keys)
            made: list[Entry] = []
            counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}
            for draft in drafts:
                before = known.get(draft.key)
                _require_seen(draft, before)
                if before and not before.removed and _same(draft, before):
                    counts["unchanged"] += 1
                    continue
                fresh = before is None or before.removed
                counts["added" if fresh else "changed"] += 1
                made.append(self._version(kind, name, draft, before, why, source))
            for key in known.keys() - set(keys) if whole else ():
                if not known[key].removed:
                    counts["removed"] += 1
                    made.append(self._removal(known[key], why, source))
            append(connection, made)
            if made:
                facts = counts | {"reason": why, "source": source}
                self._record(connection, f"{kind} {name}".strip(), facts)
        return Written(**counts)

    def remove(self, kind: Kind, name: str, key: str, seen: int, *, reason: str) -> None:
        """Take an entry off its list; its history stays.

        Raises:
            InputError: The reason is missing or too long.
            NotFoundError: There is no such entry.
            ConflictError: Somebody changed it since it was seen.
            AccessError: The principal may not edit planning.
        """
        require(self._principal, "edit_planning")
        why = _require_reason(reason)
        with self._store.writing() as connection:
            before = read_newest(connection, kind, name, [key]).get(key)
            if before is None or before.removed:
                raise NotFoundError("planning-entry-unknown", key=key)
            _require_seen(Draft(key, "", {}, seen=seen), before)
            append(connection, [self._removal(before, why, "")])
            facts = {"removed": 1, "key": key, "reason": why}
            self._record(connection, f"{kind} {name}".strip(), facts)

    def _version(
        self, kind: Kind, name: str, draft: Draft, before: Entry | None, reason: str, source: str
    ) -> Entry:
        return Entry(
            kind=kind,
            list=name,
            key=draft.key,
            version=before.version + 1 if before else 1,
            current=True,
            removed=False,
            unit=draft.unit,
            content=draft.content,
            geometry=draft.geometry,
            actor=self._principal.name,
            at=self._now().isoformat(timespec="seconds"),
            reason=reason,
            source=source,
            sample=self._sample,
        )

    def _removal(self, before: Entry, reason: str, source: str) -> Entry:
        return replace(
            before,
            version=before.version + 1,
            removed=True,
            actor=self._principal.name,
            at=self._now().isoformat(timespec="seconds"),
            reason=reason,
            source=source,
        )


def _require_reason(reason: str) -> str:
    words = reason.strip()
    if not words or len(words) > _LONGEST_REASON:
        raise InputError("planning-reason-wrong", most=_LONGEST_REASON)
    return words


def _require_seen(draft: Draft, before: Entry | None) -> None:
    if draft.seen is None:
        return
    version = 0 if before is None or (before.removed and draft.seen == 0) else before.version
    if draft.seen != version and before is not None:
        raise ConflictError(
            "planning-entry-changed", key=draft.key, actor=before.actor, at=before.at
        )


def _same(draft: Draft, before: Entry) -> bool:
    return (
        draft.unit == before.unit
        and draft.geometry == before.geometry
        and to_text(draft.content) == to_text(before.content)
    )
