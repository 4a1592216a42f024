"""Many parcels checked at once, as tables: one row each, bad rows, overlaps, notes."""

from typing import Final

from geoapp.compliance.finding import Finding, Verdict
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.i18n import text
from geoapp.reports.check_content import CheckSetting, word_rules, word_tolerances, word_units
from geoapp.reports.check_document import make_table
from geoapp.reports.check_findings import Say, word_relation
from geoapp.reports.content import Cell, Column, Table
from geoapp.values import DECIMALS, AreaUnit, convert_area

_M2: Final = DECIMALS[AreaUnit.M2]
_OF_EFFECT: Final[tuple[Verdict, ...]] = ("prohibited", "restricted", "to_verify")


def batch_tables(result: CheckResult, setting: CheckSetting) -> list[Table]:
    """Give the tables of a batch: parcels, and what else there is to say of them."""
    say = Say(setting.lang)
    tables = [parcels_table(result, setting)]
    if result.problems:
        tables.append(_problems_table(result, say))
    if result.overlaps:
        tables.append(_overlaps_table(result, say))
    tables.append(_notes_table(result, setting))
    return tables


def parcels_table(result: CheckResult, setting: CheckSetting) -> Table:
    """List the parcels, one row each, with the area that each rule bears on."""
    say = Say(setting.lang)
    rules = _bearing_rules(result)
    columns = [
        Column("row", say("batch_row"), "integer"),
        Column("id", say("batch_id"), "text"),
        Column("name", say("batch_name"), "text"),
        Column("verdict", say("batch_verdict"), "text"),
        Column("area_m2", say("batch_area"), "number", _M2),
        Column("area_mu", say("batch_mu"), "number", DECIMALS[AreaUnit.MU]),
        Column("declared_m2", say("batch_declared"), "number", _M2),
        Column("difference_m2", say("batch_difference"), "number", _M2),
        Column("unit", say("batch_unit"), "text"),
        *(Column(verdict, say(f"batch_{verdict}"), "text") for verdict in _OF_EFFECT),
        *(
            Column(rule, say("batch_layer_area", layer=one.title[say.lang]), "number", _M2)
            for rule, one in rules.items()
        ),
        Column("notes", say("batch_notes"), "text"),
    ]
    rows = [_row(parcel, list(rules), setting) for parcel in result.parcels]
    sample = result.sample or setting.city.sample
    banner = text(setting.lang, "sample.banner") if sample else ""
    return Table(say("batch_parcels"), tuple(columns), tuple(rows), (), (), banner)


def _bearing_rules(result: CheckResult) -> dict[str, Finding]:
    """List the rules that bear on any parcel with an area, in the order of their findings."""
    found: dict[str, Finding] = {}
    for parcel in result.parcels:
        for finding in parcel.findings:
            if finding.bears and finding.overlap_m2:
                found.setdefault(finding.rule, finding)
    return found


def _row(parcel: ParcelResult, rules: list[str], setting: CheckSetting) -> tuple[Cell, ...]:
    say = Say(setting.lang)
    by_rule = {finding.rule: finding for finding in parcel.findings}
    difference = parcel.difference_m2
    return (
        parcel.row,
        parcel.id,
        parcel.name,
        say(f"short_{parcel.verdict}"),
        convert_area(parcel.area_m2, AreaUnit.M2),
        convert_area(parcel.area_m2, AreaUnit.MU),
        "" if parcel.declared_m2 is None else convert_area(parcel.declared_m2, AreaUnit.M2),
        "" if difference is None else convert_area(difference, AreaUnit.M2),
        word_units(parcel.units, setting),
        *(_word_findings(parcel, verdict, say) for verdict in _OF_EFFECT),
        *(_bearing_area(by_rule.get(rule)) for rule in rules),
        say("between").join(note.word(setting.lang) for note in parcel.notes),
    )


def _word_findings(parcel: ParcelResult, verdict: Verdict, say: Say) -> str:
    found = [finding for finding in parcel.findings if finding.verdict == verdict]
    return say("between").join(
        say("relation_why", relation=one.title[say.lang], reason=word_relation(one, say))
        for one in found
    )


def _bearing_area(finding: Finding | None) -> Cell:
    """Give the area that a rule bears on; nothing known is no nought."""
    if finding is None or finding.overlap_m2 is None:
        return None
    return convert_area(finding.overlap_m2 if finding.bears else 0.0, AreaUnit.M2)


def _problems_table(result: CheckResult, say: Say) -> Table:
    columns = (
        Column("row", say("batch_row"), "integer"),
        Column("id", say("batch_id"), "text"),
        Column("problem", say("batch_problem"), "text"),
    )
    rows = [(one.row, one.id, one.word(say.lang)) for one in result.problems]
    return make_table(say("batch_problems"), columns, rows)


def _overlaps_table(result: CheckResult, say: Say) -> Table:
    columns = (
        Column("first", say("batch_first"), "integer"),
        Column("second", say("batch_second"), "integer"),
        Column("shared", say("batch_shared"), "number", _M2),
    )
    rows = [
        (one.first, one.second, convert_area(one.area_m2, AreaUnit.M2)) for one in result.overlaps
    ]
    return make_table(say("batch_overlaps"), columns, rows)


def _notes_table(result: CheckResult, setting: CheckSetting) -> Table:
    """Say what the figures rest on, as the sheet of a single parcel does."""
    say = Say(setting.lang)
    columns = (Column("label", "", "text"), Column("text", "", "text"))
    rows = [
        (say("serial"), result.serial or say("unsaved")),
        (say("verdict"), say(f"verdict_{result.verdict}")),
        ("", say("disclaimer")),
        (say("fact_purpose"), result.purpose_title[setting.lang]),
        (say("fact_on"), result.on.isoformat()),
        (say("method_label"), say("method")),
        (say("tolerance_label"), say("tolerance", values=word_tolerances(result, say))),
        (say("uncertainty_label"), say("uncertainty")),
        (say("rules_label"), word_rules(result, say)),
        *(
            (say("snapshot"), f"{definition.title[say.lang] if definition else layer} {layer}")
            for definition, layer, _ in setting.used
        ),
        ("", say("internal")),
    ]
    return make_table(say("notes"), columns, rows)
