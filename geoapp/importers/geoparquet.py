"""Reading GeoParquet, part by part: what it claims to hold is checked before it is unpacked."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from geoapp.errors import FileError
from geoapp.importers.content import Content, iter_renamed, rename_taken
from geoapp.importers.job import MOST_FEATURES, Dataset, Sublayer
from geoapp.importers.problem import Problem

_STANDARD_CRS: Final = "OGC:CRS84"  # where the file says nothing, by the standard
_BATCH_ROWS: Final = 65_536
_FAILURES: Final = (pa.ArrowException, ValueError, TypeError, KeyError, OSError, RecursionError)


def read_geoparquet(dataset: Dataset) -> Content:
    """Read a GeoParquet file.

    Raises:
        FileError: It is damaged, too large, without geometry, or its geometry is not WKB.
    """
    try:
        file, geometry, described = _open(dataset)
        schema = file.schema_arrow
        wanted = [part.name for part in schema if not pa.types.is_nested(part.type)]
        kept = pa.schema([schema.field(name) for name in wanted])
        names, problems = rename_taken(kept, geometry)
        covering = described.get("covering", {}).get("bbox", {}).get("xmin", [""])[0]
        nested = [name for name in schema.names if name not in {*wanted, covering}]
        if nested:
            facts: dict[str, object] = {"fields": ", ".join(nested)[:200]}
            problems.append(Problem("field-left-out", "warning", facts=facts))
        batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=wanted)
        renamed = pa.schema(
            [pa.field(name, part.type) for name, part in zip(names, kept, strict=True)]
        )
    except _FAILURES as error:
        raise FileError("file-damaged", file=dataset.name, reason=str(error)[:300]) from error
    return Content(
        "geoparquet",
        renamed,
        iter_renamed(_iter_safe(batches, dataset.name), names),
        crs=_crs_of(described),
        problems=problems,
    )


def list_geoparquet(dataset: Dataset) -> list[Sublayer]:
    """Describe the one layer of a GeoParquet file."""
    try:
        file, _, described = _open(dataset)
    except _FAILURES as error:
        raise FileError("file-damaged", file=dataset.name, reason=str(error)[:300]) from error
    kinds = ", ".join(str(kind) for kind in described.get("geometry_types", []))
    return [Sublayer("", kinds, file.metadata.num_rows)]


def _open(dataset: Dataset) -> tuple[pq.ParquetFile, str, dict[str, Any]]:
    file = pq.ParquetFile(dataset.path)
    if file.metadata.num_rows > MOST_FEATURES:
        raise FileError("file-too-many-features", file=dataset.name, most=MOST_FEATURES)
    note = (file.schema_arrow.metadata or {}).get(b"geo")
    if note is None:
        raise FileError("file-without-geometry", file=dataset.name)
    described = json.loads(note)
    geometry = str(described["primary_column"])
    column = dict(described["columns"][geometry])
    if column.get("encoding") != "WKB" or not (
        pa.types.is_binary(file.schema_arrow.field(geometry).type)
        or pa.types.is_large_binary(file.schema_arrow.field(geometry).type)
    ):
        raise FileError(
            "geoparquet-encoding", file=dataset.name, encoding=str(column.get("encoding"))[:40]
        )
    return file, geometry, column


def _crs_of(column: dict[str, Any]) -> str:
    if "crs" not in column:
        return _STANDARD_CRS
    return "" if column["crs"] is None else json.dumps(column["crs"])


def _iter_safe(batches: Iterator[pa.RecordBatch], file: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except _FAILURES as error:
        raise FileError("file-damaged", file=file, reason=str(error)[:300]) from error
