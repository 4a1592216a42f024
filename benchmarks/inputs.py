"""The features of a workspace in the measure plane, as plain Parquet files."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from alternatives import Task
from numpy.typing import NDArray

from geoapp.bootstrap import Workspace
from geoapp.geometry.measure import to_measure_plane

Geometries = NDArray[np.object_]

_SLICE_ROWS: Final = 50_000
_ROUNDING_M2: Final = 1e-6  # neighbours noded twice share some 1e-9 m²: no overlap
_PARCELS: Final = pa.schema(
    [("row", pa.int64()), ("class", pa.string()), ("geometry", pa.binary())]
)
UNITS: Final = ("district", "township", "village")


@dataclass(frozen=True, slots=True)
class Question:
    """Area of a layer by class (first two characters) in the zones, inside a control layer."""

    name: str
    by: str
    inside: str = ""


QUESTIONS: Final = (
    Question("district", "district"),
    Question("township", "township"),
    Question("village", "village"),
    Question("redline", "ecological_redline"),
    Question("farmland", "permanent_farmland"),
    Question("farmland-village", "village", "permanent_farmland"),
)


def write_task(workspace: Workspace, question: Question, folder: Path) -> Task:
    """Write what a question needs, unless it is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    task = Task(
        parcels=folder / "parcels.parquet",
        zones=folder / f"{question.by}.parquet",
        control=folder / f"{question.inside}.parquet" if question.inside else None,
        workspace=workspace.folder,
        layer="landuse",
        by=question.by,
        inside=question.inside,
    )
    if not task.parcels.exists():
        _write(task.parcels, _PARCELS, _iter_parcels(workspace))
    for file in filter(None, (task.zones, task.control)):
        if not file.exists():
            table = _read_zones(workspace, file.stem)
            _write(file, table.schema, iter([table]))
    return task


def _write(file: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    """Write whole or not at all, so that a file that exists is complete."""
    temporary = file.with_suffix(".part")
    with pq.ParquetWriter(temporary, schema) as writer:
        for table in tables:
            writer.write_table(table)
    temporary.replace(file)


def _iter_parcels(workspace: Workspace) -> Iterator[pa.Table]:
    file = pq.ParquetFile(workspace.snapshot("landuse").folder / "features.parquet")
    rows = itertools.count()
    for batch in file.iter_batches(_SLICE_ROWS, columns=["dlbm", "geometry"]):
        codes = batch.column("dlbm").to_pylist()
        features = shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False))
        columns: dict[str, Any] = {
            "row": list(itertools.islice(rows, len(codes))),
            "class": [(code or "")[:2] for code in codes],
            "geometry": shapely.to_wkb(to_measure_plane(features, workspace.city.crs)),
        }
        yield pa.table(columns, schema=_PARCELS)


def _read_zones(workspace: Workspace, layer: str) -> pa.Table:
    """Read units by their code; features of a control layer, made disjoint, by their row."""
    frame = workspace.layer(layer)
    geometries = to_measure_plane(np.asarray(frame.geometry), workspace.city.crs)
    if layer in UNITS:
        codes = frame["code"].to_list()
    else:
        geometries = make_disjoint(geometries)
        codes = [str(row) for row in range(len(geometries))]
    wkb = pa.array(shapely.to_wkb(geometries), pa.binary())
    return pa.table({"code": pa.array(codes, pa.string()), "geometry": wkb})


def make_disjoint(geometries: Geometries) -> Geometries:
    """Give polygons with the same union that do not overlap; unchanged if they do not now."""
    one, other = shapely.STRtree(geometries).query(geometries, "intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(geometries[one], geometries[other]))
    if (shared_m2 <= _ROUNDING_M2).all():
        return geometries
    parts: Geometries = shapely.get_parts(shapely.union_all(geometries))
    return parts
