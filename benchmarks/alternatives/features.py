"""Reading the files of a task, and cutting large polygons into small ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from alternatives import Task

Geometries = NDArray[np.object_]
Words = NDArray[np.object_]

# For tools that do not prepare a zone once for many parcels: parts to test against must be
# large enough to cover whole parcels, parts to intersect with small. Of 64, 256 and 1024
# vertices these were the fastest in PostGIS and DuckDB.
COARSE: Final = 256
FINE: Final = 64
_BATCH_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """Polygons, each with a word: the class of a parcel, the code of a zone."""

    geometries: Geometries
    words: Words


def read_geometries(file: Path) -> Geometries:
    """Read the geometries of a file, its WKB in batches."""
    batches = pq.ParquetFile(file).iter_batches(_BATCH_ROWS, columns=["geometry"])
    read = [shapely.from_wkb(batch.column(0).to_numpy(zero_copy_only=False)) for batch in batches]
    return np.concatenate(read) if read else np.array([], dtype=object)


def read_labelled(file: Path, column: str) -> Labelled:
    """Read polygons and one column of words."""
    words = pq.read_table(file, columns=[column]).column(0).to_numpy()
    return Labelled(read_geometries(file), words)


def read_zones(task: Task) -> Labelled:
    """Read the zones; of a task with a control layer, only what lies inside it."""
    zones = read_labelled(task.zones, "code")
    return zones if task.control is None else intersect(read_geometries(task.control), zones)


def cut_up(zones: Labelled, most_vertices: int) -> Labelled:
    """Halve polygons until none has more vertices than that."""
    parts, words = polygons(zones.geometries, zones.words)
    done = [Labelled(parts[:0], words[:0])]
    while len(parts):
        small = shapely.get_num_coordinates(parts) <= most_vertices
        done.append(Labelled(parts[small], words[small]))
        parts, words = _halve(parts[~small], words[~small])
    return Labelled(
        np.concatenate([some.geometries for some in done]),
        np.concatenate([some.words for some in done]),
    )


def intersect(ground: Geometries, zones: Labelled) -> Labelled:
    """Cut polygons by zones; each piece has the word of its zone."""
    zone, whole = shapely.STRtree(ground).query(zones.geometries, "covers")
    rest = np.setdiff1d(np.arange(len(ground)), whole)
    one, other = shapely.STRtree(zones.geometries).query(ground[rest], "intersects")
    pieces = shapely.intersection(ground[rest][one], zones.geometries[other])
    return Labelled(
        *polygons(
            np.concatenate([ground[whole], pieces]),
            np.concatenate([zones.words[zone], zones.words[other]]),
        )
    )


def polygons(geometries: Geometries, words: Words) -> tuple[Geometries, Words]:
    """Take geometries apart into polygons; lines and points have no area and are dropped."""
    parts, index = shapely.get_parts(geometries, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # a collection of multipolygons
    keep = shapely.get_dimensions(parts) == 2
    return parts[keep], words[index[inner[keep]]]


def to_table(zones: Labelled) -> pa.Table:
    """Give ``code``, ``geometry`` as WKB."""
    wkb = pa.array(shapely.to_wkb(zones.geometries), pa.binary())
    return pa.table({"code": pa.array(zones.words, pa.string()), "geometry": wkb})


def to_areas(rows: Any) -> dict[tuple[str, str], float]:
    """Give areas by code and class from rows of code, class and m²; touching is nothing."""
    return {(code, name): area_m2 for code, name, area_m2 in rows if area_m2 > 0}


def _halve(parts: Geometries, words: Words) -> tuple[Geometries, Words]:
    west, south, east, north = shapely.bounds(parts).T
    wide = east - west >= north - south
    x, y = (west + east) / 2, (south + north) / 2
    first = shapely.box(west, south, np.where(wide, x, east), np.where(wide, north, y))
    second = shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
    halves = [shapely.intersection(parts, box) for box in (first, second)]
    return polygons(np.concatenate(halves), np.concatenate([words, words]))
