"""What a file is understood to be, before anything is asked of it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.access.policy import require
from geoapp.bootstrap.core import Core
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.errors import InputError
from geoapp.geometry.crs import GEOGRAPHIC, DatumShift, Geometries, require_inside
from geoapp.importers.encoding import EncodingCandidate
from geoapp.importers.job import Sublayer
from geoapp.importers.locating import CrsCandidate, Districts, find_candidates
from geoapp.importers.mapping import MappingProposal, propose
from geoapp.importers.problem import Problem
from geoapp.importers.reading import AUTO, Reading
from geoapp.importers.vector import find_encodings, list_sublayers, read_features

_MOST_PREVIEWED: Final = 4000
_DIMENSIONS: Final = {0: "point", 1: "line", 2: "polygon"}


@dataclass(frozen=True, slots=True)
class FileInspection:
    """What was understood of a file.

    Attributes:
        kind: Which reader read it.
        sublayer: Which layer of the file it is.
        feature_count: Its features.
        geometry_counts: ``polygon``, ``line``, ``point`` or ``none`` → number of features.
        crs: What the file says of its system, or what was stated; ``""`` if neither.
        encoding: How text was read, where that had to be decided.
        problems: What the reader found.
        proposal: For which field of the layer each of its fields would be taken.
        candidates: Systems that the coordinates can be in; what is only inferred is never taken
            unasked.
        preview: Features to draw, EPSG:4490, evenly chosen; empty where they cannot be located.
        refusal: Why they cannot be located, ``None`` where they can.
    """

    kind: str
    sublayer: str
    feature_count: int
    geometry_counts: dict[str, int]
    crs: str
    encoding: str
    problems: tuple[Problem, ...]
    proposal: MappingProposal
    candidates: tuple[CrsCandidate, ...]
    preview: gpd.GeoDataFrame
    refusal: InputError | None


class Inspection(Core):
    """Looking into files."""

    def inspect_file(
        self,
        layer: str,
        file: Path | str,
        *,
        sublayer: str = "",
        crs: str = AUTO,
        encoding: str = AUTO,
    ) -> FileInspection:
        """Read a file and say what was understood of it; nothing is checked or kept.

        Raises:
            InputError: The file cannot be read.
            AccessError: The principal may not publish.
        """
        definition = self.library.require(layer)
        require(self.principal, "publish", definition)
        reading = read_features(Path(file), sublayer=sublayer, crs=crs, encoding=encoding)
        attributes = pd.DataFrame(reading.frame.drop(columns=reading.frame.geometry.name))
        preview, refusal = self._preview(reading)
        return FileInspection(
            kind=reading.kind or "",
            sublayer=reading.sublayer,
            feature_count=len(reading.frame),
            geometry_counts=_count_kinds(reading.geometries),
            crs=reading.crs,
            encoding=reading.encoding,
            problems=tuple(reading.problems),
            proposal=propose(definition, reading.kind or "", attributes, self._mappings),
            candidates=tuple(
                find_candidates(
                    reading, self.city, districts=self._outlines(), shift=self._datum_shift
                )
            ),
            preview=preview,
            refusal=refusal,
        )

    def list_sublayers(self, file: Path | str) -> list[Sublayer]:
        """List the layers of a file.

        Raises:
            FileError: It is missing, damaged, or not what its name says.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        return list_sublayers(Path(file))

    def find_encodings(self, file: Path | str, *, sublayer: str = "") -> list[EncodingCandidate]:
        """Show how the text of a file reads in each encoding that could be meant.

        Raises:
            FileError: It is missing or damaged.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish")
        return find_encodings(Path(file), sublayer=sublayer)

    @property
    def _datum_shift(self) -> DatumShift | None:
        return read_datum_shift(self.settings)

    def _outlines(self) -> Districts | None:
        """Give the districts, to say which of them a file would touch."""
        snapshot = self.store.find_current("district")
        if snapshot is None:
            return None
        units = snapshot.read(["code"])
        return Districts(units["code"].tolist(), np.asarray(units.geometry, dtype=object))

    def _preview(self, reading: Reading) -> tuple[gpd.GeoDataFrame, InputError | None]:
        """Locate some features, evenly chosen."""
        geometries = reading.geometries
        finite = np.isfinite(shapely.bounds(geometries)).all(axis=1)
        rows = np.flatnonzero(finite)
        if len(rows) > _MOST_PREVIEWED:
            rows = rows[np.linspace(0, len(rows) - 1, _MOST_PREVIEWED).astype(int)]
        some = replace(reading, frame=gpd.GeoDataFrame(geometry=list(geometries[rows])))
        located: list[shapely.Geometry] = []
        refusal: InputError | None = None
        try:
            crs, found = some.located(self.city.zone, self._datum_shift)
            located = list(found)
            require_inside(found, crs, self.city.extent.to_extent(), self.city.zone)
        except InputError as error:
            refusal = error
        kept = rows[: len(located)]
        return gpd.GeoDataFrame({"row": kept + 1}, geometry=located, crs=GEOGRAPHIC), refusal


def _count_kinds(geometries: Geometries) -> dict[str, int]:
    """Count the features by what they are; collections count by their largest part."""
    found, counts = np.unique(shapely.get_dimensions(geometries), return_counts=True)
    return {
        _DIMENSIONS.get(int(dimension), "none"): int(count)
        for dimension, count in zip(found, counts, strict=True)
    }
