"""Time statistics against geopandas.overlay on the same features, and compare the figures."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoapp.bootstrap import Workspace
from geoapp.demo import build_demo
from geoapp.geometry.measure import measure_plane, to_measure_plane
from geoapp.overlay.result import StatsRequest, StatsResult
from geoapp.overlay.tabulate import Tabulator

QUESTIONS = (
    StatsRequest("landuse", by="district"),
    StatsRequest("landuse", by="township", class_field="dlbm"),
    StatsRequest("landuse", by="village", class_field="dlbm"),
    StatsRequest("ecological_redline", by="township"),
    StatsRequest("landuse", by="township", class_field="dlyj", inside="permanent_farmland"),
    StatsRequest("landuse", by="township", class_field="dlyj", inside="ecological_redline"),
)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Run once; give seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Print the table."""
    parcels = int(os.environ.get("PARCELS", "20000"))
    with tempfile.TemporaryDirectory() as folder:
        seconds, workspace = timed(lambda: build_demo(Path(folder) / "city", parcels=parcels))
        print(f"sample city of {parcels} parcels built in {seconds:.1f} s\n")
        print(
            f"{'question':58} {'cold s':>8} {'warm s':>8} {'geopandas s':>12} {'largest diff m2':>16}"
        )
        for request in QUESTIONS:
            print_line(workspace, request)


def print_line(workspace: Workspace, request: StatsRequest) -> None:
    """Measure one question and print it."""
    for derived in (workspace.folder / "layers").glob("*/*/measure"):
        shutil.rmtree(derived)
    cold, _ = timed(lambda: new_tabulator(workspace).tabulate(request))
    warm, result = timed(lambda: new_tabulator(workspace).tabulate(request))
    other, areas = timed(lambda: by_geopandas(workspace, request))
    name = " x ".join(
        filter(None, (request.layer, request.inside, request.by, request.class_field))
    )
    diff = largest_difference(result, areas)
    print(f"{name:58} {cold:8.2f} {warm:8.2f} {other:12.2f} {diff:16.6f}")


def new_tabulator(workspace: Workspace) -> Tabulator:
    """Start as a fresh process would, without anything in memory."""
    return Tabulator(workspace.city, workspace.library, workspace.store)


def by_geopandas(workspace: Workspace, request: StatsRequest) -> dict[tuple[str, str], float]:
    """Answer the same question with geopandas.overlay."""
    plane = workspace.city.crs
    layer = in_plane(workspace.layer(request.layer), plane)
    units = in_plane(workspace.layer(request.by), plane)[["code", "geometry"]]
    field = {"dlyj": "dlbm"}.get(request.class_field, request.class_field)
    layer["class"] = layer[field] if field else ""
    if request.class_field == "dlyj":
        layer["class"] = layer["class"].str.slice(0, 2)
    if request.layer == "ecological_redline":  # it overlaps itself: ground counts once
        layer = layer.dissolve("class").reset_index()
    if request.inside:
        inside = in_plane(workspace.layer(request.inside), plane)
        ground = gpd.GeoDataFrame(geometry=[inside.union_all()], crs=inside.crs).explode()
        layer = gpd.overlay(layer[["class", "geometry"]], ground, keep_geom_type=True)
    pieces = gpd.overlay(layer[["class", "geometry"]], units, keep_geom_type=True)
    sums: pd.Series = pieces.area.groupby([pieces["code"], pieces["class"]]).sum()
    return dict(zip(sums.index.to_list(), sums.to_list(), strict=True))


def in_plane(frame: gpd.GeoDataFrame, gauss: str) -> gpd.GeoDataFrame:
    """Bring features to the measure plane."""
    geometries = to_measure_plane(np.asarray(frame.geometry), gauss)
    return frame.set_geometry(list(geometries), crs=measure_plane(gauss))


def largest_difference(result: StatsResult, areas: dict[tuple[str, str], float]) -> float:
    """Give the largest difference of any figure, m²."""
    ours = {(r.unit_code, r.class_code or ""): r.area_m2 or 0.0 for r in result.rows}
    return max(abs(ours.get(key, 0.0) - areas.get(key, 0.0)) for key in ours.keys() | areas.keys())


if __name__ == "__main__":
    main()
