"""Snapshots held open for checks: the latest ones that were read."""

import threading
from collections import OrderedDict
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot
from geoapp.compliance.dividing import Divider
from geoapp.compliance.source import Source
from geoapp.overlay.result import Level
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.unit import read_units

_MOST_OPEN: Final = 24


class Openings:
    """Open snapshots; many threads may ask at a time."""

    def __init__(self, city: City, library: Library, tabulator: Tabulator) -> None:
        self.city = city
        self.library = library
        self._tabulator = tabulator
        self._sources: OrderedDict[tuple[str, str], Source] = OrderedDict()
        self._dividers: OrderedDict[tuple[str, str], Divider] = OrderedDict()
        self._lock = threading.RLock()

    def open_source(self, layer: str, snapshot: Snapshot) -> Source:
        """Give a layer to be checked against."""
        key = layer, snapshot.name
        with self._lock:
            if key not in self._sources:
                definition = self.library.require(layer)
                measured = self._tabulator.open_layer(snapshot)
                self._sources[key] = Source(definition, measured, self.city.crs)
            self._sources.move_to_end(key)
            while len(self._sources) > _MOST_OPEN:
                self._sources.popitem(last=False)
            return self._sources[key]

    def open_divider(self, level: Level, snapshot: Snapshot) -> Divider:
        """Give the units of a level."""
        key = level, snapshot.name
        with self._lock:
            if key not in self._dividers:
                layer = self._tabulator.open_layer(snapshot)
                units = read_units(level, layer, self.city.code, self.city.name.zh)
                self._dividers[key] = Divider(units)
            self._dividers.move_to_end(key)
            while len(self._dividers) > _MOST_OPEN:
                self._dividers.popitem(last=False)
            return self._dividers[key]
