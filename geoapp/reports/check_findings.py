"""The findings of a check in words: a table of all, and remarks on those to act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.compliance.finding import Basis, FeatureHit, Finding
from geoapp.i18n import Lang, text
from geoapp.reports.check_document import Pairs, Remark, make_table
from geoapp.reports.content import Cell, Column, Table
from geoapp.values import DECIMALS, METRE_DECIMALS, AreaUnit, convert_area, round_half_up

SHARE_DECIMALS: Final = 2
_LEAST_SHARE: Final = 0.00005  # a smaller part of a parcel rounds to 0.00 %


@dataclass(frozen=True, slots=True)
class Say:
    """Words of the sheet in one language."""

    lang: Lang

    def __call__(self, key: str, /, **facts: object) -> str:
        """Word a key of the sheet's table."""
        return text(self.lang, f"check_sheet.{key}", **facts)


def findings_table(findings: tuple[Finding, ...], say: Say) -> Table:
    """List all findings, one row each."""
    columns = (
        Column("layer", say("layer"), "text"),
        Column("rule", say("rule"), "text"),
        Column("relation", say("relation"), "text"),
        Column("area_m2", say("area_column"), "number", DECIMALS[AreaUnit.M2]),
        Column("area_mu", say("mu_column"), "number", DECIMALS[AreaUnit.MU]),
        Column("share", say("share_column"), "percent", SHARE_DECIMALS),
        Column("distance_m", say("distance_column"), "number", METRE_DECIMALS),
        Column("effect", say("effect"), "text"),
        Column("verdict", say("conclusion"), "text"),
    )
    return make_table(say("findings"), columns, [_row(finding, say) for finding in findings])


def word_remarks(findings: Sequence[Finding], say: Say) -> tuple[Remark, ...]:
    """Say of each finding to act on why, by which law, what to do, whom to ask.

    Layers that are not known for the same reason stand together: nothing can be said of them
    but whom to ask.
    """
    acted_on = [finding for finding in findings if finding.verdict != "no_conflict_found"]
    unknown: dict[str, list[Finding]] = {}
    remarks = []
    for finding in acted_on:
        if finding.relation == "no_data" and not finding.bears:
            unknown.setdefault(finding.reason, []).append(finding)
        else:
            remarks.append(_word_remark(finding, say))
    remarks += [_word_unknown(reason, found, say) for reason, found in unknown.items()]
    return tuple(remarks)


def _word_unknown(reason: str, findings: Sequence[Finding], say: Say) -> Remark:
    words = text(say.lang, f"check.reason_{reason}") if reason else say("relation_no_data")
    lines = [
        (
            finding.layer_title[say.lang],
            say(
                "unknown_line",
                rule=finding.title[say.lang],
                basis=say("between").join(_cite(basis, say) for basis in finding.basis),
                office=finding.office[say.lang],
            ),
        )
        for finding in findings
    ]
    heading = say("unknown_heading", reason=words, count=len(findings))
    return Remark("to_verify", heading, tuple(lines))


def _word_remark(finding: Finding, say: Say) -> Remark:
    lang = say.lang
    heading = say("remark_heading", layer=finding.layer_title[lang], rule=finding.title[lang])
    between = say("between")
    lines = [(say("remark_relation"), _word_measure(finding, say))]
    if finding.features:
        lines.append((say("remark_features"), _word_features(finding, say)))
    lines.append((say("remark_basis"), between.join(_cite(b, say) for b in finding.basis)))
    if finding.exceptions:
        exceptions = between.join(exception[lang] for exception in finding.exceptions)
        lines.append((say("remark_exceptions"), exceptions))
    lines += [
        (say("remark_advice"), finding.advice[lang]),
        (say("remark_office"), finding.office[lang]),
    ]
    lines += _doubts(finding, say)
    return Remark(
        finding.verdict, heading, tuple((label, words) for label, words in lines if words)
    )


def word_relation(finding: Finding, say: Say) -> str:
    """Say how the parcel lies to what a rule reads of a layer."""
    relation = _relation(finding, say)
    if finding.reason:
        reason = text(say.lang, f"check.reason_{finding.reason}")
        relation = say("relation_why", relation=relation, reason=reason)
    if finding.uncertain:
        metres = _number(finding.uncertainty_m, 1)
        relation = say("uncertain_suffix", relation=relation, metres=metres)
    return relation


def word_share(share: float | None) -> Cell:
    """Write a part as a percentage; one too small for its decimals is no nought."""
    if share is None:
        return None
    if 0 < share < _LEAST_SHARE:
        return "<0.01"
    return round_half_up(share * 100, SHARE_DECIMALS)


def _row(finding: Finding, say: Say) -> tuple[Cell, ...]:
    area = finding.overlap_m2
    return (
        finding.layer_title[say.lang],
        finding.title[say.lang],
        word_relation(finding, say),
        None if area is None else convert_area(area, AreaUnit.M2),
        None if area is None else convert_area(area, AreaUnit.MU),
        word_share(finding.share),
        _word_distance(finding, say),
        say(f"effect_{finding.effect}"),
        say(f"short_{finding.verdict}"),
    )


def _relation(finding: Finding, say: Say) -> str:
    threshold = "" if finding.threshold is None else f"{finding.threshold:g}"
    if finding.relation == "no_data" or (finding.boundary_difference and not finding.bears):
        return say("relation_no_data" if finding.relation == "no_data" else "relation_boundary")
    if finding.threshold_unit == "degree" and finding.relation == "occupies":
        return say("relation_steep", threshold=threshold)
    if finding.relation == "occupies":
        # A rule about the ground outside of a layer does not bear inside of it.
        return say("relation_occupies" if finding.bears else "relation_inside")
    if finding.relation == "adjacent" and not (finding.bears and finding.overlap_m2):
        near = finding.threshold_unit == "m" and finding.bears
        return say("relation_adjacent_within" if near else "relation_adjacent", threshold=threshold)
    # A rule about the ground outside bears on a parcel that lies there, wholly or in part.
    outside = "relation_partly" if finding.relation == "adjacent" else "relation_outside"
    return say(outside if finding.bears else "relation_clear")


def _word_distance(finding: Finding, say: Say) -> Cell:
    if finding.distance_m is not None:
        return round_half_up(finding.distance_m, METRE_DECIMALS)
    if finding.relation == "no_data" or not finding.searched_m:
        return None
    return say("beyond", metres=f"{finding.searched_m:g}")


def _word_measure(finding: Finding, say: Say) -> str:
    relation = word_relation(finding, say)
    if finding.overlap_m2:
        return say(
            "remark_relation_area",
            relation=relation,
            m2=f"{convert_area(finding.overlap_m2, AreaUnit.M2):,}",
            mu=f"{convert_area(finding.overlap_m2, AreaUnit.MU):,}",
            share=word_share(finding.share) or "0.00",
        )
    if finding.distance_m:
        metres = _number(finding.distance_m, METRE_DECIMALS)
        return say("remark_relation_near", relation=relation, metres=metres)
    return relation


def _word_features(finding: Finding, say: Say) -> str:
    names = say("and").join(_word_feature(hit, say) for hit in finding.features)
    listed, count = len(finding.features), finding.feature_count
    if count <= listed:
        return names
    return say("remark_features_more", names=names, count=count, listed=listed)


def _word_feature(hit: FeatureHit, say: Say) -> str:
    parts = (hit.name or hit.key, hit.class_title[say.lang])
    name = " ".join(dict.fromkeys(part for part in parts if part))
    if not hit.overlap_m2:
        return say("remark_feature_plain", name=name or say("unnamed"))
    m2 = f"{convert_area(hit.overlap_m2, AreaUnit.M2):,}"
    return say("remark_feature", name=name or say("unnamed"), m2=m2)


def _cite(basis: Basis, say: Say) -> str:
    return say("basis_dated", basis=basis.cite(say.lang), since=basis.since.isoformat())


def _doubts(finding: Finding, say: Say) -> Pairs:
    lines = []
    if finding.confidence != "high":
        lines.append((say("remark_confidence"), say(f"confidence_{finding.confidence}")))
    if finding.local:
        lines.append((say("remark_local"), say("local_rule")))
    return tuple(lines)


def _number(value: float, decimals: int) -> str:
    return f"{round_half_up(value, decimals):,}"
