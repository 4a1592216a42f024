"""Features as an Arrow table or frame for the formats that keep everything."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.exporters.content import Column, Content
from geoapp.geometry.crs import Geometries

PROMOTED: Final = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}


def to_frame(content: Content) -> gpd.GeoDataFrame:
    """Give the features as a frame with typed columns; an empty text is no value."""
    columns = {column.name: _typed(column) for column in content.columns}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(content.geometries)))
    return gpd.GeoDataFrame(table, geometry=list(content.geometries), crs=content.crs)


def promote(geometries: Geometries, kind: str) -> Geometries:
    """Make every geometry of a layer of several parts, as formats with one type need it."""
    if kind == "point" or len(geometries) == 0:
        return geometries
    parts, owner = shapely.get_parts(geometries, return_index=True)
    gather = shapely.multipolygons if kind == "polygon" else shapely.multilinestrings
    return np.asarray(gather(parts, indices=owner), dtype=object)


def _typed(column: Column) -> pd.Series:
    cells = column.cells()
    if column.type == "integer":
        return pd.Series(cells, dtype="Int64")
    if column.type == "number":
        return pd.Series(cells, dtype="float64")
    if column.type == "date":
        days = pd.to_datetime(pd.Series(cells, dtype=object), format="%Y-%m-%d").dt.date
        return days.astype(object).where(days.notna(), None)
    return pd.Series(cells, dtype=object)
