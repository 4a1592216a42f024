"""The features of a layer, page by page, as one principal may see them."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geoapp.access.policy import require
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.features.asking import Place, place_after
from geoapp.features.columns import ColumnShelf
from geoapp.features.identity import Identities
from geoapp.features.properties import list_properties
from geoapp.features.reference import Reference, offered_references, write_geometries
from geoapp.finding.ground import Ground
from geoapp.finding.keys import KeyShelf
from geoapp.finding.rows import RowReader
from geoapp.finding.window import Box, make_windows

Rows = NDArray[np.int64]

DEFAULT_LIMIT: Final = 10
MOST_FEATURES: Final = 10_000
MOST_VERTICES: Final = 500_000  # of one page: some 20 MB of text
_VERTEX_BYTES: Final = 16
_MOST_GROUP_BYTES: Final = 128 << 20
_MOST_KEPT_ROWS: Final = 4_000_000  # of answers kept for their next pages: 32 MB
_MOST_KEPT: Final = 1000
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A question for some features of a layer.

    Attributes:
        limit: How many at most; a page of very large shapes holds fewer.
        box: West, south, east, north in ``box_reference``; features must share a point with it.
        box_reference: By default CRS84.
        reference: System of the geometries that are given; by default CRS84.
        day: Whose snapshot is asked for; by default the current one.
        equal: Fields and the values that they must have, as written.
        place: Where the page begins; it names the snapshot, whatever ``day`` says.
    """

    layer: str
    limit: int = DEFAULT_LIMIT
    box: Box | None = None
    box_reference: Reference | None = None
    reference: Reference | None = None
    day: date | None = None
    equal: tuple[tuple[str, str], ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    Attributes:
        id: Its key; see ``features.identity``.
        geometry: GeoJSON text in the system that was asked for.
        properties: Stored fields under their canonical names, derived classes, and the
            official ``area_m2`` or ``length_m``; ``None`` where nothing is known.
    """

    id: str
    geometry: str | None
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """Some features of a layer.

    Attributes:
        matched: How many features there are on all pages.
        next: Where the next page begins, ``None`` on the last one.
    """

    definition: LayerDefinition
    snapshot: Snapshot
    reference: Reference
    features: Sequence[Feature]
    matched: int
    next: Place | None


@dataclass
class _KeptRows:
    """The rows that answered the latest questions, for their next pages; safe from threads."""

    _rows: OrderedDict[object, Rows] = field(default_factory=OrderedDict)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: object) -> Rows | None:
        """Find the rows of a question."""
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def put(self, key: object, rows: Rows) -> None:
        """Keep the rows of a question; the oldest ones go."""
        with self._lock:
            if key not in self._rows:
                self._rows[key] = rows
                self._count += len(rows)
            while self._count > _MOST_KEPT_ROWS or len(self._rows) > _MOST_KEPT:
                if len(self._rows) == 1:
                    break
                self._count -= len(self._rows.popitem(last=False)[1])


@dataclass
class FeaturePages:
    """Gives features; what it keeps is bounded, and safe from several threads."""

    ground: Ground
    keys: KeyShelf
    _reader: RowReader = field(default_factory=lambda: RowReader(_MOST_GROUP_BYTES, geometry=True))
    _columns: ColumnShelf = field(default_factory=ColumnShelf)
    _kept: _KeptRows = field(default_factory=_KeptRows)

    def __post_init__(self) -> None:
        """Begin without having looked at any layer."""
        self._identities = Identities(self.keys)

    def on(self, ground: Ground) -> "FeaturePages":
        """Give the same pages for the principal of another ground; what is kept is shared."""
        other = copy(self)
        other.ground = ground
        return other

    def page(self, request: PageRequest) -> FeaturePage:
        """Give a page.

        Raises:
            NotFoundError: There is no such layer, or no data for it on that day.
            ChoiceError: A field, value or place in the pages does not exist.
            AccessError: The principal may not read its features.
        """
        if not 1 <= request.limit <= MOST_FEATURES:
            raise ChoiceError("features-limit-wrong", value=request.limit, most=MOST_FEATURES)
        definition, snapshot = self.open(request.layer, request.day, request.place)
        rows = self._match(request, definition, snapshot)
        first = int(np.searchsorted(rows, request.place.row)) if request.place else 0
        chosen = rows[first : first + request.limit]
        reference = request.reference or offered_references(self.ground.city)[0]
        features = self._read(definition, snapshot, chosen, reference)
        end = first + len(features)
        following = place_after(snapshot, int(rows[end - 1])) if 0 < end < len(rows) else None
        return FeaturePage(definition, snapshot, reference, features, len(rows), following)

    def feature(
        self, layer: str, written: str, *, reference: Reference | None = None, day: date | None
    ) -> FeaturePage:
        """Give the page that holds the one feature of an id.

        Raises:
            NotFoundError: There is no such layer, data or feature.
            AccessError: The principal may not read its features.
        """
        definition, snapshot = self.open(layer, day)
        wanted = reference or offered_references(self.ground.city)[0]
        own = self.ground.shown(definition, snapshot)
        for row in self._identities.find(snapshot, definition, written):
            if own is not None and row not in own:
                continue
            found = self._read(definition, snapshot, np.array([row]), wanted)
            if found[0].id == written:
                return FeaturePage(definition, snapshot, wanted, found, 1, None)
        raise NotFoundError("feature-unknown", layer=definition.title, feature=written[:_SHOWN])

    def open(
        self, layer: str, day: date | None, place: Place | None = None
    ) -> tuple[LayerDefinition, Snapshot]:
        """Give a layer and the snapshot that is asked for.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            ChoiceError: The snapshot of a place in the pages is gone.
            AccessError: The principal may not read its features.
        """
        ground = self.ground
        definition = ground.library.require(layer)
        require(ground.principal, "read_features", definition)
        if place:
            try:
                return definition, ground.store.require_named(layer, place.snapshot)
            except NotFoundError as error:
                raise ChoiceError("features-offset-gone", snapshot=place.snapshot) from error
        snapshot = ground.store.find_current(layer, day)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of=str(day or "-"))
        return definition, snapshot

    def _match(self, request: PageRequest, definition: LayerDefinition, snapshot: Snapshot) -> Rows:
        """Find all rows, rising; those of the latest questions are kept."""
        own = self.ground.shown(definition, snapshot)
        scope = "" if own is None else own.key
        key = (snapshot.folder, scope, request.box, request.box_reference, request.equal)
        kept = self._kept.find(key)
        if kept is not None:
            return kept
        rows = np.arange(snapshot.manifest.feature_count)
        if request.box:
            rows = self._meet(request, definition, snapshot)
        for name, written in request.equal:
            rows = np.intersect1d(
                rows, self._columns.find(snapshot, definition, name, written), assume_unique=True
            )
        rows = rows if own is None else own.keep(rows)
        self._kept.put(key, rows)
        return rows

    def _meet(self, request: PageRequest, definition: LayerDefinition, snapshot: Snapshot) -> Rows:
        if request.box is None:
            return np.zeros(0, dtype=np.int64)
        city = self.ground.city
        reference = request.box_reference or offered_references(city)[0]
        shapes = self.ground.shapes(definition, snapshot)
        bounds = shapes.snapshot.manifest.bounds
        windows = make_windows(request.box, reference.crs, gauss=city.crs, bounds=bounds)
        found = [shapes.meeting(window) for window in windows]
        if len(found) == 1:
            return found[0]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))

    def _read(
        self, definition: LayerDefinition, snapshot: Snapshot, rows: Rows, reference: Reference
    ) -> list[Feature]:
        table = self._reader.read_many(snapshot, rows)
        count = _count_that_fit(table)
        rows, table = rows[:count], table.slice(0, count)
        texts = write_geometries(_read_shapes(table), reference)
        shapes = self.ground.shapes(definition, snapshot)
        properties = list_properties(definition, table, shapes.areas(rows), shapes.lengths(rows))
        name = self._identities.name
        return [
            Feature(name(snapshot, definition, int(row), values[definition.key]), text, values)
            for row, text, values in zip(rows, texts, properties, strict=True)
        ]


def _count_that_fit(table: pa.Table) -> int:
    """Count the features whose shapes fit into a page, by their bytes; one always does."""
    vertices = pc.divide(pc.fill_null(pc.binary_length(table.column("geometry")), 0), _VERTEX_BYTES)
    total = np.cumsum(vertices.to_numpy(), dtype=np.int64)
    return max(int(np.searchsorted(total, MOST_VERTICES, side="right")), 1)


def _read_shapes(table: pa.Table) -> NDArray[np.object_]:
    column = table.column("geometry")
    shapes: NDArray[np.object_] = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    return np.asarray(shapes, dtype=object).reshape(len(column))
