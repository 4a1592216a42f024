"""Tiles of snapshots, as the web asks for them."""

import hashlib
import logging
import tempfile
import threading
import zlib
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ConflictError
from geoapp.finding.territory import Shown
from geoapp.overlay.kinds import Kinds, one_kind, read_kinds
from geoapp.tiles.building import build_drawn, prepare_tiles
from geoapp.tiles.colouring import (
    COLOURING_VERSION,
    choose_colours,
    class_values,
    draw_tile,
)
from geoapp.tiles.drawn import (
    DRAWN_VERSION,
    Drawn,
    balanced_field,
    describe_drawn,
    drawn_folder,
    open_drawn,
)
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.shelf import TileShelf
from geoapp.tiles.vector import VECTOR_VERSION, Labels, encode_tile

_COMPRESSION: Final = 3
_GZIP: Final = 31  # zlib's word for a gzip frame
_MOST_LAYERS: Final = 64
_BUILDS_AT_ONCE: Final = 2
_LOG: Final = logging.getLogger("geoapp.tiles")


@dataclass
class TileLayer:
    """A snapshot open for tiles."""

    snapshot: Snapshot
    definition: LayerDefinition
    drawn: Drawn
    labels: Labels
    _kinds: dict[str, Kinds] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def vector_zooms(self) -> range:
        """Zooms at which there are vector tiles."""
        return range(self.drawn.switch, MAX_ZOOM + 1)

    @property
    def picture_zooms(self) -> range:
        """Zooms at which there are pictures."""
        return range(MIN_ZOOM, self.drawn.switch if self.drawn.pictures else MIN_ZOOM)

    def vector_tile(self, address: TileAddress, shown: Shown | None = None) -> bytes:
        """Encode a tile, compressed with gzip; nothing when it is empty."""
        mask = None if shown is None else shown.mask
        keep_all = self.definition.statistics.coverage == "declared"
        layer = self.snapshot.layer
        content = encode_tile(
            self.drawn, self.labels, address, layer, keep_all=keep_all, shown=mask
        )
        if not content:
            return b""
        squeeze = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, _GZIP)
        return squeeze.compress(content) + squeeze.flush()

    def picture_tile(
        self,
        address: TileAddress,
        name: str,
        only: frozenset[str],
        shown: Shown | None = None,
    ) -> bytes:
        """Draw a tile by a class field as PNG.

        Raises:
            ChoiceError: The layer has no such class field, or the field no such class.
        """
        class_values(self.definition, name)
        kinds = self._read_kinds(name)
        colouring = choose_colours(self.definition, name, kinds, only)
        mask = None if shown is None else shown.mask
        return draw_tile(self.drawn, kinds, colouring, address, mask)

    def _read_kinds(self, name: str) -> Kinds:
        with self._lock:
            if name not in self._kinds:
                kinds = read_kinds(self.definition, self.snapshot, name) if name else None
                self._kinds[name] = kinds or one_kind(self.drawn.count)
            return self._kinds[name]


class TileService:
    """Open layers and the latest tiles of one process."""

    def __init__(self, shelf: TileShelf | None = None) -> None:
        self.shelf = shelf or TileShelf()
        self._layers: OrderedDict[Path, Future[TileLayer]] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(_BUILDS_AT_ONCE)

    def layer(self, snapshot: Snapshot, definition: LayerDefinition) -> Future[TileLayer]:
        """Give a snapshot to come; it is built once, in the background, when it has to be.

        The result must not be cancelled: others may wait for it too.
        """
        with self._lock:
            found = self._layers.get(snapshot.folder)
            if found is None or (found.done() and found.exception() is not None):
                found = self._begin(snapshot, definition)
                self._layers[snapshot.folder] = found
            self._layers.move_to_end(snapshot.folder)
            while len(self._layers) > _MOST_LAYERS:
                self._layers.popitem(last=False)
            return found

    def _begin(self, snapshot: Snapshot, definition: LayerDefinition) -> Future[TileLayer]:
        future: Future[TileLayer] = Future()

        def work() -> None:
            with self._turns:
                try:
                    future.set_result(open_layer(snapshot, definition))
                except BaseException as error:  # noqa: BLE001  whoever waits is told
                    future.set_exception(error)

        # Not a pool, whose threads a server that is stopped would wait for.
        threading.Thread(target=work, name="tile-build", daemon=True).start()
        return future

    def vector_tile(
        self, layer: TileLayer, address: TileAddress, shown: Shown | None = None
    ) -> Future[bytes]:
        """Give a vector tile to come: of what is ``shown``, by default of all features."""
        key = (layer.snapshot.folder, scope_key(shown), address)
        return self.shelf.get(key, lambda: layer.vector_tile(address, shown))

    def picture_tile(
        self,
        layer: TileLayer,
        address: TileAddress,
        name: str,
        only: frozenset[str],
        shown: Shown | None = None,
    ) -> Future[bytes]:
        """Give a picture to come: of what is ``shown``, by default of all features."""
        key = (layer.snapshot.folder, scope_key(shown), address, name, only)
        return self.shelf.get(key, lambda: layer.picture_tile(address, name, only, shown))


def scope_key(shown: Shown | None) -> str:
    """Name what is shown, for keys of caches and tags; ``""``: all."""
    return "" if shown is None else shown.key


def open_layer(snapshot: Snapshot, definition: LayerDefinition) -> TileLayer:
    """Open a snapshot for tiles, building what is missing.

    Where the snapshot's folder cannot be written, what was built lasts as long as the process.

    Raises:
        ConflictError: Somebody removes or changes the arrays as fast as they are built.
    """
    made_from = describe_drawn(snapshot, definition)
    folder = drawn_folder(snapshot)
    drawn = open_drawn(folder, made_from)
    if drawn is None:
        try:
            prepare_tiles(snapshot, definition)
            drawn = open_drawn(folder, made_from)
        except OSError as error:
            _LOG.warning("tiles of %s are not kept: %s", snapshot.name, error.strerror)
            with tempfile.TemporaryDirectory(prefix="tiles-") as passing:
                build_drawn(snapshot, definition, Path(passing))
                drawn = open_drawn(Path(passing), made_from)  # mapped: outlives the folder
    if drawn is None:
        raise ConflictError("snapshot-changed", layer=snapshot.layer, snapshot=snapshot.name)
    return TileLayer(snapshot, definition, drawn, _read_labels(snapshot, definition))


def edition(definition: LayerDefinition) -> str:
    """Name everything that tiles depend on besides their snapshot: rules, classes, colours."""
    style = (definition.style.fill, definition.style.draw, definition.class_field)
    classes = [(rule.name, rule.derive_from, rule.derive_by) for rule in definition.class_fields]
    versions = (DRAWN_VERSION, VECTOR_VERSION, COLOURING_VERSION)
    content = repr((versions, style, classes, sorted(definition.classes.items())))
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def _read_labels(snapshot: Snapshot, definition: LayerDefinition) -> Labels:
    name = balanced_field(definition)
    kinds = read_kinds(definition, snapshot, name) if name else None
    kinds = kinds or one_kind(snapshot.manifest.feature_count)
    none = np.zeros(0, dtype=object)
    if definition.group != "unit":
        return Labels(kinds, none, none)
    table = snapshot.read_attributes([definition.key, definition.name_field])
    texts = [table[column].fillna("").astype(str).to_numpy(dtype=object) for column in table]
    return Labels(kinds, *texts)
