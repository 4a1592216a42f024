"""Pages of features: together they are the layer, alone they are what was asked for."""

import json
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.features import pages as module
from geoapp.features.asking import Place
from geoapp.features.pages import FeaturePages, PageRequest
from geoapp.features.reference import offered_references
from geoapp.finding.keys import KeyShelf
from tests.building import (
    CELL_M2,
    DAY,
    LIBRARY,
    frame_of,
    make_city,
    on_ground,
    place,
    publish,
)
from tests.unit.finding.grounds import make_ground, position

CRS84, GEOGRAPHIC, GAUSS, PREFIXED = offered_references(make_city())
cells = st.tuples(st.integers(0, 6), st.integers(0, 6))
parcels = st.lists(st.frozensets(cells, min_size=1, max_size=9), min_size=1, max_size=9)
halves = st.integers(-1, 7).map(lambda k: k + 0.5)  # between the lines of the grid


def open_pages(folder, shapes, role="planner", **columns):
    ground = make_ground(Path(folder), role)
    keys = columns.pop("bsm", [f"k{number}" for number in range(len(shapes))])
    kinds = columns.pop("dlbm", ["0101"] * len(shapes))
    publish(ground.store, "landuse", shapes, bsm=keys, dlbm=kinds, **columns)
    return FeaturePages(ground, KeyShelf())


def walk(pages, **asked):
    """Follow the pages to their end."""
    page = pages.page(PageRequest("landuse", **asked))
    found = list(page.features)
    while page.next:
        page = pages.page(PageRequest("landuse", place=page.next, **asked))
        found += page.features
    assert page.matched == len(found)
    return found


@settings(max_examples=30)
@given(parcels, halves, halves, halves, halves, st.integers(1, 4), st.booleans())
def test_a_box_finds_whatever_shares_ground_with_it(drawn, a, b, c, d, limit, plane):
    """Degrees or metres of the plane: the brute force is over squares of the grid."""
    (west, east), (south, north) = sorted((a, b)), sorted((c, d))
    corners = [position(west, south), position(east, north)]
    reference, box = CRS84, (*corners[0], *corners[1])
    if plane:
        forth = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4546", always_xy=True)
        lines = np.array([position(x, y) for x in (west, east) for y in (south, north)])
        xs, ys = forth.transform(lines[:, 0], lines[:, 1])
        # 25 m from all lines of the grid, while the box leans by less than 3 m over 400 m
        reference, box = GAUSS, (min(xs), min(ys), max(xs), max(ys))
    inside = {
        str(number)
        for number, parcel in enumerate(drawn)
        if any(west - 1 < x < east and south - 1 < y < north for x, y in parcel)
    }
    with tempfile.TemporaryDirectory() as folder:
        keys = [str(number) for number in range(len(drawn))]
        pages = open_pages(folder, [on_ground(parcel) for parcel in drawn], bsm=keys)
        found = walk(pages, box=box, box_reference=reference, limit=limit)
    assert sorted(feature.id for feature in found) == sorted(inside)


@settings(max_examples=15)
@given(parcels, st.integers(1, 10))
def test_pages_are_the_layer_once_each_with_its_official_area(drawn, limit):
    with tempfile.TemporaryDirectory() as folder:
        pages = open_pages(folder, [on_ground(parcel) for parcel in drawn])
        found = walk(pages, limit=limit)
    assert sorted(f.id for f in found) == sorted(f"k{number}" for number in range(len(drawn)))
    for feature in found:
        cells_there = len(drawn[int(feature.id[1:])])
        assert feature.properties["area_m2"] == pytest.approx(cells_there * CELL_M2, abs=1e-3)


def test_a_box_that_only_touches_a_corner_finds_it_and_a_hairs_breadth_off_it_does_not(tmp_path):
    shape = on_ground(frozenset({(0, 0)}))
    pages = open_pages(tmp_path, [shape])
    west, _, east, north = shape.bounds
    for box in ((east, north, east + 1, north + 1), (west, north, west, north)):
        assert pages.page(PageRequest("landuse", box=box)).matched == 1
    hair = 1e-8  # a millimetre
    off = (east + hair, north + hair, east + 1, north + 1)
    assert pages.page(PageRequest("landuse", box=off)).matched == 0


def test_a_bent_shape_is_not_found_by_its_bounding_box_alone(tmp_path):
    corner = frozenset({(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)})
    pages = open_pages(tmp_path, [on_ground(corner)])
    free = (*position(1.5, 1.5), *position(1.9, 1.9))
    assert pages.page(PageRequest("landuse", box=free)).matched == 0
    held = (*position(0.4, 1.5), *position(0.6, 1.6))
    assert pages.page(PageRequest("landuse", box=held)).matched == 1


@pytest.mark.parametrize(
    "box",
    [(-1.5, 50, 1.5, 53), (-80, -5, -70, 5), (177, 65, -177, 70), (-180, 85, 180, 90),
     (-180, -90, 180, -85), (111.5, 29, 110, 30)],
)  # fmt: skip
def test_a_box_elsewhere_on_earth_finds_nothing(tmp_path, box):
    pages = open_pages(tmp_path, [on_ground(frozenset({(0, 0)}))])
    assert pages.page(PageRequest("landuse", box=box)).matched == 0


@pytest.mark.parametrize(
    "box", [(-180, -90, 180, 90), (110, 20, -100, 40), (179, 20, 178, 40), (-180, 29, 180, 30)]
)
def test_a_box_around_the_earth_finds_all(tmp_path, box):
    pages = open_pages(tmp_path, [on_ground(frozenset({(0, 0)}))])
    assert pages.page(PageRequest("landuse", box=box)).matched == 1


def test_a_plane_box_far_beyond_its_zone_is_no_fault(tmp_path):
    pages = open_pages(tmp_path, [on_ground(frozenset({(0, 0)}))])
    for box, count in (((-1e12, -1e12, 1e12, 1e12), 1), ((1e9, 1e9, 2e9, 2e9), 0)):
        request = PageRequest("landuse", box=box, box_reference=GAUSS)
        assert pages.page(request).matched == count


@pytest.mark.parametrize("reference", [CRS84, GEOGRAPHIC, GAUSS, PREFIXED])
def test_geometries_come_in_the_system_and_axis_order_asked_for(tmp_path, reference):
    shape = on_ground(frozenset({(3, 2)}))
    pages = open_pages(tmp_path, [shape])
    [feature] = pages.page(PageRequest("landuse", reference=reference)).features
    given_back = shapely.from_geojson(feature.geometry)
    to = pyproj.Transformer.from_crs("EPSG:4490", reference.crs)  # the register's axis order
    north_first = np.column_stack(to.transform(*shapely.get_coordinates(shape)[:, ::-1].T))
    expected = north_first if reference.north_first else north_first[:, ::-1]
    found = shapely.get_coordinates(given_back)
    assert {tuple(p) for p in np.round(found, 4)} == {tuple(p) for p in np.round(expected, 4)}
    if reference.geographic:
        back = found[:, ::-1] if reference.north_first else found
        # Every digit that is stored comes out.
        assert {tuple(p) for p in back} == {tuple(p) for p in shapely.get_coordinates(shape)}


def test_fields_are_filtered_by_their_exact_value_and_type(tmp_path):
    shapes = place([shapely.box(k, 0, k + 1, 1) for k in range(4)])
    pages = open_pages(
        tmp_path, shapes, bsm=["a", "b", "c", "d"], dlbm=["0101", "0102", "0301", None],
        tbmj=[1.5, 2.0, float("nan"), None], sjnf=[2023, 2024, 2024, 2023],
        bz=["", " 0101", "x", None],
    )  # fmt: skip

    def ids(**equal):
        return {
            f.id for f in pages.page(PageRequest("landuse", equal=tuple(equal.items()))).features
        }

    assert ids(dlbm="0101") == {"a"}
    assert ids(dlbm="01") == set()
    assert ids(dlyj="01") == {"a", "b"}
    assert ids(dldl="农用地") == {"a", "b", "c"}
    assert ids(tbmj="2") == ids(tbmj="2.0") == {"b"}
    assert ids(sjnf="2024") == {"b", "c"}
    assert ids(sjnf="2024", dlyj="01") == {"b"}
    assert ids(bz="0101") == set()
    assert ids(bsm="d") == {"d"}
    for wrong in ({"sjnf": "x"}, {"tbmj": "viel"}, {"nothing": "1"}):
        with pytest.raises(ChoiceError):
            ids(**wrong)


def test_a_field_that_the_data_lack_is_null_and_cannot_be_searched(tmp_path):
    ground = make_ground(tmp_path)
    landuse = LIBRARY.require("landuse")
    columns = {"bsm": ["a"], "dlbm": ["0101"]}
    frame = frame_of(landuse, place([shapely.box(0, 0, 1, 1)]), columns).drop(columns="qsxz")
    provenance = Provenance(DAY, Source(file="test"), sample=False, coverage={}, importer="test")
    ground.store.publish(landuse, frame, provenance, "test")
    pages = FeaturePages(ground, KeyShelf())
    [feature] = pages.page(PageRequest("landuse")).features
    assert feature.properties["qsxz"] is None
    with pytest.raises(ChoiceError) as caught:
        pages.page(PageRequest("landuse", equal=(("qsxz", "30"),)))
    assert caught.value.code == "features-field-absent"


def test_what_is_not_known_is_null_and_derived_classes_follow_the_table(tmp_path):
    shapes = place([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    pages = open_pages(
        tmp_path, shapes, bsm=["a", "b"], dlbm=["0101", "9999"], tbmj=[float("nan"), 2.0]
    )
    first, second = sorted(pages.page(PageRequest("landuse")).features, key=lambda f: f.id)
    assert first.properties["tbmj"] is None
    assert (first.properties["dlyj"], first.properties["dldl"]) == ("01", "农用地")
    assert (second.properties["dlbm"], second.properties["dlyj"]) == ("9999", None)
    json.dumps(dict(first.properties), allow_nan=False)


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["", "a", "A", "b", "a@0", "@1", "x/y"]), min_size=1, max_size=6))
@example(["", ""])
@example(["a", "a", "a@0"])
@example(["", "@0"])
def test_every_feature_is_found_by_its_id_and_no_two_share_one(keys):
    shapes = place([shapely.box(k, 0, k + 1, 1) for k in range(len(keys))])
    with tempfile.TemporaryDirectory() as folder:
        pages = open_pages(folder, shapes, bsm=keys)
        listed = pages.page(PageRequest("landuse")).features
        ids = [feature.id for feature in listed]
        for feature in listed:
            [one] = pages.feature("landuse", feature.id, day=None).features
            assert one == feature
        assert len(set(ids)) == len(ids)
        for wrong in ("nothing", "a@99", "@", "", "b@0@0"):
            if wrong not in ids:
                with pytest.raises(NotFoundError):
                    pages.feature("landuse", wrong, day=None)


def test_a_key_that_is_unique_is_the_id_and_an_ambiguous_one_gets_its_row(tmp_path):
    shapes = place([shapely.box(k, 0, k + 1, 1) for k in range(3)])
    pages = open_pages(tmp_path, shapes, bsm=["one", "two", "two"])
    ids = sorted(f.id for f in pages.page(PageRequest("landuse")).features)
    assert ids[0] == "one"
    assert all(name.startswith("two@") for name in ids[1:])


def test_pages_stay_in_their_snapshot_while_the_layer_is_published_anew(tmp_path):
    shapes = place([shapely.box(k, 0, k + 1, 1) for k in range(6)])
    pages = open_pages(tmp_path, shapes)
    first = pages.page(PageRequest("landuse", limit=2))
    publish(pages.ground.store, "landuse", shapes[:1], bsm=["new"], dlbm=["0301"])
    rest = pages.page(PageRequest("landuse", limit=10, place=first.next))
    assert rest.snapshot == first.snapshot
    together = [f.id for f in [*first.features, *rest.features]]
    assert sorted(together) == [f"k{number}" for number in range(6)]
    assert [f.id for f in pages.page(PageRequest("landuse")).features] == ["new"]
    with pytest.raises(ChoiceError) as caught:
        pages.page(PageRequest("landuse", place=Place("2020-01-01-000000000000", 0)))
    assert caught.value.code == "features-offset-gone"


def test_a_day_names_the_snapshot_in_force_and_before_the_first_there_is_none(tmp_path):
    shapes = place([shapely.box(0, 0, 1, 1)])
    pages = open_pages(tmp_path, shapes, bsm=["old"])
    publish(pages.ground.store, "landuse", shapes, as_of=date(2025, 1, 1), bsm=["new"], dlbm=["01"])

    def ids(day):
        return [f.id for f in pages.page(PageRequest("landuse", day=day)).features]

    assert ids(None) == ids(date(2025, 1, 1)) == ids(date(2030, 1, 1)) == ["new"]
    assert ids(DAY) == ids(date(2024, 12, 31)) == ["old"]
    with pytest.raises(NotFoundError) as caught:
        ids(date(2000, 1, 1))
    assert caught.value.code == "snapshot-none"


def test_a_page_of_large_shapes_is_shorter_but_never_empty(tmp_path, monkeypatch):
    shapes = place([shapely.box(k, 0, k + 1, 1) for k in range(5)])
    pages = open_pages(tmp_path, shapes)
    for most, count in ((1, 1), (10, 2), (15, 3)):
        monkeypatch.setattr(module, "MOST_VERTICES", most)
        page = pages.page(PageRequest("landuse"))
        assert (len(page.features), page.matched) == (count, 5)
        assert len(walk(pages)) == 5


@pytest.mark.parametrize("limit", [0, -1, module.MOST_FEATURES + 1])
def test_a_limit_out_of_range_is_refused(tmp_path, limit):
    pages = open_pages(tmp_path, place([shapely.box(0, 0, 1, 1)]))
    with pytest.raises(ChoiceError):
        pages.page(PageRequest("landuse", limit=limit))


def test_an_empty_layer_has_one_empty_page(tmp_path):
    page = open_pages(tmp_path, []).page(PageRequest("landuse", box=(110, 29, 111, 30)))
    assert (page.features, page.matched, page.next) == ([], 0, None)


def test_lines_and_points_carry_no_area(tmp_path):
    ground = make_ground(tmp_path)
    lines = place([shapely.LineString([(0, 0), (4, 0)])])
    publish(ground.store, "road", lines, bsm=["r"], mc=["路"], dldj=["G"])
    publish(ground.store, "hamlet", place([shapely.Point(1, 1)]), bsm=["h"], mc=["屋"])
    pages = FeaturePages(ground, KeyShelf())
    [road] = pages.page(PageRequest("road", box=(*position(1, -1), *position(2, 1)))).features
    # A square of the equal-area plane is cos(latitude) times as wide on the ground.
    assert road.properties["length_m"] == pytest.approx(200 * np.cos(np.radians(29.4)), rel=0.01)
    assert "area_m2" not in road.properties
    [hamlet] = pages.page(PageRequest("hamlet", box=(*position(0, 0), *position(2, 2)))).features
    assert not {"area_m2", "length_m"} & hamlet.properties.keys()
    away = PageRequest("hamlet", box=(*position(2, 2), *position(3, 3)))
    assert pages.page(away).matched == 0


@pytest.mark.parametrize(
    ("role", "layer", "allowed"),
    [
        ("planner", "landuse", True),
        ("inspector", "landuse", True),
        ("public", "landuse", False),
        ("public", "district", False),  # the public sees its outline, generalised
    ],
)
def test_stored_coordinates_are_for_those_who_may_read_them(tmp_path, role, layer, allowed):
    ground = make_ground(tmp_path, role)
    shapes = place([shapely.box(0, 0, 1, 1)])
    columns = {"landuse": {"bsm": ["a"], "dlbm": ["0101"]}, "district": {"code": ["439901"],
               "name": ["东区"]}}  # fmt: skip
    publish(ground.store, layer, shapes, **columns[layer])
    pages = FeaturePages(ground, KeyShelf())
    if allowed:
        assert pages.page(PageRequest(layer)).matched == 1
        return
    for refused in (lambda: pages.page(PageRequest(layer)),
                    lambda: pages.feature(layer, "a", day=None)):  # fmt: skip
        with pytest.raises(AccessError):
            refused()
