"""What a height model says of the cultivated land of a city."""

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa

from geoapp.access.policy import require
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.bootstrap.planning_papers import PlanningPapers
from geoapp.catalog.moment import one_moment
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows
from geoapp.overlay.result import Level, StatsResult
from geoapp.planning.cells import CellGrid
from geoapp.planning.graded_parts import GradedParts, grade_parts
from geoapp.planning.slope import (
    Grades,
    SlopeResult,
    SlopeUnit,
    grade_polygons,
    require_slope_closes,
)
from geoapp.planning.steep import list_steep
from geoapp.tiles.cell_grids import name_grid, read_slope_grades
from geoapp.tiles.raster_files import Raster
from geoapp.values import Progress, no_progress

_LAND_CLASS: Final = "dlbm"
_LEVELS: Final = ("district", "township", "village")
_LEVEL_BY_DIGITS: Final[dict[int, Level]] = {6: "district", 9: "township"}
_AT_ONCE: Final = 20_000  # parcels, then progress is told
_GRADED: Final = pa.schema([(f"grade_{grade}_m2", pa.float64()) for grade in range(6)])
Names = list[tuple[str, str]]


class _Land(NamedTuple):
    """Cultivated parcels.

    Attributes:
        ground: EPSG:4490.
        plane: The same in the measure plane.
        graded: ``(parcels, 6)`` of each by grade, m².
    """

    ground: Geometries
    plane: Geometries
    graded: Grades


class Terrain(PlanningPapers):
    """Slope of cultivated land."""

    def slope(
        self,
        *,
        by: Level = "township",
        within: str = "",
        raster: str = "",
        progress: Progress = no_progress,
    ) -> SlopeResult:
        """Grade the slope of cultivated land, unit by unit, and list what is above 25 degrees.

        Args:
            by: Unit level of the rows.
            within: Code of the unit to look into.
            raster: Id of the height model; by default the finest.
            progress: Told how far it is.

        Raises:
            NotFoundError: There is no height model, unit or land use.
            ChoiceError: The level is not offered, or the raster is no height model.
            AccessError: The principal may not see rasters or land use.
            InvariantError: Graded land is not what statistics measure.
        """
        require(self.principal, "view_planning")
        require(self.principal, "read_features", self.library.require(LANDUSE))
        model = self._height_model(raster)
        within = self._take_unit(by, within)
        with one_moment():  # kept under the very snapshots that it is computed from
            levels = {by, _level_of(within)} if within else {by}
            used = [self.snapshot(name).name for name in (LANDUSE, *sorted(levels))]
            key = ("slope", name_grid(model), by, within, self.farmland.model_dump_json(), *used)
            return self._answers.give(key, lambda: self._compute_slope(by, within, model, progress))

    def _compute_slope(
        self, by: Level, within: str, model: Raster, progress: Progress
    ) -> SlopeResult:
        grid = read_slope_grades(model)
        stats = self.stats(LANDUSE, by=by, class_field=_LAND_CLASS, within=within)
        names, shapes = self._zones(by, within)
        rows, parcels = self._cultivated()
        land = _Land(
            parcels.geometry.to_numpy(),
            self._tabulator.open_layer(self.snapshot(LANDUSE)).index().geometries(rows),
            self._grade_parcels(grid, parcels.geometry.to_numpy(), progress),
        )
        parts = self._grade_parts(grid, land, shapes)
        sums, expected = parts.by_unit(len(names)), self._expected(stats)
        states = {unit.unit_code: unit.coverage for unit in stats.units}
        units = tuple(
            SlopeUnit(
                code,
                name,
                float(row.sum()),
                tuple(map(float, row[1:])),
                float(row[0]),
                states[code],
            )
            for (code, name), row in zip(names, sums, strict=True)
        )
        closure = require_slope_closes(units, expected, grid.name)
        whole = self._grade_whole(grid, land, stats, within)
        closure = max(closure, require_slope_closes([whole], expected, grid.name))
        return SlopeResult(
            by,
            within,
            grid.name,
            stats.snapshots,
            units,
            whole,
            whole.area_m2 - sum(unit.area_m2 for unit in units),
            closure,
            stats.sample or grid.sample,
            self._list_steep(parts, names, parcels),
        )

    def _grade_parts(self, grid: CellGrid, land: _Land, units: Geometries) -> GradedParts:
        return grade_parts(grid, land.ground, units, self.city.crs, land.graded, land.plane)

    def _cultivated(self) -> tuple[Rows, gpd.GeoDataFrame]:
        definition, snapshot = self.library.require(LANDUSE), self.snapshot(LANDUSE)
        classes = snapshot.read_attributes([_LAND_CLASS])[_LAND_CLASS].fillna("")
        farmland = self.farmland
        kept = [name for name in classes.unique() if farmland.is_cultivated(str(name))]
        rows = np.flatnonzero(classes.isin(kept).to_numpy(dtype=bool))
        told = [definition.key, definition.name_field, _LAND_CLASS]
        return rows, snapshot.read_rows(rows, list(dict.fromkeys(told)))

    def _list_steep(
        self, parts: GradedParts, names: Names, parcels: gpd.GeoDataFrame
    ) -> gpd.GeoDataFrame:
        definition = self.library.require(LANDUSE)
        told = (definition.key, definition.name_field, _LAND_CLASS)
        return list_steep(parts, names, parcels[list(told)])

    def _height_model(self, name: str) -> Raster:
        if name:
            found = self.rasters.raster(name)
            if found.kind != "dem":
                raise ChoiceError("raster-no-height-model", raster=name)
            return found
        require(self.principal, "view_rasters")
        models = [one for one in self.rasters.catalogue().rasters.values() if one.kind == "dem"]
        if not models:
            raise NotFoundError("height-model-none")
        return min(models, key=lambda one: (one.pixel, one.id))

    def _take_unit(self, by: Level, within: str) -> str:
        """Check what is asked for, and give the unit to look into, ``""`` for the city."""
        if by not in _LEVELS:
            raise ChoiceError("choice-unknown", option="by", value=by, offered=", ".join(_LEVELS))
        if not within or within == self.city.code:
            return ""
        if within not in self._names_by_code:
            raise NotFoundError("unit-unknown", unit=within)
        return within

    def _zones(self, by: Level, within: str) -> tuple[Names, Geometries]:
        frame = self.layer(by)
        frame = frame[frame["code"].str.startswith(within)]
        grouped = frame.dissolve("code", aggfunc="first").sort_index()
        names = list(zip(grouped.index.tolist(), grouped["name"].tolist(), strict=True))
        return names, grouped.geometry.to_numpy()

    def _expected(self, stats: StatsResult) -> dict[str, float]:
        """Add up what statistics measure of cultivated land, by unit and for the whole."""
        sums: dict[str, float] = {}
        farmland = self.farmland
        for row in (*stats.rows, *stats.totals):
            if row.class_code and farmland.is_cultivated(row.class_code):
                sums[row.unit_code] = sums.get(row.unit_code, 0.0) + (row.gross_m2 or 0.0)
        return sums

    def _grade_parcels(self, grid: CellGrid, ground: Geometries, progress: Progress) -> Grades:
        """Grade whole parcels; kept beside the snapshot, they serve units of every level."""
        key = ("slope", grid.name, self.farmland.model_dump_json())

        def compute() -> pa.Table:
            found = [np.zeros((0, len(_GRADED)))]
            for start in range(0, len(ground), _AT_ONCE):
                progress("terrain.grading", start / len(ground))
                part = list(ground[start : start + _AT_ONCE])
                found.append(grade_polygons(grid, part, self.city.crs)[1])
            return pa.table(list(np.concatenate(found).T), names=_GRADED.names)

        snapshot = self.snapshot(LANDUSE)
        table = self._tabulator.tables.table(snapshot, key, _GRADED, compute)
        progress("terrain.grading", 1.0)
        return np.column_stack([table.column(name).to_numpy() for name in _GRADED.names])

    def _grade_whole(
        self, grid: CellGrid, land: _Land, stats: StatsResult, within: str
    ) -> SlopeUnit:
        if within:
            _, shapes = self._zones(_level_of(within), within)
            row = self._grade_parts(grid, land, shapes[:1]).by_unit(1)[0]
        else:
            row = land.graded.sum(axis=0)
        known = any(unit.coverage != "no_data" for unit in stats.units)
        return SlopeUnit(
            stats.whole_code,
            stats.whole_name,
            float(row.sum()),
            tuple(map(float, row[1:])),
            float(row[0]),
            "no_data" if not known else _whole_state(stats),
        )


def _level_of(code: str) -> Level:
    return _LEVEL_BY_DIGITS.get(len(code), "village")


def _whole_state(stats: StatsResult) -> str:
    states = {unit.coverage for unit in stats.units}
    return "complete" if states == {"complete"} else "partial"
