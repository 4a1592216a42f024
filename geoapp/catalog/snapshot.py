"""Snapshots: one layer at one date, immutable, published whole or not at all.

A snapshot is written in a temporary folder, synchronised to disk, renamed, and then made
current in one transaction of the register. A crash at any moment leaves the old one current.
"""

import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd

from geoapp.catalog.audit import Actor
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.disk import digest_of, move_in, sync_folder, worded_disk, write_synced
from geoapp.catalog.features import Features, Rows, write_features
from geoapp.catalog.manifest import Manifest, read_manifest
from geoapp.catalog.provenance import Measured, Provenance, describe
from geoapp.catalog.storage import SnapshotEntry, SnapshotTable
from geoapp.catalog.stored import FEATURES, MANIFEST, Snapshot
from geoapp.errors import ConflictError, NotFoundError
from geoapp.geometry.crs import Geometries
from geoapp.values import Progress, no_progress, part_of

__all__ = [
    "DERIVED",
    "FEATURES",
    "FINDING",
    "MANIFEST",
    "MEASURE",
    "OFFICIAL_M2",
    "PUBLIC",
    "Deriver",
    "Provenance",
    "Snapshot",
    "SnapshotStore",
    "Written",
]

MEASURE: Final = "measure"
FINDING: Final = "finding"
PUBLIC: Final = "public"
OFFICIAL_M2: Final = "official_m2"  # column of a coarse form: the area of the true shape
DERIVED: Final = (MEASURE, FINDING, "tiles", PUBLIC)
_TEMPORARY: Final = ".publishing-"
_ABANDONED_AFTER_S: Final = 3600

# Given the geometries of all features in stored order, a folder for what is derived of them,
# and whom to tell of the progress, measures all features: official m².
Measurer = Callable[[Geometries, Path, Progress], float]
# Given lines, EPSG:4490, adds their lengths: m.
LineMeasurer = Callable[[Geometries], float]
_MEASURING_SHARE: Final = 0.6
_WRITING_SHARE: Final = 0.4


# Prepares what people will ask of a snapshot.
Deriver = Callable[[Snapshot, Progress], None]


class Written(NamedTuple):
    """A snapshot that was written and is not adopted yet.

    Attributes:
        snapshot: It, where it was written.
        order: ``(n,)`` row handed over that each stored row is.
    """

    snapshot: Snapshot
    order: Rows


class SnapshotStore:
    """The snapshots of one workspace."""

    def __init__(
        self,
        folder: Path,
        table: SnapshotTable,
        measure: Measurer,
        measure_lines: LineMeasurer,
        derive: Deriver | None = None,
    ) -> None:
        """Open the snapshots of a folder.

        Args:
            folder: Where they lie.
            table: Which of them are current.
            measure: Measures the polygons of a snapshot before it is published.
            measure_lines: Measures its lines.
            derive: Prepares what people will ask of a snapshot before it becomes current.
        """
        self._folder = folder
        self._table = table
        self._measure = measure
        self._measure_lines = measure_lines
        self._derive = derive

    def find_current(self, layer: str, as_of: date | None = None) -> Snapshot | None:
        """Find the current snapshot of a layer, or the one in force on a day."""
        name = (
            self._table.find_current(layer)
            if as_of is None
            else self._table.find_as_of(layer, as_of)
        )
        return None if name is None else self._open(layer, name)

    def require_current(self, layer: str, as_of: date | None = None) -> Snapshot:
        """Give the current snapshot.

        Raises:
            NotFoundError: The layer has no data (on that day).
        """
        snapshot = self.find_current(layer, as_of)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=layer, as_of=str(as_of or "-"))
        return snapshot

    def current(self) -> dict[str, Snapshot]:
        """Map every layer that has data to its current snapshot."""
        return {
            layer: self._open(layer, name) for layer, name in self._table.current_names().items()
        }

    def require_named(self, layer: str, name: str) -> Snapshot:
        """Give a snapshot by its name.

        Raises:
            NotFoundError: The layer has none of that name; the error lists those it has.
        """
        names = self.names(layer)
        if name not in names:
            offered = ", ".join(names) or "-"
            raise NotFoundError("snapshot-unknown", layer=layer, snapshot=name, offered=offered)
        return self._open(layer, name)

    def names(self, layer: str) -> list[str]:
        """List the snapshots of a layer, newest first."""
        return self._table.names(layer)

    def publish(
        self,
        definition: LayerDefinition,
        frame: gpd.GeoDataFrame,
        provenance: Provenance,
        actor: Actor,
        progress: Progress = no_progress,
    ) -> Snapshot:
        """Write a snapshot and make it current.

        Args:
            definition: The layer.
            frame: Features in EPSG:4490 with canonical columns; valid geometries.
            provenance: Date, source, coverage.
            actor: Written into the audit trail.
            progress: Told how far measuring and preparing are.

        Returns:
            The snapshot. The same content at the same date gives the snapshot that exists.

        Raises:
            FileError: The folder cannot be written.
            ConflictError: The register is held by another process.
        """
        parent = self._folder / definition.id
        temporary = parent / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
        _sweep(parent)
        try:
            part = part_of(progress, 0.0, _MEASURING_SHARE)
            self.write(definition, Features.of_frame(frame), provenance, temporary, part)
            rest = part_of(progress, _MEASURING_SHARE, 1.0)
            return self.adopt(temporary, actor, progress=rest)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def write(
        self,
        definition: LayerDefinition,
        features: Features,
        provenance: Provenance,
        folder: Path,
        progress: Progress = no_progress,
    ) -> Written:
        """Write all that a snapshot is into a new folder, synchronised to disk.

        Nobody sees it before it is adopted.

        Raises:
            FileError: The folder cannot be written.
        """
        with worded_disk(folder.parent):
            folder.mkdir(parents=True)
            order, bounds = write_features(
                features, folder / FEATURES, part_of(progress, 0.0, _WRITING_SHARE)
            )
            digest = digest_of(folder / FEATURES)
            area_m2, length_m = 0.0, 0.0
            if definition.geometry == "polygon":
                part = part_of(progress, _WRITING_SHARE, 1.0)
                area_m2 = self._measure(features.geometries[order], folder / MEASURE, part)
            elif definition.geometry == "line":
                length_m = self._measure_lines(features.geometries)
            measured = Measured(len(order), bounds, digest, area_m2, length_m)
            manifest = describe(definition, provenance, measured)
            write_synced(folder / MANIFEST, manifest.model_dump_json(indent=1).encode())
            sync_folder(folder)
        return Written(self._named(manifest, folder), order)

    def describe_anew(self, folder: Path, manifest: Manifest) -> Snapshot:
        """Say more about a snapshot that was written and is not adopted yet."""
        with worded_disk(folder.parent):
            write_synced(folder / MANIFEST, manifest.model_dump_json(indent=1).encode())
            sync_folder(folder)
        return self._named(manifest, folder)

    def adopt(
        self,
        folder: Path,
        actor: Actor,
        *,
        current: bool = True,
        instead_of: str | None = None,
        progress: Progress = no_progress,
    ) -> Snapshot:
        """Take a written snapshot in: move it to its place, prepare it, record it.

        After a crash at any step it can be adopted again: what is done already is not done
        twice, and the last step, one transaction, is the one that people see.

        Args:
            folder: Where it was written; it is gone afterwards.
            actor: Written into the audit trail.
            current: Make it the current one, or keep it beside that.
            instead_of: What is expected to be current by then; ``None``: whatever is.
            progress: Told how far preparing is.

        Raises:
            FileError: The folder cannot be moved, or what is derived cannot be written.
            ConflictError: The register is held by another process, or something else than what
                was expected became current.
        """
        with worded_disk(self._folder):
            snapshot = self._move(folder, read_manifest(folder / MANIFEST))
        self.take_in(snapshot, actor, current=current, instead_of=instead_of, progress=progress)
        return snapshot

    def take_in(
        self,
        snapshot: Snapshot,
        actor: Actor,
        *,
        current: bool,
        instead_of: str | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Prepare and record a snapshot that lies in its place; see ``adopt``."""
        if self._derive:
            self._derive(snapshot, progress)
        said = snapshot.manifest
        row = (said.layer, snapshot.name, said.as_of, said.digest, said.feature_count, actor)
        if not current:
            self._table.record(*row)
        elif instead_of is None:
            self._table.make_current(*row)
        else:
            self._table.make_current(*row, instead_of=instead_of)

    def find_placed(self, layer: str, name: str) -> Snapshot | None:
        """Find a snapshot that lies in its place, recorded or not."""
        snapshot = self._open(layer, name)
        return snapshot if (snapshot.folder / MANIFEST).is_file() else None

    def entries(self, layer: str = "") -> list[SnapshotEntry]:
        """List the recorded snapshots of a layer, by default of all, newest first."""
        return self._table.entries(layer)

    def switch(self, snapshot: Snapshot, actor: Actor) -> None:
        """Make another recorded snapshot the current one, in one transaction.

        Raises:
            ConflictError: It is current already, or its files are not those published.
        """
        self.verify(snapshot)
        if self._derive:
            self._derive(snapshot, no_progress)
        self._table.switch(snapshot.layer, snapshot.name, actor)

    def retire(self, layer: str, name: str, actor: Actor) -> bool:
        """Remove a snapshot that is not current, from the register first.

        Returns:
            Whether it was removed: not when it is current by now.

        Raises:
            FileError: Its folder cannot be removed.
        """
        if not self._table.remove(layer, name, actor):
            return False
        folder = self._open(layer, name).folder
        with worded_disk(folder):
            if folder.is_dir():
                gone = folder.with_name(f"{_TEMPORARY}retired-{secrets.token_hex(4)}")
                folder.rename(gone)
                shutil.rmtree(gone)
        return True

    def size_bytes(self, layer: str, name: str) -> int:
        """Tell what a snapshot takes on disk, with all that is derived from it."""
        folder = self._open(layer, name).folder
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    def verify(self, snapshot: Snapshot) -> None:
        """Check the stored bytes against the manifest.

        Raises:
            ConflictError: They were changed.
        """
        if digest_of(snapshot.folder / FEATURES) != snapshot.manifest.digest:
            raise ConflictError("snapshot-changed", layer=snapshot.layer, snapshot=snapshot.name)

    def _open(self, layer: str, name: str) -> Snapshot:
        return Snapshot(layer, name, self._folder / layer / name)

    def _named(self, manifest: Manifest, folder: Path) -> Snapshot:
        return Snapshot(manifest.layer, manifest.name, folder)

    def _move(self, folder: Path, manifest: Manifest) -> Snapshot:
        snapshot = self._open(manifest.layer, manifest.name)
        if not (snapshot.folder / MANIFEST).is_file():
            snapshot.folder.parent.mkdir(parents=True, exist_ok=True)
            move_in(folder, snapshot.folder, (snapshot.folder / MANIFEST).is_file)
            sync_folder(snapshot.folder.parent)
        return snapshot


def _sweep(parent: Path) -> None:
    """Remove what killed processes left behind, once nobody can still be writing it."""
    for left in parent.glob(f"{_TEMPORARY}*"):
        with suppress(OSError):  # another process may sweep at the same time
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
