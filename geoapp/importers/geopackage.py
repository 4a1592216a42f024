"""Reading GeoPackages: their feature tables, and nothing that computes.

The file is opened as one that nobody changes: no lock, no journal, nothing is written beside
it. A view would run whatever query its maker wrote, so views are named and left out.
"""

import sqlite3
from contextlib import closing
from typing import Final

from geoapp.errors import FileError
from geoapp.importers.content import Content
from geoapp.importers.gdal import list_gdal, read_gdal
from geoapp.importers.job import Dataset, Sublayer, choose
from geoapp.importers.problem import Problem

_MOST_TABLES: Final = 1000
_WAL_VERSION: Final = slice(18, 20)
_OPTIONS: Final = {"IMMUTABLE": "YES"}
_CURVES: Final = frozenset(
    {"CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "CURVE",
     "SURFACE"}
)  # fmt: skip


def read_geopackage(dataset: Dataset) -> Content:
    """Read one feature table.

    Raises:
        FileError: It is damaged or holds no feature table.
        ChoiceError: It holds several, and none or another one was named.
    """
    tables, views = _feature_tables(dataset)
    layer = choose(list(tables), dataset.job.sublayer, dataset.name)
    content = read_gdal(dataset, layer, **_OPTIONS)
    content.problems += [Problem("view-left-out", "warning", facts={"view": v}) for v in views]
    if tables[layer].upper() in _CURVES:
        content.problems.append(Problem("curves-to-chords", "note"))
    with dataset.path.open("rb") as file:
        if file.read(20)[_WAL_VERSION] == b"\x02\x02":
            content.problems.append(Problem("geopackage-journal", "warning"))
    return content


def list_geopackage(dataset: Dataset) -> list[Sublayer]:
    """List the feature tables."""
    return list_gdal(dataset, list(_feature_tables(dataset)[0]), **_OPTIONS)


def _feature_tables(dataset: Dataset) -> tuple[dict[str, str], list[str]]:
    """Name the feature tables with their kind of geometry, and the views among them."""
    address = f"{dataset.path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            kinds = dict(connection.execute("SELECT name, type FROM sqlite_master"))
            tables = dict(
                connection.execute(
                    "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"
                )
            )
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise FileError("file-damaged", file=dataset.name, reason=str(error)) from error
    if len(tables) > _MOST_TABLES:
        raise FileError("file-too-many-layers", file=dataset.name, most=_MOST_TABLES)
    views = [str(name) for name in tables if kinds.get(name) == "view"]
    return {
        str(name): str(kind) for name, kind in tables.items() if kinds.get(name) == "table"
    }, views
