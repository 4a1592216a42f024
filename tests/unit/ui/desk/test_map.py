"""Features that are drawn loose: how many, and where."""

import geopandas as gpd
import numpy as np
import shapely

from geoapp.ui.desk.map import MOST_VERTICES, _fit, thin_out


def rings(count: int, vertices: int = 100) -> gpd.GeoDataFrame:
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    shapes = shapely.polygons([ring * 0.01 + (110 + 0.03 * i, 29) for i in range(count)])
    return gpd.GeoDataFrame({"row": range(count)}, geometry=shapes, crs="EPSG:4490")


def test_few_features_are_all_drawn():
    frame = rings(10)
    assert len(thin_out(frame)) == 10
    kept, left_out = _fit(frame)
    assert (len(kept), left_out) == (10, 0)


def test_many_features_are_thinned_all_over_the_file():
    frame = rings(3000)
    thin = thin_out(frame)
    assert len(thin) * 101 <= MOST_VERTICES
    assert thin["row"].max() > 2900
    assert np.diff(thin["row"]).max() == np.diff(thin["row"]).min()


def test_what_a_map_cannot_take_is_counted():
    frame = rings(3000)
    frame.loc[0, "geometry"] = None
    kept, left_out = _fit(frame)
    assert len(kept) + left_out == 2999
    assert shapely.get_num_coordinates(kept.geometry.to_numpy()).sum() <= MOST_VERTICES
