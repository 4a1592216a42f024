"""How good the layers of a city are, unit by unit, feature by feature; as files."""

from collections.abc import Sequence

import pandas as pd

from geoapp.access.policy import decide, require
from geoapp.bootstrap.planning_papers import PlanningForm, PlanningPapers
from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.errors import NotFoundError
from geoapp.overlay.change_result import ChangeRequest
from geoapp.overlay.question import require_level
from geoapp.overlay.result import Level
from geoapp.planning.inspecting import LayerInspector
from geoapp.planning.inspection_result import Inspection
from geoapp.reports.content import Wording
from geoapp.reports.inspection_content import (
    finding_table,
    inspection_notes,
    inspection_statements,
    inspection_table,
    word_finding,
)
from geoapp.reports.planning_report import Part, PlanningReport
from geoapp.values import Progress, no_progress, part_of

_ON_PAPER = ("layer", "unit_name", "coverage", "features", "gap_m2", "overlap_m2", "total")


class Quality(PlanningPapers):
    """Inspects layers as they are stored."""

    def inspect_layers(
        self,
        layers: Sequence[str] = (),
        *,
        by: Level = "district",
        within: str = "",
        progress: Progress = no_progress,
    ) -> list[Inspection]:
        """Check stored layers with the checks of the import, unit by unit.

        Args:
            layers: Their ids; by default all that have data and may be seen.
            by: Unit level of the rows.
            within: Code of the unit to look into.
            progress: Told how far it is.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level is not offered.
            AccessError: The principal may not see a layer feature by feature.
            InvariantError: An overlap is not what the kernel measures.
        """
        require(self.principal, "view_planning")
        chosen = [self.library.require(name) for name in layers]
        for definition in chosen:
            require(self.principal, "read_features", definition)
        if not layers:
            chosen = self.inspectable()
        require_level(ChangeRequest("", "", by=by))
        units = self._tabulator.current_units(by)
        if not any(code.startswith(within) for code in units.unique_codes):
            raise NotFoundError("unit-unknown", unit=within)
        if not chosen:
            raise NotFoundError("inspection-nothing")
        found = []
        for number, definition in enumerate(chosen):
            some = part_of(progress, number / len(chosen), (number + 1) / len(chosen))
            snapshot = self.snapshot(definition.id)
            found.append(self._inspector.inspect(definition, snapshot, units, within, some))
        return found

    def inspectable(self) -> list[LayerDefinition]:
        """List the layers with data that the principal may inspect; units are the measure.

        Raises:
            AccessError: The principal may not see planning.
        """
        require(self.principal, "view_planning")
        current = self.store.current()
        return [
            definition
            for definition in self.library
            if definition.id in current
            and definition.id not in UNIT_LEVELS
            and decide(self.principal, "read_features", definition).allowed
        ]

    def write_inspections(
        self, results: Sequence[Inspection], form: PlanningForm, wording: Wording
    ) -> bytes:
        """Write what inspections found.

        Raises:
            AccessError: The principal may not take exact geometry out of the house.
            FileError: The workspace's own template cannot be filled.
        """
        if form == "gpkg":
            self._require_export(results[0].within)
        table = inspection_table(results, wording)
        if form == "gpkg":
            frames = [
                one.findings.assign(
                    layer=one.layer,
                    problem=[word_finding(row, wording) for row in one.findings.itertuples()],
                ).drop(columns=["facts"])
                for one in results
            ]
            found = pd.concat(frames, ignore_index=True)
            placed = found[found.geometry.notna()].reset_index(drop=True)
            return self._geopackage(
                placed,
                "findings",
                inspection_notes(results, wording),
                table.title,
                sample=any(one.sample for one in results),
                wording=wording,
            )
        listed = finding_table(results, wording)
        parts = (
            Part(wording.say("inspection.by_unit"), table, _ON_PAPER),
            Part(wording.say("inspection.list"), listed),
        )
        statements = inspection_statements(results, wording)
        return self._write(PlanningReport(wording.lang, statements, parts), form)

    def _open_engine(self) -> None:
        super()._open_engine()
        self._inspector = LayerInspector(self._tabulator, self.library.schemes, self.city.crs)
