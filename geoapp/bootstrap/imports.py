"""How a file gets into a city: looked at, staged, published or discarded."""

from dataclasses import replace
from typing import Any, Unpack

from geoapp.access.policy import require
from geoapp.bootstrap.core import Core
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.bootstrap.staging import Desk
from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import ConflictError
from geoapp.importers.importing import Importer
from geoapp.importers.mapping import MappingProposal
from geoapp.importers.report import ImportReport
from geoapp.importers.request import ImportOptions, MakeCurrent, make_request
from geoapp.importers.staged import StagedImport
from geoapp.importers.staging import SNAPSHOT, StagedRecord, StagingArea
from geoapp.importers.vector import Source
from geoapp.importers.wording import make_refusal
from geoapp.values import Progress, no_progress, part_of

_STAGED_SHARE = 0.7


class Imports(Core):
    """The import desk."""

    def import_file(
        self,
        layer: str,
        file: Source,
        *,
        dry_run: bool = False,
        make_current: MakeCurrent = "auto",
        progress: Progress = no_progress,
        **options: Unpack[ImportOptions],
    ) -> ImportReport:
        """Import a file as a new snapshot of a layer: stage it and publish it.

        Args:
            layer: The layer.
            file: The file, or what else ``ImportRequest`` takes.
            dry_run: Only report; nothing is kept.
            make_current: ``auto``: unless the data is older than the current one.
            progress: Told how far it is; when it raises, everything is as before.
            **options: See ``ImportRequest``.

        Raises:
            InputError: The file cannot be taken; nothing was changed.
            AccessError: The principal may not publish.
        """
        part = progress if dry_run else part_of(progress, 0.0, _STAGED_SHARE)
        staged = self.stage_import(layer, file, progress=part, **options)
        try:
            if staged.report.refused:
                raise make_refusal(staged.report)
            if dry_run:
                return staged.report
            rest = part_of(progress, _STAGED_SHARE, 1.0)
            return self.publish_import(staged.id, make_current=make_current, progress=rest)
        finally:
            if staged.folder.is_dir():
                self._staging.remove(staged.id)

    def propose_mapping(
        self,
        layer: str,
        file: Source,
        *,
        sublayer: str = "",
        encoding: str = "auto",
    ) -> MappingProposal:
        """Read a file and say which of its fields would be taken for which of a layer.

        Raises:
            InputError: The file cannot be read.
            AccessError: The principal may not publish.
        """
        definition = self._require_publisher(layer)
        request = make_request(file, {"sublayer": sublayer, "encoding": encoding})
        return self._importer().propose_mapping(definition, request)

    def stage_import(
        self,
        layer: str,
        file: Source,
        *,
        progress: Progress = no_progress,
        **options: Unpack[ImportOptions],
    ) -> StagedImport:
        """Read, check and measure a file, without changing what anybody sees.

        Rows with errors do not raise: the report lists them and says ``refused`` where the
        file cannot be published as asked. When ``progress`` raises, nothing is left.

        Raises:
            InputError: The file cannot be read or located, or a required field is missing.
            AccessError: The principal may not publish.
        """
        definition = self._require_publisher(layer)
        desk = Desk(
            self._importer(), self.store, self._tabulator, self._staging, self.principal.name
        )
        return desk.stage(definition, make_request(file, options), progress)

    def staged_imports(self) -> list[StagedImport]:
        """List what waits to be published, newest first; what is too old is swept.

        Raises:
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        return self._staging.list()

    def staged_import(self, staged: str) -> StagedImport:
        """Give one staged import.

        Raises:
            NotFoundError: There is none of that id.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        return self._staging.require(staged)

    def publish_import(
        self,
        staged: str,
        *,
        make_current: MakeCurrent = "auto",
        progress: Progress = no_progress,
    ) -> ImportReport:
        """Publish a staged import, without reading the file again.

        After a crash in the middle the old snapshot is current and the import still staged:
        publishing it again goes on where it stopped.

        Args:
            staged: Its id.
            make_current: ``auto``: unless the data is older than the current one.
            progress: Told how far it is.

        Raises:
            NotFoundError: There is none of that id.
            InputError: It was refused; the sentence says why.
            ConflictError: Another snapshot became current since it was staged.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        record = self._staging.require_record(staged)
        if record.report.refused:
            raise make_refusal(record.report)
        self._require_up_to_date(record)
        report, actor = record.report, self.principal.author
        current = make_current == "yes" or (make_current == "auto" and report.becomes_current)
        progress("import.publishing", 0.0)
        folder = self._staging.folder_of(staged) / SNAPSHOT
        placed = self.store.find_placed(report.layer, record.name)
        options: dict[str, Any] = {"current": current, "instead_of": report.previous}
        if placed is None:
            self.store.adopt(folder, actor, progress=progress, **options)
        else:
            self.store.take_in(placed, actor, progress=progress, **options)
        if record.mapping:
            self._mappings.save(report.layer, record.signature, record.mapping, actor.name)
        self._staging.remove(staged)
        progress("import.done", 1.0)
        return replace(report, snapshot=record.name, becomes_current=current)

    def discard_import(self, staged: str) -> None:
        """Throw a staged import away.

        Raises:
            NotFoundError: There is none of that id.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        self._staging.remove(staged)

    def _require_publisher(self, layer: str) -> LayerDefinition:
        definition = self.library.require(layer)
        require(self.principal, "publish", definition)
        return definition

    def _require_up_to_date(self, record: StagedRecord) -> None:
        """Stop when the report compares with data that is no longer current."""
        current = self.store.find_current(record.report.layer)
        name = current.name if current else ""
        if name not in {record.report.previous, record.name}:
            raise ConflictError(
                "staged-outdated",
                layer=self.library.require(record.report.layer).title,
                current=name or "-",
                previous=record.report.previous or "-",
            )

    def _importer(self) -> Importer:
        return Importer(
            self.city,
            self._districts(),
            self.store,
            read_datum_shift(self.settings),
            self._mappings,
            self.library.schemes,
        )

    @property
    def _staging(self) -> StagingArea:
        return StagingArea(self.folder / "staging")
