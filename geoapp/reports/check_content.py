"""From the answer of a check to the sheet of one parcel."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Manifest
from geoapp.compliance.composition import UnitShare
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.compliance.stored import Override
from geoapp.geometry.boundary_points import BoundaryPoint
from geoapp.geometry.crs import central_meridian
from geoapp.i18n import Lang, read_words, text
from geoapp.reports.check_document import CheckDocument, Pairs, word_time
from geoapp.reports.check_findings import Say, findings_table, word_remarks
from geoapp.reports.check_parts import (
    NameUnit,
    boundary_table,
    composition_table,
    layers_table,
    remedies_table,
    units_table,
)
from geoapp.values import DECIMALS, AreaUnit, convert_area, round_half_up

FINGERPRINT_LENGTH: Final = 16
_MOST_NAMED: Final = 3
_PERCENT_DECIMALS: Final = 3  # a survey's difference is often a few thousandths

Used = tuple[LayerDefinition | None, str, Manifest | None]


@dataclass(frozen=True, slots=True)
class CheckSetting:
    """What the words of a sheet depend on beside the answer.

    Attributes:
        name_unit: Names a unit: code, fallback → name.
        used: Layers and rasters that were read: definition, snapshot, manifest.
        verify_url: Address under which a serial is verified, without the serial; ``""``
            where none is configured.
        overrides: Conclusions that persons set beside the computed one.
        maker: Who makes the sheet.
        now: When.
    """

    city: City
    lang: Lang
    name_unit: NameUnit
    used: Sequence[Used]
    verify_url: str
    overrides: Sequence[Override]
    maker: str
    now: datetime


def word_check(
    result: CheckResult,
    parcel: ParcelResult,
    rings: Sequence[Sequence[BoundaryPoint]],
    names_left_out: int,
    setting: CheckSetting,
) -> CheckDocument:
    """Word the sheet of one parcel.

    Args:
        result: The answer it belongs to.
        parcel: The parcel.
        rings: Its numbered boundary.
        names_left_out: Points whose name has no room on the sketch.
        setting: City, language, names.
    """
    say = Say(setting.lang)
    sample = result.sample or setting.city.sample
    return CheckDocument(
        lang=setting.lang,
        issuer=setting.city.name[setting.lang],
        title=say("title"),
        serial=result.serial,
        code=_code(result, setting),
        code_note=say("code_url" if setting.verify_url else "code_text") if result.serial else "",
        verdict=parcel.verdict,
        verdict_title=say(f"verdict_{parcel.verdict}"),
        verdict_note=f"{say(f'note_{parcel.verdict}')} {say('disclaimer')}".strip(),
        facts=_facts(result, parcel, rings, setting),
        remarks=word_remarks(parcel.findings, say),
        findings=findings_table(parcel.findings, say),
        composition=composition_table(parcel.composition, say),
        units=units_table(parcel.units, setting.name_unit, say),
        remedies=remedies_table(parcel.remedy, say),
        boundary=boundary_table(rings, say),
        sketch_note=say("sketch_omitted", count=names_left_out) if names_left_out else "",
        layers=layers_table(setting.used, say),
        notes=_notes(result, parcel, setting),
        signatures=tuple(say(f"sign_{name}") for name in ("made", "checked", "date", "seal")),
        use=(say("internal"),),
        banner=text(setting.lang, "sample.banner") if sample else "",
        mark=text(setting.lang, "sample.badge") if sample else "",
        made=say("made", maker=setting.maker, time=word_time(setting.now)),
    )


def fingerprint(result: CheckResult) -> str:
    """Give a short digest of all that was found, to compare a paper with the register."""
    canonical = json.dumps(result.to_json("zh"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _code(result: CheckResult, setting: CheckSetting) -> str:
    if not result.serial:
        return ""
    if setting.verify_url:
        return f"{setting.verify_url}{result.serial}"
    return f"{result.serial} {fingerprint(result)}"


def _facts(
    result: CheckResult,
    parcel: ParcelResult,
    rings: Sequence[Sequence[BoundaryPoint]],
    setting: CheckSetting,
) -> Pairs:
    say, city = Say(setting.lang), setting.city
    difference = parcel.planar_m2 - parcel.area_m2
    facts = [
        (say("fact_name"), parcel.name or say("unnamed")),
        (say("fact_id"), parcel.id),
        (say("fact_units"), word_units(parcel.units, setting)),
        (say("fact_purpose"), result.purpose_title[setting.lang]),
        (say("fact_area"), _word_area(parcel.area_m2, say)),
        (
            say("fact_planar"),
            say(
                "planar_all",
                m2=_m2(parcel.planar_m2),
                difference=f"{round_half_up(difference, 2):+,}",
            ),
        ),
        (say("fact_declared"), _word_declared(parcel, say)),
        (say("fact_difference"), _word_difference(parcel, say)),
        (say("fact_on"), result.on.isoformat()),
        (say("fact_made"), word_time(result.made_at) if result.made_at else say("unsaved")),
        (
            say("fact_points"),
            say("points", points=sum(map(len, rings)), rings=len(rings)),
        ),
        (say("fact_given"), parcel.crs),
        (say("fact_crs"), say("crs", meridian=central_meridian(city.zone), zone=city.zone)),
    ]
    return tuple((label, words) for label, words in facts if words)


def _word_area(area_m2: float, say: Say) -> str:
    return say(
        "area_all",
        m2=_m2(area_m2),
        mu=f"{convert_area(area_m2, AreaUnit.MU):,}",
        ha=f"{convert_area(area_m2, AreaUnit.HA):,.{DECIMALS[AreaUnit.HA]}f}",
    )


def _word_declared(parcel: ParcelResult, say: Say) -> str:
    if parcel.declared_m2 is None:
        return say("none_stated")
    return say("area_m2", m2=_m2(parcel.declared_m2))


def _word_difference(parcel: ParcelResult, say: Say) -> str:
    if parcel.difference_m2 is None or not parcel.declared_m2:
        return ""
    percent = round_half_up(parcel.difference_m2 / parcel.declared_m2 * 100, _PERCENT_DECIMALS)
    m2 = f"{round_half_up(parcel.difference_m2, 2):+,}"
    return say("difference_all", m2=m2, percent=f"{percent:+}")


def word_units(units: Sequence[UnitShare], setting: CheckSetting) -> str:
    """Name the smallest units that are known, with what lies above them."""
    say = Say(setting.lang)
    levels = [unit.level for unit in units]
    finest = next((level for level in ("village", "township", "district") if level in levels), "")
    chosen = [unit for unit in units if unit.level == finest]
    names = []
    for unit in chosen[:_MOST_NAMED]:
        above = [unit.code[:length] for length in (6, 9) if len(unit.code) > length]
        path = [setting.name_unit(code, "") for code in above]
        own = setting.name_unit(unit.code, unit.name) if unit.code else say("outside_units")
        names.append(" ".join([*filter(None, path), own]))
    joined = say("and").join(names)
    if len(chosen) > _MOST_NAMED:
        return say("more_units", names=joined, count=len(chosen))
    return joined or say("outside_units")


def _notes(result: CheckResult, parcel: ParcelResult, setting: CheckSetting) -> Pairs:
    say = Say(setting.lang)
    unknown = dict.fromkeys(
        finding.layer_title[setting.lang]
        for finding in parcel.findings
        if finding.relation == "no_data" or finding.reason
    )
    lines = [(say("override_label"), _word_override(one, say)) for one in setting.overrides]
    lines += [(say("note_label"), note.word(setting.lang)) for note in parcel.notes]
    if unknown:
        lines.append((say("no_data_label"), say("no_data", layers=say("and").join(unknown))))
    lines += [
        (say("method_label"), say("method")),
        (say("tolerance_label"), say("tolerance", values=word_tolerances(result, say))),
        (say("uncertainty_label"), say("uncertainty")),
    ]
    if result.balanced:
        lines.append((say("balanced_label"), say("balanced")))
    lines.append((say("rules_label"), word_rules(result, say)))
    return tuple(lines)


def _word_override(one: Override, say: Say) -> str:
    return say(
        "override",
        actor=one.actor,
        at=word_time(one.at),
        verdict=say(f"verdict_{one.verdict}"),
        reason=one.reason,
    )


def word_rules(result: CheckResult, say: Say) -> str:
    """Name the rules that applied: their fingerprint and the day."""
    digest = result.rules_digest[:FINGERPRINT_LENGTH]
    return say("rules", digest=digest, on=result.on.isoformat())


def word_tolerances(result: CheckResult, say: Say) -> str:
    """List the tolerances that applied."""
    known = read_words(say.lang)
    return say("between").join(
        say(f"tolerance_{name}", value=f"{value * 100 if name.endswith('share') else value:g}")
        if f"check_sheet.tolerance_{name}" in known
        else f"{name} = {value:g}"
        for name, value in result.tolerances.items()
    )


def _m2(area_m2: float) -> str:
    return f"{convert_area(area_m2, AreaUnit.M2):,}"
