"""The planner's answers as files: workbook, Word document, GeoPackage."""

from collections.abc import Sequence
from typing import Final, Literal

import geopandas as gpd

from geoapp.access.policy import require
from geoapp.bootstrap.answering import Answering
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.errors import AccessError
from geoapp.exporters.patches import write_patches
from geoapp.i18n import Lang
from geoapp.planning.conflict_result import ConflictResult
from geoapp.planning.farmland_result import LedgerResult
from geoapp.planning.scenario import Alternative
from geoapp.reports.conflict_content import (
    conflict_list,
    conflict_matrix,
    conflict_notes,
    conflict_statements,
    conflict_table,
    conflict_title,
)
from geoapp.reports.content import Table, Wording
from geoapp.reports.farmland_content import (
    farmland_patch_table,
    flow_table,
    ledger_notes,
    ledger_statement,
    ledger_table,
    ledger_title,
)
from geoapp.reports.planning_report import (
    Part,
    PlanningReport,
    find_planning_template,
    write_planning_word,
    write_planning_workbook,
)
from geoapp.reports.scenario_content import compare_table

PlanningForm = Literal["xlsx", "docx", "gpkg"]
PLANNING_FORMS: Final[tuple[PlanningForm, ...]] = ("xlsx", "docx", "gpkg")
_LEDGER_ON_PAPER: Final = ("unit_name", "before", "after", "in", "out", "net", "grows", "coverage")


class PlanningPapers(Answering):
    """Writes conflicts, ledgers and scenarios."""

    def write_conflicts(
        self, result: ConflictResult, form: PlanningForm, wording: Wording
    ) -> bytes:
        """Write where layers overlap.

        Raises:
            AccessError: The principal may not take exact geometry out of the house.
            FileError: The workspace's own template cannot be filled.
        """
        if form == "gpkg":
            self._require_export(result.request.within)
            frame = _plain_frame(result.patches.drop(columns=_row_columns(result)))
            frame["layers"] = [
                " ".join(result.request.named(bits)) for bits in result.patches["bits"]
            ]
            frame = frame.drop(columns="bits")
            return self._geopackage(
                frame,
                "conflicts",
                conflict_notes(result, wording),
                conflict_title(result, wording),
                sample=result.sample,
                wording=wording,
            )
        say = wording.say
        parts = (
            Part(say("conflicts.by_unit"), conflict_table(result, wording)),
            Part(say("conflicts.matrix"), conflict_matrix(result, wording)),
            Part(say("conflicts.list"), conflict_list(result, wording)),
        )
        report = PlanningReport(wording.lang, conflict_statements(result, wording), parts)
        return self._write(report, form)

    def write_ledger(self, result: LedgerResult, form: PlanningForm, wording: Wording) -> bytes:
        """Write the ledger of cultivated land.

        Raises:
            AccessError: The principal may not take exact geometry out of the house.
            FileError: The workspace's own template cannot be filled.
        """
        farmland = self.farmland
        if form == "gpkg":
            self._require_export(result.request.within)
            return self._geopackage(
                _plain_frame(result.patches),
                "farmland_patches",
                ledger_notes(result, farmland, wording),
                ledger_title(result, wording),
                sample=result.sample,
                wording=wording,
            )
        say, definition = wording.say, self.library.require(LANDUSE)
        parts = (
            Part(
                say("farmland.by_unit"),
                ledger_table(result, farmland, wording),
                _LEDGER_ON_PAPER,
            ),
            Part(say("farmland.flows"), flow_table(result, definition, wording, farmland)),
            Part(
                say("farmland.patches"),
                farmland_patch_table(
                    result, definition, wording, farmland, self.find_ledger_answers(result)
                ),
            ),
        )
        report = PlanningReport(wording.lang, (ledger_statement(result, wording),), parts)
        return self._write(report, form)

    def write_scenarios(
        self, alternatives: Sequence[Alternative], form: PlanningForm, wording: Wording
    ) -> bytes:
        """Write scenarios side by side.

        Raises:
            AccessError: The principal may not see scenarios.
            FileError: The workspace's own template cannot be filled.
        """
        require(self.principal, "view_scenarios")
        held = compare_table(alternatives, self.library, wording, changes=False)
        if form == "gpkg":
            self._require_export("")
            scenarios = [one.scenario for one in alternatives]
            frame = gpd.GeoDataFrame(
                {
                    "name": [one.name for one in scenarios],
                    "version": [one.version for one in scenarios],
                    "note": [one.note for one in scenarios],
                    "area_m2": [one.area_m2 for one in scenarios],
                    "made_at": [one.made_at.isoformat() for one in scenarios],
                    "made_by": [one.made_by for one in scenarios],
                },
                geometry=[one.geometry for one in scenarios],
                crs="EPSG:4490",
            )
            sample = any(one.result.sample for one in alternatives)
            return self._geopackage(
                frame, "scenarios", held.notes, held.title, sample=sample, wording=wording
            )
        parts = [Part(wording.say("scenario.holds"), held)]
        if any(one.result.moved for one in alternatives):
            changed = compare_table(alternatives, self.library, wording, changes=True)
            parts.append(Part(wording.say("scenario.changes"), changed))
        return self._write(PlanningReport(wording.lang, (), tuple(parts)), form)

    def write_planning_tables(
        self, tables: Sequence[Table], form: Literal["xlsx", "docx"], lang: Lang
    ) -> bytes:
        """Write tables as they stand on the screen, one after another.

        Raises:
            AccessError: The principal may not see planning.
            FileError: The workspace's own template cannot be filled.
        """
        require(self.principal, "view_planning")
        parts = tuple(Part(table.title, table) for table in tables)
        return self._write(PlanningReport(lang, (), parts), form)

    def may_export_shapes(self, within: str = "") -> bool:
        """Tell whether the principal may take exact geometry of a unit out of the house."""
        try:
            self._require_export(within)
        except AccessError:
            return False
        return True

    def _require_export(self, within: str) -> None:
        """Who may export one place at a time may not export the city."""
        require(self.principal, "export")
        if len(within) <= len(self.city.code):
            require(self.principal, "export_whole")

    def _write(self, report: PlanningReport, form: PlanningForm) -> bytes:
        if form == "docx":
            return write_planning_word(report, find_planning_template(self.folder))
        return write_planning_workbook(report)

    def _geopackage(
        self,
        frame: gpd.GeoDataFrame,
        layer: str,
        notes: Sequence[tuple[str, str]],
        title: str,
        *,
        sample: bool,
        wording: Wording,
    ) -> bytes:
        banner = wording.say("sample.banner") if sample else ""
        self.audit.write(self.principal.author, "planning.export", layer, {"count": len(frame)})
        return write_patches(frame, layer, notes, "\n".join(filter(None, (banner, title))))


def _row_columns(result: ConflictResult) -> list[str]:
    """Name the columns of row numbers, which mean nothing outside of the snapshot."""
    return [f"row_{name}" for name in result.request.layers]


def _plain_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.reset_index(drop=True)
