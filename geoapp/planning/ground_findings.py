"""What features of a layer do to the ground of units: overlaps drawn, and gaps left open."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from geoapp.errors import InvariantError
from geoapp.importers.validation.topology import (
    GAP_TOLERANCE_M2,
    GAP_TOLERANCE_SHARE,
    OVERLAP_TOLERANCE_M2,
)
from geoapp.importers.validation.values import AREA_TOLERANCE_M2, AREA_TOLERANCE_SHARE
from geoapp.overlay.crossing import cut_among
from geoapp.overlay.fragment import cut_into_fragments, polygon_parts
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.planning.cutting import intersect, subtract


def find_overlaps(layer: MeasuredLayer, units: Units) -> tuple[pd.DataFrame, float]:
    """Find the pairs of features that share more than rounding, cut at the borders of units.

    Two features that all but coincide are told of as duplicates.

    Returns:
        A row for each pair and unit, geometry in the measure plane; and the largest gap between
        a pair as it is drawn and as the kernel measures it, m².

    Raises:
        InvariantError: A gap is larger than the tolerance.
    """
    first, second, shared_m2 = layer.overlap_areas
    real = np.flatnonzero(shared_m2 > OVERLAP_TOLERANCE_M2)
    first, second, shared_m2 = first[real], second[real], shared_m2[real]
    index = layer.index()
    drawn = intersect(index.geometries(first), index.geometries(second))
    parts, pair = polygon_parts(drawn, np.arange(len(drawn)))
    pieces = cut_among(parts, units.layer.zones)
    frame = pd.DataFrame(
        {
            "pair": pair[pieces.feature],
            "unit_code": _code(pieces.zone, units),
            "area_m2": shapely.area(pieces.geometries),
            "geometry": pieces.geometries,
        }
    )
    gap = np.bincount(frame["pair"], frame["area_m2"], minlength=len(first)) - shared_m2
    worst = float(np.abs(gap).max(initial=0.0))
    if worst > CLOSURE_TOLERANCE_M2 and worst > 1e-9 * float(shared_m2.max(initial=0.0)):
        row = int(np.abs(gap).argmax())
        raise InvariantError(
            "overlap-not-closed",
            layer=layer.snapshot.layer,
            row=int(second[row]) + 1,
            closure_m2=round(worst, 6),
        )
    larger = np.maximum(layer.areas_m2[first], layer.areas_m2[second])
    same = larger - shared_m2 <= np.maximum(AREA_TOLERANCE_M2, AREA_TOLERANCE_SHARE * larger)
    rows = []
    for (pair_number, code), some in frame.groupby(["pair", "unit_code"]):
        number, area_m2 = int(str(pair_number)), float(some["area_m2"].sum())
        if area_m2 <= COUNTED_FROM_M2:
            continue
        rows.append(
            {
                "code": "features-same" if same[number] else "features-overlap",
                "severity": "warning",
                "row": int(second[number]) + 1,
                "unit_code": code,
                "area_m2": area_m2,
                "facts": {"other": int(first[number]) + 1, "area_m2": round(area_m2, 2)},
                "geometry": shapely.union_all(some["geometry"].to_numpy()),
            }
        )
    return pd.DataFrame(rows), worst


def find_gaps(
    layer: MeasuredLayer, units: Units, covered: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Draw what a layer that fills its units leaves open in them.

    Units that it does not reach into are not known, which is no gap.

    Args:
        layer: The layer.
        units: The units.
        covered: Unit → its area and the ground that the layer covers there, m².
    """
    rows = []
    tree = None
    for code, (unit_m2, net_m2) in covered.items():
        if not is_gap(unit_m2, net_m2):
            continue
        tree = tree or shapely.STRtree(layer.geometries)
        ground = units.layer.geometries[np.flatnonzero(units.codes == code)]
        fragments = cut_into_fragments(ground, np.arange(len(ground)))[0]
        near = np.unique(tree.query(ground, predicate="intersects")[1])
        left, _ = subtract(fragments, layer.geometries[near])
        gap_m2 = unit_m2 - net_m2
        rows.append(
            {
                "code": "unit-not-filled",
                "severity": "warning",
                "row": 0,
                "unit_code": code,
                "area_m2": gap_m2,
                "facts": {
                    "unit": units.names[code] or code,
                    "unit_code": code,
                    "gap_m2": round(gap_m2, 2),
                },
                "geometry": shapely.union_all(left),
            }
        )
    return pd.DataFrame(rows)


def is_gap(unit_m2: float, net_m2: float) -> bool:
    """Tell whether a layer that reaches into a unit leaves more of it open than rounding."""
    allowed = max(GAP_TOLERANCE_M2, GAP_TOLERANCE_SHARE * unit_m2)
    return net_m2 > 0 and unit_m2 - net_m2 > allowed


def _code(zone: np.ndarray, units: Units) -> np.ndarray:
    return np.where(zone == OUTSIDE, "", units.codes[zone]).astype(object)
