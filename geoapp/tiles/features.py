"""Features of one layer for the overview map, generalised so that a browser draws them fast.

Only for looking: every figure comes from the stored features.
"""

import gzip
import json
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform
from geoapp.tiles.derived import kept

TOLERANCE_M: Final = 30.0
_DECIMALS: Final = 5  # about a metre
_COMPRESSION: Final = 6


def overview_features(snapshot: Snapshot, definition: LayerDefinition, gauss: str) -> bytes:
    """Give the layer as GeoJSON in CGCS2000 degrees, compressed with gzip.

    Shared edges are simplified alike where the layer fits edge to edge, so that no gaps
    open between neighbours. Layers drawn as clusters become points.
    """
    return kept(
        snapshot, "overview.geojson.gz", lambda: _encode(snapshot.read(), definition, gauss)
    )


@lru_cache(maxsize=32)
def keep_units(content: bytes, within: str) -> bytes:
    """Keep the units inside one unit, by the prefix of their codes.

    Args:
        content: From ``overview_features``.
        within: Code of the unit above.
    """
    document = json.loads(gzip.decompress(content))
    document["features"] = [
        feature
        for feature in document["features"]
        if str(feature["properties"].get("code", "")).startswith(within)
    ]
    return _compress(document)


def keep_rows(content: bytes, shown: NDArray[np.bool_]) -> bytes:
    """Keep the features that may be seen.

    Args:
        content: From ``overview_features``.
        shown: ``(n,)`` which rows may be seen.
    """
    document = json.loads(gzip.decompress(content))
    document["features"] = [one for one in document["features"] if shown[one["id"]]]
    return _compress(document)


def _compress(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return gzip.compress(text.encode(), _COMPRESSION, mtime=0)


def _encode(frame: gpd.GeoDataFrame, definition: LayerDefinition, gauss: str) -> bytes:
    geometries = np.asarray(frame.geometry)
    if definition.style.draw == "cluster":
        drawn = shapely.point_on_surface(geometries)
    else:
        plane = transform(geometries, GEOGRAPHIC, gauss)
        fits = definition.geometry == "polygon" and bool(shapely.coverage_is_valid(plane))
        drawn = transform(_simplify(plane, fits=fits), gauss, GEOGRAPHIC)
    names = [rule.name for rule in definition.stored_fields if rule.name in frame.columns]
    columns = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in names}
    features = []
    for row, geometry in enumerate(drawn):
        properties = {name: _plain(column.iloc[row]) for name, column in columns.items()}
        features.append(
            {
                "type": "Feature",
                "id": row,
                "properties": {key: value for key, value in properties.items() if value != ""},
                "geometry": _round(shapely.geometry.mapping(geometry)),
            }
        )
    return _compress({"type": "FeatureCollection", "features": features})


def _simplify(plane: Geometries, *, fits: bool) -> Geometries:
    if len(plane) and fits:
        return shapely.coverage_simplify(plane, TOLERANCE_M)
    simple = shapely.simplify(plane, TOLERANCE_M, preserve_topology=True)
    return np.where(shapely.is_empty(simple), plane, simple)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    return "" if value is None or value != value else value  # noqa: PLR0124


def _round(mapping: dict[str, Any]) -> dict[str, Any]:
    def walk(part: Any) -> Any:
        if isinstance(part, float):
            return round(part, _DECIMALS)
        return [walk(item) for item in part]

    return {"type": mapping["type"], "coordinates": walk(mapping["coordinates"])}
