"""Shapes for highlighting on the map: as fine as the zoom shows, never large."""

import json
from typing import Any, Final

import shapely

from geoapp.finding.shapes import LayerShapes

MOST_BYTES: Final = 50_000
_EQUATOR_PIXEL_M: Final = 156_543.034  # a pixel of the web map at zoom 0
_FINEST_M: Final = 0.05
_ROUGHEST_M: Final = 50_000.0
_HALF: Final = 0.5
_BYTES_A_VERTEX: Final = 22


def pixel_size(zoom: float, stretch: float) -> float:
    """Give the width of a pixel of the map on the ground, m."""
    return float(_EQUATOR_PIXEL_M / stretch / 2.0**zoom)


def draw_shape(shapes: LayerShapes, row: int, pixel_m: float) -> dict[str, Any]:
    """Give a feature as GeoJSON in degrees, at most ``MOST_BYTES`` long.

    Only for looking: parts that the zoom does not show are left out.
    """
    shape = shapes.shape(row)
    tolerance = max(_HALF * pixel_m, _FINEST_M)
    while tolerance < _ROUGHEST_M:
        simple = shapely.simplify(shape, tolerance, preserve_topology=False)
        if simple.is_empty:
            break
        if shapely.get_num_coordinates(simple) * _BYTES_A_VERTEX <= MOST_BYTES:
            drawn = _to_geojson(shapes, simple, tolerance)
            if len(json.dumps(drawn, separators=(",", ":"))) <= MOST_BYTES:
                return drawn
        tolerance *= 2
    return _to_geojson(shapes, _stand_in(shape), _FINEST_M)


def _stand_in(shape: Any) -> Any:
    """Draw what is smaller than a pixel, or too ragged, by its box."""
    return shapely.box(*shape.bounds) if shapely.area(shape) > 0 else shape


def _to_geojson(shapes: LayerShapes, shape: Any, tolerance: float) -> dict[str, Any]:
    decimals = 5 if tolerance >= 10 else 6 if tolerance >= 1 else 7
    if shape.geom_type == "MultiPolygon" and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    degrees = shapely.transform(shape, shapes.to_degrees)
    mapping = shapely.geometry.mapping(degrees)
    return {"type": mapping["type"], "coordinates": _round(mapping["coordinates"], decimals)}


def _round(part: Any, decimals: int) -> Any:
    if isinstance(part, float):
        return round(part, decimals)
    return [_round(item, decimals) for item in part]
