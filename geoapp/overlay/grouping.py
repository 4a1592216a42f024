"""From shares of single features to figures of units and classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoapp.overlay.intersect import Areas, Shares

# Touching with less than this (a square centimetre) is rounding, not presence.
_COUNTED_FROM_M2: Final = 1e-4

Codes = np.ndarray


@dataclass(frozen=True, slots=True)
class Figures:
    """What a unit has of one class.

    Attributes:
        net_m2: Ground, counted once per class.
        gross_m2: Sum over features.
        count: Features that reach in.
    """

    net_m2: float
    gross_m2: float
    count: int


def group_shares(
    net: Shares, gross: Shares, areas_m2: Areas | None, codes: Codes, classes: Codes | None
) -> dict[str, dict[str, Figures]]:
    """Group shares by unit and class; what lies outside all units is left out.

    Args:
        net: Shares with ground counted once per class.
        gross: Shares of whole features.
        areas_m2: ``(n,)`` area of each feature; ``None`` for points, which are only counted.
        codes: Unit code of each zone.
        classes: ``(n,)`` class of each feature, ``None`` without classes.

    Returns:
        Unit code → class (``""`` without classes) → figures, both in rising order. What only
        touches a unit is no entry.
    """
    net_areas = _add(net, codes, classes)
    gross_areas = _add(gross, codes, classes)
    counts = _count(gross, areas_m2, codes, classes)
    table: dict[str, dict[str, Figures]] = {}
    for key in sorted(gross_areas.keys() | net_areas.keys()):
        figures = Figures(net_areas.get(key, 0.0), gross_areas.get(key, 0.0), counts.get(key, 0))
        if figures.count == 0 and figures.gross_m2 < _COUNTED_FROM_M2:
            continue  # neighbours that share an edge, noded a nanometre apart
        table.setdefault(key[0], {})[key[1]] = figures
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
    keys = _keys(codes[homes.zone_row[hit]], rows, classes)
    summed = values.iloc[rows].reset_index(drop=True).astype(float).groupby(keys).sum()
    return {
        (str(unit), str(name)): {str(k): float(v) for k, v in record.items()}
        for (unit, name), record in zip(summed.index, summed.to_dict("records"), strict=True)
    }


def _keys(units: Codes, rows: np.ndarray, classes: Codes | None) -> list[pd.Series]:
    names = np.full(len(rows), "", dtype=object) if classes is None else classes[rows]
    return [
        pd.Series(units, name="unit", dtype=object),
        pd.Series(names, name="class", dtype=object),
    ]


def _add(shares: Shares, codes: Codes, classes: Codes | None) -> dict[tuple[str, str], float]:
    hit = shares.zone_row >= 0
    keys = _keys(codes[shares.zone_row[hit]], shares.feature_row[hit], classes)
    sums = pd.Series(shares.area_m2[hit]).groupby(keys).sum()
    return dict(zip(sums.index.to_list(), sums.to_list(), strict=True))


def _count(
    shares: Shares, areas_m2: Areas | None, codes: Codes, classes: Codes | None
) -> dict[tuple[str, str], int]:
    hit = shares.zone_row >= 0
    rows = shares.feature_row[hit]
    unit, name = _keys(codes[shares.zone_row[hit]], rows, classes)
    frame = pd.DataFrame({"unit": unit, "class": name, "row": rows, "area": shares.area_m2[hit]})
    present = frame.groupby(["unit", "class", "row"], as_index=False)["area"].sum()
    if areas_m2 is not None:
        enough = np.minimum(_COUNTED_FROM_M2, areas_m2[present["row"].to_numpy()] / 2)
        present = present[present["area"].to_numpy() >= enough]
    sizes = present.groupby(["unit", "class"]).size()
    return dict(zip(sizes.index.to_list(), sizes.to_list(), strict=True))
