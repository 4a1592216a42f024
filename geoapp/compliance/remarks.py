"""What a reader must know of a parcel beside its findings."""

from collections.abc import Iterator, Sequence

import shapely

from geoapp.compliance.balancing import may_balance
from geoapp.compliance.composition import UnitShare
from geoapp.compliance.request import Parcel
from geoapp.compliance.result import Fact, Note, Overlap
from geoapp.compliance.rulebook import Limits
from geoapp.values import round_half_up


def remark(
    parcel: Parcel,
    area_m2: float,
    units: Sequence[UnitShare],
    limits: Limits,
    overlaps: Sequence[Overlap],
    *,
    balance: bool,
) -> tuple[Note, ...]:
    """List the notes of one parcel."""
    notes = [*_on_shape(parcel), *_on_area(parcel, area_m2, limits, balance=balance)]
    districts = [unit for unit in units if unit.level == "district"]
    inside = [unit for unit in districts if unit.code]
    if len(inside) > 1:
        names = ", ".join(unit.name for unit in inside)
        notes.append(Note(code="several_districts", facts={"names": names}))
    outside = sum(unit.area_m2 for unit in districts if not unit.code)
    if outside > limits.overlap_m2:
        notes.append(Note(code="outside_city", facts={"area_m2": _show(outside)}))
    for overlap in overlaps:
        if parcel.row in {overlap.first, overlap.second}:
            other = overlap.second if parcel.row == overlap.first else overlap.first
            facts: dict[str, Fact] = {"row": other, "area_m2": _show(overlap.area_m2)}
            notes.append(Note(code="overlaps_parcel", facts=facts))
    return tuple(notes)


def _on_shape(parcel: Parcel) -> Iterator[Note]:
    parts = int(shapely.get_num_geometries(parcel.geometry))
    if parts > 1:
        yield Note(code="several_parts", facts={"parts": parts})
    holes = int(shapely.get_num_interior_rings(shapely.get_parts(parcel.geometry)).sum())
    if holes:
        yield Note(code="holes", facts={"holes": holes})


def _on_area(parcel: Parcel, area_m2: float, limits: Limits, *, balance: bool) -> Iterator[Note]:
    declared = parcel.declared_m2
    if declared is None:
        if balance:
            yield Note(code="balance_undeclared")
        return
    if not may_balance(area_m2, declared, limits.declared_share):
        facts: dict[str, Fact] = {
            "declared_m2": _show(declared),
            "area_m2": _show(area_m2),
            "percent": str(round_half_up(limits.declared_share * 100, 2).normalize()),
        }
        yield Note(code="balance_refused" if balance else "declared_differs", facts=facts)


def _show(area_m2: float) -> str:
    return str(round_half_up(area_m2, 2))
