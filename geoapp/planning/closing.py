"""The laws by which parts of several layers must add up. A gap stops the answer; none is mended."""

from collections.abc import Mapping, Sequence

import pandas as pd

from geoapp.errors import InvariantError
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.overlay.unit import Units
from geoapp.planning.conflict_result import ConflictRequest
from geoapp.planning.parts_by_unit import PartsByUnit
from geoapp.planning.venn import Venn


def require_parts_close(venn: Venn, request: ConflictRequest) -> float:
    """Stop where parts are not what layers, and pairs of layers, have without being cut.

    A layer's own ground is known from its measure index, what two features share from the
    kernel; neither knows of the geometry of parts.

    Returns:
        The largest gap, m².

    Raises:
        InvariantError: A gap is larger than the tolerance.
    """
    parts = {bits: venn.part_m2(bits) for bits in request.sets(least=1)}
    worst = 0.0
    for number, ground in enumerate(venn.grounds):
        expected = float(ground.areas[ground.present].sum())
        worst = max(worst, _require(parts, 1 << number, expected, request, ""))
    for (one, other), pairs in venn.pairs.items():
        expected = float(pairs.area.sum())
        worst = max(worst, _require(parts, 1 << one | 1 << other, expected, request, ""))
    return worst


def require_places_close(
    shared: PartsByUnit,
    units: Units,
    net_m2: Sequence[Mapping[str, float]],
    request: ConflictRequest,
) -> float:
    """Stop where the parts in a unit are not what each layer has there on its own.

    Args:
        shared: The parts by unit.
        units: The units.
        net_m2: Per layer, the ground of each unit that it covers, measured without the others.
        request: The question.

    Returns:
        The largest gap, m².

    Raises:
        InvariantError: A gap is larger than the tolerance.
    """
    worst = 0.0
    for row, code in enumerate(units.unique_codes):
        parts = dict(zip(shared.sets, map(float, shared.area_m2[row]), strict=True))
        for number in range(len(request.layers)):
            expected = net_m2[number].get(code, 0.0)
            worst = max(worst, _require(parts, 1 << number, expected, request, code))
    return worst


def require_patches_close(
    patches: pd.DataFrame, shared: PartsByUnit, request: ConflictRequest
) -> float:
    """Stop where the list of overlaps is not what the kernel measures of them by unit.

    Returns:
        The largest gap, m².

    Raises:
        InvariantError: A gap is larger than the tolerance.
    """
    listed = patches.groupby(["unit_code", "bits"])["area_m2"].sum().to_dict()
    worst = 0.0
    for row, code in enumerate([*shared.codes, ""]):
        for column, bits in enumerate(shared.sets):
            if bits.bit_count() > 1:
                found = {bits: float(listed.get((code, bits), 0.0))}
                expected = float(shared.area_m2[row, column])
                worst = max(worst, _require(found, bits, expected, request, code))
    return worst


def _require(
    parts: Mapping[int, float], bits: int, expected: float, request: ConflictRequest, unit: str
) -> float:
    gap = abs(sum(area for part, area in parts.items() if part & bits == bits) - expected)
    if gap > CLOSURE_TOLERANCE_M2:
        raise InvariantError(
            "conflicts-not-closed",
            layers=" + ".join(request.named(bits)),
            unit=unit or "-",
            closure_m2=f"{gap:.4f}",
        )
    return gap
