"""The measure index of a snapshot: its polygons in the measure plane, ready for the kernel.

One Arrow file beside the features, read through a memory map: what a question does not need
is never loaded. Deleting it loses nothing; a stale or cut-off one is built again.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geoapp.catalog.features import ROW_GROUP
from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import FlatPolygons, flatten, unflatten
from geoapp.geometry.measure import measure_flat
from geoapp.geometry.workers import in_threads, portions
from geoapp.overlay.compiling import compiled, read_only
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.share import Batch
from geoapp.values import Progress, no_progress

INDEX_VERSION: Final = 1
INDEX_FILE: Final = f"index-{INDEX_VERSION}.arrow"
_AREA_AGREES_M2: Final = 0.01

Hashes = NDArray[np.uint64]

_BOX: Final = pa.list_(pa.float64(), 4)
_POLYGONS: Final = pa.large_list(pa.large_list(pa.large_list(pa.list_(pa.float64(), 2))))


def _schema(gauss: str) -> pa.Schema:
    fields = [
        ("area", pa.float64()),
        ("bounds", _BOX),
        ("hash", pa.uint64()),
        ("polygons", _POLYGONS),
    ]
    return pa.schema(fields, metadata={"version": str(INDEX_VERSION), "gauss": gauss})


class MeasureIndex:
    """An open index.

    Attributes:
        batches: Features in stored order, some thousands at a time.
        starts: ``(b + 1,)`` row of the first feature of each batch.
        file: Where the index lies; ``None`` where nobody else can open it.
    """

    def __init__(self, record_batches: list[pa.RecordBatch], file: Path | None) -> None:
        self._record_batches = record_batches
        self.file = file
        self.batches = [_view(batch) for batch in record_batches]
        counts = [batch.num_rows for batch in record_batches]
        self.starts: Integers = np.cumsum([0, *counts]).astype(np.int64)

    @property
    def areas(self) -> Floats:
        """``(n,)`` official areas, m²."""
        return np.concatenate([batch.area for batch in self.batches] or [np.zeros(0)])

    @property
    def bounds(self) -> Floats:
        """``(n, 4)`` bounds in the measure plane, inverted where there is no geometry."""
        return np.concatenate([batch.bounds for batch in self.batches] or [np.zeros((0, 4))])

    @property
    def hashes(self) -> Hashes:
        """``(n,)`` fingerprints: equal for equal polygons, wherever their rings begin."""
        columns = [batch.column("hash").to_numpy() for batch in self._record_batches]
        return np.concatenate(columns or [np.zeros(0, np.uint64)])

    def fingerprint(self, number: int) -> str:
        """Give what tells the content of a batch from any other, without reading a vertex."""
        columns = self._record_batches[number]
        digest = hashlib.blake2b(repr(columns.schema.metadata).encode(), digest_size=16)
        batch = self.batches[number]
        digest.update(len(batch.xy).to_bytes(8))
        for values in (batch.area, batch.bounds, columns.column("hash").to_numpy()):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    def geometries(self, rows: Integers | None = None) -> Geometries:
        """Make shapely multipolygons of rising rows, by default of all."""
        made = [
            self._make(number, wanted) for number, wanted in self._by_batch(rows) if len(wanted)
        ]
        return np.concatenate(made) if made else np.zeros(0, dtype=object)

    def _by_batch(self, rows: Integers | None) -> Iterator[tuple[int, Integers]]:
        for number in range(len(self.batches)):
            first, end = self.starts[number], self.starts[number + 1]
            if rows is None:
                yield number, np.arange(end - first)
            else:
                low, high = np.searchsorted(rows, [first, end])
                yield number, rows[low:high] - first

    def _make(self, number: int, wanted: Integers) -> Geometries:
        column = self._record_batches[number].column("polygons")
        if len(wanted) < len(column):
            column = column.take(pa.array(wanted))
        return unflatten(_flat(column))


def build_index(
    features: Path | Geometries, folder: Path, gauss: str, progress: Progress = no_progress
) -> float:
    """Build the index of polygons.

    Args:
        features: GeoParquet, EPSG:4490, WKB; or its geometries in stored order, where they are
            at hand.
        folder: Where the index is written, whole or not at all.
        gauss: The Gauss plane in which edges are straight.
        progress: Told the fraction done.

    Returns:
        Official area of all features, m².
    """
    groups: Sequence[int | slice] = (
        list(range(pq.ParquetFile(features).metadata.num_row_groups))
        if isinstance(features, Path)
        else portions(len(features), ROW_GROUP)
    )
    temporary = folder / f".{INDEX_FILE}-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(exist_ok=True)
    schema = _schema(gauss)
    area = 0.0
    try:
        with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            measured = in_threads(lambda group: _measure(features, group, schema, gauss), groups)
            for done, batch in enumerate(measured, 1):
                writer.write_batch(batch)
                area += float(np.sum(batch.column("area").to_numpy()))
                progress("index.building", done / len(groups))
        temporary.replace(folder / INDEX_FILE)
    finally:
        temporary.unlink(missing_ok=True)
    return area


def open_index(folder: Path, gauss: str, count: int, area_m2: float) -> MeasureIndex | None:
    """Open an index.

    Args:
        folder: Where it lies.
        gauss: The plane it must have been built for.
        count: Number of features it must have.
        area_m2: Area they must have.

    Returns:
        The index; ``None`` where there is none, or one that does not fit the features.
    """
    index = read_index(folder / INDEX_FILE, _schema(gauss).metadata)
    if index is None:
        return None
    if index.starts[-1] != count or not abs(float(index.areas.sum()) - area_m2) < _AREA_AGREES_M2:
        return None
    return index


def read_index(file: Path, metadata: dict[bytes, bytes] | None = None) -> MeasureIndex | None:
    """Open an index file whatever features it is of.

    Returns:
        The index; ``None`` where there is none, or it is cut off or of other ``metadata``.
    """
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(file)))
        if metadata is not None and reader.schema.metadata != metadata:
            return None
        batches = [reader.get_batch(k) for k in range(reader.num_record_batches)]
        return MeasureIndex(batches, file)
    except (OSError, LookupError, pa.ArrowException):
        return None


def make_batch(geometries: Geometries) -> Batch:
    """Prepare polygons of the measure plane for the kernel without writing anything."""
    flat = flatten(geometries)
    bounds, areas, _ = describe(flat)
    return read_only(Batch(bounds, areas, flat.xy, flat.rings, flat.first_rings))


def _measure(
    features: Path | Geometries, group: int | slice, schema: pa.Schema, gauss: str
) -> pa.RecordBatch:
    if isinstance(features, Path):
        column = pq.ParquetFile(features).read_row_group(group, columns=["geometry"])["geometry"]
        geometries = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    else:
        geometries = features[group]
    flat = measure_flat(flatten(geometries), gauss)
    bounds, areas, hashes = describe(flat)
    vertices = pa.FixedSizeListArray.from_arrays(pa.array(flat.xy.ravel()), 2)
    polygons = vertices
    for offsets in (flat.rings, flat.parts, flat.features):
        polygons = pa.LargeListArray.from_arrays(pa.array(offsets), polygons)
    boxes = pa.FixedSizeListArray.from_arrays(pa.array(bounds.ravel()), 4)
    return pa.record_batch([pa.array(areas), boxes, pa.array(hashes), polygons], schema=schema)


def _view(batch: pa.RecordBatch) -> Batch:
    """Look at a record batch as arrays, without copying vertices."""
    flat = _flat(batch.column("polygons"))
    bounds = batch.column("bounds").values.to_numpy().reshape(-1, 4)
    area = batch.column("area").to_numpy()
    return read_only(Batch(bounds, area, flat.xy, flat.rings, flat.first_rings))


def _flat(polygons: pa.Array) -> FlatPolygons:
    parts = polygons.values
    rings = parts.values
    xy = rings.values.values.to_numpy().reshape(-1, 2)
    return FlatPolygons(
        xy, rings.offsets.to_numpy(), parts.offsets.to_numpy(), polygons.offsets.to_numpy()
    )


def describe(flat: FlatPolygons) -> tuple[Floats, Floats, Hashes]:
    """Give bounds, areas and fingerprints of features."""
    count = len(flat.features) - 1
    bounds, areas, hashes = np.empty((count, 4)), np.empty(count), np.empty(count, np.uint64)
    bits = flat.xy.view(np.uint64)
    _write_facts(flat.xy, bits, flat.rings, flat.first_rings, bounds, areas, hashes)
    return bounds, areas, hashes


@compiled
def _write_facts(
    xy: Floats,
    bits: Hashes,
    rings: Integers,
    firsts: Integers,
    bounds: Floats,
    areas: Floats,
    hashes: Hashes,
) -> None:
    """Write bounds, area and fingerprint of each feature.

    The fingerprint is a sum over directed edges, so it does not depend on where rings begin
    or in which order they come.
    """
    for k in range(len(firsts) - 1):
        bounds[k, 0], bounds[k, 1] = np.inf, np.inf
        bounds[k, 2], bounds[k, 3] = -np.inf, -np.inf
        total = 0.0
        mixed = np.uint64(0)
        for ring in range(firsts[k], firsts[k + 1]):
            begin, end = rings[ring], rings[ring + 1]
            if end == begin:
                continue
            x0, y0 = xy[begin, 0], xy[begin, 1]
            double = 0.0
            for v in range(begin, end - 1):
                bounds[k, 0], bounds[k, 2] = (
                    min(bounds[k, 0], xy[v, 0]),
                    max(bounds[k, 2], xy[v, 0]),
                )
                bounds[k, 1], bounds[k, 3] = (
                    min(bounds[k, 1], xy[v, 1]),
                    max(bounds[k, 3], xy[v, 1]),
                )
                double += (xy[v, 0] - x0) * (xy[v + 1, 1] - y0)
                double -= (xy[v + 1, 0] - x0) * (xy[v, 1] - y0)
                edge = np.uint64(1469598103934665603)
                for word in (bits[v, 0], bits[v, 1], bits[v + 1, 0], bits[v + 1, 1]):
                    edge = (edge ^ word) * np.uint64(0x9E3779B97F4A7C15)
                    edge ^= edge >> np.uint64(29)
                mixed += edge
            total += double / 2
        areas[k], hashes[k] = total, mixed
