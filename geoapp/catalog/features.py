"""The features of a snapshot on their way to disk: columns and geometries, written columnar."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.workers import in_threads, portions
from geoapp.values import Progress, no_progress

ROW_GROUP: Final = 20_000
_BOX: Final = ("xmin", "ymin", "xmax", "ymax")
_KINDS: Final = {kind.value: kind.name.title() for kind in shapely.GeometryType if kind.value >= 0}
_WORDS: Final = {
    "Linestring": "LineString",
    "Multipoint": "MultiPoint",
    "Multilinestring": "MultiLineString",
    "Multipolygon": "MultiPolygon",
    "Geometrycollection": "GeometryCollection",
}

Rows = NDArray[np.int64]
Bounds = tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Features:
    """Features in EPSG:4490.

    Attributes:
        table: Their canonical columns, without geometry.
        geometries: ``(n,)`` valid geometries.
    """

    table: pa.Table
    geometries: Geometries

    @classmethod
    def of_frame(cls, frame: gpd.GeoDataFrame) -> "Features":
        """Take a frame apart."""
        columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
        table = pa.Table.from_pandas(columns, preserve_index=False)
        return cls(table, np.asarray(frame.geometry, dtype=object))


def hilbert_order(geometries: Geometries) -> Rows:
    """Order rows along a Hilbert curve, so that what lies together is stored together."""
    if len(geometries) == 0:
        return np.zeros(0, dtype=np.int64)
    distance = gpd.GeoSeries(geometries).hilbert_distance().to_numpy()
    return np.argsort(distance, kind="stable").astype(np.int64)


def write_features(
    features: Features, path: Path, progress: Progress = no_progress
) -> tuple[Rows, Bounds]:
    """Write GeoParquet 1.1, Hilbert order, zstd, bbox covering, and synchronise it to disk.

    Args:
        features: The features.
        path: The file.
        progress: Told the fraction done.

    Returns:
        ``(n,)`` row of ``features`` that each stored row is, and the bounds of all, degrees.
    """
    order = hilbert_order(features.geometries)
    boxes = shapely.bounds(features.geometries[order])
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    bounds = (
        tuple(map(float, (*finite[:, :2].min(axis=0), *finite[:, 2:].max(axis=0))))
        if len(finite)
        else None
    )
    schema = _schema(features, bounds)
    groups = portions(len(order), ROW_GROUP) or [slice(0, 0)]

    def make(rows: slice) -> pa.Table:
        wkb = shapely.to_wkb(features.geometries[order[rows]], flavor="iso")
        box = [pa.array(boxes[rows, side]) for side in range(4)]
        columns = features.table.take(pa.array(order[rows])).columns
        added = [pa.array(wkb, pa.binary()), pa.StructArray.from_arrays(box, names=_BOX)]
        return pa.table([*columns, *added], schema=schema)

    # No two geometries or boxes are equal: a dictionary of them would only cost time.
    words = features.table.schema.names
    told = [*words, *(f"bbox.{side}" for side in _BOX)]
    options: dict[str, Any] = {"use_dictionary": words, "write_statistics": told}
    with pq.ParquetWriter(path, schema, compression="zstd", **options) as writer:
        for done, table in enumerate(in_threads(make, groups), 1):
            writer.write_table(table, row_group_size=ROW_GROUP)
            progress("import.writing", done / len(groups))
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return order, bounds  # type: ignore[return-value]


def _schema(features: Features, bounds: tuple[float, ...] | None) -> pa.Schema:
    box = pa.struct([(name, pa.float64()) for name in _BOX])
    fields = [*features.table.schema, pa.field("geometry", pa.binary()), pa.field("bbox", box)]
    metadata = dict(features.table.schema.metadata or {})
    metadata[b"geo"] = json.dumps(_geo(features.geometries, bounds)).encode()
    return pa.schema(fields, metadata=metadata)


def _geo(geometries: Geometries, bounds: tuple[float, ...] | None) -> dict[str, Any]:
    """Describe the geometry column as GeoParquet 1.1 asks."""
    kinds = np.unique(shapely.get_type_id(geometries))
    names = [_KINDS[int(kind)] for kind in kinds if kind >= 0]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "crs": pyproj.CRS(GEOGRAPHIC).to_json_dict(),
        "geometry_types": sorted(_WORDS.get(name, name) for name in names),
        "covering": {"bbox": {name: ["bbox", name] for name in _BOX}},
    }
    if bounds is not None:
        column["bbox"] = list(bounds)
    return {"primary_column": "geometry", "columns": {"geometry": column}, "version": "1.1.0"}
