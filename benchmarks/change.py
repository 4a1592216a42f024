"""Compare two dates of land use: make an earlier snapshot of a copied workspace, and time it.

python -m change make WORKSPACE [SHARE]     publish an earlier land use, SHARE of it changed
python -m change ask WORKSPACE [LEVEL]      compare it with the present one; time and memory
"""

import json
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from watched import own_peak_mb

from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance

LAYER: Final = "landuse"
EARLIER: Final = date(2022, 12, 31)
CHORDS_TRIED: Final = 12


def make(folder: Path, share: float) -> None:
    """Publish an earlier land use: parcels reclassed, split, merged, given a new border."""
    workspace = Workspace.open(folder)
    current = workspace.snapshot(LAYER)
    changes = change(current.read(), share, np.random.default_rng(7))
    print("parcels concerned:", len(changes.taken), flush=True)
    provenance = Provenance(EARLIER, Source(file="benchmark"), True, current.manifest.coverage)  # noqa: FBT003
    made = workspace.publish(LAYER, changes.frame(), provenance)
    print("published", made.name, made.manifest.feature_count)
    manifest = current.manifest
    workspace.store._table.make_current(  # noqa: SLF001  the present one is current again
        LAYER, current.name, manifest.as_of, manifest.digest, manifest.feature_count, "benchmark"
    )


def change(frame: gpd.GeoDataFrame, share: float, random: np.random.Generator) -> "Changes":
    """Change parcels at random, a quarter of them in each way."""
    changes = Changes(frame)
    chosen = random.permutation(len(frame))[: int(share * len(frame))]
    geometries = changes.geometries
    tree = shapely.STRtree(geometries)
    one, other = tree.query(geometries[chosen], predicate="touches")
    print("neighbours found", flush=True)
    partners: dict[int, list[int]] = defaultdict(list)
    for row, partner in zip(chosen[one].tolist(), other.tolist(), strict=True):
        partners[row].append(partner)
    classes = frame["dlbm"].to_numpy()
    for turn, row in enumerate(chosen.tolist()):
        if row in changes.taken:
            continue
        free = [k for k in partners[row] if k not in changes.taken]
        kind = turn % 4
        if kind == 0:
            changes.replace([row], [geometries[row]], [random.choice(classes)])
        elif kind == 1 and (halves := halve(geometries[row], random)):
            changes.replace([row, row], halves, [classes[row], random.choice(classes)])
        elif kind == 2 and free:
            united = shapely.union(geometries[row], geometries[free[0]])
            if shapely.get_type_id(united) == shapely.GeometryType.POLYGON:
                changes.replace([row, free[0]], [united], [classes[row]])
        elif free and (halves := halve(geometries[free[0]], random)):
            united = shapely.union(geometries[row], halves[0])
            if shapely.get_type_id(united) == shapely.GeometryType.POLYGON:
                changes.replace(
                    [row, free[0]], [united, halves[1]], [classes[row], classes[free[0]]]
                )
    return changes


class Changes:
    """Rows that are gone, and what comes in their place."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self._frame = frame
        self.geometries = np.asarray(frame.geometry)
        self.taken: set[int] = set()
        self._rows: list[int] = []
        self._shapes: list[Any] = []
        self._classes: list[str] = []

    def replace(self, rows: list[int], shapes: list[Any], classes: list[str]) -> None:
        """Put shapes with their classes in the place of rows."""
        self.taken.update(rows)
        self._rows += rows[: len(shapes)]
        self._shapes += shapes
        self._classes += classes

    def frame(self) -> gpd.GeoDataFrame:
        """Give the changed layer."""
        made = self._frame.iloc[self._rows].copy()
        made["dlbm"] = self._classes
        made = made.set_geometry(self._shapes, crs=self._frame.crs)
        kept = self._frame.drop(index=sorted(self.taken))
        return gpd.GeoDataFrame(pd.concat([kept, made], ignore_index=True), crs=self._frame.crs)


def halve(shape: Any, random: np.random.Generator) -> list[Any]:
    """Cut a polygon without holes in two between two of its vertices; ``[]`` where that fails."""
    if shapely.get_type_id(shape) != shapely.GeometryType.POLYGON:
        if len(shape.geoms) > 1:
            return []
        shape = shape.geoms[0]
    if len(shape.interiors):
        return []
    ring = shapely.get_coordinates(shape)[:-1]
    shapely.prepare(shape)
    for _ in range(CHORDS_TRIED):
        low, high = sorted(random.choice(len(ring), 2, replace=False))
        if high - low < 2 or high - low > len(ring) - 2:
            continue
        if shapely.relate_pattern(shape, shapely.linestrings(ring[[low, high]]), "T*****FF*"):
            halves = [
                shapely.polygons(ring[low : high + 1]),
                shapely.polygons(np.concatenate([ring[high:], ring[: low + 1]])),
            ]
            if all(shapely.is_valid(half) for half in halves):
                return halves
    return []


def ask(folder: Path, level: str) -> None:
    """Compare twice in one process: computed, then kept."""
    from geoapp.overlay.warming import warm_up  # noqa: PLC0415

    warm_up()
    workspace = Workspace.open(folder)
    for turn in ("computed", "kept"):
        start = time.perf_counter()
        result = workspace.change(LAYER, before=EARLIER, by=level, class_field="dlbm")
        seconds = time.perf_counter() - start
        print(turn, f"{seconds:.2f} s, peak {own_peak_mb():.0f} MB")
    document = result.to_json()
    print(json.dumps({key: document[key] for key in ("snapshots", "features", "closure_m2")}))
    print(len(result.rows), "rows")


if __name__ == "__main__":
    command, place, *rest = sys.argv[1:]
    if command == "make":
        make(Path(place), float(rest[0]) if rest else 0.05)
    else:
        ask(Path(place), rest[0] if rest else "village")
