"""Parcels with cultivated land above 25 degrees, one by one."""

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.planning.graded_parts import GradedParts
from geoapp.planning.slope import STEEPEST, SlopeResult

STEEP_COLUMNS: Final = (
    "unit_code", "unit_name", "feature", "parcel", "class_code", "area_m2", "steep_m2", "share",
)  # fmt: skip


def list_steep(
    parts: GradedParts, names: Sequence[tuple[str, str]], parcels: pd.DataFrame
) -> gpd.GeoDataFrame:
    """List the parts that have ground above 25 degrees, the most of it first.

    Their ``steep_m2`` add up to grade 5 of each unit: they are the same figures.

    Args:
        parts: Parcels cut at units.
        names: Code and name of each unit.
        parcels: Key, name and class code of each parcel, in this order.

    Returns:
        ``STEEP_COLUMNS`` and the ground of each part, EPSG:4490; ``share`` is the part of
        ``area_m2`` that is steep.
    """
    found = np.flatnonzero(parts.grades[:, STEEPEST] > 0)
    units = [names[row] for row in parts.unit_rows[found].tolist()]
    told = parcels.iloc[parts.parcel_rows[found]].fillna("").astype(str).to_numpy(dtype=object)
    area = parts.grades[found].sum(axis=1)
    steep = parts.grades[found, STEEPEST]
    columns: tuple[Any, ...] = (
        [code for code, _ in units],
        [name for _, name in units],
        *told.T,
        area,
        steep,
        steep / area,
    )
    frame = gpd.GeoDataFrame(
        dict(zip(STEEP_COLUMNS, columns, strict=True)),
        geometry=parts.shapes[found],
        crs=GEOGRAPHIC,
    )
    order = ["steep_m2", "unit_code", "feature"]
    ordered = frame.sort_values(order, ascending=[False, True, True], kind="stable")
    return ordered.reset_index(drop=True)


def describe_steep(result: SlopeResult) -> dict[str, Any]:
    """Give the list as document of schema ``geoapp.steep/1``."""
    return {
        "schema": "geoapp.steep/1",
        "by": result.by,
        "within": result.within or None,
        "raster": result.raster,
        "sample": result.sample,
        "snapshots": dict(result.snapshots),
        "parcels": result.steep.drop(columns="geometry").to_dict("records"),
        "steep_m2": sum(unit.grade_m2[STEEPEST - 1] for unit in result.units),
        "closure_m2": result.closure_m2,
    }
