"""Printed maps of a city."""

from datetime import datetime
from functools import partial

import numpy as np
import shapely

from geoapp.access.policy import decide, require
from geoapp.bootstrap.core import Core
from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import NotFoundError
from geoapp.i18n import Lang
from geoapp.reports.map_sheet import make_map_sheet
from geoapp.reports.qgis_style import make_qgis_style
from geoapp.reports.sheet_content import Setting
from geoapp.reports.sheet_reading import LayerToDraw
from geoapp.reports.sheet_request import MapSheetRequest, SheetLayer


class Sheets(Core):
    """Maps to print."""

    def map_sheet(self, request: MapSheetRequest, *, now: datetime | None = None) -> bytes:
        """Make a map to print: PDF or PNG.

        Args:
            request: Layers, place, paper; see ``MapSheetRequest``.
            now: Written on the sheet; by default the time of the call.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The paper, scale or a class is not offered, or nothing is drawn.
            CrsError: The place lies outside the city.
            AccessError: The principal may not see a layer that is named.
        """
        asked = request.layers or self._opening_layers()
        layers = [self._layer_to_draw(layer, request) for layer in asked]
        time = now or datetime.now().astimezone()
        bounds = self._unit_bounds(request.within)
        named = partial(self.name_unit, lang=request.lang)
        place = named(request.within or self.city.code)
        setting = Setting(request, self.city, place, self.principal.name, time)
        return make_map_sheet(setting, layers, bounds, named)

    def qgis_style(self, layer: str, lang: Lang) -> str:
        """Write the style of a layer as a QML file for QGIS.

        Raises:
            NotFoundError: There is no such layer.
            AccessError: The principal may not see it.
        """
        definition = self.library.require(layer)
        require(self.principal, "view", definition)
        return make_qgis_style(definition, lang)

    def _opening_layers(self) -> tuple[SheetLayer, ...]:
        current = self.store.current()
        return tuple(
            SheetLayer(id=definition.id)
            for definition in self.library
            if definition.style.visible
            and definition.id in current
            and decide(self.principal, "view", definition).allowed
        )

    def _layer_to_draw(self, layer: SheetLayer, request: MapSheetRequest) -> LayerToDraw:
        definition = self.library.require(layer.id)
        require(self.principal, "view", definition)
        name = request.snapshots.get(layer.id)
        snapshot = self.store.require_named(layer.id, name) if name else self.snapshot(layer.id)
        opened = self._tabulator.open_layer
        shown = self.shown_rows(snapshot)
        mask = None if shown is None else shown.mask
        return LayerToDraw(layer, definition, snapshot, lambda: opened(snapshot).index(), mask)

    def _unit_bounds(self, code: str) -> tuple[float, ...]:
        """Give the bounds of a unit in degrees; by default of the city."""
        if not code or code == self.city.code:
            extents = [self._bounds_of(level) for level in UNIT_LEVELS]
            whole = next((bounds for bounds in extents if bounds), None)
            box = self.city.extent
            return whole or (box.west, box.south, box.east, box.north)
        unit = next((name for name in self.unit_names if name.code == code), None)
        snapshot = self.store.find_current(unit.level) if unit else None
        if unit is None or snapshot is None:
            raise NotFoundError("unit-unknown", unit=code)
        definition = self.library.require(unit.level)
        require(self.principal, "view", definition)
        codes = snapshot.read_attributes([definition.key])[definition.key].astype(str)
        rows = np.flatnonzero(codes.to_numpy() == code)
        if not len(rows):
            raise NotFoundError("unit-unknown", unit=code)
        return _bounds(snapshot, rows)

    def _bounds_of(self, level: str) -> tuple[float, ...] | None:
        snapshot = self.store.find_current(level)
        return snapshot.manifest.bounds if snapshot else None


def _bounds(snapshot: Snapshot, rows: np.ndarray) -> tuple[float, ...]:
    geometries = np.asarray(snapshot.read([]).geometry)[rows]
    return tuple(float(side) for side in shapely.total_bounds(geometries))
