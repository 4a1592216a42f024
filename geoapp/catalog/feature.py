"""One feature of a snapshot, read without reading the rest."""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow.parquet as pq
import shapely

from geoapp.catalog.snapshot import FEATURES, Snapshot

_BOX: Final = "bbox"


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature.

    Attributes:
        geometry: EPSG:4490, as stored.
        attributes: By canonical name.
    """

    geometry: shapely.Geometry
    attributes: dict[str, Any]


def read_feature(snapshot: Snapshot, row: int) -> Feature:
    """Read the feature of a row, from 0; whoever asks has made sure that there is one."""
    with pq.ParquetFile(snapshot.folder / FEATURES) as file:
        first = 0
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if row < first + count:
                found = file.read_row_group(group).slice(row - first, 1).to_pylist()[0]
                geometry = shapely.from_wkb(found.pop("geometry"))
                found.pop(_BOX, None)
                return Feature(geometry, found)
            first += count
    raise IndexError(row)
