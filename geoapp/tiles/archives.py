"""Tiles that lie ready in the workspace: MBTiles, PMTiles, a folder ``z/x/y.png``.

Only pictures are given out, told by their first bytes. Every reader may be used by several
threads at once.
"""

import gzip
import os
import sqlite3
import struct
import time
import weakref
import zlib
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final, Protocol
from urllib.parse import quote

from pmtiles.tile import (
    Compression,
    Entry,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from geoapp.errors import FileError
from geoapp.tiles.mercator import DEEPEST, TileAddress

Bounds = tuple[float, float, float, float]

_SQLITE_BEGINS: Final = b"SQLite format 3\0"
_PMTILES_BEGINS: Final = b"PMTiles"
_MOST_TILE_BYTES: Final = 16 * 2**20
_MOST_DIRECTORY_BYTES: Final = 16 * 2**20
_PATIENCE_S: Final = 2.0  # a table without an index, or a view without an end
_DIRECTORY_DEPTH: Final = 4
_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp")
_FAULTS: Final = (
    OSError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError,
    zlib.error, struct.error, sqlite3.Error, MagicNumberNotFound, SpecVersionUnsupported,
)  # fmt: skip


class Archive(Protocol):
    """A set of tiles.

    Attributes:
        zooms: First and last zoom that it holds.
        bounds: West, south, east, north in degrees, if it says.
        settled: Its tiles never change as long as the file itself does not.
    """

    zooms: tuple[int, int]
    bounds: Bounds | None
    settled: bool

    def read(self, address: TileAddress) -> bytes | None:
        """Give a tile as it is stored, ``None`` when there is none.

        Raises:
            FileError: The archive is damaged there.
        """


def open_archive(path: Path) -> Archive:
    """Open whatever lies at a path.

    Raises:
        FileError: Nothing lies there, it is damaged, or it holds no pictures.
    """
    if path.is_dir():
        return Folder(path)
    try:
        with path.open("rb") as stream:
            begin = stream.read(16)
    except OSError as error:
        raise FileError("file-missing", file=path.name) from error
    if begin == _SQLITE_BEGINS:
        return MBTiles(path)
    if begin.startswith(_PMTILES_BEGINS):
        return PMTiles(path)
    if not begin:
        raise FileError("file-empty", file=path.name)
    raise FileError("basemap-kind-unknown", file=path.name)


def picture_type(content: bytes) -> str | None:
    """Tell the media type of a picture by its first bytes, ``None`` for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


class _Patience:
    """Ends a question to a database that takes too long."""

    def __init__(self) -> None:
        self._deadline = 0.0

    def begin(self) -> None:
        """Count from here."""
        self._deadline = time.monotonic() + _PATIENCE_S

    def is_over(self) -> bool:
        """Tell the database whether to stop."""
        return time.monotonic() > self._deadline


class MBTiles:
    """A SQLite file; its rows are counted from the south."""

    settled = True

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lock = Lock()
        self._patience = _Patience()
        address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        try:
            self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise _damaged(path.name, error) from error
        weakref.finalize(self, self._database.close)
        self._database.set_progress_handler(self._patience.is_over, 10_000)
        self._ask("PRAGMA trusted_schema = OFF")
        facts = {
            str(key): str(value) for key, value in self._ask("SELECT name, value FROM metadata")
        }
        stated = facts.get("format", "").lower()
        if stated not in {"", "png", "jpg", "jpeg", "webp"}:
            raise FileError("basemap-vector", file=path.name, format=stated[:20])
        self.bounds = _parse_bounds(facts.get("bounds", ""))
        least = self._ask("SELECT zoom_level FROM tiles ORDER BY zoom_level LIMIT 1")
        most = self._ask("SELECT zoom_level FROM tiles ORDER BY zoom_level DESC LIMIT 1")
        if not least:
            raise FileError("basemap-empty", file=path.name)
        self.zooms = _zooms(path.name, least[0][0], most[0][0])

    def read(self, address: TileAddress) -> bytes | None:
        """Give a tile."""
        found = self._ask(
            "SELECT tile_data FROM tiles"
            " WHERE zoom_level = ? AND tile_column = ? AND tile_row = ? LIMIT 1",
            address.z,
            address.x,
            2**address.z - 1 - address.y,
        )
        content = found[0][0] if found else None
        if content is not None and not isinstance(content, bytes):
            raise FileError("file-damaged", file=self._name, reason="tile_data")
        return content or None

    def _ask(self, question: str, *values: int) -> list[tuple[object, ...]]:
        with self._lock:
            self._patience.begin()
            try:
                return self._database.execute(question, values).fetchall()
            except _FAULTS as error:
                raise _damaged(self._name, error) from error


class PMTiles:
    """A PMTiles file of version 3; its directories are kept once read."""

    settled = True

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._file = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._file)
            self._header = deserialize_header(self._bytes(0, 127))
            header = self._header
            if header["tile_type"] not in {TileType.PNG, TileType.JPEG, TileType.WEBP}:
                raise FileError("basemap-vector", file=path.name, format=header["tile_type"].name)
            for part in ("internal_compression", "tile_compression"):
                if header[part] not in {Compression.NONE, Compression.GZIP}:
                    raise FileError("file-damaged", file=path.name, reason=part)
            self._directory = lru_cache(maxsize=64)(self._read_directory)
            self._directory(header["root_offset"], header["root_length"])
        except _FAULTS as error:
            raise _damaged(path.name, error) from error
        if not header["addressed_tiles_count"] and not self._directory(
            header["root_offset"], header["root_length"]
        ):
            raise FileError("basemap-empty", file=path.name)
        self.zooms = _zooms(path.name, header["min_zoom"], header["max_zoom"])
        corners = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
        self.bounds = _parse_bounds(",".join(str(header[c] / 1e7) for c in corners))  # type: ignore[literal-required]

    def read(self, address: TileAddress) -> bytes | None:
        """Give a tile."""
        try:
            return self._find(zxy_to_tileid(address.z, address.x, address.y))
        except _FAULTS as error:
            raise _damaged(self._name, error) from error

    def _find(self, number: int) -> bytes | None:
        header = self._header
        offset, length = header["root_offset"], header["root_length"]
        for _ in range(_DIRECTORY_DEPTH):
            entry = find_tile(self._directory(offset, length), number)
            if entry is None:
                return None
            if entry.run_length:
                content = self._bytes(header["tile_data_offset"] + entry.offset, entry.length)
                if header["tile_compression"] == Compression.GZIP:
                    return _expand(content, _MOST_TILE_BYTES)
                return content
            offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        content = self._bytes(offset, length)
        if self._header["internal_compression"] == Compression.GZIP:
            content = _expand(content, _MOST_DIRECTORY_BYTES)
        # The package expects them compressed; a level of 0 costs next to nothing.
        return deserialize_directory(gzip.compress(content, 0))

    def _bytes(self, offset: int, length: int) -> bytes:
        if not 0 <= length <= _MOST_TILE_BYTES:
            message = f"a part of {length} bytes"
            raise ValueError(message)
        # Not mapped into memory: a file cut short under a mapping would end the process.
        content = os.pread(self._file, length, offset)
        if len(content) != length:
            message = "the file is cut short"
            raise EOFError(message)
        return content


class Folder:
    """A folder ``z/x/y.png``, rows counted from the north."""

    settled = False

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._root = path.resolve()
        self.bounds: Bounds | None = None
        zooms = sorted(
            int(part.name)
            for part in path.iterdir()
            if part.name.isascii() and part.name.isdigit() and part.is_dir()
        )
        if not zooms:
            raise FileError("basemap-empty", file=path.name)
        self.zooms = _zooms(path.name, zooms[0], zooms[-1])
        first = next((f for f in (path / str(zooms[0])).glob("*/*") if f.is_file()), None)
        if first is None:
            raise FileError("basemap-empty", file=path.name)
        if first.suffix.lower() not in _SUFFIXES:
            raise FileError("basemap-vector", file=path.name, format=first.suffix[:20] or "-")

    def read(self, address: TileAddress) -> bytes | None:
        """Give a tile."""
        stem = self._root / str(address.z) / str(address.x) / str(address.y)
        for suffix in _SUFFIXES:
            path = stem.with_name(stem.name + suffix)
            if not path.is_file():
                continue
            if not path.resolve().is_relative_to(self._root):
                raise FileError("basemap-outside", file=f"{self._name}/{address.z}/…")
            try:
                with path.open("rb") as stream:
                    return stream.read(_MOST_TILE_BYTES)
            except OSError as error:
                raise _damaged(self._name, error) from error
        return None


def _expand(content: bytes, most: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    expanded = stream.decompress(content, most)
    if not stream.eof:
        message = "expands too much or is cut short"
        raise ValueError(message)
    return expanded


def _zooms(name: str, least: object, most: object) -> tuple[int, int]:
    if (
        not isinstance(least, int)
        or not isinstance(most, int)
        or not 0 <= least <= most <= DEEPEST + 6
    ):
        raise FileError("file-damaged", file=name, reason=f"zoom {least}–{most}"[:40])
    return least, min(most, DEEPEST)


def _parse_bounds(written: str) -> Bounds | None:
    """Read ``west,south,east,north``; what is no rectangle on earth says nothing."""
    try:
        west, south, east, north = (float(part) for part in written.split(","))
    except ValueError:
        return None
    if -180 <= west < east <= 180 and -90 <= south < north <= 90:
        return west, south, east, north
    return None


def _damaged(name: str, error: BaseException) -> FileError:
    if isinstance(error, FileError):
        return error
    reason = str(error) if isinstance(error, (sqlite3.Error, ValueError, EOFError)) else ""
    return FileError("file-damaged", file=name, reason=reason[:80] or type(error).__name__)
