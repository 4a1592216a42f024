"""Reading one layer through GDAL, as Arrow, with the formats it may use held to one."""

import warnings
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyogrio.raw import open_arrow

from geoapp.errors import FileError
from geoapp.importers.content import Content, iter_renamed, rename_taken
from geoapp.importers.job import Dataset, Kind, Sublayer

# The only formats that are left to GDAL: the others, among them those that reach other files
# and the network, are switched off before it starts.
DRIVERS: Final[dict[Kind, str]] = {
    "shapefile": "ESRI Shapefile",
    "filegdb": "OpenFileGDB",
    "geopackage": "GPKG",
    "geojson": "GeoJSON",
    "kml": "LIBKML",
}
# Curves become chords of a tenth of a degree: the area of a full circle loses 5e-7 of itself.
ARC_STEP_DEGREES: Final = 0.1
_FAILURES: Final = (
    DataSourceError,
    DataLayerError,
    FieldError,
    LookupError,
    UnicodeDecodeError,
    ValueError,
    RuntimeError,
    pa.ArrowException,
)


def layer_names(dataset: Dataset, **options: Any) -> list[str]:
    """Name the layers that hold geometry.

    Raises:
        FileError: The file cannot be opened as what it is said to be.
    """
    try:
        with _quiet():
            found = pyogrio.list_layers(dataset.path, **options)
    except _FAILURES as error:
        raise _damaged(dataset, error) from error
    return [str(name) for name, kind in found if kind is not None]


def describe_layer(dataset: Dataset, layer: str, **options: Any) -> dict[str, Any]:
    """Describe one layer, and make sure which format it was opened as.

    Raises:
        FileError: It cannot be opened, or was opened as something else.
    """
    try:
        with _quiet():
            info: dict[str, Any] = pyogrio.read_info(dataset.path, layer=layer, **options)
    except _FAILURES as error:
        raise _damaged(dataset, error) from error
    if info["driver"] != DRIVERS[dataset.kind]:
        raise FileError("file-not-what-it-says", file=dataset.name, kind=DRIVERS[dataset.kind])
    return info


def list_gdal(dataset: Dataset, layers: list[str], **options: Any) -> list[Sublayer]:
    """List layers with kind of geometry and number of features."""
    found = []
    for layer in layers:
        info = describe_layer(dataset, layer, **options)
        count = int(info["features"])
        found.append(
            Sublayer(layer, str(info["geometry_type"] or ""), count if count >= 0 else None)
        )
    return found


def read_gdal(dataset: Dataset, layer: str, *, encoding: str = "", **options: Any) -> Content:
    """Read one layer.

    Args:
        dataset: The data set.
        layer: Name of the layer.
        encoding: Of the attribute text of a shapefile, ``""`` elsewhere.
        options: Options of the format's driver.

    Raises:
        FileError: It is damaged, or holds no geometry.
    """
    info = describe_layer(dataset, layer, **options)
    if info["geometry_type"] is None:
        raise FileError("file-without-geometry", file=dataset.name)
    batches = _iter_batches(dataset, layer, encoding, options)
    meta, schema = next(batches)
    geometry = meta["geometry_name"] or "wkb_geometry"
    names, problems = rename_taken(schema, geometry)
    renamed = pa.schema(
        [pa.field(name, part.type) for name, part in zip(names, schema, strict=True)]
    )
    return Content(
        dataset.kind,
        renamed,
        iter_renamed(batches, names),
        crs=str(meta["crs"] or ""),
        encoding=encoding,
        sublayer=layer,
        problems=problems,
    )


def _iter_batches(
    dataset: Dataset, layer: str, encoding: str, options: dict[str, Any]
) -> Iterator[Any]:
    """Give the layer's description and schema first, then its batches."""
    try:
        with (
            _quiet(),
            open_arrow(
                dataset.path,
                layer=layer,
                encoding=encoding or None,
                use_pyarrow=True,
                **options,
            ) as (meta, reader),
        ):
            yield meta, reader.schema
            yield from reader
    except _FAILURES as error:
        raise _damaged(dataset, error) from error


def _damaged(dataset: Dataset, error: Exception) -> FileError:
    """Word what GDAL says, without the path of our own scratch folder."""
    reason = str(error).replace(str(dataset.path), dataset.name)
    return FileError("file-damaged", file=dataset.name, reason=reason[:300])


def _quiet() -> warnings.catch_warnings:
    """Hold back what GDAL remarks on geometries and headers: we check and word it ourselves."""
    return warnings.catch_warnings(action="ignore", category=RuntimeWarning)
