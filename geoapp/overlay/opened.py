"""A layer held open for questions about single polygons: what each would read again is kept.

Per feature that is four bytes for each class field that was asked for; features that give up
ground to overlapping ones are kept with their vertices, points in a tree, and keys only where
a boundary of the layer was moved. All other vertices stay in the mapped file.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import FEATURES
from geoapp.errors import GeometryError, NotFoundError
from geoapp.overlay.ground import Ground, measure_inside
from geoapp.overlay.index import make_batch
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import Kinds, one_kind, read_kinds
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.row_areas import LayerAreas, RowAreas, join_rows
from geoapp.overlay.share import Batch


@dataclass(frozen=True, slots=True)
class NetPart:
    """Features that give up ground to earlier ones.

    Attributes:
        rows: ``(k,)`` rising rows.
        batch: What is left of each.
    """

    rows: Integers
    batch: Batch


class OpenedLayer:
    """One snapshot, held open. Safe to be asked by many threads at a time."""

    def __init__(self, definition: LayerDefinition, layer: MeasuredLayer) -> None:
        self.definition = definition
        self.layer = layer
        self.snapshot = layer.snapshot
        self._kinds: dict[str, Kinds] = {}
        self._net_parts: dict[str, NetPart] = {}
        self._lock = threading.RLock()

    def kinds(self, class_field: str) -> Kinds:
        """Give the class of each feature, one for all without a class field."""
        with self._lock:
            if class_field not in self._kinds:
                found = read_kinds(self.definition, self.snapshot, class_field)
                count = self.snapshot.manifest.feature_count
                self._kinds[class_field] = found or one_kind(count)
            return self._kinds[class_field]

    def measure(self, ground: Ground, class_field: str) -> LayerAreas:
        """Measure what the features have inside of ground; polygons only.

        Args:
            ground: The ground.
            class_field: Field of the classes in each of which overlapping ground counts once.
        """
        parts = []
        for start, batch in self._near(ground):
            rows, area = measure_inside(batch, ground)
            parts.append(RowAreas(rows + start, area, batch.area[rows]))
        gross = join_rows(parts)
        if not self.layer.overlap:
            return LayerAreas(gross, gross, gross)
        by_class = self._net(gross, ground, self.kinds(class_field))
        return LayerAreas(gross, by_class, self._net(gross, ground, None))

    def find_points(self, geometry: shapely.Geometry) -> Integers:
        """Give the rising rows of the points in a polygon, those on its edge as well."""
        found = self._point_tree.query(geometry, predicate="intersects")
        return np.sort(found).astype(np.int64)

    def measure_lines(self, *shapes: shapely.Geometry) -> tuple[Integers, Floats]:
        """Measure what the lines have inside of polygons or on their edges.

        Args:
            shapes: Polygons in the measure plane; what lies in all of them counts.

        Returns:
            ``(k,)`` rising rows of the lines that reach in, and ``(k,)`` m of each.
        """
        edges, first = self.layer.edges, shapes[0]
        met = np.sort(self._edge_tree.query(first, predicate="intersects"))
        pieces, whole = edges.geometries[met], np.ones(len(met), dtype=bool)
        for shape in shapes:
            shapely.prepare(shape)
            whole &= shapely.covers(shape, pieces)
        cut = pieces[~whole]
        for shape in shapes:
            cut = shapely.intersection(cut, shape)
        length = self.layer.edge_lengths_m[met].copy()
        length[~whole] = self.layer.measure_lines(cut)
        rows, place = np.unique(edges.owner[met], return_inverse=True)
        return rows.astype(np.int64), np.bincount(place, length, minlength=len(rows)).astype(float)

    def find_row(self, feature: str | int) -> int:
        """Find the row of a feature by its key or, for a number, take it as the row.

        Raises:
            NotFoundError: No feature has this key, several have it, or there is no such row.
        """
        title, count = self.definition.title, self.snapshot.manifest.feature_count
        if isinstance(feature, int):
            if not 0 <= feature < count:
                raise NotFoundError("feature-unknown", layer=title, feature=feature)
            return feature
        found = pc.indices_nonzero(pc.equal(self._keys, feature)).to_numpy()
        if len(found) == 0:
            raise NotFoundError("feature-unknown", layer=title, feature=feature)
        if len(found) > 1:
            raise NotFoundError("feature-ambiguous", layer=title, feature=feature, count=len(found))
        return int(found[0])

    def geometry(self, row: int) -> shapely.Geometry:
        """Give a feature in the measure plane.

        Raises:
            GeometryError: It has no area.
        """
        if not self.layer.points and not self.layer.lines:
            found: shapely.Geometry = self.layer.index().geometries(np.array([row]))[0]
            if not shapely.is_empty(found):
                return found
        raise GeometryError("feature-without-area", layer=self.definition.title)

    def _near(self, ground: Ground) -> Iterator[tuple[int, Batch]]:
        """Give the batches that may reach into ground, with the row of their first feature."""
        index, (west, south, east, north) = self.layer.index(), ground.bounds
        boxes = self._batch_bounds
        met = (boxes[:, 0] < east) & (boxes[:, 2] > west)
        met &= (boxes[:, 1] < north) & (boxes[:, 3] > south)
        for number in np.flatnonzero(met):
            yield int(index.starts[number]), index.batches[number]

    @cached_property
    def _batch_bounds(self) -> Floats:
        nowhere = np.array([[np.inf, np.inf, -np.inf, -np.inf]])
        found = [nowhere[:0]]
        for batch in self.layer.index().batches:
            boxes = np.concatenate([batch.bounds, nowhere])
            found.append(np.append(boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0))[None])
        return np.concatenate(found)

    @cached_property
    def _keys(self) -> pa.ChunkedArray:
        name = self.definition.key
        column = pq.read_table(self.snapshot.folder / FEATURES, columns=[name]).column(0)
        return column.cast(pa.string())

    @cached_property
    def _point_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.layer.geometries)

    @cached_property
    def _edge_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.layer.edges.geometries)

    def _net(self, gross: RowAreas, ground: Ground, kinds: Kinds | None) -> RowAreas:
        """Replace the features that give up ground by what is left of them."""
        part = self._net_part(kinds)
        rows, area = measure_inside(part.batch, ground)
        left = RowAreas(part.rows[rows], area, part.batch.area[rows])
        return join_rows([gross.drop(part.rows), left])

    def _net_part(self, kinds: Kinds | None) -> NetPart:
        key = kinds.key if kinds else ""
        with self._lock:
            if key not in self._net_parts:
                rows, left = self.layer.net_features(kinds)
                self._net_parts[key] = NetPart(rows.astype(np.int64), make_batch(left))
            return self._net_parts[key]
