"""What every sample city must keep, whatever it looks like."""

import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoapp.sample.build import SampleCity, build_layers
from geoapp.sample.measure import to_plane
from geoapp.sample.plan import SamplePlan

from .conftest import (
    GEO,
    OTHER_PLAN,
    PARCELS,
    build_small,
    other_outlines,
    other_units,
    silent,
)

LAYERS = [
    "district", "township", "village", "landuse", "road", "ecological_redline",
    "permanent_farmland",
    "urban_boundary", "scenic_area", "nature_reserve", "traditional_village", "hamlet",
    "demolition", "construction_land", "fire_station",
]  # fmt: skip
COVERAGES = ["district", "township", "village", "landuse"]


def test_all_layers_come_out_in_geographic_coordinates(city):
    assert list(city.layers) == LAYERS
    assert {features.crs.to_epsg() for features in city.layers.values()} == {4490}


@pytest.mark.parametrize("name", LAYERS)
def test_every_geometry_is_valid_and_there(city, name):
    features = city.layers[name]
    assert len(features) > 0
    assert features.is_valid.all()
    assert not features.is_empty.any()


@pytest.mark.parametrize("name", LAYERS)
def test_every_feature_says_that_it_is_sample_data(city, plan, name):
    assert set(city.layers[name]["bz"]) == {plan.mark}


@pytest.mark.parametrize("name", COVERAGES)
def test_units_and_parcels_are_coverages_in_both_planes(city, name):
    shapes = city.layers[name].geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_is_valid(to_plane(shapes, "EPSG:4546"))


def test_the_number_of_parcels_is_exact(city):
    assert len(city.layers["landuse"]) == PARCELS


def test_districts_keep_their_real_outline(city):
    real = gpd.read_file(GEO / "districts.geojson").sort_values("code").geometry.to_numpy()
    real_m2 = shapely.area(to_plane(real, "EPSG:4546"))
    built_m2 = city.city.districts.area.to_numpy()
    assert np.abs(real_m2 - built_m2).max() < 0.01


def test_parcels_fill_their_district(city):
    landuse = city.layers["landuse"]
    parcel_m2 = shapely.area(city.city.parcels.polygons)
    sums = pd.Series(parcel_m2).groupby(landuse["zldwdm"].str[:6].to_numpy()).sum()
    districts = city.city.districts.set_index("code").area
    assert (sums - districts).abs().max() < 1e-3


def test_parcels_lie_in_the_village_they_name(city):
    landuse, village = city.layers["landuse"], city.layers["village"]
    points = landuse.geometry.representative_point()
    home = village.set_index("code").geometry.loc[landuse["zldwdm"].str[:12]]
    assert shapely.contains(home.to_numpy(), points.to_numpy()).all()
    assert (landuse["zldwdm"].str[12:] == "0000000").all()


@pytest.mark.parametrize("name", ["township", "village"])
def test_units_nest_in_their_parent(city, name):
    features = city.layers[name]
    size = {"township": 6, "village": 9}[name]
    assert (features["code"].str[:size] == features["parent"]).all()


def test_all_units_of_the_list_are_drawn(city):
    names = pd.read_csv(GEO / "units.csv", dtype=str)
    for level in ("district", "township", "village"):
        assert set(city.layers[level]["code"]) == set(names[names["level"] == level]["code"])


def test_nearly_all_units_are_one_piece(city):
    for name, most in (("village", 10), ("township", 5)):
        kinds = city.layers[name].geom_type
        assert (kinds != "Polygon").sum() <= most


def test_identifiers_are_texts_and_never_twice(city):
    for name, features in city.layers.items():
        key = "code" if "code" in features else "bsm"
        assert features[key].is_unique, name
        assert features[key].map(type).eq(str).all(), name


def test_two_builds_are_the_same_byte_for_byte(city, twin):
    for name, features in city.layers.items():
        other = twin.layers[name]
        assert features.geometry.to_wkb().equals(other.geometry.to_wkb()), name
        assert pd.DataFrame(features.drop(columns="geometry")).equals(
            pd.DataFrame(other.drop(columns="geometry"))
        ), name


def test_another_seed_is_another_city(city):
    other = build_small(8)
    mine = city.layers["village"].geometry.to_wkb()
    assert not mine.equals(other.layers["village"].geometry.to_wkb())


def test_too_few_parcels_are_refused_with_the_least_number(plan: SamplePlan):
    with pytest.raises(ValueError, match="1018"):
        build_layers(
            gpd.read_file(GEO / "districts.geojson"),
            pd.read_csv(GEO / "units.csv", dtype=str),
            plan,
            crs="EPSG:4546",
            parcels=1017,
            seed=1,
            progress=silent,
        )


def test_the_least_number_of_parcels_is_one_per_village(plan: SamplePlan):
    least = build_layers(
        gpd.read_file(GEO / "districts.geojson"),
        pd.read_csv(GEO / "units.csv", dtype=str),
        plan,
        crs="EPSG:4546",
        parcels=1018,
        seed=1,
        progress=silent,
    )
    assert least.layers["landuse"]["zldwdm"].is_unique


def test_progress_only_runs_forward():
    seen: list[float] = []
    build_layers(
        other_outlines(),
        other_units(),
        SamplePlan.model_validate(tomllib.loads(OTHER_PLAN)),
        crs="EPSG:4547",
        parcels=60,
        seed=1,
        progress=lambda _stage, part: seen.append(part),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_made_up_city_in_another_zone_works_too(other: SampleCity):
    landuse = other.layers["landuse"]
    assert len(landuse) == 150
    assert set(landuse["bz"]) == {"made up"}
    for name in COVERAGES:
        assert shapely.coverage_is_valid(other.layers[name].geometry.to_numpy()), name
    assert set(other.layers["village"]["code"]) == set(landuse["zldwdm"].str[:12])
    assert len(other.layers["hamlet"]) == 9
    assert len(other.layers["scenic_area"]) == 0
    assert set(other.layers["construction_land"]["zldwdm"].str[:6]) <= {"990101"}
