"""Satellite patches: leads from a batch of imagery, each of which a person has to judge."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import shapely

from geoapp.cases.case import Units
from geoapp.catalog.definition import Record
from geoapp.errors import ChoiceError, InputError
from geoapp.i18n import Text

VerdictId = Literal[
    "legal", "other", "non_farm", "rural_road", "facility_farm", "no_change", "non_grain"
]
UNREVIEWED: Final = ""
_FILE: Final = "verdicts.toml"


class Verdict(Record):
    """What a patch can turn out to be.

    Attributes:
        violation: Only then does it become a case of illegal construction or use.
        reasons: Codes of which one has to be named; empty: none.
    """

    id: VerdictId
    title: Text
    violation: bool
    reasons: tuple[str, ...]


class Verdicts(Record):
    """All verdicts, and what their reasons mean."""

    verdict: tuple[Verdict, ...]
    reasons: dict[str, Text]

    def require(self, verdict: str, reason_code: str) -> Verdict:
        """Give a verdict, whose reason must be one of those it offers.

        Raises:
            ChoiceError: Verdict or reason is not offered.
        """
        for found in self.verdict:
            if found.id == verdict:
                if reason_code not in (found.reasons or ("",)):
                    offered = ", ".join(found.reasons) or "-"
                    raise ChoiceError(
                        "choice-unknown",
                        option="reason_code",
                        value=reason_code[:40] or "-",
                        offered=offered,
                    )
                return found
        offered = ", ".join(found.id for found in self.verdict)
        raise ChoiceError("choice-unknown", option="verdict", value=verdict[:40], offered=offered)


@cache
def read_verdicts() -> Verdicts:
    """Read the verdicts that ship."""
    path = Path(__file__).with_name(_FILE)
    return Verdicts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch.

    Attributes:
        area_m2: Official area, two decimals.
        declared_area_m2: What the batch says, ``None`` where it says nothing.
        seen_on: Day of the later image, ``None`` where the batch does not say it.
        attributes: The other fields of the batch, as they came.
        verdict: ``""`` while nobody has judged it.
        same_as_patch: An earlier patch on the same ground.
        known_case: A case on the same ground when the batch came in; one that was torn down
            makes the patch a suspected rebuilding.
        case: The case that was opened from it.
    """

    id: int
    batch: int
    number: str
    version: int
    footprint_wkb: bytes
    area_m2: Decimal
    declared_area_m2: Decimal | None
    units: Units
    seen_from: date | None
    seen_on: date | None
    kind: str
    attributes: Mapping[str, Any]
    verdict: str
    reason_code: str
    reviewed_on: date | None
    same_as_patch: int | None
    known_case: int | None
    case: int | None

    @property
    def footprint(self) -> shapely.Geometry:
        """Its ground, EPSG:4490."""
        return shapely.from_wkb(self.footprint_wkb)

    @property
    def reviewed(self) -> bool:
        """Whether somebody has judged it."""
        return self.verdict != UNREVIEWED


@dataclass(frozen=True, slots=True)
class Batch:
    """Patches that came in together.

    Attributes:
        sha256: Hash of the file.
        image_before: First day of the earlier images, where the batch says it.
        image_after: Last day of the later images.
    """

    id: int
    name: str
    file: str
    sha256: str
    image_before: date | None
    image_after: date | None
    imported_at: str
    imported_by: str
    sample: bool


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        by_verdict: Number of patches by verdict, ``""`` for those not judged.
        violations: Patches judged a violation.
        settled: Of these, patches whose case is closed or left the track, or was torn down
            without anything remaining and rechecked.
    """

    batch: Batch
    total: int
    by_verdict: Mapping[str, int]
    violations: int
    settled: int

    @property
    def unreviewed(self) -> int:
        """Patches that nobody has judged."""
        return self.by_verdict.get(UNREVIEWED, 0)

    @property
    def closed_out(self) -> int:
        """Patches that are done with: judged, and if a violation, settled."""
        return self.total - self.unreviewed - (self.violations - self.settled)

    @property
    def rate(self) -> float | None:
        """Part of the batch that is done with, ``None`` for an empty one."""
        return self.closed_out / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class PatchFilter:
    """Which patches are asked for; empty: all that the person may see.

    Attributes:
        reviewed: Only those judged, or only those not.
        closed_out: Only those done with, or only those not; see ``BatchProgress``.
        seen_from: Only those first seen on that day or later; unknown days are left out.
    """

    batch: int | None = None
    unit: str = ""
    verdict: str | None = None
    reviewed: bool | None = None
    closed_out: bool | None = None
    seen_from: date | None = None
    seen_to: date | None = None


@dataclass(frozen=True, slots=True)
class PatchPage:
    """Some patches of an answer, and how many there are in all."""

    patches: tuple[Patch, ...]
    total: int


def require_number(value: str, row: int, file: str) -> str:
    """Take the number of a patch.

    Raises:
        InputError: It is empty or too long.
    """
    if not value or len(value) > 64:
        raise InputError("patch-number-wrong", file=file, row=row, value=value[:64] or "-")
    return value
