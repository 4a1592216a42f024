"""Patches that were found, as a GeoPackage with a table of notes beside them."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

NOTES = "notes"


def write_patches(
    frame: gpd.GeoDataFrame, layer: str, notes: Sequence[tuple[str, str]], description: str
) -> bytes:
    """Write patches.

    Args:
        frame: Multi- or single polygons with their attributes; the system is kept. With lines or
            points among them the layer is of mixed kind.
        layer: Name of the layer.
        notes: Label and text: method, snapshots, date.
        description: Of the layer; says so where data is made up.
    """
    shapes = [
        shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
        for shape in np.asarray(frame.geometry)
    ]
    polygons = all(isinstance(shape, shapely.MultiPolygon) for shape in shapes)
    promoted = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    labels, words = zip(*notes, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patches.gpkg"
        pyogrio.write_dataframe(
            promoted,
            path,
            layer=layer,
            driver="GPKG",
            geometry_type="MultiPolygon" if polygons else "Unknown",
            layer_options={"DESCRIPTION": description, "IDENTIFIER": layer},
        )
        table = pd.DataFrame({"item": labels, "note": words})
        pyogrio.write_dataframe(table, path, layer=NOTES, driver="GPKG", append=True)
        return path.read_bytes()
