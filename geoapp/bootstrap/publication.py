"""How data gets into a city."""

import shutil
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
from pydantic import TypeAdapter

from geoapp.access.policy import require
from geoapp.bootstrap.core import Core
from geoapp.catalog.snapshot import DERIVED, Provenance, Snapshot
from geoapp.errors import FileError
from geoapp.geometry.crs import DatumShift
from geoapp.importers.importing import Importer, ImportReport, ImportRequest
from geoapp.settings import Settings
from geoapp.values import Progress, no_progress, part_of


class Publication(Core):
    """Imports, publications and what is prepared of them."""

    def import_file(
        self,
        layer: str,
        file: Path | str,
        *,
        sublayer: str = "",
        crs: str = "auto",
        encoding: str = "auto",
        as_of: date | None = None,
        covers: tuple[str, ...] = (),
        dry_run: bool = False,
        progress: Progress = no_progress,
    ) -> ImportReport:
        """Import a file as the new current snapshot of a layer.

        Raises:
            InputError: The file cannot be taken; nothing was changed.
            AccessError: The principal may not publish.
        """
        definition = self.library.require(layer)
        require(self.principal, "publish", definition)
        request = ImportRequest(
            Path(file),
            as_of or date.today(),  # noqa: DTZ011  an office's calendar day
            sublayer,
            crs,
            encoding,
            covers,
        )
        importer = Importer(
            self.city, self._districts(), self.store, read_datum_shift(self.settings)
        )
        prepared = importer.prepare(definition, request, progress)
        if dry_run:
            progress("import.done", 1.0)
            return prepared.report
        return importer.publish(definition, prepared, self.principal.name, progress)[1]

    def index(
        self,
        layers: Sequence[str] = (),
        *,
        rebuild: bool = False,
        progress: Progress = no_progress,
    ) -> list[Snapshot]:
        """Prepare for statistics and for the map what is not prepared yet.

        Args:
            layers: Which layers; by default all that have data.
            rebuild: Throw away what was prepared before.
            progress: Told how far it is.

        Returns:
            The current snapshots of these layers.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            AccessError: The principal may not publish.
            FileError: A folder of snapshots cannot be written.
        """
        definitions = [self.library.require(layer) for layer in layers]
        for definition in definitions:
            require(self.principal, "publish", definition)
        current = self.store.current()
        chosen = [definition.id for definition in definitions] or sorted(current)
        snapshots = [self.snapshot(layer) for layer in chosen]
        for step, snapshot in enumerate(snapshots):
            if rebuild:
                for derived in DERIVED:
                    shutil.rmtree(snapshot.folder / derived, ignore_errors=True)
                self._open_engine()
            part = part_of(progress, step / len(snapshots), (step + 1) / len(snapshots))
            self._prepare(snapshot, part)
        progress("index.done", 1.0)
        return snapshots

    def publish(
        self,
        layer: str,
        frame: gpd.GeoDataFrame,
        provenance: Provenance,
        progress: Progress = no_progress,
    ) -> Snapshot:
        """Publish features that are already canonical, EPSG:4490.

        Raises:
            AccessError: The principal may not publish.
        """
        definition = self.library.require(layer)
        require(self.principal, "publish", definition)
        return self.store.publish(definition, frame, provenance, self.principal.name, progress)


def read_datum_shift(settings: Settings) -> DatumShift | None:
    """Read the local parameters of an old datum, if the office supplies them.

    Raises:
        FileError: The file is missing or does not hold the seven parameters.
    """
    path = settings.datum_parameters
    if path is None:
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(DatumShift).validate_python(table)
    except (OSError, TypeError, ValueError) as error:
        raise FileError("datum-parameters-wrong", file=path.name, reason=str(error)) from error
