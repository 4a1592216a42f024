"""Background maps of a city: which are offered, which are refused and why, local tiles.

A map on a shifted datum is refused, not shifted back: the inverse is unofficial, holds only
for sources that use it throughout, and an office could not see when it does not.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from geoapp.catalog.city import Basemap
from geoapp.errors import FileError, GeoAppError, NotFoundError
from geoapp.tiles.archives import Archive, Bounds, open_archive, picture_type
from geoapp.tiles.mercator import TileAddress

_SHIFTED: Final = frozenset({"GCJ-02", "BD-09"})
_STAMPED: Final = ("", "metadata.json", "tilemapresource.xml")


@dataclass(frozen=True, slots=True)
class OfferedBasemap:
    """A basemap that can be drawn.

    Attributes:
        config: As ``city.toml`` describes it.
        url: XYZ template for the browser, with the key filled in.
        zooms: First and last zoom with tiles.
        online: The browser fetches it from elsewhere: nothing shows without a network.
    """

    config: Basemap
    url: str
    zooms: tuple[int, int]
    bounds: Bounds | None
    online: bool


@dataclass(frozen=True, slots=True)
class Basemaps:
    """Basemaps in the order of ``city.toml``.

    Attributes:
        offered: Those that can be drawn. One that needs a key is left out while it is unset.
        refused: Id and reason of those that cannot.
    """

    offered: tuple[OfferedBasemap, ...]
    refused: tuple[tuple[str, GeoAppError], ...]


@dataclass(frozen=True, slots=True)
class LocalTile:
    """A tile of a local basemap.

    Attributes:
        content: The picture, ``None`` where the map has none.
        media_type: Such as ``image/png``.
        version: State of the file; ``""`` when the tile may change without a trace.
    """

    content: bytes | None
    media_type: str
    version: str


class BasemapSources:
    """The basemaps of a workspace."""

    def __init__(self, folder: Path, configured: tuple[Basemap, ...], tianditu_key: str) -> None:
        self._folder = folder
        self._configured = configured
        self._key = tianditu_key
        self._open: dict[str, tuple[str, Archive | GeoAppError]] = {}
        self._lock = Lock()

    def catalogue(self) -> Basemaps:
        """List all basemaps. Never raises for a file."""
        offered: list[OfferedBasemap] = []
        refused: list[tuple[str, GeoAppError]] = []
        for config in self._configured:
            if config.key_setting and not self._key:
                continue
            try:
                offered.append(self._offer(config))
            except GeoAppError as error:
                refused.append((config.id, error))
        return Basemaps(tuple(offered), tuple(refused))

    def tile(self, name: str, address: TileAddress) -> LocalTile:
        """Give a tile of a local basemap.

        Raises:
            NotFoundError: There is no such basemap, or it is not local.
            FileError: It is refused, damaged, or the tile is no picture.
        """
        config = self._find_local(name)
        version, archive = self._archive(config)
        content = archive.read(address)
        media_type = picture_type(content) if content is not None else ""
        if media_type is None:
            raise FileError(
                "basemap-tile-wrong",
                file=config.source,
                address=f"{address.z}/{address.x}/{address.y}",
            )
        return LocalTile(content, media_type, version if archive.settled else "")

    def _offer(self, config: Basemap) -> OfferedBasemap:
        _require_datum(config)
        if not config.source:
            url = config.url.replace("{key}", self._key)
            return OfferedBasemap(
                config, url, (config.min_zoom, config.max_zoom), None, online=True
            )
        version, archive = self._archive(config)
        least = max(config.min_zoom, archive.zooms[0])
        most = max(min(config.max_zoom, archive.zooms[1]), least)
        url = f"/basemaps/{config.id}/{{z}}/{{x}}/{{y}}?v={version}"
        return OfferedBasemap(config, url, (least, most), archive.bounds, online=False)

    def _find_local(self, name: str) -> Basemap:
        config = next((base for base in self._configured if base.id == name), None)
        if config is None:
            known = ", ".join(base.id for base in self._configured) or "-"
            raise NotFoundError("basemap-unknown", basemap=name[:40], offered=known)
        _require_datum(config)
        if not config.source:
            raise NotFoundError("basemap-online", basemap=name)
        return config

    def _archive(self, config: Basemap) -> tuple[str, Archive]:
        """Open a source, or give it as opened before if its file is the same."""
        path = self._folder / config.source
        root = self._folder.resolve()
        if not path.resolve().is_relative_to(root):
            raise FileError("basemap-outside", file=config.source)
        version = _stamp(path)
        with self._lock:
            kept = self._open.get(config.id)
            if kept is None or kept[0] != version:
                try:
                    opened: Archive | GeoAppError = open_archive(path)
                except GeoAppError as error:
                    opened = error.with_traceback(None)
                kept = (version, opened)
                self._open[config.id] = kept
        if isinstance(kept[1], GeoAppError):
            raise kept[1]
        return version, kept[1]


def _require_datum(config: Basemap) -> None:
    if config.datum in _SHIFTED:
        raise FileError("basemap-shifted", basemap=config.id, datum=config.datum)


def _stamp(path: Path) -> str:
    """Name the state of a file; of a folder, that of its zooms and description files."""
    parts = [path / name if name else path for name in _STAMPED] if path.is_dir() else [path]
    if path.is_dir():
        parts += sorted(part for part in path.iterdir() if part.name.isdigit())
    facts = []
    for part in parts:
        try:
            stat = part.stat()
            facts.append(f"{part.name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}")
        except OSError:
            facts.append(f"{part.name} -")
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
