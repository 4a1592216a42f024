"""Reading KML and KMZ."""

import re
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.errors import FileError
from geoapp.importers.content import GEOMETRY, Content
from geoapp.importers.gdal import layer_names, list_gdal, read_gdal
from geoapp.importers.job import Dataset, Sublayer, choose
from geoapp.importers.members import archive_members
from geoapp.importers.problem import Problem

# Columns that the reader of KML always gives; kept only where the file fills them.
_USUAL: Final = (
    "id", "description", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude",
    "visibility", "drawOrder", "icon", "snippet",
)  # fmt: skip
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT: Final = re.compile(rb"<(?:\w+:)?kml[\s>]|<(?:\w+:)?(?:Document|Folder|Placemark)[\s>]")
_NULLISH: Final = frozenset({None, "", -1, 0})


def read_kml(dataset: Dataset) -> Content:
    """Read one folder of a KML or KMZ file.

    KML is WGS 84 by its standard; phone apps draw it on shifted web maps all the same, so
    a warning asks.

    Raises:
        FileError: It is damaged, declares XML entities, or holds no geometry.
        ChoiceError: It holds several folders, and none or another one was named.
    """
    plain = _unpacked(dataset)
    layer = choose(_layers(plain), dataset.job.sublayer, dataset.name)
    content = _without_empty(read_gdal(plain, layer))
    content.problems.append(Problem("kml-drawn-on-web-map", "warning"))
    return content


def list_kml(dataset: Dataset) -> list[Sublayer]:
    """List the folders of a KML file."""
    plain = _unpacked(dataset)
    return list_gdal(plain, _layers(plain))


def _layers(dataset: Dataset) -> list[str]:
    """Name the folders that hold something: empty ones are left out."""
    names = layer_names(dataset)
    return [one.name for one in list_gdal(dataset, names) if one.count != 0]


def _unpacked(dataset: Dataset) -> Dataset:
    """Take the document out of a KMZ, and make sure that no XML entity is declared."""
    path = dataset.path
    if path.suffix.lower() == ".kmz":
        path = dataset.job.scratch / "document.kml"
        with archive_members(dataset.path, dataset.name) as members:
            documents = [m for m in members if m.name.suffix.lower() == ".kml"]
            documents.sort(key=lambda m: (len(m.name.parts), m.name.name != "doc.kml"))
            if not documents:
                raise FileError("file-not-what-it-says", file=dataset.name, kind="KMZ")
            documents[0].place(path)
    _require_plain_xml(path, dataset.name)
    return Dataset("kml", dataset.name, path, dataset.job)


def _require_plain_xml(path: Path, file: str) -> None:
    content = path.read_bytes()
    text = content.replace(b"\x00", b"")  # as UTF-16 has between its letters
    if _DECLARATION.search(text):
        raise FileError("xml-with-entities", file=file)
    if not _ROOT.search(text):
        raise FileError("file-not-what-it-says", file=file, kind="KML")


def _without_empty(content: Content) -> Content:
    """Leave out the columns of which the file says nothing."""
    table = pa.Table.from_batches(list(content.batches), schema=content.schema)
    unused = [
        name
        for name in table.column_names
        if name in _USUAL
        and name != GEOMETRY
        and set(pc.unique(table[name]).to_pylist()) <= _NULLISH
    ]
    table = table.drop_columns(unused)
    content.schema, content.batches = table.schema, table.to_batches()
    return content
