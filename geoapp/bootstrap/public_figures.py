"""The figures that anybody may read, whoever asks."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from geoapp.bootstrap.core import Core
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.places import find_containing
from geoapp.overlay.result import StatsRequest, StatsResult
from geoapp.publishing.figures import (
    Figure,
    FigureLevel,
    FigureTable,
    add_areas,
    add_classes,
    add_counts,
    levels_of,
)


class PublicFigures(Core):
    """Figures of the layers whose features the public does not get."""

    _kept_figures: tuple[tuple[str, ...], tuple[FigureTable, ...]] = ((), ())

    def public_figures(self) -> tuple[FigureTable, ...]:
        """Give, of each layer that is published as figures, those per unit.

        They are the same for everybody: nothing of them depends on who acts. Small counts are
        hidden so that no subtraction finds them; see ``publishing.suppression``.
        """
        current = self._stored.current()
        state = tuple(sorted(f"{layer}/{snapshot.name}" for layer, snapshot in current.items()))
        if self._kept_figures[0] != state:
            self._kept_figures = (state, tuple(self._figure_tables(current)))
        return self._kept_figures[1]

    def _figure_tables(self, current: dict[str, Snapshot]) -> Iterator[FigureTable]:
        for definition in self.library:
            snapshot = current.get(definition.id)
            if definition.access.public == "statistics" and snapshot and "district" in current:
                yield self._figure_table(definition, snapshot)

    def _figure_table(self, definition: LayerDefinition, snapshot: Snapshot) -> FigureTable:
        said = snapshot.manifest
        return FigureTable(
            layer=definition.id,
            as_of=said.as_of,
            sample=said.sample,
            least=definition.access.least,
            figures=tuple(self._figures(definition, snapshot)),
        )

    def _figures(self, definition: LayerDefinition, snapshot: Snapshot) -> list[Figure]:
        current = self._stored.current()
        levels = [level for level in levels_of(definition) if level == "city" or level in current]
        if definition.statistics.measure == "count":
            units = {level: self._states(self._table(definition.id, level, "")) for level in levels}
            return add_counts(definition, self._located(definition, snapshot), units)
        split = definition.class_field if definition.class_field in definition.access.fields else ""
        tables = {level: self._table(definition.id, level, split) for level in levels}
        return (add_classes if split else add_areas)(definition, tables)

    def _table(self, layer: str, level: FigureLevel, split: str) -> StatsResult:
        return self._tabulator.tabulate(StatsRequest(layer, level, split))

    def _states(self, table: StatsResult) -> dict[str, Coverage]:
        return {row.unit_code: row.coverage for row in table.rows}

    def _located(self, definition: LayerDefinition, snapshot: Snapshot) -> pd.DataFrame:
        """Read the published number fields of all features, with the units of inner points."""
        sums = [name for name in definition.access.fields if name in definition.statistics.sums]
        frame = snapshot.read(sums)
        plane = to_measure_plane(np.asarray(frame.geometry), self.city.crs)
        inner = shapely.point_on_surface(plane)
        columns = {name: pd.to_numeric(frame[name]).fillna(0.0) for name in sums}
        table = pd.DataFrame(columns, index=pd.RangeIndex(len(inner)))
        for level in ("district", "township"):
            units = self._stored.find_current(level)
            table[level] = ""
            if units is not None:
                key = self.library.require(level).key
                codes = units.read_attributes([key])[key].astype(str).to_numpy()
                rows = find_containing(inner, self._tabulator.open_layer(units).geometries)
                table[level] = np.where(rows >= 0, codes[rows], "")
        return table
