"""Snapshots: one layer at one date, immutable, published whole or not at all.

A snapshot is written in a temporary folder, synchronised to disk, renamed, and then made
current in one transaction of the register. A crash at any moment leaves the old one current.
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage, Manifest, Repair, Source, read_manifest
from geoapp.catalog.storage import SnapshotTable
from geoapp.errors import ConflictError, FileError, NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.values import Progress, no_progress, part_of

FEATURES: Final = "features.parquet"
MANIFEST: Final = "manifest.json"
MEASURE: Final = "measure"
FINDING: Final = "finding"
DERIVED: Final = (MEASURE, FINDING, "tiles")
_TEMPORARY: Final = ".publishing-"
_ROW_GROUP: Final = 20_000
_ABANDONED_AFTER_S: Final = 3600

# Given the file of features, a folder for what is derived of them, and whom to tell of the
# progress, measures all features: official m².
Measurer = Callable[[Path, Path, Progress], float]
# Given lines, EPSG:4490, adds their lengths: m.
LineMeasurer = Callable[[Geometries], float]
_MEASURING_SHARE: Final = 0.6


@dataclass(frozen=True)
class Snapshot:
    """One published version of a layer.

    Attributes:
        layer: Its layer.
        name: ``<date>-<first 12 of the hash of its manifest>``; the manifest holds the hash of
            the features, and what was declared of them, such as coverage.
        folder: Where it lies.
    """

    layer: str
    name: str
    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        """What it is and where it came from."""
        return read_manifest(self.folder / MANIFEST)

    def read(self, columns: list[str] | None = None) -> gpd.GeoDataFrame:
        """Read the features, EPSG:4490, in stored order.

        Args:
            columns: Attribute columns to read; ``None`` for all. Geometry always comes.
        """
        wanted = None if columns is None else [*columns, "geometry"]
        return gpd.read_parquet(self.folder / FEATURES, columns=wanted)

    def read_attributes(self, columns: list[str]) -> pd.DataFrame:
        """Read columns without the geometry, in stored order."""
        table = pq.read_table(self.folder / FEATURES, columns=columns)
        return pd.DataFrame(table.to_pandas())


# Prepares what people will ask of a snapshot.
Deriver = Callable[[Snapshot, Progress], None]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a publication says about its data beside the features themselves."""

    as_of: date
    source: Source
    sample: bool
    coverage: dict[str, Coverage]
    repairs: tuple[Repair, ...] = ()
    unmapped_fields: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    importer: str = ""
    scale: int = 0


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
        actor: str,
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
            temporary.mkdir(parents=True)
            digest = _write_features(_hilbert_order(frame), temporary / FEATURES)
            area_m2, length_m = 0.0, 0.0
            if definition.geometry == "polygon":
                part = part_of(progress, 0.0, _MEASURING_SHARE)
                area_m2 = self._measure(temporary / FEATURES, temporary / MEASURE, part)
            elif definition.geometry == "line":
                length_m = self._measure_lines(np.asarray(frame.geometry))
            manifest = _describe(definition, frame, provenance, digest, area_m2, length_m)
            _write_synced(temporary / MANIFEST, manifest.model_dump_json(indent=1).encode())
            _sync_folder(temporary)
            snapshot = self._move(temporary, manifest)
        except OSError as error:
            raise FileError(
                "file-unwritable", file=str(parent), reason=error.strerror or "-"
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        if self._derive:
            self._derive(snapshot, part_of(progress, _MEASURING_SHARE, 1.0))
        self._table.make_current(
            definition.id,
            snapshot.name,
            manifest.as_of,
            manifest.digest,
            manifest.feature_count,
            actor,
        )
        return snapshot

    def verify(self, snapshot: Snapshot) -> None:
        """Check the stored bytes against the manifest.

        Raises:
            ConflictError: They were changed.
        """
        if _digest(snapshot.folder / FEATURES) != snapshot.manifest.digest:
            raise ConflictError("snapshot-changed", layer=snapshot.layer, snapshot=snapshot.name)

    def _open(self, layer: str, name: str) -> Snapshot:
        return Snapshot(layer, name, self._folder / layer / name)

    def _move(self, temporary: Path, manifest: Manifest) -> Snapshot:
        name = f"{manifest.as_of.isoformat()}-{manifest.content_hash()[:12]}"
        target = self._folder / manifest.layer / name
        if not (target / MANIFEST).is_file():
            temporary.rename(target)
            _sync_folder(target.parent)
        return self._open(manifest.layer, name)


def _describe(
    definition: LayerDefinition,
    frame: gpd.GeoDataFrame,
    provenance: Provenance,
    digest: str,
    area_m2: float,
    length_m: float,
) -> Manifest:
    geometries = np.asarray(frame.geometry)
    bounds = shapely.total_bounds(geometries) if len(frame) else np.full(4, np.nan)
    return Manifest(
        layer=definition.id,
        as_of=provenance.as_of,
        digest=digest,
        feature_count=len(frame),
        area_m2=area_m2,
        length_m=length_m,
        bounds=tuple(float(value) for value in bounds) if np.isfinite(bounds).all() else None,
        sample=provenance.sample,
        coverage=provenance.coverage,
        source=provenance.source,
        repairs=provenance.repairs,
        unmapped_fields=provenance.unmapped_fields,
        missing_fields=provenance.missing_fields,
        importer=provenance.importer,
        scale=provenance.scale,
    )


def _sweep(parent: Path) -> None:
    """Remove what killed processes left behind, once nobody can still be writing it."""
    for left in parent.glob(f"{_TEMPORARY}*"):
        with suppress(OSError):  # another process may sweep at the same time
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)


def _hilbert_order(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Order rows along a Hilbert curve, so that what lies together is stored together."""
    if len(frame) == 0:
        return frame.set_crs(GEOGRAPHIC, allow_override=True)
    order = np.argsort(frame.geometry.hilbert_distance().to_numpy(), kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _write_features(frame: gpd.GeoDataFrame, path: Path) -> str:
    frame.to_parquet(
        path,
        index=False,
        compression="zstd",
        geometry_encoding="WKB",
        write_covering_bbox=True,
        schema_version="1.1.0",
        row_group_size=_ROW_GROUP,
    )
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
