"""From sums by unit and class to figures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoapp.overlay.line_sharing import COUNTED_FROM_M
from geoapp.overlay.shares import Shares
from geoapp.overlay.sharing import OUTSIDE_UNITS, Sums
from geoapp.overlay.tally import COUNTED_FROM_M2

Codes = np.ndarray


@dataclass(frozen=True, slots=True)
class Figures:
    """What a unit has of one class.

    Attributes:
        net_m2: Ground, counted once per class.
        gross_m2: Sum over features.
        count: Features that reach in.
        length_m: Length of lines, zero for other layers.
    """

    net_m2: float
    gross_m2: float
    count: int
    length_m: float = 0.0


def join_sums(net: Sums, gross: Sums, *, whole: str = "") -> dict[str, dict[str, Figures]]:
    """Join net and gross sums; what lies outside all units is left out.

    Args:
        net: Ground counted once per class.
        gross: Whole features.
        whole: Sums without units, and the code that they are to stand under.

    Returns:
        Unit code → class (``""`` without classes) → figures, both in rising order. What only
        touches a unit is no entry.
    """
    length = dict(zip(zip(net.unit, net.kind, strict=True), net.length_m, strict=False))
    table: dict[str, dict[str, Figures]] = {}
    rows = zip(gross.unit, gross.kind, gross.area_m2, gross.count, strict=True)
    for unit, kind, gross_m2, count in sorted(rows):
        if (unit == OUTSIDE_UNITS) != bool(whole):
            continue
        length_m = length.get((unit, kind), 0.0)
        if count == 0 and gross_m2 < COUNTED_FROM_M2 and length_m < COUNTED_FROM_M:
            continue  # neighbours that share an edge, noded a nanometre apart
        figures = Figures(net.cells.get((unit, kind), 0.0), gross_m2, count, length_m)
        table.setdefault(unit or whole, {})[kind] = figures
    return table


def add_fields(
    homes: Shares, values: pd.DataFrame, codes: Codes, classes: Codes | None
) -> Mapping[tuple[str, str], dict[str, float]]:
    """Add number fields by unit and class, each feature where its inner point lies.

    Args:
        homes: Zone of each feature's inner point.
        values: ``(n, k)`` fields of the features; empty cells count as zero.
        codes: Unit code of each zone.
        classes: ``(n,)`` class of each feature, ``None`` without classes.
    """
    hit = homes.zone_row >= 0
    rows = homes.feature_row[hit]
    names = np.full(len(rows), "", dtype=object) if classes is None else classes[rows]
    keys = [
        pd.Series(codes[homes.zone_row[hit]], name="unit", dtype=object),
        pd.Series(names, name="class", dtype=object),
    ]
    summed = values.iloc[rows].reset_index(drop=True).astype(float).groupby(keys).sum()
    return {
        (str(unit), str(name)): {str(k): float(v) for k, v in record.items()}
        for (unit, name), record in zip(summed.index, summed.to_dict("records"), strict=True)
    }
