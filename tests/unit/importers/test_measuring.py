"""Measuring a file without importing it."""

import json

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geoapp.errors import CrsError, GeometryError
from geoapp.geometry.crs import DatumShift
from geoapp.importers.measuring import measure_file

BOX = shapely.box(110.95, 29.4, 110.951, 29.401)


def write(tmp_path, geometry=BOX, crs="EPSG:4490", **columns):
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({k: [v] for k, v in columns.items()}, geometry=[geometry], crs=crs)
    pyogrio.write_dataframe(frame, path)
    return path


@pytest.mark.parametrize(
    ("value", "declared"),
    [(12.5, 12.5), (None, None), ("about 12", None), ("13.5", 13.5), (float("inf"), None)],
)
def test_a_declared_area_is_a_number_or_nothing(tmp_path, value, declared):
    [feature] = measure_file(write(tmp_path, bsm="1", declared_m2=value)).features
    assert feature.declared_m2 == declared
    json.dumps(measure_file(tmp_path / "a.gpkg").to_json(), allow_nan=False)


@pytest.mark.parametrize("longitude", [75.5, 90.0, 104.9, 108.0, 122.0, 134.9])
def test_every_zone_is_measured_in_its_own_plane(tmp_path, longitude):
    shape = shapely.box(longitude, 35, longitude + 0.001, 35.001)
    measured = measure_file(write(tmp_path, shape, bsm="1"))
    assert measured.gauss == f"EPSG:{4509 + round(longitude / 3)}"
    assert measured.features[0].area_m2 == pytest.approx(10_120, rel=0.01)


def test_what_lies_outside_the_country_is_not_measured(tmp_path):
    with pytest.raises(CrsError):
        measure_file(write(tmp_path, shapely.box(2.3, 48.8, 2.4, 48.9), bsm="1"))


def test_points_are_not_measured(tmp_path):
    with pytest.raises(GeometryError):
        measure_file(write(tmp_path, shapely.Point(110.95, 29.4), bsm="1"))


def test_a_file_without_features_measures_nothing(tmp_path):
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"bsm": []}, geometry=[], crs="EPSG:4490")
    pyogrio.write_dataframe(frame, path, geometry_type="Polygon")
    assert measure_file(path).features == []


def test_local_parameters_let_old_data_be_measured(tmp_path):
    path = write(tmp_path, bsm="1", crs="EPSG:4610")
    with pytest.raises(CrsError):
        measure_file(path)
    shift = DatumShift("xian80", 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0)
    assert measure_file(path, shift=shift).features[0].area_m2 == pytest.approx(10_750, rel=0.01)
