"""Reading GeoJSON, with the ``crs`` member of its old form."""

import json
from typing import Any, Final

from geoapp.errors import FileError
from geoapp.importers.content import Content
from geoapp.importers.gdal import layer_names, list_gdal, read_gdal
from geoapp.importers.job import Dataset, Sublayer
from geoapp.importers.problem import Problem

_TYPES: Final = frozenset({"FeatureCollection", "Feature"})


def read_geojson(dataset: Dataset) -> Content:
    """Read a GeoJSON file.

    By its standard GeoJSON is WGS 84 unless the old ``crs`` member says otherwise. Where
    there is none and the first position is no longitude and latitude, nothing is believed.

    Raises:
        FileError: It is no GeoJSON of features, or damaged.
    """
    document = _parse(dataset)
    content = read_gdal(dataset, _layer(dataset))
    content.sublayer = ""
    if document.get("crs") is None and not _in_degrees(document):
        content.crs = ""
        content.problems.append(Problem("geojson-not-degrees", "warning"))
    return content


def list_geojson(dataset: Dataset) -> list[Sublayer]:
    """Describe the one layer of a GeoJSON file."""
    _parse(dataset)
    [only] = list_gdal(dataset, [_layer(dataset)])
    return [Sublayer("", only.geometry, only.count)]


def _layer(dataset: Dataset) -> str:
    names = layer_names(dataset)
    if not names:
        raise FileError("file-without-geometry", file=dataset.name)
    return names[0]


def _parse(dataset: Dataset) -> dict[str, Any]:
    try:
        document = json.loads(dataset.path.read_bytes())
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise FileError("file-not-what-it-says", file=dataset.name, kind="GeoJSON") from error
    if not isinstance(document, dict) or document.get("type") not in _TYPES:
        raise FileError("file-not-what-it-says", file=dataset.name, kind="GeoJSON")
    return document


def _in_degrees(document: dict[str, Any]) -> bool:
    """Tell whether the first position can be longitude and latitude."""
    features = document.get("features", [document])
    for feature in features if isinstance(features, list) else []:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        place = geometry.get("coordinates") if isinstance(geometry, dict) else None
        while isinstance(place, list) and place and isinstance(place[0], list):
            place = place[0]
        if isinstance(place, list) and len(place) >= 2:
            try:
                return abs(float(place[0])) <= 180 and abs(float(place[1])) <= 90
            except (TypeError, ValueError, OverflowError):
                return True
    return True
