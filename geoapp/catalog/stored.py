"""A published version of a layer, as it lies on disk."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geoapp.catalog.features import Rows
from geoapp.catalog.manifest import Manifest, read_manifest
from geoapp.geometry.crs import GEOGRAPHIC

FEATURES: Final = "features.parquet"
MANIFEST: Final = "manifest.json"


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

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that are stored: those that the layer had when it was published."""
        return frozenset(pq.read_schema(self.folder / FEATURES).names)

    def read(self, columns: list[str] | None = None) -> gpd.GeoDataFrame:
        """Read the features, EPSG:4490, in stored order.

        Args:
            columns: Attribute columns to read; ``None`` for all. Geometry always comes. A field
                that the layer got after this snapshot was published is empty.
        """
        if columns is None:
            return gpd.read_parquet(self.folder / FEATURES)
        known = [name for name in columns if name in self.columns]
        frame = gpd.read_parquet(self.folder / FEATURES, columns=[*known, "geometry"])
        if len(known) == len(columns):
            return frame
        return frame.assign(**{name: None for name in columns if name not in self.columns})[
            [*columns, "geometry"]
        ]

    def read_rows(self, rows: Rows, columns: list[str]) -> gpd.GeoDataFrame:
        """Read some features, EPSG:4490, in the order of ``rows``; the others stay on disk."""
        columns = [name for name in columns if name in self.columns]
        file = pq.ParquetFile(self.folder / FEATURES)
        counts = [file.metadata.row_group(k).num_rows for k in range(file.metadata.num_row_groups)]
        starts = np.cumsum([0, *counts])
        order = np.argsort(rows, kind="stable")
        parts = []
        for group, (low, high) in enumerate(pairwise(starts.tolist())):
            wanted = rows[order]
            wanted = wanted[(wanted >= low) & (wanted < high)]
            if len(wanted):
                table = file.read_row_group(group, columns=[*columns, "geometry"])
                parts.append(table.take(wanted - low))
        table = pa.concat_tables(parts) if parts else file.schema_arrow.empty_table()
        frame = pd.DataFrame(table.select([*columns, "geometry"]).to_pandas())
        place = np.empty(len(rows), dtype=np.int64)
        place[order] = np.arange(len(rows))
        shapes = shapely.from_wkb(frame.pop("geometry").to_numpy())
        return (
            gpd.GeoDataFrame(frame, geometry=shapes, crs=GEOGRAPHIC)
            .iloc[place]
            .reset_index(drop=True)
        )

    def read_attributes(self, columns: list[str]) -> pd.DataFrame:
        """Read columns without the geometry, in stored order; see ``read``."""
        known = [name for name in columns if name in self.columns]
        table = pq.read_table(self.folder / FEATURES, columns=known)
        frame = pd.DataFrame(table.to_pandas(), index=pd.RangeIndex(self.manifest.feature_count))
        return frame.reindex(columns=columns) if len(known) < len(columns) else frame
