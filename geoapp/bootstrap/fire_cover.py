"""Which land fire engines reach in time."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.access.policy import require
from geoapp.bootstrap.planning_papers import PlanningForm, PlanningPapers
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.moment import one_moment
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, to_geographic, transform
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.coverage import worst
from geoapp.overlay.kinds import one_kind, read_kinds
from geoapp.overlay.result import Level
from geoapp.planning.cover import Parts, pick_classes, share_land
from geoapp.planning.cover_result import CoverRequest, CoverResult, CoverUnit
from geoapp.planning.fire_reach import FireSpeeds, Reach, find_reach, read_fire_speeds
from geoapp.reports.content import Wording
from geoapp.reports.cover_content import cover_notes, cover_statement, cover_table, cover_title
from geoapp.reports.planning_report import Part, PlanningReport

LAND: Final = "landuse"
ROADS: Final = "road"
STATIONS: Final = "fire_station"
FOREST: Final = ("03",)  # 林地 of the classification of the third survey
_LAND_CLASS: Final = "dlbm"
_GRADE: Final = "dldj"
_LEVELS: Final = ("district", "township", "village")
_MOST_KEPT: Final = 12  # answers
_MOST_MINUTES: Final = 240
_DISTRICT_DIGITS: Final = 6


class FireCover(PlanningPapers):
    """Ground that is reached from fire stations in time."""

    def fire_cover(
        self,
        minutes: int = 30,
        *,
        by: Level = "district",
        within: str = "",
        classes: tuple[str, ...] = FOREST,
    ) -> CoverResult:
        """Measure which land of some classes is reached in time, unit by unit.

        Args:
            minutes: From leaving the station, 1 to 240.
            by: Unit level of the rows.
            within: Code of the unit to look into.
            classes: Beginnings of the codes of land classes; by default forest, none: all land.

        Raises:
            NotFoundError: There are no roads, stations, land use or units.
            ChoiceError: The level, minutes or classes are not offered.
            AccessError: The principal may not see a layer.
            CatalogError: The workspace's own speeds are wrong.
            InvariantError: The parts are not what statistics measure.
        """
        require(self.principal, "view_planning")
        for name in (LAND, ROADS, STATIONS):
            require(self.principal, "read_features", self.library.require(name))
        request = self._take_request(minutes, by, within, classes)
        how = read_fire_speeds(self.folder)
        with one_moment():  # kept under the very snapshots that it is computed from
            used = [self.snapshot(name).name for name in (LAND, ROADS, STATIONS, by, "district")]
            key = ("cover", request, how.model_dump_json(), *used)
            return self._answers.give(key, lambda: self._compute_cover(request, by, how))

    def write_cover(self, result: CoverResult, form: PlanningForm, wording: Wording) -> bytes:
        """Write what is reached.

        Raises:
            AccessError: The principal may not take exact geometry out of the house.
            FileError: The workspace's own template cannot be filled.
        """
        if form == "gpkg":
            self._require_export(result.request.within)
            return self._geopackage(
                result.ground,
                "reached_ground",
                cover_notes(result, wording),
                cover_title(result, wording),
                sample=result.sample,
                wording=wording,
            )
        parts = (Part(wording.say("cover.by_unit"), cover_table(result, wording)),)
        return self._write(
            PlanningReport(wording.lang, (cover_statement(result, wording),), parts), form
        )

    def _compute_cover(self, request: CoverRequest, by: Level, how: FireSpeeds) -> CoverResult:
        snapshots = {name: self.snapshot(name) for name in (LAND, ROADS, STATIONS)}
        found = self.layer(STATIONS)
        stations = transform(found.geometry.to_numpy(), GEOGRAPHIC, self.city.crs)
        reach = self._find_reach(snapshots[ROADS], stations, request.minutes, how)
        ground = to_geographic(reach.ground, self.city.crs)
        parts = self._share_land(snapshots[LAND], by, request.classes, ground)
        units = self._describe(parts, by, request.within)
        names = {name: one.name for name, one in snapshots.items()}
        return CoverResult(
            request=request,
            units=units,
            whole=self._add_up(units, request.within),
            snapshots=names | {"units": self.snapshot(by).name},
            speeds_kmh=how.speed_kmh,
            off_road_kmh=how.off_road_kmh,
            reach_m=how.reach_m,
            stations=(len(stations), len(reach.left_out)),
            roads_unused=reach.unused,
            roads_joined=reach.joined,
            closure_m2=parts.closure_m2,
            sample=any(one.manifest.sample for one in snapshots.values()),
            ground=self._frame(ground, area_m2=self._areas(ground)),
            places=self._frame(
                found.geometry.to_numpy(),
                name=found["mc"].to_numpy(),
                by_road=~np.isin(np.arange(len(stations)), reach.left_out),
            ),
        )

    def _take_request(
        self, minutes: int, by: Level, within: str, classes: tuple[str, ...]
    ) -> CoverRequest:
        if not 1 <= minutes <= _MOST_MINUTES:
            raise ChoiceError("cover-minutes", minutes=minutes, most=_MOST_MINUTES)
        if by not in _LEVELS:
            raise ChoiceError("choice-unknown", option="by", value=by, offered=", ".join(_LEVELS))
        if within and within != self.city.code and within not in self._names_by_code:
            raise NotFoundError("unit-unknown", unit=within)
        rule = self.library.require(LAND).find_field(_LAND_CLASS)
        known = self.library.require(LAND).classes.get(rule.classes if rule else "", ())
        for one in classes:
            if not any(value.code.startswith(one) for value in known):
                raise ChoiceError("cover-class", value=one)
        return CoverRequest(minutes, by, "" if within == self.city.code else within, classes)

    def _find_reach(
        self, roads: Snapshot, stations: Geometries, minutes: int, how: FireSpeeds
    ) -> Reach:
        frame = roads.read()
        lines = transform(frame.geometry.to_numpy(), GEOGRAPHIC, self.city.crs)
        grades = frame[_GRADE].fillna("").to_numpy(dtype=object)
        return find_reach(lines, grades, stations, float(minutes), how)

    def _share_land(
        self, land: Snapshot, by: Level, classes: tuple[str, ...], ground: Geometries
    ) -> Parts:
        definition = self.library.require(LAND)
        kinds = read_kinds(definition, land, _LAND_CLASS)
        kinds = kinds or one_kind(land.manifest.feature_count)
        plane = to_measure_plane(ground, self.city.crs)
        crossing = ~shapely.is_valid(plane)
        plane[crossing] = shapely.make_valid(plane[crossing])
        return share_land(
            self._tabulator.open_layer(land),
            pick_classes(kinds, classes),
            self._tabulator.current_units(by),
            plane,
            self._tabulator.tables,
        )

    def _describe(self, parts: Parts, by: Level, within: str) -> tuple[CoverUnit, ...]:
        names = self._tabulator.current_units(by).names
        known = {name: self._tabulator.layer_coverage(name) for name in (LAND, ROADS, STATIONS)}

        def judge(code: str) -> Coverage:
            district = code[:_DISTRICT_DIGITS]
            return worst(layer.get(district, "no_data") for layer in known.values())

        return tuple(
            CoverUnit(code, names[code], float(reached + rest), float(reached), float(rest),
                      judge(code))
            for code, reached, rest in zip(
                parts.codes, parts.reached_m2, parts.rest_m2, strict=True
            )
            if code.startswith(within)
        )  # fmt: skip

    def _add_up(self, units: tuple[CoverUnit, ...], within: str) -> CoverUnit:
        """Add up what is known; the whole is known wholly where every unit is."""
        code = within or self.city.code
        name = self.name_unit(code, "zh")
        known = [unit for unit in units if unit.known]
        states = {unit.coverage for unit in units}
        state = "complete" if states == {"complete"} else "partial" if known else "no_data"
        return CoverUnit(
            code,
            name,
            sum(unit.area_m2 for unit in known),
            sum(unit.reached_m2 for unit in known),
            sum(unit.rest_m2 for unit in known),
            state,
        )

    def _areas(self, ground: Geometries) -> np.ndarray:
        return np.asarray(shapely.area(to_measure_plane(ground, self.city.crs)))

    @staticmethod
    def _frame(shapes: Geometries, **columns: object) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=list(shapes), crs=GEOGRAPHIC)
