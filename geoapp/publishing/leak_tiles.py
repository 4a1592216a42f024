"""Opening an archive of tiles for the leak check: every tile, and no byte beside them."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    deserialize_header,
    tileid_to_zxy,
)

from geoapp.publishing.archive import FIRST_ZOOM
from geoapp.publishing.vector_tile import TileContent, read_tile, to_degrees
from geoapp.tiles.rules import BUFFER

_HEADER: Final = 127
_GZIP: Final = 31
_ROUNDING_UNITS: Final = 1.01  # a vertex lies at most so far from where it was
_MOST_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile that was opened."""

    zoom: int
    x: int
    y: int
    parts: list[TileContent]

    def inner(self, part: TileContent) -> tuple[np.ndarray, float]:
        """Give the vertices that are not where the tile was cut, in degrees, and their slack."""
        low, high = -BUFFER, part.extent + BUFFER
        at = part.positions
        cut = (at <= low).any(axis=1) | (at >= high).any(axis=1)
        degrees = to_degrees(at[~cut], part.extent, self.zoom, self.x, self.y)
        return degrees, _ROUNDING_UNITS * 360 / 2**self.zoom / part.extent


def read_archive(content: bytes) -> tuple[dict[str, Any], Iterator[Tile]]:
    """Open an archive.

    Returns:
        Its metadata and its tiles.

    Raises:
        ValueError: It is damaged, holds something else than vector tiles, is coarser than the
            check can judge, or has bytes that belong to nothing.
    """
    header: dict[str, Any] = dict(deserialize_header(content[:_HEADER]))
    if header["tile_type"] != TileType.MVT or header["tile_compression"] != Compression.GZIP:
        raise ValueError(header["tile_type"])
    if header["min_zoom"] < FIRST_ZOOM:
        raise ValueError(header["min_zoom"])
    parts = ("root", "metadata", "leaf_directory", "tile_data")
    spans = [(0, _HEADER), *((header[f"{p}_offset"], header[f"{p}_length"]) for p in parts)]
    _require_whole(spans, len(content))
    place, size = header["metadata_offset"], header["metadata_length"]
    metadata = json.loads(_unpack(content[place : place + size]))
    entries = list(_entries(content, header, header["root_offset"], header["root_length"], 0))
    start = header["tile_data_offset"]
    used = {(start + entry.offset, entry.length) for entry in entries}
    _require_whole([(0, start), *sorted(used)], start + header["tile_data_length"])
    return metadata, _read(content, entries, start)


def _read(content: bytes, entries: list[Entry], start: int) -> Iterator[Tile]:
    for entry in entries:
        raw = content[start + entry.offset : start + entry.offset + entry.length]
        parts = read_tile(_unpack(raw))
        for run in range(entry.run_length):
            yield Tile(*tileid_to_zxy(entry.tile_id + run), parts)


def _entries(
    content: bytes, header: dict[str, Any], place: int, size: int, depth: int
) -> Iterator[Entry]:
    if depth > 3:
        raise ValueError(depth)
    for entry in deserialize_directory(content[place : place + size]):
        if entry.run_length:
            yield entry
        else:
            leaf = header["leaf_directory_offset"] + entry.offset
            yield from _entries(content, header, leaf, entry.length, depth + 1)


def _unpack(packed: bytes) -> bytes:
    """Unpack gzip, bounded, with nothing behind its end."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(packed, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError(len(packed)) from error
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError(len(packed))
    return content


def _require_whole(spans: list[tuple[int, int]], length: int) -> None:
    """Stop unless spans fill a length without a gap: bytes in a gap would not be looked at."""
    end = 0
    for begin, size in sorted(spans):
        if begin > end:
            raise ValueError(begin)
        end = max(end, begin + size)
    if end != length:
        raise ValueError(end)
