"""Importing a file: read, locate, map, repair, report, publish."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage, Repair, Source
from geoapp.catalog.snapshot import Provenance, Snapshot, SnapshotStore
from geoapp.errors import ChoiceError
from geoapp.geometry.crs import GEOGRAPHIC, DatumShift, Geometries, require_inside
from geoapp.geometry.measure import official_areas, total_length
from geoapp.geometry.repair import repair_polygons, require_measurable
from geoapp.importers.mapping import map_fields, take_fields, trim_unit_codes, unknown_classes
from geoapp.importers.reading import AUTO, Reading
from geoapp.importers.vector import read_features
from geoapp.values import Progress, part_of

IMPORTER: Final = "geoapp.importers/1"
_UNIT_CODE_LENGTHS: Final = {"district": 6, "township": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, and what the person states about it.

    Attributes:
        file: The file.
        sublayer: Which layer of the file, where it holds several.
        crs: Stated system, or ``auto``.
        encoding: Stated encoding, or ``auto``.
        as_of: Day that the data describes.
        covers: Codes of the districts for which the file is complete, ``("all",)`` for the
            whole city. Absence means something only there.
    """

    file: Path
    as_of: date
    sublayer: str = ""
    crs: str = AUTO
    encoding: str = AUTO
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was understood and what was done.

    Attributes:
        snapshot: Name of the published snapshot; ``""`` after a dry run.
        fields: Canonical field → field of the file.
        unknown_classes: ``field=code`` → number of features.
        length_m: Length of all features of a layer of lines, ``None`` for others.
        outside_city: Features that do not touch the city's rectangle; they are kept.
    """

    layer: str
    file: str
    crs: str
    encoding: str
    feature_count: int
    area_m2: float
    fields: dict[str, str]
    unmapped_fields: tuple[str, ...]
    missing_fields: tuple[str, ...]
    unknown_classes: dict[str, int]
    repairs: tuple[Repair, ...]
    outside_city: int
    coverage: dict[str, Coverage]
    snapshot: str
    previous: str
    length_m: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.import/1``."""
        return {
            "schema": "geoapp.import/1",
            "layer": self.layer,
            "file": self.file,
            "crs": self.crs,
            "encoding": self.encoding or None,
            "feature_count": self.feature_count,
            "area_m2": self.area_m2,
            "fields": self.fields,
            "unmapped_fields": list(self.unmapped_fields),
            "missing_fields": list(self.missing_fields),
            "unknown_classes": self.unknown_classes,
            "repairs": [repair.model_dump() for repair in self.repairs],
            "outside_city": self.outside_city,
            "coverage": self.coverage,
            "snapshot": self.snapshot or None,
            "previous": self.previous or None,
        } | ({} if self.length_m is None else {"length_m": self.length_m})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file made ready to be published."""

    frame: gpd.GeoDataFrame
    provenance: Provenance
    report: ImportReport


class Importer:
    """Imports files into one workspace."""

    def __init__(
        self, city: City, districts: tuple[str, ...], store: SnapshotStore, shift: DatumShift | None
    ) -> None:
        self._city = city
        self._districts = districts
        self._store = store
        self._shift = shift

    def prepare(
        self, definition: LayerDefinition, request: ImportRequest, progress: Progress
    ) -> Prepared:
        """Read and check a file; nothing is written.

        Raises:
            FileError: It cannot be read.
            CrsError: Its system is missing, refused, or puts it outside the city.
            CatalogError: Fields are missing or hold wrong values.
            GeometryError: A geometry is missing, empty, of the wrong kind or not finite.
        """
        progress("import.reading", 0.0)
        reading = read_features(
            request.file, sublayer=request.sublayer, crs=request.crs, encoding=request.encoding
        )
        require_measurable(reading.geometries, definition.geometry)
        progress("import.locating", 0.3)
        crs, geometries = reading.located(self._city.zone, self._shift)
        extent = self._city.extent.to_extent()
        require_inside(geometries, crs, extent, self._city.zone)
        progress("import.checking", 0.5)
        changes: list[Repair] = []
        if definition.geometry == "polygon":
            geometries, found = repair_polygons(geometries, self._city.crs)
            changes = [
                Repair(
                    row=change.row + 1,
                    problem=change.reason,
                    before_m2=change.before_m2,
                    after_m2=change.after_m2,
                )
                for change in found
            ]
        return self._assemble(definition, request, reading, crs, geometries, changes)

    def publish(
        self, definition: LayerDefinition, prepared: Prepared, actor: str, progress: Progress
    ) -> tuple[Snapshot, ImportReport]:
        """Make a prepared file the current snapshot."""
        progress("import.publishing", 0.8)
        snapshot = self._store.publish(
            definition, prepared.frame, prepared.provenance, actor, part_of(progress, 0.8, 1.0)
        )
        progress("import.done", 1.0)
        return snapshot, replace(prepared.report, snapshot=snapshot.name)

    def _assemble(
        self,
        definition: LayerDefinition,
        request: ImportRequest,
        reading: Reading,
        crs: str,
        geometries: Geometries,
        repairs: list[Repair],
    ) -> Prepared:
        file = request.file.name
        attributes = pd.DataFrame(reading.frame.drop(columns=reading.frame.geometry.name))
        mapping = map_fields(definition, [str(name) for name in attributes.columns], file)
        table = take_fields(definition, attributes, mapping, file)
        if definition.id in _UNIT_CODE_LENGTHS:
            length = _UNIT_CODE_LENGTHS[definition.id]
            table["code"] = trim_unit_codes(table["code"], length, file)
        frame = gpd.GeoDataFrame(table, geometry=list(geometries), crs=GEOGRAPHIC)
        previous = self._store.find_current(definition.id)
        coverage = self._coverage(request, geometries)
        source = Source(file=file, sha256=_digest(request.file), crs=crs)
        provenance = Provenance(
            as_of=request.as_of,
            source=source,
            sample=self._city.sample,
            coverage=coverage,
            repairs=tuple(repairs),
            unmapped_fields=mapping.unmapped,
            missing_fields=mapping.missing,
            importer=IMPORTER,
        )
        areas = official_areas(geometries, self._city.crs)
        report = ImportReport(
            layer=definition.id,
            file=file,
            crs=crs,
            encoding=reading.encoding,
            feature_count=len(frame),
            area_m2=float(np.sum(areas)),
            fields=mapping.sources,
            unmapped_fields=mapping.unmapped,
            missing_fields=mapping.missing,
            unknown_classes=unknown_classes(definition, table),
            repairs=tuple(repairs),
            outside_city=_count_outside(geometries, self._city),
            coverage=coverage,
            snapshot="",
            previous=previous.name if previous else "",
            length_m=(
                total_length(geometries, self._city.crs) if definition.geometry == "line" else None
            ),
        )
        return Prepared(frame, provenance, report)

    def _coverage(self, request: ImportRequest, geometries: Geometries) -> dict[str, Coverage]:
        """Tell per district what the file says: complete where declared, else at best partial."""
        declared = set(self._districts) if "all" in request.covers else set(request.covers)
        unknown = declared - set(self._districts)
        if unknown:
            raise ChoiceError(
                "choice-unknown",
                option="covers",
                value=", ".join(sorted(unknown)),
                offered=", ".join((*self._districts, "all")),
            )
        touched = self._touched_districts(geometries)
        return {
            code: "complete" if code in declared else "partial" if code in touched else "no_data"
            for code in self._districts
        }

    def _touched_districts(self, geometries: Geometries) -> set[str]:
        snapshot = self._store.find_current("district")
        if snapshot is None:
            return set(self._districts)
        districts = snapshot.read(["code"])
        outlines = np.asarray(districts.geometry)
        _, hit = shapely.STRtree(outlines).query(geometries, predicate="intersects")
        return set(districts["code"].iloc[np.unique(hit)])


def _count_outside(geometries: Geometries, city: City) -> int:
    box = city.extent
    bounds = shapely.bounds(geometries)
    outside = (bounds[:, 0] > box.east) | (bounds[:, 2] < box.west)
    outside |= (bounds[:, 1] > box.north) | (bounds[:, 3] < box.south)
    return int(outside.sum())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
