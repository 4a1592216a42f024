"""What a city is to whoever acts in it: definitions, snapshots, and the services on them."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import geopandas as gpd

from geoapp.access.policy import Principal, decide, require
from geoapp.bootstrap.acting import Acting, common_property
from geoapp.catalog.audit import Result
from geoapp.catalog.city import City, UnitName, read_unit_names
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.founding import UNITS_FILE
from geoapp.catalog.library import Library, read_library
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.seal import seal_derived
from geoapp.catalog.snapshot import DERIVED, Snapshot, SnapshotStore
from geoapp.catalog.storage import SnapshotTable
from geoapp.catalog.storage_audit import AuditTrail
from geoapp.catalog.storage_mappings import MappingTable
from geoapp.database.engine import open_engine, sqlite_url
from geoapp.database.migration import upgrade
from geoapp.errors import ClusterError, FileError, NotFoundError
from geoapp.finding.ground import Ground
from geoapp.finding.search import Searcher
from geoapp.finding.territory import Shown
from geoapp.geometry.measure import total_length
from geoapp.i18n import Lang
from geoapp.overlay.change import Comparer
from geoapp.overlay.index import build_index
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.what_if import WhatIf
from geoapp.overlay.workers import THREADS, Pool
from geoapp.publishing.store import PublicForms, PublicStore
from geoapp.settings import Settings
from geoapp.tiles.basemap import BasemapSources
from geoapp.tiles.building import prepare_tiles
from geoapp.tiles.raster import FOLDER, Rasters
from geoapp.values import Progress, part_of

_FIGURES_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class LayerState:
    """A layer and what is there of it."""

    definition: LayerDefinition
    snapshot: Snapshot | None
    coverage: dict[str, Coverage]


class Core(Acting):
    """One city, its layers and its services, for one acting principal."""

    def __init__(self, folder: Path, city: City, settings: Settings, principal: Principal) -> None:
        super().__init__()
        self.folder = folder
        self.city = city
        self.settings = settings
        self.principal = principal
        self.library: Library = read_library(settings.layers)
        url = settings.database_url or sqlite_url(folder / "register.db")
        self._engine = open_engine(url)
        upgrade(self._engine)
        self._stored = SnapshotStore(
            folder / "layers",
            SnapshotTable(self._engine),
            lambda features, derived, progress: build_index(features, derived, city.crs, progress),
            lambda lines: total_length(lines, city.crs),
            self._prepare,
        )
        self._forms = PublicForms(self._stored, self.library, city.crs)
        self.audit = AuditTrail(self._engine)
        self._mappings = MappingTable(self._engine)
        self._pool = _open_pool(settings)
        self._open_engine()

    def close(self) -> None:
        """Let go of the register, of rasters and of workers on other machines."""
        if self._root is not self:  # others act on the same
            return
        self._pool.close()
        self.rasters.close()
        self._engine.dispose()

    def record(
        self, action: str, subject: str, *, result: Result = "done", **detail: object
    ) -> None:
        """Write into the audit trail what the principal did, or was refused.

        Args:
            action: A word of the program, such as ``export``; worded by ``audit.action_…``.
            subject: What it was done to: layer and snapshot, serial, case, account.
            result: How it ended.
            **detail: What else belongs to it; never a password or a token.
        """
        self.audit.write(self.principal.author, action, subject, detail, result=result)

    @property
    def store(self) -> SnapshotStore:
        """The snapshots, of which whoever acts as the public gets the public forms alone."""
        if self.principal.role == "public":
            return PublicStore(self._stored, self._forms.find)
        return self._stored

    @cached_property
    def rasters(self) -> Rasters:
        """Height models and imagery of the workspace, as far as the principal may see them."""
        if self._root is not self:
            return self._root.rasters.acting_as(self.principal)
        extent = self.city.extent.to_extent()
        return Rasters(self.folder / FOLDER, extent, self.principal)

    @common_property
    def basemaps(self) -> BasemapSources:
        """Background maps: those that can be drawn, and those refused with the reason."""
        return BasemapSources(self.folder, self.city.basemap, self.settings.tianditu_key)

    @common_property
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
        """Read the features of a layer that the principal may see, EPSG:4490.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            AccessError: The principal may not see it.
        """
        snapshot = self.snapshot(layer, as_of=as_of)
        frame, shown = snapshot.read(), self.shown_rows(snapshot)
        return frame if shown is None else frame[shown.mask]

    def shown_rows(self, snapshot: Snapshot) -> Shown | None:
        """Give the rows of a snapshot that the principal may see; ``None``: all.

        Whatever gives out features of a snapshot that ``snapshot`` gave has to ask.
        """
        return self._ground.shown(self.library.require(snapshot.layer), snapshot)

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
            return self.store.require_named(layer, named)
        snapshot = self.store.find_current(layer, as_of)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of=str(as_of or "-"))
        return snapshot

    def coverage(self, layer: str) -> dict[str, Coverage]:
        """Tell per district how well a layer is known.

        Raises:
            NotFoundError: There is no such layer.
            AccessError: The principal may not see it.
        """
        require(self.principal, "view", self.library.require(layer))
        return self._tabulator.layer_coverage(layer)

    def pinned(self) -> set[tuple[str, str]]:
        """Name the snapshots that must stay, as (layer, name).

        What keeps answers that name snapshots adds its own: ``super().pinned() | …``.
        """
        return set()

    @common_property
    def _names_by_code(self) -> dict[str, UnitName]:
        return {name.code: name for name in self.unit_names}

    def _open_engine(self) -> None:
        """Open what answers questions; what it had open of old snapshots is let go."""
        # Figures are true for everybody; what tells shapes reads what the principal may see.
        self._tabulator = Tabulator(self.city, self.library, self._stored, self._pool)
        self._comparer = Comparer(self.city, self.library, self._stored, self._tabulator)
        self._open_finding()

    def _open_finding(self) -> None:
        """Open what tells shapes, on the snapshots that the principal may see."""
        self._what_if = WhatIf(self.city, self.library, self.store, self._tabulator)
        self._ground = Ground(
            self.city,
            self.library,
            self.store,
            self.principal,
            self._tabulator.open_layer,
            lambda: self.unit_names,
            self.name_unit,
        )
        self._searcher = Searcher(self._ground)

    def _reopen(self) -> None:
        """Open anew what answers questions, for everybody who acts in this process."""
        root, principal = self._root, self.principal
        root._open_engine()  # noqa: SLF001  its own kind
        self._others.clear()
        if root is not self:
            self.__dict__.update(root.__dict__)
            self._bind(principal)

    def _bind(self, principal: Principal) -> None:
        super()._bind(principal)
        if type(self.store) is not type(self._root.store):  # nothing that is open may be shared
            self._open_finding()
            return
        self._ground = self._root._ground.acting_as(principal)  # noqa: SLF001  its own kind
        self._searcher = self._root._searcher.on(self._ground)  # noqa: SLF001

    def _prepare(self, snapshot: Snapshot, progress: Progress) -> None:
        """Prepare what people will ask of a snapshot: figures, names, the map.

        Raises:
            FileError: The snapshot's folder cannot be written.
        """
        definition = self.library.require(snapshot.layer)
        try:
            self._tabulator.prepare(snapshot, part_of(progress, 0.0, _FIGURES_SHARE))
            self._searcher.prepare(snapshot)
            prepare_tiles(snapshot, definition, part_of(progress, _FIGURES_SHARE, 1.0))
            form = self._forms.find(snapshot)
            if form is not None:
                prepare_tiles(form, definition)
            seal_derived(snapshot.folder, DERIVED)
        except OSError as error:
            reason = error.strerror or "-"
            raise FileError("file-unwritable", file=str(snapshot.folder), reason=reason) from error

    def _districts(self) -> tuple[str, ...]:
        return tuple(name.code for name in self.unit_names if name.level == "district")


def _open_pool(settings: Settings) -> Pool:
    if not settings.dask_scheduler:
        return THREADS
    try:
        from geoapp.overlay.scale_out import Cluster  # noqa: PLC0415  an extra, for few
    except ModuleNotFoundError as error:
        raise ClusterError("cluster-not-installed", module=error.name) from error
    return Cluster(settings.dask_scheduler)
