"""Reading shapefiles, whole or with parts missing."""

from typing import Final

import pyogrio

from geoapp.errors import FileError
from geoapp.importers.content import Content
from geoapp.importers.dbf import mend_names
from geoapp.importers.encoding import detect_dbf, require_dbf
from geoapp.importers.gdal import list_gdal, read_gdal
from geoapp.importers.job import AUTO, Dataset, Sublayer
from geoapp.importers.problem import Problem

_HEADER_BYTES: Final = 100
_INDEX_ENTRY_BYTES: Final = 8


def read_shapefile(dataset: Dataset) -> Content:
    """Read a shapefile.

    Raises:
        FileError: It is damaged, or its index is missing and the caller did not ask to make
            it again.
    """
    problems = _prepare(dataset)
    if dataset.job.encoding == AUTO:
        codec, found = detect_dbf(dataset.path, dataset.name)
    else:
        codec, found = require_dbf(dataset.path, dataset.name, dataset.job.encoding), []
    problems += _mend_names(dataset, codec)
    content = read_gdal(dataset, dataset.path.stem, encoding=codec)
    content.sublayer = ""
    content.problems += [*problems, *found]
    return content


def _mend_names(dataset: Dataset, codec: str) -> list[Problem]:
    """Shorten field names that end within a character, on a copy of the table."""
    table = dataset.path.with_suffix(".dbf")
    if not codec or not table.exists():
        return []
    content, shortened = mend_names(table.read_bytes(), codec)
    if shortened:
        table.unlink()  # a link to the file that was handed over, which stays as it is
        table.write_bytes(content)
    return [Problem("field-name-cut", "note", facts={"field": name}) for name in shortened]


def list_shapefile(dataset: Dataset) -> list[Sublayer]:
    """Describe the one layer of a shapefile."""
    _prepare(dataset)
    [only] = list_gdal(dataset, [dataset.path.stem])
    return [Sublayer("", only.geometry, only.count)]


def _prepare(dataset: Dataset) -> list[Problem]:
    """Look at the parts beside the ``.shp`` and say which are missing."""
    path = dataset.path
    problems = []
    if not path.with_suffix(".shx").exists():
        if not dataset.job.rebuild_index:
            raise FileError("shapefile-index-missing", file=dataset.name)
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
        problems.append(Problem("shapefile-index-rebuilt", "warning"))
    table = path.with_suffix(".dbf")
    if not table.exists():
        problems.append(Problem("shapefile-without-table", "warning"))
    elif path.with_suffix(".shx").exists():
        shapes = (path.with_suffix(".shx").stat().st_size - _HEADER_BYTES) // _INDEX_ENTRY_BYTES
        rows = int.from_bytes(table.read_bytes()[4:8], "little")
        if rows != shapes:
            facts: dict[str, object] = {"shapes": shapes, "rows": rows}
            problems.append(Problem("shapefile-rows-differ", "warning", facts=facts))
    return problems
