"""Which systems the coordinates of a file can be in, and where each would put them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geoapp.importers.locating import Districts, find_candidates
from geoapp.importers.reading import Reading
from tests.building import make_city

FIELD = shapely.box(110.9, 29.3, 110.91, 29.31)
ZONE = 37


def in_system(crs: str, *, swapped: bool = False) -> shapely.Geometry:
    forth = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)

    def move(xy: np.ndarray) -> np.ndarray:
        moved = np.column_stack(forth.transform(xy[:, 0], xy[:, 1]))
        return moved[:, ::-1] if swapped else moved

    return shapely.transform(FIELD, move)


def reading(*shapes, crs: str = "", stated: bool = False) -> Reading:
    frame = gpd.GeoDataFrame(geometry=list(shapes))
    return Reading(Path("a.shp"), frame, crs, stated=stated)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4546", "EPSG:4525", "EPSG:4497"])
@pytest.mark.parametrize("swapped", [False, True])
def test_numbers_of_the_city_are_recognised_in_every_disguise(crs, swapped):
    best = find_candidates(reading(in_system(crs, swapped=swapped)), make_city())[0]
    assert (best.crs, best.swapped, best.how) == (crs, swapped, "inferred")
    assert best.share_inside == 1.0
    assert best.bounds == pytest.approx(FIELD.bounds, abs=1e-6)
    codes = {problem.code for problem in best.problems}
    assert "crs-datum-not-told" in codes
    assert ("crs-axes-swapped" in codes) == swapped
    assert ("crs-degrees-may-be-shifted" in codes) == (crs == "EPSG:4490")


def test_data_of_the_neighbouring_zone_are_offered_with_it():
    found = find_candidates(reading(in_system("EPSG:4524")), make_city())
    assert [candidate.crs for candidate in found] == ["EPSG:4524"]
    assert found[0].bounds == pytest.approx(FIELD.bounds, abs=1e-6)


def test_what_the_file_says_comes_first_even_where_it_leads_elsewhere():
    shape = in_system("EPSG:4546")
    found = find_candidates(reading(shape, crs="EPSG:4547"), make_city())
    assert [(c.crs, c.how) for c in found] == [("EPSG:4547", "embedded"), ("EPSG:4546", "inferred")]
    assert found[0].share_inside == 0.0
    assert found[1].share_inside == 1.0
    stated = find_candidates(reading(shape, crs="4546", stated=True), make_city())
    assert [(c.crs, c.how) for c in stated] == [("EPSG:4546", "stated")]
    assert stated[0].problems == ()


@pytest.mark.parametrize("crs", ["EPSG:2382", "EPSG:4214", "nonsense"])
def test_an_old_or_unknown_datum_is_no_candidate_but_the_numbers_are(crs):
    found = find_candidates(reading(in_system("EPSG:4546"), crs=crs), make_city())
    assert [(c.crs, c.how) for c in found] == [("EPSG:4546", "inferred")]


@pytest.mark.parametrize(
    "shapes",
    [[], [None], [shapely.Point()], [shapely.Point(5, 5)], [shapely.Point(np.inf, 1)]],
    ids=["nothing", "missing", "empty", "small numbers", "infinite"],
)
def test_numbers_that_look_like_nothing_have_no_candidate(shapes):
    assert find_candidates(reading(*shapes), make_city()) == []


def test_one_slip_of_the_pen_does_not_hide_the_rest():
    shapes = [shapely.Point(1, 1), *[in_system("EPSG:4546")] * 5]
    (best, *_) = find_candidates(reading(*shapes), make_city())
    assert best.crs == "EPSG:4546"
    assert 0.9 < best.share_inside < 1.0


def test_districts_that_the_data_would_touch_are_named():
    districts = Districts(
        ["439901", "439902"],
        np.array([shapely.box(110.5, 29, 110.905, 30), shapely.box(111, 29, 112, 30)]),
    )
    (best, *_) = find_candidates(reading(in_system("EPSG:4525")), make_city(), districts=districts)
    assert best.districts == ("439901",)
