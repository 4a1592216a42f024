"""A snapshot in the measure plane."""

import tempfile
import threading
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely

from geoapp.catalog.snapshot import FEATURES, MEASURE, Snapshot
from geoapp.errors import ConflictError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import Lengths, line_lengths, to_measure_plane
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.elsewhere import IndexBatch
from geoapp.overlay.fragment import Rows
from geoapp.overlay.index import MeasureIndex, build_index, make_batch, open_index
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.line_cutting import Edges, take_edges
from geoapp.overlay.net import subtract_overlaps
from geoapp.overlay.portions import Portion
from geoapp.overlay.selfjoin import find_overlapping
from geoapp.overlay.share import hide
from geoapp.overlay.shares import Areas, Shares
from geoapp.overlay.shelf import ZoneShelf
from geoapp.overlay.zones import Zones, build_zones
from geoapp.values import Progress, no_progress


class MeasuredLayer:
    """One snapshot in the measure plane; what it needs is loaded when it is first needed.

    Attributes:
        points: Its features are points: they have no area and are only counted.
        lines: Its features are lines: they have a length and cover no ground.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        gauss: str,
        tables: DerivedTables,
        shelf: ZoneShelf,
        *,
        points: bool,
        lines: bool = False,
    ) -> None:
        self.snapshot = snapshot
        self.points = points
        self.lines = lines
        self._gauss = gauss
        self._tables = tables
        self._shelf = shelf
        self._lock = threading.RLock()
        self._index: MeasureIndex | None = None
        self._geometries: Geometries | None = None

    def index(self, progress: Progress = no_progress) -> MeasureIndex:
        """Open the measure index; one that is absent or stale is built first.

        Raises:
            ConflictError: The features are not those that were published.
        """
        with self._lock:
            if self._index is None:
                self._index = self._open(self._folder) or self._build(progress)
            return self._index

    @property
    def geometries(self) -> Geometries:
        """``(n,)`` geometries in the measure plane, in stored order."""
        with self._lock:
            if self._geometries is None:
                if self.points or self.lines:
                    features = np.asarray(self.snapshot.read([]).geometry)
                    self._geometries = to_measure_plane(features, self._gauss)
                else:
                    self._geometries = self.index().geometries()
            return self._geometries

    @cached_property
    def overlaps(self) -> tuple[Rows, Rows]:
        """Pairs of features that share area, first < second."""
        first, second, _ = self.overlap_areas
        return first, second

    @cached_property
    def overlap_areas(self) -> tuple[Rows, Rows, Areas]:
        """Pairs of features that share area, first < second, and how much, m²."""
        kept = self._tables.shares(self.snapshot, ("overlaps",), self._find_overlaps)
        return kept.feature_row.astype(np.intp), kept.zone_row.astype(np.intp), kept.area_m2

    @property
    def overlap(self) -> bool:
        """Whether any features share area; points and lines never do."""
        return not self.points and not self.lines and len(self.overlaps[0]) > 0

    @cached_property
    def net(self) -> tuple[Rows, Geometries]:
        """Rows of features that give up ground to earlier ones, and what is left of them."""
        return self._net(None)

    @property
    def areas_m2(self) -> Areas:
        """``(n,)`` official areas, m²."""
        return self.index().areas

    @cached_property
    def edges(self) -> Edges:
        """The edges of lines."""
        return take_edges(self.geometries)

    @cached_property
    def edge_lengths_m(self) -> Lengths:
        """``(m,)`` lengths of the edges of lines, m."""
        return self.measure_lines(self.edges.geometries)

    @cached_property
    def lengths_m(self) -> Lengths:
        """``(n,)`` lengths of lines, m."""
        owner, count = self.edges.owner, len(self.geometries)
        return np.bincount(owner, self.edge_lengths_m, minlength=count).astype(np.float64)

    def measure_lines(self, lines: Geometries) -> Lengths:
        """Measure parts of the lines, ``(k,)`` m."""
        return line_lengths(lines, self._gauss)

    @property
    def zones(self) -> Zones:
        """The features as zones to share others out among, with the ground around."""
        return self._shelf.zones(
            self.snapshot,
            "each",
            lambda: build_zones(self.geometries, np.arange(len(self.geometries)), around=True),
        )

    @property
    def ground(self) -> Zones:
        """The ground of all features as one zone."""

        def prepare() -> Zones:
            net = self._net_ground()
            return build_zones(net, np.zeros(len(net), dtype=np.intp))

        return self._shelf.zones(self.snapshot, "ground", prepare)

    def find_file(self, zones: Zones) -> Path | None:
        """Find the file of zones for workers that can open the features, too, in a file."""
        return self._shelf.find_file(zones) if self.index().file else None

    def borders(self) -> Geometries:
        """Polygons whose rings are the borders of the ground."""
        return self._net_ground()

    def portions(self, kinds: Kinds, *, net: bool, by_class: bool) -> list[Portion]:
        """Give the features to be shared out.

        Args:
            kinds: Their classes.
            net: Ground where features overlap counts once.
            by_class: It counts once in each class, else once altogether.
        """
        index = self.index()
        rows, replaced = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=object)
        if net and self.overlap:
            rows, replaced = self._net(kinds.numbers) if by_class else self.net
        portions = []
        for number, batch in enumerate(index.batches):
            first, end = index.starts[number], index.starts[number + 1]
            hidden = rows[(rows >= first) & (rows < end)] - first
            origin = IndexBatch(index, number, hidden)
            portions.append(Portion(hide(batch, hidden), kinds.numbers[first:end], origin))
        if len(rows):
            portions.append(Portion(make_batch(replaced), kinds.numbers[rows]))
        return portions

    def net_features(self, kinds: Kinds | None) -> tuple[Rows, Geometries]:
        """Give the rising rows that give up ground to earlier ones, and what is left of each.

        Args:
            kinds: They give it up within their class only; ``None``: to whichever is earlier.
        """
        if not self.overlap:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=object)
        return self._net(None if kinds is None else kinds.numbers)

    @property
    def _folder(self) -> Path:
        return self.snapshot.folder / MEASURE

    def _open(self, folder: Path) -> MeasureIndex | None:
        manifest = self.snapshot.manifest
        return open_index(folder, self._gauss, manifest.feature_count, manifest.area_m2)

    def _build(self, progress: Progress) -> MeasureIndex:
        features = self.snapshot.folder / FEATURES
        try:
            build_index(features, self._folder, self._gauss, progress)
            found = self._open(self._folder)
        except OSError:  # a read-only folder only costs time
            with tempfile.TemporaryDirectory() as folder:
                build_index(features, Path(folder), self._gauss, progress)
                found = self._open(Path(folder))
                if found is not None:
                    found.file = None
        if found is None:
            raise ConflictError(
                "snapshot-changed", layer=self.snapshot.layer, snapshot=self.snapshot.name
            )
        return found

    def _find_overlaps(self) -> Shares:
        first, second, area = find_overlapping(self.index())
        return Shares(first.astype(np.int32), second.astype(np.int32), area)

    def _net_ground(self) -> Geometries:
        geometries = self.geometries
        if self.overlap:
            rows, replaced = self.net
            geometries = geometries.copy()
            geometries[rows] = replaced
        ground: Geometries = geometries[~shapely.is_empty(geometries)]
        return ground

    def _net(self, numbers: np.ndarray | None) -> tuple[Rows, Geometries]:
        """Find the features that give up ground to earlier ones, and what is left of them."""
        first, second = self.overlaps
        if numbers is not None:
            same = numbers[first] == numbers[second]
            first, second = first[same], second[same]
        concerned = np.unique(np.concatenate([first, second]))
        geometries = self.index().geometries(concerned)
        pairs = (np.searchsorted(concerned, first), np.searchsorted(concerned, second))
        net = subtract_overlaps(geometries, pairs, None)
        rows = np.unique(second)
        return rows, net[np.searchsorted(concerned, rows)]
