"""What a reader gives back inside the worker, and how it travels to the caller.

Features travel as an Arrow file in the scratch folder: attributes as they are, geometry as
WKB. Everything that the caller will parse has been parsed in the worker before, on a stack
far smaller than any of the caller's: what is nested too deep ends the worker, not the app.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geoapp.errors import FileError, GeometryError
from geoapp.importers.job import MOST_FEATURES, MOST_FIELDS, MOST_VERTICES, Kind
from geoapp.importers.problem import Problem

GEOMETRY: Final = "geometry"
_SMALL_STACK_BYTES: Final = 512 * 1024
_COLLECTION: Final = 7
_DEEPEST: Final = 16
_HEADER_BYTES: Final = 9  # byte order, type, count
_SRID_FLAG: Final = 0x20000000


@dataclass(slots=True)
class Content:
    """One layer as it stands in the file.

    Attributes:
        batches: Parts of one table; ``geometry`` is WKB, the other columns are the file's.
        crs: What the file says of its system, ``""`` when nothing.
        lines: Where each feature begins in a text; empty for other kinds.
    """

    kind: Kind
    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    crs: str = ""
    encoding: str = ""
    sublayer: str = ""
    problems: list[Problem] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def content_of(
    kind: Kind, columns: Mapping[str, Sequence[Any]], geometries: Sequence[Any], **more: Any
) -> Content:
    """Make content of plain lists."""
    arrays = {name: pa.array(list(values)) for name, values in columns.items()}
    wkb = shapely.to_wkb(np.array([*geometries, None], dtype=object)[:-1])
    arrays[GEOMETRY] = pa.array(list(wkb), pa.binary())
    table = pa.table(arrays)
    return Content(kind, table.schema, table.to_batches(), **more)


def write_content(content: Content, target: Path, file: str) -> int:
    """Write the features for the caller, checked; what is found is added to the problems.

    Returns:
        The number of features.

    Raises:
        FileError: More features or fields than are taken.
        GeometryError: A feature has more vertices, or is nested deeper, than is taken.
    """
    if len(content.schema) - 1 > MOST_FIELDS:
        raise FileError(
            "file-too-many-fields", file=file, count=len(content.schema) - 1, most=MOST_FIELDS
        )
    plain = pa.schema([pa.field(part.name, part.type) for part in content.schema])
    count = 0
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, plain) as writer:
        for batch in content.batches:
            if count + len(batch) > MOST_FEATURES:
                raise FileError("file-too-many-features", file=file, most=MOST_FEATURES)
            arrays = list(batch.columns)
            place = plain.get_field_index(GEOMETRY)
            arrays[place] = _checked(arrays[place], count, content.problems)
            checked = pa.RecordBatch.from_arrays(arrays, schema=plain)
            checked, repaired = whole_text(checked, count)
            content.problems += repaired
            writer.write_batch(checked)
            count += len(batch)
    return count


def whole_text(batch: pa.RecordBatch, first: int) -> tuple[pa.RecordBatch, list[Problem]]:
    """Drop the broken last character of texts that were cut at a number of bytes."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        pass
    else:
        return batch, []
    problems, arrays = [], []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
            arrays.append(array)
            continue
        binary = pa.large_binary() if pa.types.is_large_string(array.type) else pa.binary()
        texts: list[str | None] = []
        for row, value in enumerate(array.view(binary).to_pylist(), first + 1):
            try:
                texts.append(None if value is None else value.decode())
            except UnicodeDecodeError:
                texts.append(value.decode(errors="ignore"))
                facts = {"field": name, "text": texts[-1]}
                problems.append(Problem("text-cut", "warning", row, facts=facts))
        arrays.append(pa.array(texts, array.type))
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema), problems


def _checked(wkb: pa.Array, first: int, problems: list[Problem]) -> pa.Array:
    """Parse geometries once, as the caller will; what cannot be parsed is listed and left out."""
    values = wkb.to_numpy(zero_copy_only=False)
    for row in _collections(wkb):
        _require_shallow(values[row], first + int(row) + 1)
    shapes = _with_small_stack(lambda: shapely.from_wkb(values, on_invalid="ignore"))
    vertices = shapely.get_num_coordinates(shapes)
    if len(vertices) and vertices.max() > MOST_VERTICES:
        row = int(vertices.argmax())
        raise GeometryError(
            "geometry-too-many-vertices",
            row=first + row + 1,
            count=int(vertices[row]),
            most=MOST_VERTICES,
        )
    given = np.array([value is not None for value in values], dtype=bool)
    broken = shapely.is_missing(shapes) & given
    if not broken.any():
        return wkb
    problems += [
        Problem("geometry-unreadable", "error", first + int(row) + 1)
        for row in np.flatnonzero(broken)
    ]
    return pa.array(np.where(broken, None, values), wkb.type)


def _collections(wkb: pa.Array) -> NDArray[np.intp]:
    """Find the rows that hold a collection, by the type in their first bytes."""
    offsets = np.frombuffer(
        wkb.buffers()[1], np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    )[wkb.offset : wkb.offset + len(wkb) + 1]
    content = wkb.buffers()[2]
    if content is None or len(wkb) == 0:
        return np.array([], dtype=np.intp)
    data = np.frombuffer(content, np.uint8)
    starts = np.where(np.diff(offsets) >= _HEADER_BYTES, offsets[:-1], -1)
    rows = np.flatnonzero(starts >= 0)
    little = data[starts[rows]] == 1
    low = data[np.where(little, starts[rows] + 1, starts[rows] + 4)].astype(np.int64)
    high = data[np.where(little, starts[rows] + 2, starts[rows] + 3)].astype(np.int64)
    found: NDArray[np.intp] = rows[(low + 256 * high) % 1000 == _COLLECTION]
    return found


def _require_shallow(wkb: bytes, row: int) -> None:
    """Stop at a collection in a collection in a collection …: parsing it needs endless stack."""
    place, depth = 0, 0
    while place + _HEADER_BYTES <= len(wkb):
        order = "little" if wkb[place] == 1 else "big"
        kind = int.from_bytes(wkb[place + 1 : place + 5], order)  # type: ignore[arg-type]
        if (kind & 0xFFFF) % 1000 != _COLLECTION:
            return
        depth += 1
        if depth > _DEEPEST:
            raise GeometryError("geometry-nested-too-deep", row=row, most=_DEEPEST)
        place += _HEADER_BYTES + (4 if kind & _SRID_FLAG else 0)


def _with_small_stack(work: Callable[[], NDArray[np.object_]]) -> NDArray[np.object_]:
    """Do a piece of work in a thread whose stack is small, and give its result."""
    results: list[NDArray[np.object_]] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)

    before = threading.stack_size(_SMALL_STACK_BYTES)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def rename_taken(schema: pa.Schema, geometry: str) -> tuple[list[str], list[Problem]]:
    """Name the columns so that only the geometry is called ``geometry``.

    Args:
        schema: As the file has it.
        geometry: Name of its geometry column.
    """
    names, problems = [], []
    taken = {part.name for part in schema} | {GEOMETRY}
    for part in schema:
        name = part.name
        if name == geometry:
            name = GEOMETRY
        elif name == GEOMETRY:
            name = next(f"geometry_{n}" for n in range(1, 1000) if f"geometry_{n}" not in taken)
            problems.append(
                Problem("field-renamed", "note", facts={"field": part.name, "name": name})
            )
        names.append(name)
    return names, problems


def iter_renamed(batches: Iterable[pa.RecordBatch], names: list[str]) -> Iterator[pa.RecordBatch]:
    """Give the batches their new column names."""
    for batch in batches:
        yield batch.rename_columns(names)
