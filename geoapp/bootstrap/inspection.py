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
from geoapp.errors import ChoiceError, CrsError, InputError
from geoapp.geometry.crs import (
    GEOGRAPHIC,
    Geometries,
    require_inside,
    suggest_crs,
    transform_points,
)
from geoapp.importers.mapping import MappingProposal, propose
from geoapp.importers.problem import Problem
from geoapp.importers.reading import AUTO, Reading
from geoapp.importers.vector import read_features

_MOST_PREVIEWED: Final = 4000
_DIMENSIONS: Final = {0: "point", 1: "line", 2: "polygon"}


@dataclass(frozen=True, slots=True)
class CrsOffer:
    """A reference system that the numbers of a file look like; the datum cannot be read off them.

    Attributes:
        crs: As it is stated, with the order of the axes where north stands first.
        inside: Share of the features that lies in the city's rectangle then.
    """

    crs: str
    inside: float


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
        offers: Systems that the numbers look like; none is taken unasked.
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
    offers: tuple[CrsOffer, ...]
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
            offers=self._offers(reading) if crs != AUTO or not reading.crs else (),
            preview=preview,
            refusal=refusal,
        )

    def find_sublayers(self, layer: str, file: Path | str) -> list[str]:
        """Name the layers that a file holds, empty where there is no choice.

        Raises:
            InputError: The file cannot be read.
            AccessError: The principal may not publish.
        """
        require(self.principal, "publish", self.library.require(layer))
        try:
            read_features(Path(file))
        except ChoiceError as error:
            if error.code != "file-many-layers":
                raise
            return str(error.facts["offered"]).split(", ")
        return []

    def _offers(self, reading: Reading) -> tuple[CrsOffer, ...]:
        """Read off the numbers what system they look like."""
        positions = shapely.get_coordinates(reading.geometries)
        positions = positions[np.isfinite(positions).all(axis=1)]
        if not len(positions):
            return ()
        x, y = (float(value) for value in positions[0])
        found = suggest_crs(x, y, self.city.zone)
        if found is None:
            return ()
        crs, swapped = found
        corners = positions[:, ::-1] if swapped else positions
        try:
            degrees = transform_points(corners, crs, GEOGRAPHIC)
        except CrsError:
            return ()
        box = self.city.extent
        inside = (degrees >= (box.west, box.south)) & (degrees <= (box.east, box.north))
        share = float(inside.all(axis=1).mean())
        return (CrsOffer(f"{crs} (y, x)" if swapped else crs, share),)

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
            crs, found = some.located(self.city.zone, read_datum_shift(self.settings))
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
