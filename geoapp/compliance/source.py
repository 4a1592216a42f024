"""One snapshot as checks read it: a tree over its features, their classes, and what is near."""

import threading
from collections import OrderedDict
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import FEATURES
from geoapp.compliance.edges import Edges
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.rule import Where
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform
from geoapp.geometry.measure import from_measure_plane
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import Kinds, one_kind, read_kinds
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.meeting import find_meeting
from geoapp.overlay.selfjoin import share_rows
from geoapp.overlay.tree import build_tree

Mask = NDArray[np.bool_]

_ROUNDING_M2: Final = 1e-9  # polygons that only touch share some 1e-10 m² by rounding
_MOST_KEPT: Final = 20_000
_MOST_EDGES: Final = 500


class Meeting(NamedTuple):
    """Parcels and features that share ground.

    Attributes:
        parcel: ``(k,)`` row of the parcel, rising.
        row: ``(k,)`` row of the feature, rising within a parcel.
        area_m2: ``(k,)`` official area that they share.
    """

    parcel: Integers
    row: Integers
    area_m2: Floats

    def pick(self, chosen: Mask | Integers) -> "Meeting":
        """Give some of the pairs."""
        return Meeting(self.parcel[chosen], self.row[chosen], self.area_m2[chosen])


class Subject(NamedTuple):
    """What a rule reads of a layer.

    Attributes:
        rows: ``(n,)`` the features that it reads; ``None`` for all.
        unclassed: ``(n,)`` features of which it cannot be told, since their class is none of
            the layer's; ``None`` where all are read anyway.
    """

    rows: Mask | None
    unclassed: Mask | None


class Source:
    """One snapshot, held open. Safe to be asked by many threads at a time."""

    def __init__(self, definition: LayerDefinition, layer: MeasuredLayer, gauss: str) -> None:
        self.definition = definition
        self.layer = layer
        self.snapshot = layer.snapshot
        self._gauss = gauss
        self._subjects: dict[Where | None, Subject] = {None: Subject(None, None)}
        self._kinds: dict[str, Kinds] = {}
        self._kept: OrderedDict[int, shapely.Geometry] = OrderedDict()
        self._edges: OrderedDict[int, Edges] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def has_ground(self) -> bool:
        """Whether its features are polygons."""
        return not self.layer.points and not self.layer.lines

    def kinds(self, field: str) -> Kinds:
        """Give the class of each feature by a field; one for all where there is none."""
        with self._lock:
            if field not in self._kinds:
                count = self.snapshot.manifest.feature_count
                found = read_kinds(self.definition, self.snapshot, field) if field else None
                self._kinds[field] = found or one_kind(count)
            return self._kinds[field]

    def subject(self, where: Where | None) -> Subject:
        """Give what a rule reads."""
        with self._lock:
            if where is None or where in self._subjects:
                return self._subjects[where]
        kinds = self.kinds(where.field)
        field = self.definition.find_field(where.field)
        known = {v.code for v in self.definition.classes[field.classes]} if field else set()
        chosen = np.array([name in where.codes for name in kinds.names], dtype=np.bool_)
        strange = np.array([name not in known for name in kinds.names], dtype=np.bool_)
        found = Subject(chosen[kinds.numbers], strange[kinds.numbers])
        with self._lock:
            self._subjects[where] = found
        return found

    def meet(self, parcels: Parcels) -> Meeting:
        """Measure what parcels share with features; lines and points share none."""
        nothing = Meeting(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        if not self.has_ground or len(parcels) == 0:
            return nothing
        parcel, row = self.find_near(parcels.batch.bounds)
        index = self.layer.index()
        home = np.searchsorted(index.starts, row, side="right") - 1
        area = np.zeros(len(row))
        for number in np.unique(home).tolist():
            some = np.flatnonzero(home == number)
            local = row[some] - index.starts[number]
            area[some] = share_rows(parcels.batch, parcel[some], index.batches[number], local)
        real = np.flatnonzero(area > _ROUNDING_M2)
        order = real[np.lexsort((row[real], parcel[real]))]
        return Meeting(parcel, row, area).pick(order)

    def find_near(self, boxes: Floats) -> tuple[Integers, Integers]:
        """Find the features whose boxes share area with ``(n, 4)`` boxes of the measure plane.

        Returns:
            Number of the box, rising, and row of the feature.
        """
        nodes, begins = self._tree
        return find_meeting(np.ascontiguousarray(boxes), nodes, begins)

    def shapes(self, rows: Integers) -> Geometries:
        """Give ``(k,)`` features in the Gauss plane, rows in any order and repeated."""
        wanted, place = np.unique(rows, return_inverse=True)
        made = np.empty(len(wanted), dtype=object)
        with self._lock:
            made[:] = [self._kept.get(row) for row in wanted.tolist()]
        absent = np.flatnonzero([shape is None for shape in made])
        if len(absent):
            made[absent] = self._make(wanted[absent])
            with self._lock:
                self._kept.update(zip(wanted[absent].tolist(), made[absent], strict=True))
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        shapes: Geometries = made[place]
        return shapes

    def edges(self, row: int) -> Edges:
        """Give the border of a large feature in the Gauss plane, held ready."""
        with self._lock:
            found = self._edges.get(row)
        if found is None:
            found = Edges(self.shapes(np.array([row]))[0])
            with self._lock:
                self._edges[row] = found
                while len(self._edges) > _MOST_EDGES:
                    self._edges.popitem(last=False)
        return found

    def describe(self, rows: Integers) -> list[tuple[str, str, str]]:
        """Give key, name and class of ``(k,)`` features."""
        found = self._attributes.take(pa.array(rows))
        keys, names, codes = (column.to_pylist() for column in found.columns)
        return list(zip(keys, names, codes, strict=True))

    @cached_property
    def boxes(self) -> Floats:
        """``(n, 4)`` boxes in the measure plane."""
        if self.has_ground:
            return self.layer.index().bounds
        bounds: Floats = shapely.bounds(self.layer.geometries)
        return np.where(np.isfinite(bounds), bounds, [np.inf, np.inf, -np.inf, -np.inf])

    @cached_property
    def _attributes(self) -> pa.Table:
        definition = self.definition
        names = [definition.key, definition.name_field, definition.class_field]
        field = definition.find_field(names[2])
        if field and field.derive_from:  # what is stored says more
            names[2] = field.derive_from
        stored = [name for name in dict.fromkeys(names) if name]
        table = pq.read_table(self.snapshot.folder / FEATURES, columns=stored).combine_chunks()
        columns = {name: table[name].cast(pa.string()).fill_null("") for name in stored}
        empty = pa.nulls(len(table), pa.string()).fill_null("")
        chosen = [columns.get(name, empty) for name in names]
        return pa.table(chosen, names=["key", "name", "class"]).combine_chunks()

    @cached_property
    def _tree(self) -> tuple[Floats, Integers]:
        # Features are stored along a Hilbert curve: their order is good enough for a tree.
        return build_tree(self.boxes)

    def _make(self, rows: Integers) -> Geometries:
        if self.has_ground:
            plane = self.layer.index().geometries(rows)
        else:
            plane = self.layer.geometries[rows]
        return transform(from_measure_plane(plane, self._gauss), GEOGRAPHIC, self._gauss)
