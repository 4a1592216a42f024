"""The register of checks: storing them, giving them back, noticing what was tampered with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from geoapp.catalog.audit import Actor, author_of
from geoapp.compliance.finding import Verdict
from geoapp.compliance.record import (
    StoredRequest,
    read_request,
    read_result,
    write_request,
    write_result,
)
from geoapp.compliance.result import CheckResult
from geoapp.compliance.rulebook import RuleBook
from geoapp.compliance.serial import make_serial, require_serial
from geoapp.compliance.signing import canonical, is_signed, sign
from geoapp.compliance.storage import CheckTable, Row
from geoapp.compliance.stored import Override, StoredCheck
from geoapp.errors import ChoiceError, ConflictError, NotFoundError

_UNSIGNED: Final = frozenset({"digest", "rulebook", "id"})
_LONGEST_TITLE: Final = 200
_LONGEST_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the register, read.

    Attributes:
        row: As it stands there.
        tampered: It, its rules or a conclusion beside it is not what was stored.
    """

    row: Row
    tampered: bool

    def require_whole(self) -> None:
        """Stop unless it is what was stored.

        Raises:
            ConflictError: It was tampered with.
        """
        if self.tampered:
            raise ConflictError("check-tampered", serial=self.row["serial"])

    @property
    def request(self) -> StoredRequest:
        """What was asked."""
        return read_request(json.loads(self.row["request"]))

    @property
    def result(self) -> CheckResult:
        """What was found."""
        found = read_result(json.loads(self.row["result"]))
        return found.stored_as(self.row["serial"], self.row["made_at"])

    @property
    def rulebook(self) -> RuleBook:
        """The rules that applied."""
        return RuleBook.from_json(self.row["rulebook"])


class Register:
    """Stored checks, signed with the key of the workspace."""

    def __init__(self, table: CheckTable, key: bytes, prefix: str) -> None:
        self._table = table
        self._key = key
        self._prefix = prefix

    def store(
        self,
        result: CheckResult,
        request: StoredRequest,
        rulebook: RuleBook,
        actor: Actor,
        title: str,
    ) -> CheckResult:
        """Store a check; give it with its serial.

        Raises:
            ConflictError: The register is held by another process.
        """
        now = datetime.now(UTC)
        year = now.astimezone().year
        content = canonical(write_result(result))
        asked = canonical(write_request(request))

        def complete(number: int) -> Row:
            row: Row = {
                "serial": make_serial(self._prefix, year, number),
                "year": year,
                "number": number,
                "made_at": now,
                "actor": author_of(actor).name,
                "title": title[:_LONGEST_TITLE],
                "purpose": result.purpose,
                "verdict": result.verdict,
                "parcel_count": len(result.parcels),
                "sample": result.sample,
                "rules_digest": rulebook.digest,
                "request": asked,
                "result": content,
            }
            return row | {"digest": sign(_signed(row), self._key)}

        rules = (rulebook.digest, rulebook.model_dump_json())
        row = self._table.add(year, rules, actor, complete)
        return result.stored_as(row["serial"], now)

    def require(self, serial: str) -> Stored:
        """Give a row.

        Raises:
            NotFoundError: There is none under this serial, or it is mistyped.
        """
        name = require_serial(serial)
        row = self._table.find(name)
        if row is None:
            raise NotFoundError("check-unknown", serial=name)
        whole = is_signed(_signed(row), row["digest"], self._key)
        rules = hashlib.sha256(row["rulebook"].encode()).hexdigest() == row["rules_digest"]
        beside = all(
            is_signed(_signed(one), one["digest"], self._key)
            for one in self._table.overrides([name])
        )
        return Stored(row, tampered=not (whole and rules and beside))

    def describe(self, row: Row, result: CheckResult | None = None) -> StoredCheck:
        """Give a check with the conclusions beside it."""
        return self._describe(row, self._table.overrides([row["serial"]]), result)

    def listed(self, actor: str | None, verdict: Verdict | None, most: int) -> list[StoredCheck]:
        """List checks, newest first, without what was found; ``None``: of anybody."""
        rows = self._table.listed(actor, verdict, most)
        overrides = self._table.overrides([row["serial"] for row in rows])
        return [self._describe(row, overrides, None) for row in rows]

    def override(
        self, serial: str, parcel: str, verdict: Verdict, reason: str, actor: Actor
    ) -> None:
        """Set a conclusion beside the computed one, which stays.

        Raises:
            ChoiceError: No reason is given, or one that is too long.
        """
        cleaned = reason.strip()
        if not 0 < len(cleaned) <= _LONGEST_REASON:
            raise ChoiceError("check-reason-length", most=_LONGEST_REASON)
        row: Row = {
            "serial": serial,
            "parcel": parcel,
            "verdict": verdict,
            "reason": cleaned,
            "actor": author_of(actor).name,
            "at": datetime.now(UTC),
        }
        self._table.add_override(row | {"digest": sign(_signed(row), self._key)}, actor)

    def _describe(self, row: Row, overrides: list[Row], result: CheckResult | None) -> StoredCheck:
        beside = tuple(
            Override(
                parcel=one["parcel"],
                verdict=one["verdict"],
                reason=one["reason"],
                actor=one["actor"],
                at=one["at"],
            )
            for one in overrides
            if one["serial"] == row["serial"]
        )
        return StoredCheck(
            serial=row["serial"],
            made_at=row["made_at"],
            actor=row["actor"],
            title=row["title"],
            purpose=row["purpose"],
            verdict=row["verdict"],
            parcel_count=row["parcel_count"],
            sample=bool(row["sample"]),
            result=result,
            overrides=beside,
        )


def _signed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the digest of a row covers: everything but itself."""
    return {
        key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
        if key not in _UNSIGNED
    }
