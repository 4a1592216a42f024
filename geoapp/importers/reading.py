"""What every reader gives: features as they stand in the file, and what was found out."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geoapp.errors import CrsError
from geoapp.geometry.crs import DatumShift, Geometries, require_crs, suggest_crs, to_geographic
from geoapp.importers.job import AUTO, Kind
from geoapp.importers.problem import Problem

__all__ = ["AUTO", "Kind", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of one file, or of one table of a database.

    Attributes:
        path: The file or folder; for a database a name that can be shown.
        frame: Features with their own columns; geometry in the file's own coordinates, x
            (east) before y (north): axes that were stated as swapped are turned here.
        crs: What the file says of its system, or what the caller stated; ``""`` if neither.
        encoding: How attribute text was read, where that had to be decided.
        problems: What was decided, doubted or left out while reading, each with its place.
        kind: Which reader read it.
        sublayer: Which layer of the file it is; ``""`` where there is only one, unnamed.
        stated: The caller stated the system; otherwise ``crs`` stands in the file.
        digest: SHA-256 of the bytes that were read; of all parts where there are several.
        lines: ``(n,)`` line of the text, or row of the sheet, where each feature begins,
            counted from 1; empty where the kind has none. Features are counted from 1 in the
            order of the file, as ``Problem.row`` does: row 1 is ``frame.iloc[0]``.
    """

    path: Path
    frame: gpd.GeoDataFrame
    crs: str
    encoding: str = ""
    problems: list[Problem] = field(default_factory=list)
    kind: Kind | None = None
    sublayer: str = ""
    stated: bool = False
    digest: str = ""
    lines: tuple[int, ...] = ()

    @property
    def geometries(self) -> Geometries:
        """``(n,)`` geometries; ``None`` where a feature has none."""
        return np.asarray(self.frame.geometry, dtype=object)

    def located(self, zone: int, shift: DatumShift | None = None) -> tuple[str, Geometries]:
        """Bring the features to CGCS2000 longitude and latitude.

        Args:
            zone: The 3-degree zone that a hint is given for.
            shift: Local parameters of an old datum.

        Returns:
            The system that was used, and the geometries.

        Raises:
            CrsError: No system is known, or the coordinates do not fit it; the error says
                what the numbers look like. A datum is never guessed.
        """
        if not self.crs:
            raise CrsError("crs-missing", file=self.path.name, looks_like=self.hint(zone))
        name = require_crs(self.crs, shift)
        try:
            return name, to_geographic(self.geometries, name, shift=shift)
        except CrsError as error:
            if error.code != "crs-does-not-fit":
                raise
            raise CrsError(error.code, **error.facts, looks_like=self.hint(zone)) from error

    def hint(self, zone: int) -> str:
        """Say what system the numbers look like, for an error."""
        positions = shapely.get_coordinates(self.geometries)
        positions = positions[np.isfinite(positions).all(axis=1)]
        found = (
            suggest_crs(float(positions[0, 0]), float(positions[0, 1]), zone)
            if len(positions)
            else None
        )
        if found is None:
            return "@importer.looks_like_nothing"
        return f"{found[0]} (y, x)" if found[1] else found[0]
