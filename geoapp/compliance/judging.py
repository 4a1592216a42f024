"""From what was measured for a rule to one finding per parcel."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from geoapp.compliance.facts import Facts
from geoapp.compliance.finding import FeatureHit, Finding, Reason, Relation, ScaleSource
from geoapp.compliance.knowledge import Known
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.result import MOST_FEATURES
from geoapp.compliance.rule import Rule
from geoapp.compliance.rulebook import Limits
from geoapp.compliance.slope import SlopeReader
from geoapp.compliance.source import Source
from geoapp.i18n import Text
from geoapp.overlay.tally import COUNTED_FROM_M2

_NOTHING = Text(zh="", en="")
_KNOWN_SHARE = 0.999  # pixels weighted by their part inside never add up to the last digit


@dataclass(frozen=True, slots=True)
class Scale:
    """How surely a layer's lines lie where they are drawn.

    Attributes:
        denominator: Of the scale that the data was compiled at.
        source: Who says so.
        band_m: Half-width of the band that follows.
    """

    denominator: int
    source: ScaleSource
    band_m: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules are judged by."""

    parcels: Parcels
    on: date
    limits: Limits


def scale_of(source: Source, limits: Limits) -> Scale:
    """Find the scale of a snapshot: its own, the layer's, else the assumed one."""
    given = source.snapshot.manifest.scale
    usual = source.definition.scale
    named: ScaleSource = "snapshot" if given else "layer" if usual else "assumed"
    denominator = given or usual or round(limits.assumed_scale)
    return Scale(denominator, named, denominator * limits.drawing_error_mm / 1000)


def judge_layer(
    rule: Rule,
    source: Source,
    facts: Facts,
    known: Sequence[Known],
    scale: Scale,
    asked: Asked,
) -> list[Finding]:
    """Word what was measured of a layer; ``(n,)`` findings."""
    hits = _describe_hits(source, facts, len(asked.parcels))
    return [
        _judge(rule, source, facts, known[k], scale, asked, k, hits[k])
        for k in range(len(asked.parcels))
    ]


def judge_unknown(rule: Rule, title: Text, known: Known, asked: Asked) -> Finding:
    """Say that a rule cannot be judged: its layer has no data or may not be seen."""
    return _finding(
        rule,
        asked,
        title,
        relation="no_data",
        bears=False,
        coverage="no_data",
        reason=known.reason,
    )


def judge_slope(rule: Rule, reader: SlopeReader, title: Text, asked: Asked) -> list[Finding]:
    """Judge a rule of slope; ``(n,)`` findings."""
    degrees = rule.threshold_on(asked.on) or 0.0
    shapes = [parcel.geometry for parcel in asked.parcels.asked if parcel.geometry is not None]
    found = []
    areas = asked.parcels.area_m2
    least = asked.limits.least_areas(areas)
    for k, steep in enumerate(reader.measure(shapes, degrees)):
        known = steep.known_share >= _KNOWN_SHARE
        extent = float(areas[k]) * steep.steep_share
        bears = extent > least[k]
        some = steep.known_share > 1 - _KNOWN_SHARE
        reason: Reason = "" if known else "partial" if some else "no_raster"
        relation: Relation = "occupies" if bears else "clear" if known else "no_data"
        minor = extent > 0 and not bears
        found.append(
            _finding(
                rule,
                asked,
                title,
                relation=relation,
                bears=bool(bears),
                reason=reason,
                coverage="complete" if known else "partial" if reason == "partial" else "no_data",
                boundary_difference=minor,
                uncertain=minor,
                overlap_m2=extent if some else None,
                share=steep.steep_share if some else None,
                snapshot=reader.name,
            )
        )
    return found


def _judge(
    rule: Rule,
    source: Source,
    facts: Facts,
    known: Known,
    scale: Scale,
    asked: Asked,
    k: int,
    hits: tuple[tuple[FeatureHit, ...], int],
) -> Finding:
    reason: Reason = known.reason or ("class_unknown" if facts.unclassed[k] else "")
    bears, minor = bool(facts.bears[k]), bool(facts.within_tolerance[k])
    outside = rule.condition == "outside"
    # Where a layer is not known, only what was found of it can be told.
    told = not reason or (not bears if outside else bears)
    if told:
        relation = _relation(rule, facts, asked, k)
    else:
        bears, relation = False, "adjacent" if minor and not outside else "no_data"
    extent = float(facts.extent_m2[k]) if relation != "no_data" else None
    area = float(asked.parcels.area_m2[k])
    features, count = hits
    return _finding(
        rule,
        asked,
        source.definition.title,
        relation=relation,
        bears=bears,
        coverage=known.coverage,
        reason=reason,
        boundary_difference=minor and relation != "no_data",
        uncertain=bool(facts.uncertain[k]),
        overlap_m2=extent,
        share=None if extent is None else extent / area,
        sliver_m2=float(facts.sliver_m2[k]),
        distance_m=_finite(facts.distance_m[k]),
        edge_m=_finite(facts.edge_m[k]),
        searched_m=asked.limits.searched_m,
        uncertainty_m=scale.band_m,
        scale=scale.denominator,
        scale_source=scale.source,
        features=features,
        feature_count=count,
        snapshot=source.snapshot.name,
    )


def _relation(rule: Rule, facts: Facts, asked: Asked, k: int) -> Relation:
    distance = float(facts.distance_m[k])
    if rule.condition == "outside":
        occupies = not facts.bears[k]
    elif rule.condition == "within":
        occupies = bool(facts.inside[k])
    else:
        occupies = bool(facts.bears[k])
    if occupies:
        return "occupies"
    near = max(asked.limits.adjacent_m, rule.threshold_on(asked.on) or 0.0)
    return "adjacent" if distance <= near else "clear"


def _finding(rule: Rule, asked: Asked, layer_title: Text, **measured: object) -> Finding:
    """Fill in what every finding of a rule says."""
    given: dict[str, object] = {
        "layer": rule.layer,
        "layer_title": layer_title,
        "rule": rule.id,
        "title": rule.title,
        "effect": rule.effect,
        "threshold": rule.threshold_on(asked.on),
        "threshold_unit": rule.unit,
        "exceptions": rule.exceptions,
        "advice": rule.advice,
        "office": rule.office,
        "basis": tuple(law.to_basis() for law in rule.legal_on(asked.on)),
        "confidence": rule.confidence,
        "local": rule.local,
    }
    return Finding(**(given | measured))  # type: ignore[arg-type]


def _describe_hits(
    source: Source, facts: Facts, count: int
) -> list[tuple[tuple[FeatureHit, ...], int]]:
    """Name the features that each parcel meets, largest share first."""
    meeting = facts.meeting.pick(facts.meeting.area_m2 >= COUNTED_FROM_M2)
    if len(meeting.row) == 0:
        return [((), 0)] * count
    order = np.lexsort((meeting.row, -meeting.area_m2, meeting.parcel))
    meeting = meeting.pick(order)
    turn = np.arange(len(order)) - np.searchsorted(meeting.parcel, meeting.parcel)
    named = meeting.pick(turn < MOST_FEATURES)
    numbers = np.bincount(meeting.parcel, minlength=count)
    field = source.definition.find_field(source.definition.class_field)
    stored = field.derive_from or field.name if field else ""
    titles = source.definition.class_titles(stored)
    hits: list[list[FeatureHit]] = [[] for _ in range(count)]
    rows = zip(
        named.parcel.tolist(),
        named.row.tolist(),
        named.area_m2.tolist(),
        source.describe(named.row),
        strict=True,
    )
    for parcel, row, area, (key, name, code) in rows:
        title = titles.get(code) or (Text(zh=code, en=code) if code else _NOTHING)
        hits[parcel].append(
            FeatureHit(
                row=row, key=key, name=name, class_code=code, class_title=title, overlap_m2=area
            )
        )
    return [(tuple(found), int(numbers[k])) for k, found in enumerate(hits)]


def _finite(value: np.float64) -> float | None:
    return float(value) if math.isfinite(value) else None
