"""A check as it is kept: what it was asked, what it said, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from geoapp.compliance.finding import Verdict
from geoapp.compliance.result import CheckResult
from geoapp.compliance.shape import Shape, to_geojson
from geoapp.i18n import Lang

# same: computed again on the stored snapshots and rules, and equal; different: not equal;
# tampered: the stored row is not what was stored; not_reproducible: a snapshot is gone.
State = Literal["same", "different", "tampered", "not_reproducible"]
STATES: Final[tuple[State, ...]] = ("same", "different", "tampered", "not_reproducible")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A conclusion that a person set beside the computed one, never instead of it.

    Attributes:
        parcel: Id of the parcel; "" for the whole check.
        verdict: What the person concludes.
        reason: Why.
        actor: Who.
        at: When.
    """

    parcel: str
    verdict: Verdict
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check in the register.

    Attributes:
        serial: Its number.
        made_at: When it was made.
        actor: By whom.
        title: Name that the person gave it; "" for none.
        verdict: The computed conclusion.
        parcel_count: Parcels that were checked.
        result: All that was found; ``None`` in a list.
        overrides: Conclusions beside the computed one, oldest first.
    """

    serial: str
    made_at: datetime
    actor: str
    title: str
    purpose: str
    verdict: Verdict
    parcel_count: int
    sample: bool
    result: CheckResult | None = None
    overrides: tuple[Override, ...] = ()

    def to_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """Give the document of schema ``geoapp.stored_check/1``."""
        return {
            "schema": "geoapp.stored_check/1",
            "serial": self.serial,
            "made_at": self.made_at.isoformat(),
            "actor": self.actor,
            "title": self.title,
            "purpose": self.purpose,
            "verdict": self.verdict,
            "parcel_count": self.parcel_count,
            "sample": self.sample,
            "overrides": [
                {
                    "parcel": o.parcel or None,
                    "verdict": o.verdict,
                    "reason": o.reason,
                    "actor": o.actor,
                    "at": o.at.isoformat(),
                }
                for o in self.overrides
            ],
            "check": self.result.to_json(lang) if self.result else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure or word that came out otherwise.

    Attributes:
        where: Path to it, for example ``parcels.0.findings.2.overlap_m2``.
        before: As it was stored; ``None`` where there was none.
        after: As it comes out now.
    """

    where: str
    before: str | float | int | bool | None
    after: str | float | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether a stored check still is what it was.

    Attributes:
        serial: Its number.
        state: The answer.
        made_at: When the check was made.
        verdict: What it said.
        checked_at: When it was verified.
        differences: What came out otherwise, at most ``MOST_DIFFERENCES``.
        difference_count: How much did.
        missing: Snapshots that are gone or were changed, as ``layer/name``.
        stored: The stored check, for whoever may see it.
    """

    serial: str
    state: State
    made_at: datetime
    verdict: Verdict
    checked_at: datetime
    differences: tuple[Difference, ...] = ()
    difference_count: int = 0
    missing: tuple[str, ...] = ()
    stored: StoredCheck | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.verification/1``; it holds nobody's data."""
        return {
            "schema": "geoapp.verification/1",
            "serial": self.serial,
            "state": self.state,
            "made_at": self.made_at.isoformat(),
            "verdict": self.verdict,
            "checked_at": self.checked_at.isoformat(),
            "differences": [
                {"where": d.where, "before": d.before, "after": d.after} for d in self.differences
            ],
            "difference_count": self.difference_count,
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCheck:
    """A stored check whose conclusion is another one on the current data and rules.

    Attributes:
        parcels: Ids of the parcels whose verdict changed, with the verdict before and after.
        layers: Layers whose snapshot is another one now.
        rules_changed: Rules or tolerances are others now.
    """

    serial: str
    before: Verdict
    after: Verdict
    parcels: tuple[tuple[str, Verdict, Verdict], ...]
    layers: tuple[str, ...]
    rules_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A parcel that somebody saved under a name, to go on with later.

    Attributes:
        id: Number in the register.
        owner: Whose it is; nobody else sees it.
        geometry: Polygon or multipolygon, EPSG:4490, as it was drawn.
        declared_m2: Area that the owner stated.
    """

    id: int
    owner: str
    name: str
    geometry: Shape
    declared_m2: float | None
    changed_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Give the draft, to be drawn."""
        return {
            "id": self.id,
            "name": self.name,
            "geometry": to_geojson(self.geometry),
            "declared_m2": self.declared_m2,
            "changed_at": self.changed_at.isoformat(),
        }
