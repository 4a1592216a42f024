"""The readers by kind, as the worker uses them."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from geoapp.importers import postgis
from geoapp.importers.boundary_table import list_boundary_table, read_boundary_table
from geoapp.importers.boundary_text import list_boundary_text, read_boundary_text
from geoapp.importers.content import Content, write_content
from geoapp.importers.datasets import choose_dataset, left_out, opened, place
from geoapp.importers.dxf import list_dxf, read_dxf
from geoapp.importers.encoding import EncodingCandidate, try_encodings
from geoapp.importers.filegdb import list_filegdb, read_filegdb
from geoapp.importers.geojson import list_geojson, read_geojson
from geoapp.importers.geopackage import list_geopackage, read_geopackage
from geoapp.importers.geoparquet import list_geoparquet, read_geoparquet
from geoapp.importers.job import Dataset, Job, Kind, Sublayer
from geoapp.importers.kml import list_kml, read_kml
from geoapp.importers.shapefile import list_shapefile, read_shapefile

FEATURES: Final = "features.arrow"


class Read(Protocol):
    """Reads one layer of a data set."""

    def __call__(self, dataset: Dataset, /) -> Content:
        """Give the layer as it stands in the file.

        Raises:
            InputError: It cannot be read, or one of several must be named.
        """


@dataclass(frozen=True, slots=True)
class Reader:
    """What can be done with a kind of file."""

    read: Read
    list_layers: Callable[[Dataset], list[Sublayer]]


_READERS: Final[dict[Kind, Reader]] = {
    "shapefile": Reader(read_shapefile, list_shapefile),
    "filegdb": Reader(read_filegdb, list_filegdb),
    "geopackage": Reader(read_geopackage, list_geopackage),
    "geojson": Reader(read_geojson, list_geojson),
    "geoparquet": Reader(read_geoparquet, list_geoparquet),
    "kml": Reader(read_kml, list_kml),
    "dxf": Reader(read_dxf, list_dxf),
    "boundary_text": Reader(read_boundary_text, list_boundary_text),
    "boundary_table": Reader(read_boundary_table, list_boundary_table),
}


def read(job: Job) -> dict[str, Any]:
    """Read one layer; its features are left in the scratch folder."""
    target = job.scratch / FEATURES
    if job.url:
        content, name = postgis.read_table(job), postgis.shown_name(job.url)
        write_content(content, target, name)
        digest = _digest([target])
    else:
        with opened(job) as (name, found):
            one, inner = choose_dataset(job, name, found)
            dataset = place(one, inner, name)
        outer = one.name if len(found) > 1 else ""
        content = _READERS[dataset.kind].read(dataset)
        content.problems += left_out(found, one)
        write_content(content, target, name)
        content.sublayer = "/".join(filter(None, [outer, content.sublayer]))
        digest = _digest(list(job.paths))
    return {
        "kind": content.kind,
        "crs": content.crs,
        "encoding": content.encoding,
        "sublayer": content.sublayer,
        "problems": [asdict(problem) for problem in content.problems],
        "lines": content.lines,
        "digest": digest,
    }


def list_layers(job: Job) -> list[Sublayer]:
    """List everything that can be named as a sublayer."""
    if job.url:
        return postgis.list_table(job)
    layers: list[Sublayer] = []
    with opened(job) as (name, found):
        datasets = [place(one, job, name) for one in found]
    for one, dataset in zip(found, datasets, strict=True):
        outer = one.name if len(found) > 1 else ""
        for layer in _READERS[dataset.kind].list_layers(dataset):
            full = "/".join(filter(None, [outer, layer.name]))
            layers.append(Sublayer(full or one.name, layer.geometry, layer.count))
    return layers


def find_encodings(job: Job) -> list[EncodingCandidate]:
    """Try the encodings of the chosen data set's text."""
    with opened(job) as (name, found):
        one, inner = choose_dataset(job, name, found)
        dataset = place(one, inner, name)
    return try_encodings(dataset)


def _digest(paths: list[Path]) -> str:
    """Digest one file, or the names and digests of several."""
    if len(paths) == 1 and paths[0].is_file():
        with paths[0].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    files = [
        path
        for start in paths
        for path in (sorted(start.rglob("*")) if start.is_dir() else [start])
        if path.is_file()
    ]
    lines = [f"{path.name} {_digest([path])}" for path in sorted(files, key=lambda p: p.name)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
