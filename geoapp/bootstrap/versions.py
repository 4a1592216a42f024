"""The versions of a city's layers: listed, compared, rolled back, retired; how good they are."""

from datetime import UTC, datetime

from geoapp.access.policy import decide, require
from geoapp.access.scope import is_bound, require_own_unit
from geoapp.bootstrap.core import Core
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.difference import SnapshotDifference
from geoapp.catalog.quality import DistrictQuality, LayerQuality
from geoapp.catalog.retention import Sweep, find_retired
from geoapp.catalog.snapshot import Snapshot
from geoapp.catalog.storage import SnapshotEntry
from geoapp.overlay.difference import Differ
from geoapp.values import Progress, no_progress


class Versions(Core):
    """Snapshots of layers over time, and how good they are."""

    def snapshots(self, layer: str) -> list[SnapshotEntry]:
        """List the snapshots of a layer, newest publication first.

        Raises:
            NotFoundError: There is no such layer.
            AccessError: The principal may not see it.
        """
        require(self.principal, "view", self.library.require(layer))
        return self.store.entries(layer)

    def rollback(self, layer: str, snapshot: str) -> SnapshotEntry:
        """Make an earlier (or later) snapshot the current one again.

        The audit trail says who did, and what was current before.

        Raises:
            NotFoundError: The layer has none of that name.
            ConflictError: It is current already, or its files are not those published.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish", self.library.require(layer))
        self.store.switch(self.store.require_named(layer, snapshot), self.principal.author)
        return next(entry for entry in self.store.entries(layer) if entry.name == snapshot)

    def compare_snapshots(
        self, layer: str, before: str, after: str, progress: Progress = no_progress
    ) -> SnapshotDifference:
        """Tell what differs between two snapshots of a layer, in the order given.

        Raises:
            NotFoundError: The layer has none of that name.
            AccessError: The principal may not see it, or not all of it.
        """
        definition = self.library.require(layer)
        require(self.principal, "view", definition)
        if is_bound(self.principal, definition):
            require_own_unit(self.principal, "")
        earlier = self.store.require_named(layer, before)
        later = self.store.require_named(layer, after)
        return Differ(self.store, self._tabulator).compare(definition, earlier, later, progress)

    def quality(self) -> list[LayerQuality]:
        """Tell how well each layer that the principal may see is known.

        Raises:
            AccessError: The principal is the public: it names files and people.
        """
        require(self.principal, "view_quality")
        current = self.store.current()
        entries = {entry.layer: entry for entry in self.store.entries() if entry.current}
        return [
            self._judge(definition, current[definition.id], entries[definition.id])
            if definition.id in current
            else LayerQuality(definition.id)
            for definition in self.library
            if decide(self.principal, "view", definition).allowed
        ]

    def sweep_snapshots(self, *, dry_run: bool = True) -> list[Sweep]:
        """Remove snapshots that the city's rule of retention does not keep.

        Never a current one, nor one that is pinned. Without a rule nothing is removed.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        entries, now = self.store.entries(), datetime.now(UTC)
        swept = []
        for entry in find_retired(entries, self.city.retention, self.pinned(), now):
            size = self.store.size_bytes(entry.layer, entry.name)
            removed = not dry_run and self.store.retire(
                entry.layer, entry.name, self.principal.author
            )
            if removed or dry_run:  # else it became current meanwhile
                swept.append(Sweep(entry, size, removed))
        return swept

    def _judge(
        self, definition: LayerDefinition, snapshot: Snapshot, entry: SnapshotEntry
    ) -> LayerQuality:
        manifest = snapshot.manifest
        return LayerQuality(
            layer=definition.id,
            snapshot=snapshot.name,
            as_of=manifest.as_of,
            source=manifest.source.file,
            source_note=manifest.source.note,
            crs=manifest.source.crs,
            scale=manifest.scale or definition.scale,
            scale_stated=manifest.scale > 0,
            feature_count=manifest.feature_count,
            checked_at=entry.published_at,
            checked_by=entry.published_by,
            problems=manifest.problems,
            repaired=len(manifest.repairs),
            rejected=manifest.rejected,
            districts=self._judge_districts(definition, snapshot),
            sample=manifest.sample,
        )

    def _judge_districts(
        self, definition: LayerDefinition, snapshot: Snapshot
    ) -> tuple[DistrictQuality, ...]:
        coverage = self.coverage(definition.id)
        covered = {}
        if coverage and definition.geometry == "polygon":
            covered = {
                code: (net_m2, net_m2 / unit_m2 if unit_m2 else 0.0)
                for code, _, unit_m2, net_m2 in self._tabulator.covered(snapshot, "district")
            }
        names = {unit.code: unit.name for unit in self.unit_names}
        return tuple(
            DistrictQuality(
                code,
                names.get(code, ""),
                state,
                *((None, None) if state == "no_data" else covered.get(code, (None, None))),
            )
            for code, state in coverage.items()
        )
