"""How data gets into a city."""

import shutil
from collections.abc import Sequence

import geopandas as gpd

from geoapp.access.policy import require
from geoapp.bootstrap.core import Core
from geoapp.catalog.seal import SEAL
from geoapp.catalog.snapshot import DERIVED, Provenance, Snapshot
from geoapp.values import Progress, no_progress, part_of


class Publication(Core):
    """Publications of features that are canonical already, and what is prepared of snapshots."""

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
                self._discard_derived(snapshot)
            part = part_of(progress, step / len(snapshots), (step + 1) / len(snapshots))
            self._prepare(snapshot, part)
        progress("index.done", 1.0)
        return snapshots

    def _discard_derived(self, snapshot: Snapshot) -> None:
        """Throw away what was prepared of a snapshot."""
        (snapshot.folder / SEAL).unlink(missing_ok=True)
        for derived in DERIVED:
            shutil.rmtree(snapshot.folder / derived, ignore_errors=True)
        self._forms.forget(snapshot)
        self._reopen()

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
        return self.store.publish(definition, frame, provenance, self.principal.author, progress)
