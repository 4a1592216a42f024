"""What the single layers promise."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from geoapp.sample.measure import official_areas, to_plane
from geoapp.sample.rasters import write_rasters

from .conftest import GEO

DONE = {"demolished", "rechecked", "closed"}


def overlap_m2(left, right):
    """Pairwise common area of two layers, m²."""
    one = to_plane(left.geometry.to_numpy(), "EPSG:4546")
    two = to_plane(right.geometry.to_numpy(), "EPSG:4546")
    row, other = shapely.STRtree(two).query(one, predicate="intersects")
    return shapely.area(shapely.intersection(one[row], two[other])).sum()


def test_official_area_of_a_known_square():
    square = shapely.box(448_000, 3_254_000, 448_050, 3_254_040)
    area = official_areas(np.array([square]), "EPSG:4546")[0]
    assert area == pytest.approx(1999.87, abs=0.02)


def test_declared_areas_are_the_official_ones(city):
    landuse = city.layers["landuse"]
    again = official_areas(to_plane(landuse.geometry.to_numpy(), "EPSG:4546"), "EPSG:4546")
    assert np.abs(again - landuse["tbmj"]).max() <= 0.011
    assert (landuse["tbdlmj"] == landuse["tbmj"]).all()


def test_class_names_are_those_of_the_class_table(city):
    table = pd.read_csv(GEO.parent.parent / "layers" / "landclass.csv", dtype=str)
    names = table[table["scheme"] == "三调工作分类"].set_index("code")["name_zh"]
    used = city.layers["landuse"][["dlbm", "dlmc"]].drop_duplicates()
    assert (names.loc[used["dlbm"]].to_numpy() == used["dlmc"].to_numpy()).all()


def test_the_mix_is_that_of_a_mountain_city(city):
    landuse = city.layers["landuse"]
    share = landuse.groupby(landuse["dlbm"].str[:2])["tbmj"].sum() / landuse["tbmj"].sum()
    assert 0.65 < share["03"] < 0.85
    assert 0.09 < share["01"] < 0.14
    assert 0.01 < share["11"] < 0.04


def test_only_cultivated_land_has_a_slope_grade(city):
    landuse = city.layers["landuse"]
    tilled = landuse["dlbm"].str.startswith("01")
    assert set(landuse.loc[tilled, "gdpdjb"]) <= {"1", "2", "3", "4", "5"}
    assert set(landuse.loc[~tilled, "gdpdjb"]) == {""}


def test_paddies_lie_lower_than_forest(city):
    ground, code = city.city.parcels.ground["above"], city.city.code
    assert np.median(ground[code == "0101"]) < 0.3 * np.median(ground[code == "0301"])


def test_redline_has_holes_parts_and_the_wanted_share(city, plan):
    redline = city.layers["ecological_redline"]
    share = redline["mj"].sum() / city.layers["landuse"]["tbmj"].sum()
    assert 0.2 < share < 0.32
    assert set(redline["lhlx"]) == set(plan.redline.kinds)
    assert (redline.geom_type == "MultiPolygon").any()
    assert shapely.get_num_interior_rings(shapely.get_parts(redline.geometry.to_numpy())).any()


def test_farmland_follows_the_parcels_exactly(city, plan):
    landuse, farmland = city.layers["landuse"], city.layers["permanent_farmland"]
    tilled = landuse[landuse["dlbm"].str.startswith("01")]
    share = farmland["yjjbnttbmj"].sum() / tilled["tbmj"].sum()
    assert share == pytest.approx(plan.farmland.share, abs=0.06)
    mine = shapely.get_coordinates(farmland.geometry.to_numpy())
    theirs = shapely.get_coordinates(tilled.geometry.to_numpy())
    assert {tuple(p) for p in mine} <= {tuple(p) for p in theirs}


def test_the_three_lines_conflict_a_little(city):
    farmland, urban = city.layers["permanent_farmland"], city.layers["urban_boundary"]
    redline = city.layers["ecological_redline"]
    for left, right in ((urban, farmland), (redline, farmland)):
        conflict = overlap_m2(left, right)
        assert 0 < conflict < 0.1 * farmland["yjjbnttbmj"].sum()


@pytest.mark.parametrize(
    ("name", "key"),
    [("scenic_area", "mc"), ("nature_reserve", "mc"), ("urban_boundary", "xzqdm")],
)
def test_zones_of_one_place_do_not_overlap(city, name, key):
    for _, zones in city.layers[name].groupby(key):
        parts = to_plane(zones.geometry.to_numpy(), "EPSG:4546")
        together = shapely.area(shapely.union_all(parts))
        assert shapely.area(parts).sum() - together < 1.0


def test_hamlets_are_as_many_as_reported_and_in_their_village(city, plan):
    hamlets = city.layers["hamlet"]
    assert len(hamlets) == plan.hamlets.count
    village = city.layers["village"].set_index("code").geometry
    home = village.loc[hamlets["zldwdm"].str[:12]].to_numpy()
    assert shapely.contains(home, hamlets.geometry.to_numpy()).all()
    assert hamlets["zldwdm"].str[:6].nunique() == len(city.layers["district"])


def test_demolished_cases_add_up_to_the_reported_figures(city, plan):
    cases = city.layers["demolition"]
    done = cases[cases["status"].isin(DONE)]
    assert done["households"].sum() == plan.demolition.households
    floor = sum((Decimal(f"{area:.2f}") for area in done["floor_area_m2"]), Decimal(0))
    assert floor == Decimal(f"{plan.demolition.floor_area_m2:.2f}")
    assert len(done) == plan.demolition.cases


def test_open_cases_are_not_yet_demolished(city):
    cases = city.layers["demolition"]
    open_ = ~cases["status"].isin(DONE)
    assert open_.any()
    assert set(cases.loc[open_, "mode"]) == {""}
    assert set(cases.loc[open_, "demolished_on"]) == {""}
    done = cases[~open_]
    assert (done["found_on"] < done["demolished_on"]).all()


def test_households_and_footprints_are_plausible(city):
    cases = city.layers["demolition"]
    assert cases["households"].between(0, 30).all()
    assert (cases.loc[cases["owner_kind"] == "enterprise", "households"] <= 1).all()
    assert cases["case_no"].is_unique
    assert cases["land_area_m2"].nunique() > 0.9 * len(cases)
    shapes = to_plane(cases.geometry.to_numpy(), "EPSG:4546")
    assert np.abs(official_areas(shapes, "EPSG:4546") - cases["land_area_m2"]).max() <= 0.011


def test_construction_land_is_known_in_two_districts_only(city):
    stock = city.layers["construction_land"]
    assert sorted(set(stock["zldwdm"].str[:6])) == ["430802", "430811"]
    assert overlap_m2(stock, city.layers["ecological_redline"]) < 1
    assert overlap_m2(stock, city.layers["permanent_farmland"]) < 1


def test_rasters_say_what_they_are(city, plan, tmp_path):
    paths = write_rasters(city, tmp_path)
    names = ["dem.tif", *(f"imagery-{year}.tif" for year in plan.imagery.years)]
    assert [path.name for path in paths] == names
    for path in paths:
        with rasterio.open(path) as raster:
            assert raster.crs.to_epsg() == 4546
            assert "synthetic" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]
            assert raster.profile["tiled"]
    with rasterio.open(paths[0]) as dem:
        assert dem.read(1, masked=True).mask.any()
    with rasterio.open(paths[1]) as before, rasterio.open(paths[2]) as after:
        assert (before.read() != after.read()).any()
    assert sum(path.stat().st_size for path in paths) < 15e6


def test_roads_are_lines_inside_the_city_with_a_grade_from_the_table(city):
    roads = city.layers["road"]
    assert set(roads.geometry.geom_type) == {"LineString"}
    assert set(roads["dldj"]) == {"X", "C"}
    assert roads["bsm"].is_unique
    lines = to_plane(roads.geometry.to_numpy(), "EPSG:4546")
    ground = shapely.union_all(to_plane(city.layers["district"].geometry.to_numpy(), "EPSG:4546"))
    assert shapely.length(shapely.difference(lines, ground)).sum() < 1
    assert 1_000_000 < shapely.length(lines).sum() < 10_000_000
