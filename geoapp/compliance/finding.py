"""One rule's answer for one parcel. A failed rule is a finding, not an error."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from geoapp.catalog.manifest import Coverage
from geoapp.i18n import Lang, Text

Relation = Literal["occupies", "adjacent", "clear", "no_data"]
Effect = Literal["prohibit", "restrict", "notice"]
Verdict = Literal["prohibited", "restricted", "to_verify", "no_conflict_found"]
Confidence = Literal["high", "medium", "low"]
ScaleSource = Literal["snapshot", "layer", "assumed", "none"]
# Why a layer is not known where the parcel lies; "" where it is. Words: ``check.reason_<it>``.
Reason = Literal[
    "",
    "no_snapshot",
    "not_declared",
    "partial",
    "not_visible",
    "outside_districts",
    "class_unknown",
    "no_raster",
]

VERDICTS: Final[tuple[Verdict, ...]] = (
    "prohibited",
    "restricted",
    "to_verify",
    "no_conflict_found",
)
_OF_EFFECT: Final[dict[Effect, Verdict]] = {
    "prohibit": "prohibited",
    "restrict": "restricted",
    "notice": "to_verify",
}


def worst_verdict(verdicts: list[Verdict]) -> Verdict:
    """Give the worst of several verdicts; of none, that all is still to be verified."""
    return min(verdicts, key=VERDICTS.index) if verdicts else "to_verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The law or document that a rule rests on.

    Attributes:
        title: Name of the law, with the number of the document where it has one.
        article: Articles, in Chinese as they are cited; "" where the whole document is meant.
        since: First day in force.
        until: First day no longer in force; ``None`` while it is.
    """

    title: Text
    article: str = ""
    since: date
    until: date | None = None

    def cite(self, lang: Lang) -> str:
        """Cite it in one line."""
        return f"{self.title[lang]} {self.article}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureHit:
    """One feature that the parcel meets.

    Attributes:
        row: Its row in the snapshot, from 0.
        key: Its key; "" where it has none.
        name: Its name; "" where it has none.
        class_code: Value of the layer's class field; "" where it has none.
        class_title: What that means.
        overlap_m2: Official area that it shares with the parcel; 0 for lines and points.
    """

    row: int
    key: str
    name: str
    class_code: str
    class_title: Text
    overlap_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's answer for one parcel.

    Attributes:
        layer: Layer that the rule reads; ``slope`` for the height model.
        layer_title: Its title.
        rule: Id of the rule, stable.
        title: What the rule forbids or asks.
        effect: What the rule does where it bears.
        relation: How the parcel lies to what the rule reads of the layer; ``no_data`` where
            that is not known and nothing was found.
        bears: The rule's condition is met, beyond the tolerances. A rule about ground outside
            of a layer bears where the parcel does not lie inside of it; its relation is
            ``occupies`` where it does, and ``adjacent`` where a part does.
        boundary_difference: Area is shared, but within the declared tolerances: shown, never
            counted as occupied, never dropped.
        uncertain: The layer's edge lies so near that its drawing accuracy could turn the
            conclusion.
        coverage: How well the layer is known in the districts of the parcel.
        reason: Why it is not known.
        overlap_m2: Official area on which the rule bears, or would but for the tolerances:
            shared with the layer, outside of it, or too steep; ``None`` where not known.
        share: Part of the parcel that this is.
        sliver_m2: Part of ``overlap_m2`` in strips narrower than the tolerance.
        balanced_m2: ``overlap_m2`` balanced to the declared area, where that was asked for.
        distance_m: From the parcel to the nearest of what the rule reads, metres in the Gauss
            plane; 0 where they share area; ``None`` where there is none within ``searched_m``.
        edge_m: From the parcel to the nearest edge; differs from ``distance_m`` where the
            parcel lies wholly inside.
        searched_m: How far was searched.
        threshold: Value of the rule that applied, for example 20 metres or 25 degrees;
            ``None`` where it needs none.
        threshold_unit: ``m`` or ``degree``; "" without a threshold.
        uncertainty_m: Half-width of the band around the layer's edges in which they may lie.
        scale: Denominator of the scale that this follows from.
        scale_source: Who says so; ``none`` where no line is concerned, as for slope.
        features: The features met, largest share first, at most ``MOST_FEATURES``.
        feature_count: How many there are in all.
        exceptions: When the rule does not apply; to be judged by a person.
        advice: What to do.
        office: Whom to ask.
        basis: The law.
        confidence: How well the wording of the law was confirmed.
        local: The rule comes from the workspace and not with the product.
        snapshot: What was read; "" where there is none.
    """

    layer: str
    layer_title: Text
    rule: str
    title: Text
    effect: Effect
    relation: Relation
    bears: bool
    boundary_difference: bool = False
    uncertain: bool = False
    coverage: Coverage
    reason: Reason = ""
    overlap_m2: float | None = None
    share: float | None = None
    sliver_m2: float = 0.0
    balanced_m2: float | None = None
    distance_m: float | None = None
    edge_m: float | None = None
    searched_m: float = 0.0
    threshold: float | None = None
    threshold_unit: Literal["", "m", "degree"] = ""
    uncertainty_m: float = 0.0
    scale: int = 0
    scale_source: ScaleSource = "none"
    features: tuple[FeatureHit, ...] = ()
    feature_count: int = 0
    exceptions: tuple[Text, ...] = ()
    advice: Text
    office: Text
    basis: tuple[Basis, ...]
    confidence: Confidence
    local: bool = False
    snapshot: str = ""

    @property
    def verdict(self) -> Verdict:
        """What this finding alone would make of the parcel."""
        if self.bears:
            return _OF_EFFECT[self.effect]
        unsure = self.relation == "no_data" or self.uncertain or self.boundary_difference
        return "to_verify" if unsure else "no_conflict_found"

    def cite(self, lang: Lang) -> str:
        """Cite the law in one line."""
        return "；".join(basis.cite(lang) for basis in self.basis)

    def to_json(self, lang: Lang = "zh") -> dict[str, Any]:
        """Give the finding of schema ``geoapp.check/1``."""
        return {
            "layer": self.layer,
            "relation": self.relation,
            "overlap_m2": self.overlap_m2,
            "share": self.share,
            "distance_m": self.distance_m,
            "effect": self.effect,
            "rule": self.rule,
            "basis": self.cite(lang),
            "title": self.title[lang],
            "verdict": self.verdict,
            "bears": self.bears,
            "boundary_difference": self.boundary_difference,
            "uncertain": self.uncertain,
            "uncertainty_m": self.uncertainty_m,
            "scale": self.scale,
            "scale_source": self.scale_source,
            "coverage": self.coverage,
            "reason": self.reason or None,
            "sliver_m2": self.sliver_m2,
            "balanced_m2": self.balanced_m2,
            "edge_m": self.edge_m,
            "searched_m": self.searched_m,
            "threshold": self.threshold,
            "threshold_unit": self.threshold_unit or None,
            "features": [_feature_json(hit, lang) for hit in self.features],
            "feature_count": self.feature_count,
            "exceptions": [text[lang] for text in self.exceptions],
            "advice": self.advice[lang],
            "office": self.office[lang],
            "confidence": self.confidence,
            "local": self.local,
            "snapshot": self.snapshot or None,
        }


def _feature_json(hit: FeatureHit, lang: Lang) -> dict[str, Any]:
    return {
        "key": hit.key,
        "name": hit.name,
        "class": hit.class_code or None,
        "class_title": hit.class_title[lang],
        "overlap_m2": hit.overlap_m2,
    }
