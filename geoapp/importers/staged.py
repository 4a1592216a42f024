"""An import that was read, checked and measured, and waits for a person to publish it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from geoapp.catalog.difference import SnapshotDifference
from geoapp.importers.problem_shapes import read_problem_shapes
from geoapp.importers.report import ImportReport

REJECTED: Final = "rejected.gpkg"
PROBLEM_SHAPES: Final = "problems.parquet"


@dataclass(frozen=True, slots=True)
class StagedImport:
    """A staged import; it survives a restart.

    Attributes:
        id: Its name.
        staged_at: When it was read.
        staged_by: Who did.
        expires_at: When it is swept, if it is neither published nor discarded.
        report: What was understood of the file.
        difference: What publishing would change against the snapshot that was current;
            ``None`` for a refused file.
        folder: Where it lies.
    """

    id: str
    staged_at: datetime
    staged_by: str
    expires_at: datetime
    report: ImportReport
    difference: SnapshotDifference | None
    folder: Path

    @property
    def publishable(self) -> bool:
        """Whether it can be published: a refused file can only be looked at."""
        return not self.report.refused

    @property
    def rejected_file(self) -> Path | None:
        """The rows that were left out, as a GeoPackage with the reason beside each."""
        path = self.folder / REJECTED
        return path if path.is_file() else None

    def problem_shapes(self) -> gpd.GeoDataFrame:
        """Read the features that something was found about: row, code, severity, geometry.

        EPSG:4490; a geometry is missing where the row has none that can be stored.
        """
        return read_problem_shapes(self.folder / PROBLEM_SHAPES)

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.staged/1``."""
        return {
            "schema": "geoapp.staged/1",
            "id": self.id,
            "staged_at": self.staged_at.isoformat(),
            "staged_by": self.staged_by,
            "expires_at": self.expires_at.isoformat(),
            "report": self.report.to_json(),
            "difference": self.difference.to_json() if self.difference else None,
        }
