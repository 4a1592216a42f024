"""From settings to services: the one place that builds objects.

``Workspace`` is the face of one city for other software, the command line and the pages.
"""

import shutil
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import geopandas as gpd
from pydantic import TypeAdapter

from geoapp.access.policy import Principal, decide, local_administrator, require
from geoapp.catalog.city import City, UnitName, read_unit_names
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.founding import CITY_FILE, UNITS_FILE, find_city, found
from geoapp.catalog.library import Library, read_library
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.snapshot import Provenance, Snapshot, SnapshotStore
from geoapp.catalog.storage import AuditTrail, SnapshotTable
from geoapp.database.engine import open_engine, sqlite_url
from geoapp.database.migration import upgrade
from geoapp.errors import FileError, NotFoundError
from geoapp.geometry.crs import DatumShift
from geoapp.i18n import Lang
from geoapp.importers.importing import Importer, ImportReport, ImportRequest
from geoapp.overlay.index import build_index
from geoapp.overlay.reported import Reconciliation, reconcile
from geoapp.overlay.result import Level, StatsRequest, StatsResult
from geoapp.overlay.tabulate import Tabulator
from geoapp.settings import Settings
from geoapp.tiles.building import prepare_tiles
from geoapp.values import Progress, no_progress


@dataclass(frozen=True, slots=True)
class LayerState:
    """A layer and what is there of it."""

    definition: LayerDefinition
    snapshot: Snapshot | None
    coverage: dict[str, Coverage]


class Workspace:
    """One city: its layers, statistics and imports, for one acting principal."""

    def __init__(self, folder: Path, city: City, settings: Settings, principal: Principal) -> None:
        self.folder = folder
        self.city = city
        self.settings = settings
        self.principal = principal
        self.library: Library = read_library(settings.layers)
        url = settings.database_url or sqlite_url(folder / "register.db")
        self._engine = open_engine(url)
        upgrade(self._engine)
        self.store = SnapshotStore(
            folder / "layers",
            SnapshotTable(self._engine),
            lambda features, derived, progress: build_index(features, derived, city.crs, progress),
        )
        self.audit = AuditTrail(self._engine)
        self._tabulator = Tabulator(city, self.library, self.store)

    @classmethod
    def open(
        cls,
        folder: Path | str | None = None,
        *,
        settings: Settings | None = None,
        principal: Principal | None = None,
    ) -> "Workspace":
        """Open the workspace of a city.

        Args:
            folder: The workspace; by default the one of the settings.
            settings: By default from the environment.
            principal: Who acts; by default whoever sits at this machine.

        Raises:
            NotFoundError: The folder is not a workspace.
            CatalogError: A definition file is wrong.
        """
        settings = settings or Settings()
        path = Path(folder) if folder is not None else settings.workspace
        city = find_city(path)
        if city is None:
            raise NotFoundError("workspace-none", folder=str(path))
        return cls(path, city, settings, principal or local_administrator())

    @classmethod
    def init(
        cls,
        city_file: Path | str,
        folder: Path | str,
        *,
        settings: Settings | None = None,
        outlines: bool = True,
    ) -> "Workspace":
        """Make an empty workspace; district outlines that the city names are published.

        Args:
            city_file: ``city.toml``; the files it names lie beside it.
            folder: The workspace; absent or empty.
            settings: By default from the environment.
            outlines: Publish the district outlines.

        When the outlines cannot be, nothing is left of the workspace.

        Raises:
            FileError: A file is missing.
            CatalogError: The city is described wrongly.
            ConflictError: The folder holds something already.
        """
        file, path = Path(city_file), Path(folder)
        city = found(file, path)
        try:
            workspace = cls.open(path, settings=settings)
            if outlines and city.units.outline:
                workspace.import_file(
                    "district",
                    file.parent / city.units.outline,
                    as_of=city.units.as_of,
                    covers=("all",),
                )
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return workspace

    def close(self) -> None:
        """Let go of the register."""
        self._engine.dispose()

    @cached_property
    def unit_names(self) -> list[UnitName]:
        """Names and codes of the city's units."""
        return read_unit_names(self.folder / UNITS_FILE)

    def name_unit(self, code: str, lang: Lang, *, fallback: str = "") -> str:
        """Name a unit in a language; the Chinese name where there is no English one."""
        if code == self.city.code:
            return self.city.name[lang]
        entry = self._names_by_code.get(code)
        if entry is None:
            return fallback or code
        return entry.name_en or entry.name if lang == "en" else entry.name

    def layers(self) -> list[LayerState]:
        """List the layers that the principal may see, with their current snapshots."""
        current = self.store.current()
        return [
            LayerState(
                definition,
                current.get(definition.id),
                self.coverage(definition.id) if definition.id in current else {},
            )
            for definition in self.library
            if decide(self.principal, "view", definition).allowed
        ]

    def layer(self, layer: str, *, as_of: date | None = None) -> gpd.GeoDataFrame:
        """Read the features of a layer, EPSG:4490.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            AccessError: The principal may not see it.
        """
        return self.snapshot(layer, as_of=as_of).read()

    def snapshot(self, layer: str, *, as_of: date | None = None, named: str = "") -> Snapshot:
        """Give the snapshot of a layer that the principal may see.

        Args:
            layer: The layer.
            as_of: The day on which it was in force; by default the current one is given.
            named: Its name, current or past.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            AccessError: The principal may not see it.
        """
        definition = self.library.require(layer)
        require(self.principal, "view", definition)
        if named:
            found = self.store.find_named(layer, named)
            if found is None:
                raise NotFoundError("snapshot-unknown", layer=definition.title, snapshot=named[:40])
            return found
        snapshot = self.store.find_current(layer, as_of)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of=str(as_of or "-"))
        return snapshot

    def coverage(self, layer: str) -> dict[str, Coverage]:
        """Tell per district how well a layer is known."""
        return self._tabulator.layer_coverage(layer)

    def stats(
        self,
        layer: str,
        *,
        by: Level = "district",
        class_field: str = "",
        inside: str = "",
        within: str = "",
        as_of: date | None = None,
    ) -> StatsResult:
        """Measure a layer by units and classes; see ``StatsRequest``.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered.
            AccessError: The principal may not see a layer.
            InvariantError: The table does not close.
        """
        for name in filter(None, (layer, inside)):
            require(self.principal, "view", self.library.require(name))
        return self._tabulator.tabulate(
            StatsRequest(layer, by, class_field, inside, within, as_of.isoformat() if as_of else "")
        )

    def reported(self) -> list[Reconciliation]:
        """Set the city's reported figures beside the computed ones."""

        def tabulate(request: StatsRequest) -> StatsResult | None:
            definition = self.library.require(request.layer)
            seen = decide(self.principal, "view", definition).allowed
            if not seen or self.store.find_current(request.layer) is None:
                return None
            return self.stats(request.layer, by=request.by, class_field=request.class_field)

        return [reconcile(figure, tabulate) for figure in self.city.reported]

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

    def prepare_tiles(self, layer: str, *, progress: Progress = no_progress) -> None:
        """Make the tiles of a layer's current snapshot ready, so that nobody waits for them.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            AccessError: The principal may not see it.
        """
        prepare_tiles(self.snapshot(layer), self.library.require(layer), progress)

    def publish(self, layer: str, frame: gpd.GeoDataFrame, provenance: Provenance) -> Snapshot:
        """Publish features that are already canonical, EPSG:4490.

        Raises:
            AccessError: The principal may not publish.
        """
        definition = self.library.require(layer)
        require(self.principal, "publish", definition)
        return self.store.publish(definition, frame, provenance, self.principal.name)

    @cached_property
    def _names_by_code(self) -> dict[str, UnitName]:
        return {name.code: name for name in self.unit_names}

    def _districts(self) -> tuple[str, ...]:
        return tuple(name.code for name in self.unit_names if name.level == "district")


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


def shared_workspace() -> Workspace:
    """Give the workspace of this process, for pages and routes alike.

    It is opened anew when the folder was replaced, as ``demo`` does.

    Raises:
        NotFoundError: There is no workspace.
    """
    folder = Settings().workspace.resolve()
    try:
        stamp = (folder / CITY_FILE).stat()
    except OSError as error:
        raise NotFoundError("workspace-none", folder=str(folder)) from error
    return _open_shared(folder, (stamp.st_ino, stamp.st_mtime_ns))


@lru_cache(maxsize=2)
def _open_shared(folder: Path, _stamp: tuple[int, int]) -> Workspace:
    return Workspace.open(folder)
