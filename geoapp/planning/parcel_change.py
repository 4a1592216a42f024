"""Which parcels changed most between two rasters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.measure import official_areas
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.places import find_containing
from geoapp.planning.cells import CellGrid, average_cells
from geoapp.values import Progress, no_progress

_AT_A_TIME: Final = 20_000  # parcels, then progress is told
_WHOLE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class ParcelChanges:
    """The parcels of a layer whose mean changed most.

    Attributes:
        layer: Layer of the parcels.
        class_field: Its field that ``class_code`` is of; ``""`` where it has none.
        within: Unit that holds a point inside of each; ``""`` for the city.
        raster: Later raster and its version.
        before: Earlier one.
        parcels: How many were looked at.
        known: Of how many a change is known: both rasters cover them wholly.
        rows: The largest changes first: ``unit_code`` of a point inside, ``unit_name``,
            ``feature``, ``parcel``, ``class_code``, official ``area_m2``, ``mean_before``,
            ``mean``, ``change``, and the ground, EPSG:4490.
        of: Index of a picture, ``""`` for heights or brightness.
    """

    layer: str
    class_field: str
    within: str
    raster: str
    before: str
    snapshots: dict[str, str]
    parcels: int
    known: int
    rows: gpd.GeoDataFrame
    sample: bool
    of: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.zonal-parcels/1``."""
        return {
            "schema": "geoapp.zonal-parcels/1",
            "layer": self.layer,
            "within": self.within or None,
            "raster": self.raster,
            "before": self.before,
            "of": self.of or None,
            "sample": self.sample,
            "snapshots": self.snapshots,
            "parcels": self.parcels,
            "known": self.known,
            "rows": self.rows.drop(columns="geometry").to_dict("records"),
        }


def average_parcels(
    grid: CellGrid, shapes: Geometries, progress: Progress = no_progress
) -> NDArray[np.float64]:
    """Tell the mean of each polygon, and the part of it that is known.

    Args:
        grid: The raster.
        shapes: ``(n,)`` polygons, EPSG:4490.
        progress: Told how far it is.

    Returns:
        ``(n, 2)``; the mean is not a number where nothing is known.
    """
    found = np.zeros((len(shapes), 2))
    for low in range(0, len(shapes), _AT_A_TIME):
        progress("terrain.averaging", low / len(shapes))
        some = slice(low, low + _AT_A_TIME)
        found[some, 0], found[some, 1] = average_cells(grid, shapes[some])
    return found


def find_changes(
    now: NDArray[np.float64], then: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell later means and their changes, not a number where not both cover a polygon wholly.

    Args:
        now: ``(n, 2)`` of ``average_parcels``.
        then: The same of an earlier raster.
    """
    whole = np.isclose([now[:, 1], then[:, 1]], 1.0, rtol=0.0, atol=_WHOLE).all(axis=0)
    means = np.where(whole, now[:, 0], np.nan)
    return means, means - then[:, 0]


def list_changes(
    parcels: gpd.GeoDataFrame, means: Any, changes: Any, most: int, gauss: str
) -> gpd.GeoDataFrame:
    """List the largest changes, whichever way; parcels that did not change are none.

    Args:
        parcels: ``feature``, ``parcel``, ``class_code``, ``unit_code``, ``unit_name`` and ground.
        means: Of the later raster.
        changes: Of the means.
        most: How many at most.
        gauss: Gauss plane that official areas are computed with.
    """
    size = np.where(np.isfinite(changes), np.abs(changes), 0.0)
    rows = np.lexsort((parcels["feature"].to_numpy().astype(str), -size))[:most]
    rows = rows[size[rows] > 0]
    shapes = parcels.geometry.to_numpy()[rows]
    listed = parcels.drop(columns="geometry").iloc[rows].reset_index(drop=True)
    listed["area_m2"] = official_areas(shapes, gauss) if len(shapes) else np.zeros(0)
    listed["mean_before"], listed["mean"] = means[rows] - changes[rows], means[rows]
    listed["change"] = changes[rows]
    return gpd.GeoDataFrame(listed, geometry=shapes, crs=GEOGRAPHIC)


def place_parcels(
    shapes: Geometries, units: Geometries, names: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Name the unit that holds a point inside of each polygon, ``""`` where none does.

    Args:
        shapes: ``(n,)`` polygons.
        units: Polygons of the units; the first one counts where they overlap.
        names: Code and name of each unit.
    """
    rows = find_containing(shapely.point_on_surface(shapes), units)
    named = np.array([*names, ("", "")], dtype=object)  # the last one: outside of all
    place = np.where(rows == OUTSIDE, len(names), rows)
    return pd.DataFrame({"unit_code": named[place, 0], "unit_name": named[place, 1]})
