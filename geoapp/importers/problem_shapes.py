"""The features that something was found about, for a map."""

from pathlib import Path

import geopandas as gpd
import numpy as np

from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.importers.problem import Problem


def draw_problems(problems: tuple[Problem, ...], located: Geometries) -> gpd.GeoDataFrame:
    """Give the findings that concern one feature, with its geometry as far as it has one.

    Args:
        problems: Findings; those on the file as a whole are left out.
        located: ``(n,)`` geometries of the file's rows, EPSG:4490, or ``None``.

    Returns:
        Columns ``row``, ``code``, ``severity``, geometry.
    """
    listed = [problem for problem in problems if problem.row]
    rows = np.array([problem.row for problem in listed], dtype=np.int64)
    return gpd.GeoDataFrame(
        {
            "row": rows,
            "code": [problem.code for problem in listed],
            "severity": [problem.severity for problem in listed],
        },
        geometry=located[rows - 1],
        crs=GEOGRAPHIC,
    )


def read_problem_shapes(path: Path) -> gpd.GeoDataFrame:
    """Read what ``draw_problems`` gave and staging kept."""
    return gpd.read_parquet(path)
