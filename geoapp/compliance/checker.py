"""Checks parcels against all rules in force, on the snapshots that are handed to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.compliance.balancing import balance_composition, balance_finding, may_balance
from geoapp.compliance.composing import LANDUSE
from geoapp.compliance.composition import UnitShare
from geoapp.compliance.finding import VERDICTS, Finding, worst_verdict
from geoapp.compliance.judging import Asked
from geoapp.compliance.opening import Openings
from geoapp.compliance.parcels import Parcels, number_rows, prepare_parcels
from geoapp.compliance.remarks import remark
from geoapp.compliance.request import MOST_PARCELS, CheckRequest
from geoapp.compliance.result import CheckResult, Overlap, ParcelResult
from geoapp.compliance.survey import Materials, Survey, Surveyor
from geoapp.errors import ChoiceError
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.overlay.result import Level
from geoapp.values import Progress, no_progress

RASTER: Final = "raster"  # stands for the height model among the snapshots of a result
_LEVELS: Final[tuple[Level, ...]] = ("district", "township", "village")


@dataclass(frozen=True, slots=True)
class Checked:
    """A check with what was measured for it.

    Attributes:
        result: What people get.
        asked: Parcels, day and tolerances.
        survey: What was measured.
    """

    result: CheckResult
    asked: Asked
    survey: Survey


def check_parcels(
    openings: Openings,
    request: CheckRequest,
    materials: Materials,
    today: date,
    progress: Progress = no_progress,
) -> Checked:
    """Check parcels.

    Raises:
        ChoiceError: The purpose is not offered, or there are too many parcels or none.
        GeometryError: Not one parcel can be checked; it says why of the first.
        CrsError: Likewise; the first lies outside the city.
    """
    purpose = materials.rulebook.require_purpose(request.purpose)
    on = request.on or today
    limits = materials.rulebook.limits(on)
    numbered = number_rows(request.parcels)
    if not 0 < len(numbered) <= MOST_PARCELS:
        raise ChoiceError("check-parcel-count", count=len(numbered), most=MOST_PARCELS)
    progress("check.preparing", 0.0)
    parcels, problems = prepare_parcels(numbered, openings.city)
    if len(parcels) == 0:
        take_polygon(numbered[0].geometry, openings.city)  # raises what is wrong with the first
    asked = Asked(parcels, on, limits)
    surveyor = Surveyor(openings, asked, materials)
    survey = surveyor.survey(materials.rulebook.in_force(on, purpose.id), progress)
    overlaps = parcels.find_overlaps()
    units = _divide(openings, parcels, materials)
    results = tuple(
        _gather(asked, survey, units, request, overlaps, k) for k in range(len(parcels))
    )
    names, sample = _sources(survey, materials)
    progress("check.done", 1.0)
    result = CheckResult(
        on=on,
        purpose=purpose.id,
        purpose_title=purpose.title,
        snapshots=names,
        rules_digest=materials.rulebook.digest,
        tolerances=limits.by_name(),
        balanced=request.balance,
        sample=sample or openings.city.sample,
        parcels=results,
        problems=problems,
        overlaps=overlaps,
    )
    return Checked(result, asked, survey)


def _divide(
    openings: Openings, parcels: Parcels, materials: Materials
) -> list[tuple[UnitShare, ...]]:
    """Give the units of each parcel, all levels."""
    found: list[tuple[UnitShare, ...]] = [()] * len(parcels)
    for level in _LEVELS:
        snapshot = materials.find(level)
        if snapshot is not None:
            shares = openings.open_divider(level, snapshot).divide(parcels)
            found = [(*some, *more) for some, more in zip(found, shares, strict=True)]
    return found


def _gather(
    asked: Asked,
    survey: Survey,
    units: Sequence[tuple[UnitShare, ...]],
    request: CheckRequest,
    overlaps: Sequence[Overlap],
    k: int,
) -> ParcelResult:
    """Put together what was found of one parcel."""
    parcel, area = asked.parcels.asked[k], float(asked.parcels.area_m2[k])
    findings = [findings[k] for findings in survey.findings]
    composition = survey.compositions[k] if survey.compositions else None
    declared, limit = parcel.declared_m2, asked.limits.declared_share
    if request.balance and declared is not None and may_balance(area, declared, limit):
        findings = [balance_finding(finding, area, declared) for finding in findings]
        composition = composition and balance_composition(composition, declared)
    return ParcelResult(
        id=parcel.id,
        name=parcel.name,
        row=parcel.row,
        geometry=parcel.geometry,
        crs=parcel.crs,
        area_m2=area,
        planar_m2=float(asked.parcels.planar_m2[k]),
        declared_m2=declared,
        verdict=worst_verdict([finding.verdict for finding in findings]),
        findings=tuple(sorted(findings, key=_worst_first)),
        composition=composition,
        units=units[k],
        notes=remark(parcel, area, units[k], asked.limits, overlaps, balance=request.balance),
    )


def _worst_first(finding: Finding) -> tuple[int, bool]:
    return VERDICTS.index(finding.verdict), not finding.bears


def _sources(survey: Survey, materials: Materials) -> tuple[dict[str, str], bool]:
    """Name the snapshots that were read, and tell whether something is made-up data."""
    wanted = [*UNIT_LEVELS, *sorted(survey.layers | {LANDUSE})]
    used = {layer: snapshot for layer in wanted if (snapshot := materials.find(layer))}
    names = {layer: snapshot.name for layer, snapshot in used.items()}
    sample = any(snapshot.manifest.sample for snapshot in used.values())
    if survey.slope is not None:
        names[RASTER] = survey.slope.name
        sample = sample or survey.slope.sample
    return names, sample
