"""Reading vector files, whatever of the known forms they have.

The file is read in a worker process with little time and memory; what comes back has been
parsed there before.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geoapp.errors import FileError
from geoapp.importers.datasets import SUFFIXES
from geoapp.importers.encoding import EncodingCandidate
from geoapp.importers.job import AUTO, Job, Sublayer, Task
from geoapp.importers.postgis import is_url, shown_name
from geoapp.importers.problem import Problem
from geoapp.importers.reading import Reading
from geoapp.importers.registry import FEATURES
from geoapp.importers.sandbox import run

__all__ = ["AUTO", "SUFFIXES", "Source", "find_encodings", "list_sublayers", "read_features"]

Source = Path | str | Sequence[Path]
_ORDER: Final = re.compile(r"^(?P<crs>.*?)\s*\(\s*(?P<first>[xy])\s*,\s*[xy]\s*\)$", re.IGNORECASE)


def read_features(
    path: Source,
    *,
    sublayer: str = "",
    crs: str = AUTO,
    encoding: str = AUTO,
    rebuild_index: bool = False,
) -> Reading:
    """Read a file, whatever of the known forms it is.

    Args:
        path: The file, a folder, the files of one shapefile, or the address of a database
            table (``postgresql://…?table=schema.name``).
        sublayer: Which layer, for files that hold several.
        crs: Stated system, or ``auto`` for what the file says; ``EPSG:4546 (y, x)`` where
            the file gives north before east.
        encoding: Stated text encoding, or ``auto``.
        rebuild_index: Make the missing ``.shx`` of a shapefile again.

    Raises:
        FileError: It is missing, damaged, not what its name says, or reading it needed more
            time or memory than is given.
        GeometryError: A feature has too many vertices or is nested too deep.
        ChoiceError: It holds several layers and none, or one that is not there, was named.
    """
    with _ordered("read", path, sublayer, encoding, rebuild_index=rebuild_index) as (job, name):
        found = run(job, name)
        frame = _read_frame(job.scratch / FEATURES)
    problems = [Problem(**problem) for problem in found["problems"]]
    stated = crs != AUTO
    named, swapped = _stated_order(crs)
    if swapped:
        turned = shapely.transform(np.asarray(frame.geometry), lambda xy: xy[:, ::-1])
        frame = frame.set_geometry(gpd.GeoSeries(turned, index=frame.index))
        problems.append(Problem("axes-turned", "note"))
    return Reading(
        path=job.paths[0] if job.paths else Path(name),
        frame=frame,
        crs=named if stated else found["crs"],
        encoding=found["encoding"],
        problems=problems,
        kind=found["kind"],
        sublayer=found["sublayer"],
        stated=stated,
        digest=found["digest"],
        lines=tuple(found["lines"]),
    )


def list_sublayers(path: Source, *, rebuild_index: bool = False) -> list[Sublayer]:
    """List what can be named as the sublayer of a file, with kind and number of features.

    Raises:
        FileError: It is missing, damaged, or not what its name says.
    """
    with _ordered("list", path, "", AUTO, rebuild_index=rebuild_index) as (job, name):
        return [Sublayer(**one) for one in run(job, name)]


def find_encodings(path: Source, *, sublayer: str = "") -> list[EncodingCandidate]:
    """Show how the text of a file reads in each encoding that could be meant.

    Returns:
        The one that is taken when nothing is stated first; none for kinds that state their
        encoding themselves.

    Raises:
        FileError: It is missing or damaged.
    """
    with _ordered("encodings", path, sublayer, AUTO, rebuild_index=False) as (job, name):
        found = run(job, name)
    return [
        EncodingCandidate(
            **one
            | {"fields": tuple(one["fields"]), "rows": tuple(tuple(row) for row in one["rows"])}
        )
        for one in found
    ]


@contextmanager
def _ordered(
    task: Task, source: Source, sublayer: str, encoding: str, *, rebuild_index: bool
) -> Iterator[tuple[Job, str]]:
    """Make an order with a scratch folder of its own."""
    url = source if isinstance(source, str) and is_url(source) else ""
    if url:
        paths: tuple[Path, ...] = ()
    elif isinstance(source, (str, Path)):
        paths = (Path(source),)
    else:
        paths = tuple(Path(path) for path in source)
    for path in paths:
        _require_there(path)
    name = shown_name(url) if url else paths[0].name
    with tempfile.TemporaryDirectory(prefix="geoapp-") as folder:
        yield (
            Job(
                task=task,
                paths=tuple(path.resolve() for path in paths),
                scratch=Path(folder),
                sublayer=sublayer,
                encoding=encoding,
                rebuild_index=rebuild_index,
                url=url,
            ),
            name,
        )


def _require_there(path: Path) -> None:
    if path.is_dir() and any(path.iterdir()):
        return
    if not path.is_file():
        raise FileError("file-missing", file=str(path))
    if path.stat().st_size == 0:
        raise FileError("file-empty", file=path.name)


def _stated_order(crs: str) -> tuple[str, bool]:
    """Part a stated system from the order of its axes.

    >>> _stated_order("EPSG:4546 (y, x)"), _stated_order("4546")
    (('EPSG:4546', True), ('4546', False))
    """
    matched = _ORDER.match(crs)
    if matched is None:
        return crs, False
    return matched["crs"], matched["first"].lower() == "y"


def _read_frame(path: Path) -> gpd.GeoDataFrame:
    """Read what the worker left, part by part so that little is held twice."""
    shapes: list[Any] = []
    with pa.OSFile(str(path)) as source:
        reader = pa.ipc.open_file(source)
        place = reader.schema.get_field_index("geometry")
        rest = [name for name in reader.schema.names if name != "geometry"]
        parts = []
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            shapes.append(shapely.from_wkb(batch.column(place).to_numpy(zero_copy_only=False)))
            parts.append(batch.select(rest))
        schema = pa.schema([reader.schema.field(name) for name in rest])
        table = pa.Table.from_batches(parts, schema=schema)
    geometries = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    attributes = table.to_pandas(split_blocks=True)
    if not len(attributes.columns):
        attributes = pd.DataFrame(index=pd.RangeIndex(len(geometries)))
    return gpd.GeoDataFrame(attributes, geometry=geometries)
