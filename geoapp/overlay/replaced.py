"""Boundaries that others are to replace: what each has of every layer is measured once and kept.

Whoever drags a corner asks many times against the same boundary. What it has is kept; of a new
one only what it gains and gives up is measured, and that is small where a corner moved.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import shapely

from geoapp.overlay.ground import Ground, measure_ground, prepare_ground
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.opened import OpenedLayer
from geoapp.overlay.row_areas import LayerAreas
from geoapp.overlay.unit_split import UnitSplitter
from geoapp.overlay.what_if_result import Earlier, Existing

_MOST: Final = 16  # boundaries; some megabytes each where they are as large as a district
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Replaced:
    """A boundary that others are held against. Safe to be asked by many threads at a time.

    Attributes:
        existing: The feature, or the drawing, whose boundary it is.
        geometry: In the measure plane.
    """

    existing: Existing | Earlier
    geometry: shapely.Geometry
    _kept: dict[Hashable, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def area_m2(self) -> float:
        """Official area."""
        return measure_ground(self.geometry)

    @cached_property
    def _ground(self) -> Ground:
        return prepare_ground(self.geometry)

    def share(self, splitter: UnitSplitter) -> Floats:
        """Give what each unit of a level has of it; see ``UnitSplitter.share``."""
        key = splitter.units.layer.snapshot.name, splitter.units.level
        return self._keep(key, lambda: splitter.share(self._ground))

    def measure(self, layer: OpenedLayer, class_field: str) -> LayerAreas:
        """Measure what the features of a layer of polygons have inside."""
        key = layer.snapshot.name, layer.definition.id, class_field
        return self._keep(key, lambda: layer.measure(self._ground, class_field))

    def find_points(self, layer: OpenedLayer) -> Integers:
        """Give the rising rows of the points inside."""
        key = layer.snapshot.name, layer.definition.id
        return self._keep(key, lambda: layer.find_points(self.geometry))

    def measure_lines(self, layer: OpenedLayer) -> tuple[Integers, Floats]:
        """Measure what the lines of a layer have inside; see ``OpenedLayer.measure_lines``."""
        key = layer.snapshot.name, layer.definition.id
        return self._keep(key, lambda: layer.measure_lines(self.geometry))

    def _keep(self, key: Hashable, measure: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                found: T = self._kept[key]
                return found
            self._ground  # noqa: B018  prepared by one thread, not by each that waits for it
        made = measure()  # two that measure at a time get the same
        with self._lock:
            return self._kept.setdefault(key, made)  # type: ignore[no-any-return]


@dataclass
class ReplacedShelf:
    """The boundaries that were asked for last; safe from several threads."""

    _kept: OrderedDict[Hashable, Replaced] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: Hashable, read: Callable[[], Replaced]) -> Replaced:
        """Give a boundary, read if it was not asked for lately.

        Args:
            key: What tells it from all others, its snapshot included.
            read: Reads it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = read()
        with self._lock:
            made = self._kept.setdefault(key, made)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made
