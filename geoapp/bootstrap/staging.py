"""From a file to a staged import: what of it is written, measured and compared."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.difference import SnapshotDifference
from geoapp.catalog.disk import worded_disk
from geoapp.catalog.manifest import Manifest
from geoapp.catalog.snapshot import Snapshot, SnapshotStore, Written
from geoapp.importers.importing import Importer, Prepared
from geoapp.importers.problem_shapes import draw_problems
from geoapp.importers.rejected import write_rejected
from geoapp.importers.report import ImportReport
from geoapp.importers.request import ImportRequest
from geoapp.importers.staged import PROBLEM_SHAPES, REJECTED, StagedImport
from geoapp.importers.staging import SNAPSHOT, StagedRecord, StagingArea
from geoapp.importers.validation.topology import Overlaps, UnitGap, tell_gaps, tell_overlaps
from geoapp.importers.validation.values import check_declared_areas
from geoapp.overlay.difference import Differ
from geoapp.overlay.result import Level
from geoapp.overlay.tabulate import Tabulator
from geoapp.values import Progress, part_of

_READ, _WRITTEN, _SHARED = 0.4, 0.7, 0.9
_FINEST_FIRST: Final[tuple[Level, ...]] = ("village", "township", "district")


@dataclass(frozen=True, slots=True)
class Desk:
    """What staging an import takes.

    Attributes:
        importer: Reads and checks files.
        store: The snapshots.
        tabulator: Measures them.
        area: Where staged imports lie.
        actor: Who imports.
    """

    importer: Importer
    store: SnapshotStore
    tabulator: Tabulator
    area: StagingArea
    actor: str

    def stage(
        self, definition: LayerDefinition, request: ImportRequest, progress: Progress
    ) -> StagedImport:
        """Read, check, write, measure and compare; nobody sees anything of it yet."""
        prepared = self.importer.prepare(definition, request, part_of(progress, 0.0, _READ))
        with self.area.new_folder() as folder:
            if prepared.refused:
                report = self._report(definition, request, prepared, None)
                return self._keep(folder, prepared, report, None, "")
            part = part_of(progress, _READ, _WRITTEN)
            written = self.store.write(
                definition, prepared.features, prepared.provenance, folder / SNAPSHOT, part
            )
            # Under a name of its own: the manifest, and with it the name, is not final yet.
            draft = replace(written.snapshot, name=folder.name)
            try:
                part = part_of(progress, _WRITTEN, _SHARED)
                self._check_measured(definition, prepared, written, draft, part)
                difference = self._compare(definition, draft, part_of(progress, _SHARED, 1.0))
            finally:
                self.tabulator.forget(draft)
            manifest = _complete(written.snapshot.manifest, prepared)
            final = self.store.describe_anew(folder / SNAPSHOT, manifest)
            if len(prepared.rejected):
                write_rejected(prepared.rejected, prepared.findings, folder / REJECTED)
            report = self._report(definition, request, prepared, manifest)
            difference = replace(difference, after=final.name)
            progress("import.done", 1.0)
            return self._keep(folder, prepared, report, difference, final.name)

    def _check_measured(
        self,
        definition: LayerDefinition,
        prepared: Prepared,
        written: Written,
        draft: Snapshot,
        progress: Progress,
    ) -> None:
        """Check what only measuring tells; what is measured is kept for whoever asks later."""
        if definition.geometry != "polygon":
            return
        layer, findings = self.tabulator.open_layer(draft), prepared.findings
        rows = prepared.rows[written.order]
        rule = definition.find_field(definition.area_field)
        if rule is not None:
            areas = np.empty(len(rows))
            areas[written.order] = layer.areas_m2
            check_declared_areas(rule, prepared.features.table, areas, prepared.rows, findings)
        progress("import.comparing", 0.0)
        first, second, area = layer.overlap_areas
        tell_overlaps(Overlaps(rows[first], rows[second], area), findings)
        self.tabulator.prepare(draft, progress)
        if definition.statistics.coverage == "tiling":
            tell_gaps(self._gaps(draft), findings)

    def _gaps(self, draft: Snapshot) -> list[UnitGap]:
        """Measure what the finest units have of a layer."""
        levels = _FINEST_FIRST
        if draft.layer in levels:
            levels = levels[levels.index(draft.layer) + 1 :]
        for level in levels:
            if self.store.find_current(level) is not None:
                return [UnitGap(*unit) for unit in self.tabulator.covered(draft, level)]
        return []

    def _compare(
        self, definition: LayerDefinition, draft: Snapshot, progress: Progress
    ) -> SnapshotDifference:
        current = self.store.find_current(definition.id)
        return Differ(self.store, self.tabulator).compare(definition, current, draft, progress)

    def _report(
        self,
        definition: LayerDefinition,
        request: ImportRequest,
        prepared: Prepared,
        manifest: Manifest | None,
    ) -> ImportReport:
        previous = self.store.find_current(definition.id)
        findings, said, how = prepared.findings, prepared.provenance, prepared.understood
        errors = int(findings.error_rows.sum())
        return ImportReport(
            layer=definition.id,
            file=how.file,
            kind=how.kind,
            sublayer=how.sublayer,
            crs=said.source.crs,
            encoding=how.encoding,
            as_of=request.as_of,
            scale=request.scale,
            read_count=how.read_count,
            feature_count=manifest.feature_count if manifest else 0,
            rejected_count=errors if manifest else 0,
            area_m2=manifest.area_m2 if manifest else 0.0,
            length_m=manifest.length_m if manifest and definition.geometry == "line" else None,
            fields=how.mapping.sources,
            remembered=how.remembered,
            unmapped_fields=how.mapping.unmapped,
            missing_fields=how.mapping.missing,
            unknown_classes=prepared.unknown_classes,
            repairs=said.repairs,
            problems=findings.sorted(),
            problem_counts=findings.counts,
            error_count=errors,
            on_problem=request.on_problem,
            refused=prepared.refused,
            outside_city=prepared.outside_city,
            coverage=said.coverage,
            snapshot="",
            previous=previous.name if previous else "",
            becomes_current=previous is None or request.as_of >= previous.manifest.as_of,
        )

    def _keep(
        self,
        folder: Path,
        prepared: Prepared,
        report: ImportReport,
        difference: SnapshotDifference | None,
        name: str,
    ) -> StagedImport:
        with worded_disk(folder):
            shapes = draw_problems(report.problems, prepared.located)
            shapes.to_parquet(folder / PROBLEM_SHAPES)
        return self.area.keep(
            folder,
            StagedRecord(
                staged_at=datetime.now(UTC),
                staged_by=self.actor,
                report=report,
                difference=difference,
                name=name,
                signature=prepared.understood.signature,
                mapping=prepared.understood.stated,
            ),
        )


def _complete(manifest: Manifest, prepared: Prepared) -> Manifest:
    """Add to a manifest what was found out after the features were written."""
    return manifest.model_copy(update={"problems": prepared.findings.counts_of_data})
