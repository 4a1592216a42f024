"""Vector tiles of a public form in one file, PMTiles 3, read by browsers without a server."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geoapp.tiles.grid import TileAddress
from geoapp.tiles.service import TileLayer

# Below, positions in a tile are coarser than the grid of the public forms, so that nobody could
# tell by looking at them that they lie on it; above, there is nothing more to see.
FIRST_ZOOM: Final = 10
LAST_ZOOM: Final = 12
_E7: Final = 10_000_000


def write_archive(layer: TileLayer, path: Path) -> int:
    """Write the tiles of a layer.

    Returns:
        How many there are; without any, no file is written.
    """
    bounds = layer.drawn.bounds
    tiles = sorted(
        (zxy_to_tileid(address.zoom, address.x, address.y), layer.vector_tile(address))
        for address in _addresses(bounds)
    )
    filled = [(tile, content) for tile, content in tiles if content]
    if not filled or bounds is None:
        return 0
    west, south, east, north = bounds
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for tile, content in filled:
            writer.write_tile(tile, content)
        header = {
            "version": 3,
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": math.floor(west * _E7),
            "min_lat_e7": math.floor(south * _E7),
            "max_lon_e7": math.ceil(east * _E7),
            "max_lat_e7": math.ceil(north * _E7),
            "center_zoom": FIRST_ZOOM,
            "center_lon_e7": int((west + east) / 2 * _E7),
            "center_lat_e7": int((south + north) / 2 * _E7),
        }
        writer.finalize(header, {"vector_layers": [{"id": layer.definition.id, "fields": {}}]})
    return len(filled)


def _addresses(bounds: tuple[float, float, float, float] | None) -> Iterator[TileAddress]:
    """Name the tiles that meet a rectangle of degrees."""
    if bounds is None:
        return
    west, south, east, north = bounds
    for zoom in range(FIRST_ZOOM, LAST_ZOOM + 1):
        columns = range(_column(west, zoom), _column(east, zoom) + 1)
        for y in range(_row(north, zoom), _row(south, zoom) + 1):
            for x in columns:
                yield TileAddress(zoom, x, y)


def _column(longitude: float, zoom: int) -> int:
    return int((longitude / 360 + 0.5) * 2**zoom)


def _row(latitude: float, zoom: int) -> int:
    stretched = math.asinh(math.tan(math.radians(latitude)))
    return int((0.5 - stretched / (2 * math.pi)) * 2**zoom)
