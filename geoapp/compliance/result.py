"""What a check is answered with: for each parcel a verdict, its findings and a way out."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from geoapp.compliance.composition import ClassShare, Composition, UnitShare
from geoapp.compliance.finding import (
    VERDICTS,
    Basis,
    Confidence,
    Effect,
    FeatureHit,
    Finding,
    Reason,
    Relation,
    Verdict,
    worst_verdict,
)
from geoapp.compliance.shape import Shape, to_geojson
from geoapp.errors import GeoAppError
from geoapp.i18n import Lang, Text, text, word_error

__all__ = [
    "MOST_FEATURES",
    "VERDICTS",
    "Basis",
    "CheckResult",
    "ClassShare",
    "Composition",
    "Confidence",
    "CorridorResult",
    "Effect",
    "FeatureHit",
    "Finding",
    "Note",
    "Overlap",
    "ParcelResult",
    "Problem",
    "Reason",
    "Relation",
    "Remedy",
    "Shift",
    "Stretch",
    "UnitShare",
    "Verdict",
    "worst_verdict",
]

MOST_FEATURES: Final = 20  # features that a finding names; their number is always said
SCHEMA: Final = "geoapp.check/1"
Fact = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a reader of the result must know.

    Attributes:
        code: Key of the locale: ``check.note_<code>``.
        facts: What the sentence names.
    """

    code: str
    facts: dict[str, Fact] = field(default_factory=dict)

    def word(self, lang: Lang) -> str:
        """Say it in one sentence."""
        return text(lang, f"check.note_{self.code}", **self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The shortest way to move a parcel off all prohibitions.

    Attributes:
        geometry: The parcel when moved, EPSG:4490.
        east_m: How far east, metres in the Gauss plane; negative: west.
        north_m: How far north.
        distance_m: How far in all.
        area_m2: Official area of the moved parcel.
        verdict: What checking the moved parcel says; never ``prohibited``.
    """

    geometry: Shape
    east_m: float
    north_m: float
    distance_m: float
    area_m2: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """How the prohibitions could be cleared; certified by checking again.

    Attributes:
        rest: Largest single part of the parcel that no prohibition bears on, EPSG:4490;
            ``None`` where there is none.
        rest_m2: Its official area.
        rest_share: Part of the parcel.
        rest_verdict: What checking that part says; never ``prohibited``.
        rest_reason: Why there is none: "" | ``no_prohibition`` | ``nothing_left`` |
            ``not_removable`` (the prohibition is one of slope). Words: ``check.remedy_<it>``.
        shift: The shortest shift; ``None`` where there is none within ``searched_m``.
        shift_reason: Why there is none: "" | ``no_prohibition`` | ``none_near`` |
            ``not_removable`` | ``too_complex``.
        searched_m: How far was searched.
    """

    rest: Shape | None = None
    rest_m2: float | None = None
    rest_share: float | None = None
    rest_verdict: Verdict | None = None
    rest_reason: str = ""
    shift: Shift | None = None
    shift_reason: str = ""
    searched_m: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the part of schema ``geoapp.check/1``; geometries as GeoJSON."""
        shift = self.shift
        return {
            "rest": None if self.rest is None else to_geojson(self.rest),
            "rest_m2": self.rest_m2,
            "rest_share": self.rest_share,
            "rest_verdict": self.rest_verdict,
            "rest_reason": self.rest_reason or None,
            "shift": shift
            and {
                "geometry": to_geojson(shift.geometry),
                "east_m": shift.east_m,
                "north_m": shift.north_m,
                "distance_m": shift.distance_m,
                "area_m2": shift.area_m2,
                "verdict": shift.verdict,
            },
            "shift_reason": self.shift_reason or None,
            "searched_m": self.searched_m,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelResult:
    """The answer for one parcel.

    Attributes:
        id: Its number in the input, or its row.
        name: Its name; "" where it has none.
        row: Row in the input, from 1.
        geometry: Polygon or multipolygon, EPSG:4490, as it was given.
        crs: System of the input.
        area_m2: Official area.
        planar_m2: Area in the Gauss plane.
        declared_m2: Area that the input states; ``None`` where it states none.
        verdict: The worst of the findings.
        findings: Worst first, then in the order of the layers.
        composition: Land classes; ``None`` where the layer may not be seen.
        units: Districts, townships and villages.
        notes: What a reader must know.
        remedy: How prohibitions could be cleared; ``None`` where it was not asked for.
    """

    id: str
    name: str
    row: int
    geometry: Shape
    crs: str
    area_m2: float
    planar_m2: float
    declared_m2: float | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    composition: Composition | None
    units: tuple[UnitShare, ...]
    notes: tuple[Note, ...] = ()
    remedy: Remedy | None = None

    @property
    def difference_m2(self) -> float | None:
        """How much larger the measured area is than the declared one."""
        return None if self.declared_m2 is None else self.area_m2 - self.declared_m2

    def to_json(self, lang: Lang = "zh", *, geometry: bool = True) -> dict[str, Any]:
        """Give the parcel of schema ``geoapp.check/1``."""
        drawn = {"geometry": to_geojson(self.geometry)} if geometry else {}
        return {
            "id": self.id,
            "name": self.name,
            "row": self.row,
            "area_m2": self.area_m2,
            "planar_m2": self.planar_m2,
            "declared_m2": self.declared_m2,
            "difference_m2": self.difference_m2,
            "crs": self.crs,
            "notes": [note.word(lang) for note in self.notes],
            "verdict": self.verdict,
            "findings": [finding.to_json(lang) for finding in self.findings],
            "composition": self.composition.to_json(lang) if self.composition else None,
            "units": [share.to_json() for share in self.units],
            "remedy": self.remedy.to_json() if self.remedy else None,
            **drawn,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row of the input that cannot be checked; the others are.

    Attributes:
        row: Row in the input, from 1.
        id: Its number, as far as it could be read.
        code: Code of the error.
        facts: What its sentence names.
    """

    row: int
    id: str
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)

    def word(self, lang: Lang) -> str:
        """Say it in one sentence."""
        return word_error(GeoAppError(self.code, **self.facts), lang)

    def to_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """Give the part of schema ``geoapp.check/1``."""
        return {"row": self.row, "id": self.id, "code": self.code, "message": self.word(lang)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two parcels of one input that share ground.

    Attributes:
        first: Row of one, from 1.
        second: Row of the other.
        area_m2: Official area that they share.
    """

    first: int
    second: int
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The answer to a check.

    Attributes:
        serial: Under which it is stored; "" where it is not.
        made_at: When it was stored; ``None`` where it is not.
        on: The day whose rules apply.
        purpose: What is to be built or done: id of a purpose.
        purpose_title: Its name.
        snapshots: What was read: snapshot by layer; rasters by ``raster:<id>``.
        rules_digest: Fingerprint of the rules and tolerances that applied.
        tolerances: The tolerances that applied, by name, with the unit in the name.
        balanced: Areas were balanced to the declared ones.
        sample: Something of it is made-up data.
        parcels: The parcels that could be checked, in the order of the input.
        problems: The rows that could not.
        overlaps: Parcels of the input that share ground.
    """

    serial: str = ""
    made_at: datetime | None = None
    on: date
    purpose: str
    purpose_title: Text
    snapshots: dict[str, str]
    rules_digest: str
    tolerances: dict[str, float]
    balanced: bool = False
    sample: bool
    parcels: tuple[ParcelResult, ...]
    problems: tuple[Problem, ...] = ()
    overlaps: tuple[Overlap, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the parcels; rows that could not be checked are still to be verified."""
        verdicts = [parcel.verdict for parcel in self.parcels]
        if self.problems:
            verdicts.append("to_verify")
        return worst_verdict(verdicts)

    def stored_as(self, serial: str, made_at: datetime) -> "CheckResult":
        """Give the same under a serial."""
        return replace(self, serial=serial, made_at=made_at)

    def to_json(self, lang: Lang = "zh", *, geometry: bool = True) -> dict[str, Any]:
        """Give the document of schema ``geoapp.check/1``.

        Args:
            lang: Language of the texts that people read; all else does not depend on it.
            geometry: With the parcels as GeoJSON.
        """
        return {
            "schema": SCHEMA,
            "serial": self.serial,
            "made_at": self.made_at.isoformat() if self.made_at else None,
            "date": self.on.isoformat(),
            "purpose": self.purpose,
            "sample": self.sample,
            "snapshots": self.snapshots,
            "rules_digest": self.rules_digest,
            "tolerances": self.tolerances,
            "balanced": self.balanced,
            "verdict": self.verdict,
            "parcels": [parcel.to_json(lang, geometry=geometry) for parcel in self.parcels],
            "problems": [problem.to_json(lang) for problem in self.problems],
            "overlaps": [
                {"first": o.first, "second": o.second, "area_m2": o.area_m2} for o in self.overlaps
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a line inside a layer: one row of the chainage table.

    Attributes:
        layer: The layer.
        rule: Rule that bears on the stretch.
        begin_m: Chainage at its beginning, metres along the line.
        end_m: Chainage at its end.
    """

    layer: str
    rule: str
    begin_m: float
    end_m: float

    @property
    def length_m(self) -> float:
        """Its length."""
        return self.end_m - self.begin_m


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorResult:
    """A line with a width, checked.

    Attributes:
        check: The corridor's ground as one parcel.
        line: The axis, EPSG:4490.
        width_m: Full width.
        length_m: Length of the axis in the Gauss plane, in which chainage counts.
        true_length_m: Length of the axis along the ellipsoid.
        stretches: Where the axis runs inside of what a rule bears on, in order of chainage.
    """

    check: CheckResult
    line: Shape
    width_m: float
    length_m: float
    true_length_m: float
    stretches: tuple[Stretch, ...]

    def to_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """Give the document: ``geoapp.check/1`` with the corridor beside it."""
        stretches = [
            {"layer": s.layer, "rule": s.rule, "begin_m": s.begin_m, "end_m": s.end_m}
            for s in self.stretches
        ]
        corridor = {
            "line": to_geojson(self.line),
            "width_m": self.width_m,
            "length_m": self.length_m,
            "true_length_m": self.true_length_m,
            "stretches": stretches,
        }
        return self.check.to_json(lang) | {"corridor": corridor}
