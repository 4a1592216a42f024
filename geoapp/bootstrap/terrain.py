"""What height models and imagery say of the units of a city."""

from typing import Final, Literal

import numpy as np
import shapely

from geoapp.access.policy import require
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.bootstrap.planning_papers import PlanningPapers
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.geometry.crs import Geometries
from geoapp.overlay.result import Level, StatsResult
from geoapp.planning.cells import CellGrid
from geoapp.planning.slope import SlopeResult, SlopeUnit, grade_polygons, require_slope_closes
from geoapp.planning.zonal import ZonalResult, describe_zones
from geoapp.reports.content import Wording
from geoapp.reports.planning_report import Part, PlanningReport
from geoapp.reports.terrain_content import slope_table, zonal_table
from geoapp.tiles.cell_grids import read_slope_grades, read_values
from geoapp.tiles.raster_files import Raster

TerrainForm = Literal["xlsx", "docx"]
TERRAIN_FORMS: Final[tuple[TerrainForm, ...]] = ("xlsx", "docx")
_LAND_CLASS: Final = "dlbm"
_LEVELS: Final = ("district", "township", "village")


class Terrain(PlanningPapers):
    """Slope of cultivated land, and rasters by unit."""

    def slope(self, *, by: Level = "township", within: str = "", raster: str = "") -> SlopeResult:
        """Grade the slope of cultivated land, unit by unit.

        Args:
            by: Unit level of the rows.
            within: Code of the unit to look into.
            raster: Id of the height model; by default the finest.

        Raises:
            NotFoundError: There is no height model, unit or land use.
            ChoiceError: The level is not offered, or the raster is no height model.
            AccessError: The principal may not see rasters or land use.
            InvariantError: Graded land is not what statistics measure.
        """
        require(self.principal, "view_planning")
        require(self.principal, "read_features", self.library.require(LANDUSE))
        grid = read_slope_grades(self._height_model(raster))
        stats = self.stats(LANDUSE, by=by, class_field=_LAND_CLASS, within=within)
        names, shapes = self._zones(by, within)
        frame, farmland = self.layer(LANDUSE), self.farmland
        kept = frame[_LAND_CLASS].fillna("").map(farmland.is_cultivated)
        parcels = frame.geometry.to_numpy()[kept.to_numpy(dtype=bool)]
        sums, expected = self._grade_parts(grid, parcels, shapes), self._expected(stats)
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
        whole = self._grade_whole(grid, parcels, stats, within)
        closure = max(closure, require_slope_closes([whole], expected, grid.name))
        outside = whole.area_m2 - sum(unit.area_m2 for unit in units)
        sample = stats.sample or grid.sample
        return SlopeResult(
            by, within, grid.name, stats.snapshots, units, whole, outside, closure, sample
        )

    def zonal(
        self, raster: str, *, before: str = "", by: Level = "township", within: str = ""
    ) -> ZonalResult:
        """Tell the least, mean and largest value of a raster in each unit.

        Args:
            raster: Its id: heights of a height model, brightness of imagery.
            before: Id of an earlier one, to tell the change of the mean since.
            by: Unit level.
            within: Code of the unit to look into.

        Raises:
            NotFoundError: There is no such raster or unit.
            ChoiceError: The level is not offered, or the two rasters are not alike.
            AccessError: The principal may not see rasters.
        """
        require(self.principal, "view_planning")
        names, shapes = self._zones(by, within)
        later = self.rasters.raster(raster)
        earlier = self.rasters.raster(before) if before else None
        if earlier and earlier.kind != later.kind:
            raise ChoiceError("zonal-not-alike", raster=raster, before=before)
        then = read_values(earlier) if earlier else None
        now = read_values(later)
        zones = describe_zones(now, then, list(shapes), names)
        snapshot = self.snapshot(by)
        sample = now.sample or bool(then and then.sample) or snapshot.manifest.sample
        return ZonalResult(
            by, within, now.name, then.name if then else "", {"units": snapshot.name}, zones, sample
        )

    def write_terrain(
        self, result: SlopeResult | ZonalResult, form: TerrainForm, wording: Wording
    ) -> bytes:
        """Write slope or what a raster says of units; neither has shapes of its own.

        Raises:
            AccessError: The principal may not see planning.
            FileError: The workspace's own template cannot be filled.
        """
        require(self.principal, "view_planning")
        if isinstance(result, SlopeResult):
            table = slope_table(result, wording)
        else:
            table = zonal_table(result, wording)
        part = Part(wording.say("terrain.by_unit"), table)
        return self._write(PlanningReport(wording.lang, (), (part,)), form)

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

    def _zones(self, by: Level, within: str) -> tuple[list[tuple[str, str]], Geometries]:
        if by not in _LEVELS:
            raise ChoiceError("choice-unknown", option="by", value=by, offered=", ".join(_LEVELS))
        if within and within != self.city.code and within not in self._names_by_code:
            raise NotFoundError("unit-unknown", unit=within)
        frame = self.layer(by)
        if within and within != self.city.code:
            frame = frame[frame["code"].str.startswith(within)]
        grouped = frame.dissolve("code", aggfunc="first").sort_index()
        names = list(zip(grouped.index.tolist(), grouped["name"].tolist(), strict=True))
        return names, grouped.geometry.to_numpy()

    def _grade_parts(
        self, grid: CellGrid, parcels: Geometries, shapes: Geometries
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """Grade the parts of parcels in each unit, ``(units, 6)``."""
        sums = np.zeros((len(shapes), 6))
        if not len(parcels):
            return sums
        unit, parcel = shapely.STRtree(parcels).query(shapes, predicate="intersects")
        shapely.prepare(shapes)
        within = shapely.contains(shapes[unit], parcels[parcel])
        parts = parcels[parcel].copy()
        parts[~within] = shapely.intersection(parts[~within], shapes[unit][~within])
        kept = shapely.area(parts) > 0
        _, graded = grade_polygons(grid, list(parts[kept]), self.city.crs)
        np.add.at(sums, unit[kept], graded)
        return sums

    def _expected(self, stats: StatsResult) -> dict[str, float]:
        """Add up what statistics measure of cultivated land, by unit and for the whole."""
        sums: dict[str, float] = {}
        for row in (*stats.rows, *stats.totals):
            if row.class_code and self.farmland.is_cultivated(row.class_code):
                sums[row.unit_code] = sums.get(row.unit_code, 0.0) + (row.gross_m2 or 0.0)
        return sums

    def _grade_whole(
        self, grid: CellGrid, parcels: Geometries, stats: StatsResult, within: str
    ) -> SlopeUnit:
        if within and within != self.city.code:
            level: Level = {6: "district", 9: "township"}.get(len(within), "village")  # type: ignore[assignment]
            _, shapes = self._zones(level, within)
            row = self._grade_parts(grid, parcels, shapes[:1])[0]
        else:
            row = grade_polygons(grid, list(parcels), self.city.crs)[1].sum(axis=0)
        known = any(unit.coverage != "no_data" for unit in stats.units)
        return SlopeUnit(
            stats.whole_code,
            stats.whole_name,
            float(row.sum()),
            tuple(map(float, row[1:])),
            float(row[0]),
            "no_data" if not known else self._whole_state(stats),
        )

    def _whole_state(self, stats: StatsResult) -> str:
        states = {unit.coverage for unit in stats.units}
        return "complete" if states == {"complete"} else "partial"
