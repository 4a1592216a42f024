"""A snapshot in the measure plane."""

import threading
from collections import OrderedDict
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.fragment import Rows
from geoapp.overlay.intersect import Areas, Shares, Zones, cut_out
from geoapp.overlay.net import find_overlaps, subtract_overlaps

_MOST_PARTS_KEPT: Final = 2


class MeasuredLayer:
    """One snapshot in the measure plane; geometry is loaded when it is first needed."""

    def __init__(self, snapshot: Snapshot, gauss: str, tables: DerivedTables) -> None:
        self.snapshot = snapshot
        self._gauss = gauss
        self._tables = tables
        self._lock = threading.RLock()
        self._geometries: Geometries | None = None
        self._parts: OrderedDict[tuple[str, str], tuple[Geometries, Rows]] = OrderedDict()

    @property
    def geometries(self) -> Geometries:
        """``(n,)`` geometries in the measure plane, in stored order."""
        with self._lock:
            if self._geometries is None:
                features = np.asarray(self.snapshot.read([]).geometry)
                self._geometries = to_measure_plane(features, self._gauss)
            return self._geometries

    @cached_property
    def overlaps(self) -> tuple[Rows, Rows]:
        """Pairs of features that share area."""
        kept = self._tables.shares(self.snapshot, ("overlaps",), self._find_overlaps)
        return kept.feature_row, kept.zone_row

    @property
    def overlap(self) -> bool:
        """Whether any features share area."""
        return len(self.overlaps[0]) > 0

    @cached_property
    def areas_m2(self) -> Areas:
        """``(n,)`` official areas, m²."""
        return self._tables.shares(self.snapshot, ("areas",), self._measure).area_m2

    @cached_property
    def zones(self) -> Zones:
        """The features as zones to share others out among."""
        return Zones(self.geometries, overlap=self.overlap)

    @cached_property
    def ground(self) -> Zones:
        """The ground of all features as zones that do not overlap."""
        net = self.net(None)
        return Zones(net[~shapely.is_empty(net)])

    def parts_inside(self, other: "MeasuredLayer") -> tuple[Geometries, Rows]:
        """Give what of the features lies on another layer's ground, and the feature of each part.

        The latest answers are kept: every unit level asks for the same parts.
        """
        key = (other.snapshot.layer, other.snapshot.name)
        with self._lock:
            if key not in self._parts:
                self._parts[key] = cut_out(self.geometries, other.ground)
                while len(self._parts) > _MOST_PARTS_KEPT:
                    self._parts.popitem(last=False)
            return self._parts[key]

    def net(self, classes: np.ndarray | None) -> Geometries:
        """Give geometries that are disjoint within a class; ``None``: altogether."""
        if not self.overlap:
            return self.geometries
        return subtract_overlaps(self.geometries, self.overlaps, classes)

    def _find_overlaps(self) -> Shares:
        first, second = find_overlaps(self.geometries)
        return Shares(first, second, np.zeros(len(first)))

    def _measure(self) -> Shares:
        rows = np.arange(len(self.geometries))
        return Shares(rows, rows, shapely.area(self.geometries))
