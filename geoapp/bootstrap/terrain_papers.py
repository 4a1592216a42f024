"""What rasters say of the ground, as files: workbook, Word document, GeoPackage."""

from geoapp.access.policy import require
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.bootstrap.planning_papers import PlanningForm
from geoapp.bootstrap.zonal import Zonal
from geoapp.errors import ChoiceError
from geoapp.planning.parcel_change import ParcelChanges
from geoapp.planning.slope import SlopeResult
from geoapp.planning.zonal import ZonalResult
from geoapp.reports.content import Table, Wording
from geoapp.reports.planning_report import Part, PlanningReport
from geoapp.reports.steep_content import STEEP_ON_PAPER, steep_statement, steep_table
from geoapp.reports.terrain_content import slope_table, zonal_table
from geoapp.reports.zonal_content import CHANGE_ON_PAPER, change_statement, change_table

TerrainResult = SlopeResult | ZonalResult | ParcelChanges


class TerrainPapers(Zonal):
    """Writes slope, and what rasters say of units and parcels."""

    def write_terrain(self, result: TerrainResult, form: PlanningForm, wording: Wording) -> bytes:
        """Write slope, rasters by unit, or the parcels that changed most.

        Raises:
            ChoiceError: Shapes are asked for of an answer by unit, which has none.
            AccessError: The principal may not see planning, or not take exact geometry out of
                the house.
            FileError: The workspace's own template cannot be filled.
        """
        require(self.principal, "view_planning")
        if form == "gpkg":
            return self._write_shapes(result, wording)
        return self._write(self._report(result, wording), form)

    def _report(self, result: TerrainResult, wording: Wording) -> PlanningReport:
        say = wording.say
        if isinstance(result, ZonalResult):
            part = Part(say("terrain.by_unit"), zonal_table(result, wording))
            return PlanningReport(wording.lang, (), (part,))
        table = self._list(result, wording)
        if isinstance(result, SlopeResult):
            parts = (
                Part(say("terrain.by_unit"), slope_table(result, wording)),
                Part(say("terrain.steep_list"), table, STEEP_ON_PAPER),
            )
            return PlanningReport(wording.lang, (steep_statement(result, wording),), parts)
        part = Part(say("terrain.by_parcel"), table, CHANGE_ON_PAPER)
        return PlanningReport(wording.lang, (change_statement(result, wording),), (part,))

    def _list(self, result: SlopeResult | ParcelChanges, wording: Wording) -> Table:
        if isinstance(result, SlopeResult):
            return steep_table(result, self.library.require(LANDUSE), wording)
        return change_table(result, self.library.require(result.layer), wording)

    def _write_shapes(self, result: TerrainResult, wording: Wording) -> bytes:
        """Write the listed parcels."""
        if isinstance(result, ZonalResult):
            offered = ".xlsx .docx"
            raise ChoiceError("choice-unknown", option="output", value=".gpkg", offered=offered)
        self._require_export(result.within)
        if isinstance(result, SlopeResult):
            frame, layer = result.steep, "steep_parcels"
        else:
            frame, layer = result.rows, "changed_parcels"
        table = self._list(result, wording)
        return self._geopackage(
            frame, layer, table.notes, table.title, sample=result.sample, wording=wording
        )
