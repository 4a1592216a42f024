"""Importing a file: read, locate, map, check, repair. Nothing is written here."""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.features import Features
from geoapp.catalog.manifest import Repair, Source
from geoapp.catalog.snapshot import Provenance, SnapshotStore
from geoapp.geometry.crs import GEOGRAPHIC, DatumShift, Geometries, require_inside
from geoapp.importers.columns import read_columns
from geoapp.importers.coverage import judge_coverage
from geoapp.importers.findings import Findings, Rows
from geoapp.importers.mapping import (
    Mapping,
    MappingProposal,
    Memory,
    map_fields,
    propose,
    recall,
    require_mapped,
    sign_source,
    trim_unit_codes,
)
from geoapp.importers.placing import place_features
from geoapp.importers.reading import Reading
from geoapp.importers.request import ImportRequest
from geoapp.importers.validation.shape import Plan, check_shapes
from geoapp.importers.validation.usable import Usable, check_usable
from geoapp.importers.validation.values import Schemes, check_classes, check_keys
from geoapp.importers.vector import read_features
from geoapp.values import Progress, part_of

IMPORTER: Final = "geoapp.importers/2"
_UNIT_CODE_LENGTHS: Final = {"district": 6, "township": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Understood:
    """How a file was read.

    Attributes:
        file: Its name, without folders.
        encoding: How text was read, where that had to be decided.
        kind: Which reader read it.
        sublayer: Which layer of the file it is.
        digest: SHA-256 of what was read.
        read_count: Rows of the file.
        mapping: Which field was taken for which.
        stated: Field of the file → canonical field, as a person stated it, now or before.
        remembered: It was stated before, not now.
        signature: What tells such files from others.
    """

    file: str
    encoding: str
    kind: str
    sublayer: str
    digest: str
    read_count: int
    mapping: Mapping
    stated: dict[str, str]
    remembered: bool
    signature: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read and checked row by row.

    Attributes:
        features: The rows that are taken.
        rows: ``(n,)`` row of the file that each is, counted from 0.
        rejected: Rows of the file with errors, with the fields of the file, EPSG:4490 where they
            can be located; its index counts rows from 0.
        located: ``(m,)`` geometries of all rows of the file, EPSG:4490, repaired; ``None``
            where a row has none that can be stored.
        provenance: What the snapshot will say, as far as it is known now.
        findings: What was found.
        refused: There are errors, and the request does not say to go on.
        understood: How the file was read.
        unknown_classes: ``field=code`` → number of features.
        outside_city: Features that do not touch the city's rectangle.
    """

    features: Features
    rows: Rows
    rejected: gpd.GeoDataFrame
    located: Geometries
    provenance: Provenance
    findings: Findings
    refused: bool
    understood: Understood
    unknown_classes: dict[str, int]
    outside_city: int


class Importer:
    """Reads and checks files for one workspace."""

    def __init__(
        self,
        city: City,
        districts: tuple[str, ...],
        store: SnapshotStore,
        shift: DatumShift | None,
        memory: Memory,
        schemes: Schemes,
    ) -> None:
        """Prepare to import.

        Args:
            city: Whose data it is.
            districts: Codes of its districts.
            store: Its snapshots.
            shift: Local parameters of an old datum.
            memory: How fields were mapped before.
            schemes: Class code → the schemes that have it.
        """
        self._city = city
        self._districts = districts
        self._store = store
        self._shift = shift
        self._memory = memory
        self._schemes = schemes

    def propose_mapping(
        self, definition: LayerDefinition, request: ImportRequest
    ) -> MappingProposal:
        """Say for which field of the layer each field of a file would be taken."""
        reading = _read(request)
        return propose(definition, reading.kind or "", _attributes(reading), self._memory)

    def prepare(
        self, definition: LayerDefinition, request: ImportRequest, progress: Progress
    ) -> Prepared:
        """Read and check a file.

        Raises:
            FileError: It cannot be read.
            CrsError: Its system is missing, refused, or puts it outside the city.
            CatalogError: A required field is missing altogether.
            ChoiceError: The mapping or the coverage names what is not there.
        """
        progress("import.reading", 0.0)
        reading = _read(request)
        attributes = _attributes(reading)
        findings = Findings(len(attributes), reading.lines)
        for problem in reading.problems:
            findings.take(problem)
        understood = self._understand(definition, request, reading)
        if understood.remembered:
            findings.note("mapping-remembered", fields=_word_mapping(understood.stated))
        progress("import.locating", 0.3)
        source, bare = reading.geometries.copy(), replace(reading, frame=_nothing())
        del reading  # or a million parcels would be in memory twice
        usable = check_usable(source, definition.geometry, findings)
        crs, placed = self._place(source, usable, bare, findings)
        geometries = placed.copy()
        geometries[~usable.rows] = None
        sources = understood.mapping.sources
        table = read_columns(definition, attributes, sources, findings, request.on_problem)
        if definition.id in _UNIT_CODE_LENGTHS:
            table = trim_unit_codes(table, _UNIT_CODE_LENGTHS[definition.id], findings)
        check_keys(definition, table, findings)
        unknown = check_classes(definition, table, self._schemes, findings)
        plan = Plan(definition.geometry, self._city.crs, request.repair)
        repairs = check_shapes(geometries, plan, findings, part_of(progress, 0.4, 1.0))
        outside = self._tell_outside(geometries, findings)
        wrong = findings.error_rows
        refused = findings.has_errors and (request.on_problem != "reject_rows" or wrong.all())
        rows = np.flatnonzero(~wrong)
        features = Features(table.take(rows) if wrong.any() else table, geometries[rows])
        return Prepared(
            features=features,
            rows=rows,
            rejected=gpd.GeoDataFrame(
                attributes[wrong], geometry=list(placed[wrong]), crs=GEOGRAPHIC
            ),
            provenance=self._provenance(request, crs, understood, features, repairs, wrong),
            located=geometries,
            findings=findings,
            refused=bool(refused),
            understood=understood,
            unknown_classes=unknown,
            outside_city=outside,
        )

    def _understand(
        self, definition: LayerDefinition, request: ImportRequest, reading: Reading
    ) -> Understood:
        """Find the reference system and the canonical fields."""
        kind, columns = reading.kind or "", [str(name) for name in _attributes(reading).columns]
        stated = dict(request.mapping)
        recalled = {} if stated else recall(definition, kind, columns, self._memory)
        mapping = map_fields(definition, columns, stated or recalled)
        require_mapped(definition, mapping, columns, reading.path.name)
        return Understood(
            file=reading.path.name,
            encoding=reading.encoding,
            kind=kind,
            sublayer=reading.sublayer,
            digest=reading.digest,
            read_count=len(reading.frame),
            mapping=mapping,
            stated=stated or recalled,
            remembered=bool(recalled),
            signature=sign_source(kind, columns),
        )

    def _place(
        self, source: Geometries, usable: Usable, reading: Reading, findings: Findings
    ) -> tuple[str, Geometries]:
        """Bring what is finite to EPSG:4490, whether it can be stored or only be shown."""
        source[~usable.finite] = None
        crs, placed = place_features(source, reading, self._city.zone, self._shift, findings)
        known = placed[~shapely.is_missing(placed)]
        require_inside(known, crs, self._city.extent.to_extent(), self._city.zone)
        return crs, placed

    def _tell_outside(self, geometries: Geometries, findings: Findings) -> int:
        box = self._city.extent
        west, south, east, north = shapely.bounds(geometries).T
        outside = (west > box.east) | (east < box.west) | (south > box.north) | (north < box.south)
        findings.add("outside-city", "warning", np.flatnonzero(outside))
        return int(outside.sum())

    def _provenance(
        self,
        request: ImportRequest,
        crs: str,
        understood: Understood,
        features: Features,
        repairs: list[Repair],
        wrong: NDArray[np.bool_],
    ) -> Provenance:
        covers, districts = request.covers, self._districts
        return Provenance(
            as_of=request.as_of,
            source=Source(file=understood.file, sha256=understood.digest, crs=crs),
            sample=self._city.sample,
            coverage=judge_coverage(features.geometries, covers, districts, self._store),
            repairs=tuple(repair for repair in repairs if not wrong[repair.row - 1]),
            unmapped_fields=understood.mapping.unmapped,
            missing_fields=understood.mapping.missing,
            importer=IMPORTER,
            scale=request.scale,
            rejected=int(wrong.sum()),
        )


def _read(request: ImportRequest) -> Reading:
    return read_features(
        request.file,
        sublayer=request.sublayer,
        crs=request.crs,
        encoding=request.encoding,
        rebuild_index=request.rebuild_index,
    )


def _attributes(reading: Reading) -> pd.DataFrame:
    return pd.DataFrame(reading.frame.drop(columns=reading.frame.geometry.name))


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[])


def _word_mapping(stated: dict[str, str]) -> str:
    return ", ".join(f"{name} → {target or '-'}" for name, target in stated.items())
