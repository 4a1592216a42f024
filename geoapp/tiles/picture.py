"""A picture of a layer's classes, for views in which single parcels cannot be told apart."""

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.tiles.derived import kept

_LONGER_SIDE_PX: Final = 3000
_WEB_MERCATOR: Final = "EPSG:3857"  # the browser's plane: only for drawing, never for areas
_MOST_CLASSES: Final = 254


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the rectangle it covers: west, south, east, north in degrees."""

    png: bytes
    bounds: tuple[float, float, float, float]


def class_picture(snapshot: Snapshot, definition: LayerDefinition) -> Picture:
    """Draw a polygon layer by its class field, one colour per class, clear elsewhere."""
    bounds = snapshot.manifest.bounds or (0.0, 0.0, 1.0, 1.0)
    png = kept(snapshot, "classes.png", lambda: _draw(snapshot, definition, bounds))
    return Picture(png, bounds)


def _draw(
    snapshot: Snapshot, definition: LayerDefinition, bounds: tuple[float, float, float, float]
) -> bytes:
    rule = definition.find_field(definition.class_field)
    stored = rule.derive_from if rule and rule.derive_from else definition.class_field
    field = definition.find_field(stored)
    fills = {value.code: value.fill for value in definition.classes[field.classes if field else ""]}
    frame = snapshot.read([stored])
    codes = frame[stored].fillna("").astype(str).to_numpy()
    palette = sorted(set(fills.values()))[:_MOST_CLASSES]
    burn = {code: palette.index(fill) + 2 for code, fill in fills.items() if fill in palette}
    values = np.array([burn.get(code, 1) for code in codes], dtype=np.uint8)
    plane = transform(np.asarray(frame.geometry), GEOGRAPHIC, _WEB_MERCATOR)
    corners = transform(shapely.points([bounds[:2], bounds[2:]]), GEOGRAPHIC, _WEB_MERCATOR)
    west, south, east, north = (*shapely.get_coordinates(corners).ravel(),)
    step = max(east - west, north - south, 1e-9) / _LONGER_SIDE_PX
    width, height = (max(1, round(side / step)) for side in (east - west, north - south))
    pixels = rasterize(
        zip(plane, values, strict=True),
        out_shape=(height, width),
        transform=from_bounds(west, south, east, north, width, height),
        fill=0,
        dtype="uint8",
    )
    colours = {0: (0, 0, 0, 0), 1: _rgba(definition.style.fill)}
    colours |= {index + 2: _rgba(fill) for index, fill in enumerate(palette)}
    return _encode(pixels, colours)


def _rgba(fill: str) -> tuple[int, int, int, int]:
    return int(fill[1:3], 16), int(fill[3:5], 16), int(fill[5:7], 16), 255


def _encode(pixels: np.ndarray, colours: dict[int, tuple[int, int, int, int]]) -> bytes:
    with MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a picture has no place to say it
        profile = {
            "driver": "PNG",
            "height": pixels.shape[0],
            "width": pixels.shape[1],
            "count": 1,
            "dtype": "uint8",
        }
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), memory.open(**profile) as target:
            target.write(pixels, 1)
            target.write_colormap(1, colours)
        return bytes(memory.read())
