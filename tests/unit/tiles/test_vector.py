"""Vector tiles against a decoder of their own and against GDAL."""

import gzip

import numpy as np
import pyogrio
import pytest
import shapely

from geoapp.overlay.kinds import Kinds, one_kind
from geoapp.tiles import vector
from geoapp.tiles.building import make_drawn
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import BUFFER, EXTENT, MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.service import open_layer
from geoapp.tiles.vector import Labels, encode_tile
from tests.building import LIBRARY, make_store, on_ground, publish
from tests.oracles.grid import rectangle
from tests.oracles.mvt import decode, signed_area
from tests.tiling import AT, BUFFER_BOX, NONE, in_tile, tile_of


def features_of(*arguments, **options):
    layers = decode(tile_of(*arguments, **options))
    return layers[0].features if layers else []


def test_a_square_comes_back_at_its_place_with_its_id():
    [layer] = decode(tile_of([shapely.box(100, 200, 300, 400)]))
    assert (layer.name, layer.version, layer.extent) == ("things", 2, 4096)
    [feature] = layer.features
    assert (feature.id, feature.kind, feature.properties) == (0, 3, {"id": 0})
    assert feature.shape.equals(shapely.box(100, 200, 300, 400))


@pytest.mark.parametrize("clockwise", [True, False])
def test_outer_rings_are_positive_and_holes_negative_whatever_came_in(clockwise):
    shape = shapely.box(0, 0, 1000, 1000) - shapely.box(100, 100, 500, 500)
    shape = shapely.MultiPolygon([shape, shapely.box(2000, 2000, 2100, 2100)])
    [feature] = features_of([shapely.orient_polygons(shape, exterior_cw=clockwise)])
    assert [signed_area(ring) > 0 for ring in feature.rings] == [True, False, True]
    assert feature.shape.equals(shape)


def test_a_polygon_around_the_whole_tile_is_the_tile_with_its_buffer():
    [feature] = features_of([shapely.box(-90000, -90000, 90000, 90000)])
    assert feature.shape.equals(BUFFER_BOX)


def test_a_hole_around_the_whole_tile_leaves_nothing():
    ring = shapely.box(-90000, -90000, 90000, 90000) - shapely.box(-9000, -9000, 9000, 9000)
    assert tile_of([ring]) == b""
    assert tile_of([ring], keep_all=True) == b""


def test_of_a_ring_that_crosses_itself_every_side_is_drawn_as_an_outer_one():
    bow = shapely.Polygon([(1000, 100), (1000, 900), (7000, 100), (7000, 1300), (4000, 500)])
    beside = TileAddress(AT.zoom, AT.x + 1, AT.y)
    for address in (AT, beside):
        [feature] = features_of([bow], address, placed=AT)
        assert all(signed_area(ring) > 0 for ring in feature.rings)


def test_what_lies_elsewhere_is_not_in_the_tile():
    assert tile_of([shapely.box(4200, 0, 4400, 100)]) == b""
    assert tile_of([]) == b""


def test_a_feature_without_a_geometry_is_nowhere():
    kinds = one_kind(3)
    shapes = np.array([None, shapely.Polygon(), in_tile(shapely.box(0, 0, 9, 9), AT)], dtype=object)
    for kind in ("polygon", "cluster"):
        drawn = make_drawn(shapes, kinds, kind)
        content = encode_tile(drawn, Labels(kinds, NONE, NONE), AT, "x", keep_all=True)
        assert [feature.id for feature in decode(content)[0].features] == [2]
        for zoom in (MIN_ZOOM, MAX_ZOOM):
            origin = TileAddress(zoom, 0, 0)
            assert encode_tile(drawn, Labels(kinds, NONE, NONE), origin, "x", keep_all=True) == b""


def test_classes_are_text_and_an_empty_one_is_left_out():
    kinds = Kinds(np.array([0, 1, 2, 1], dtype=np.int32), ("", "0101", "水田"), "k")
    squares = [shapely.box(100 * n, 0, 100 * n + 90, 90) for n in range(4)]
    found = [feature.properties for feature in features_of(squares, kinds=kinds)]
    assert found == [
        {"id": 0},
        {"id": 1, "c": "0101"},
        {"id": 2, "c": "水田"},
        {"id": 3, "c": "0101"},
    ]


def test_units_carry_code_and_name(tmp_path):
    shapes = [on_ground(rectangle(0, 0, 20, 20)), on_ground(rectangle(20, 0, 40, 20))]
    snapshot = publish(make_store(tmp_path), "district", shapes, code=["1", "2"], name=["东", "西"])
    layer = open_layer(snapshot, LIBRARY.require("district"))
    x0, y0, *_ = layer.drawn.nodes[-1] // (1 << (30 - 12))
    content = gzip.decompress(layer.vector_tile(TileAddress(12, int(x0), int(y0))))
    found = {f.properties["code"]: f.properties for f in decode(content)[0].features}
    stored = snapshot.read()
    for row, (code, name) in enumerate(zip(stored["code"], stored["name"], strict=True)):
        assert found[code] == {"id": row, "code": code, "name": name}


@pytest.mark.parametrize("kind", ["polygon", "cluster"])
def test_gdal_reads_the_same(tmp_path, kind):
    shapes = [
        shapely.box(0, 0, 1000, 1000) - shapely.box(100, 100, 500, 500),
        shapely.Polygon([(1500, 100), (2000, 300), (1700, 900), (1600, 300)]),
        shapely.box(-3000, 3000, 9000, 3500),
        shapely.box(700, 2000, 702, 2002),
    ]
    kinds = Kinds(np.array([0, 1, 0, 1], dtype=np.int32), ("0101", "0301"), "k")
    content = tile_of(shapes, kind=kind, kinds=kinds, keep_all=True)
    path = tmp_path / "tile.mvt"
    path.write_bytes(content)
    frame = pyogrio.read_dataframe(path, CLIP="NO")
    ours = decode(content)[0].features
    assert len(frame) == len(ours) == 4
    read = dict(zip(frame["id"], frame.geometry, strict=True))
    for feature in ours:
        line = frame[frame["id"] == feature.id].iloc[0]
        assert line["c"] == feature.properties["c"]
        # GDAL gives metres of Web Mercator for tiles without an address: y upwards
        theirs = shapely.transform(read[feature.id], lambda xy: xy * [1, -1] + [0, EXTENT])
        assert theirs.area == pytest.approx(feature.shape.area)
        assert theirs.bounds == pytest.approx(feature.shape.bounds)


# --- small things --------------------------------------------------------------------------


def test_what_would_vanish_stays_as_a_dot_unless_its_neighbours_cover_it():
    speck = shapely.box(2000.1, 2000.1, 2000.3, 2000.3)
    assert features_of([speck]) == []
    [dot] = features_of([speck], keep_all=True)
    assert dot.shape.area == 16 * 16
    assert dot.shape.centroid.distance(speck) < 2
    assert signed_area(dot.rings[0]) > 0


@pytest.mark.parametrize("end", [(300, 2000), (2000, 300), (1500, 1500), (-2000, 2003)])
def test_a_narrow_feature_stays_as_a_strip(end):
    sliver = shapely.LineString([(200, 200), end]).buffer(0.05, cap_style="flat")
    [strip] = features_of([sliver], keep_all=True)
    assert signed_area(strip.rings[0]) > 0
    seen = shapely.clip_by_rect(sliver, *BUFFER_BOX.bounds)
    assert strip.shape.hausdorff_distance(seen) < 12


def test_a_dot_is_drawn_by_the_tile_that_it_lies_in():
    beside = TileAddress(AT.zoom, AT.x + 1, AT.y)
    speck = shapely.box(4090.1, 2000.1, 4090.3, 2000.3)
    [here] = features_of([speck], keep_all=True)
    [there] = features_of([speck], beside, placed=AT, keep_all=True)
    shifted = shapely.transform(there.shape, lambda xy: xy + np.array([EXTENT, 0]))
    assert shifted.equals(here.shape)


def test_a_small_polygon_of_a_clustered_layer_is_a_point_and_a_large_one_itself():
    small, large = shapely.box(1000, 1000, 1040, 1040), shapely.box(2000, 2000, 2900, 2900)
    point, polygon = features_of([small, large], kind="cluster")
    assert (point.kind, polygon.kind) == (1, 3)
    assert point.shape.within(small)
    assert polygon.shape.equals(large)


def test_points_are_at_their_place_once_per_tile():
    points = [shapely.Point(5, 5), shapely.Point(4095, 17), shapely.Point(-200, 5)]
    found = features_of(points, kind="point")
    assert [feature.rings for feature in found] == [[[(5, 5)]], [[(4095, 17)]]]


def test_very_many_points_become_few_that_stand_for_all(monkeypatch):
    monkeypatch.setattr(vector, "MOST_FEATURES", 50)
    rng = np.random.default_rng(4)
    places = rng.uniform(-63, EXTENT + 63, (400, 2)).round()
    places[:200] = (places[:200] / 16).round()  # some crowded
    numbers = rng.integers(0, 3, 400).astype(np.int32)
    kinds = Kinds(numbers, ("a", "b", "c"), "k")
    found = features_of(list(shapely.points(places)), kind="point", kinds=kinds)
    inside = (places >= -BUFFER).all(axis=1) & (places < EXTENT + BUFFER).all(axis=1)
    assert len(found) < inside.sum()
    for number, code in enumerate(kinds.names):
        stand = sum(f.properties.get("n", 1) for f in found if f.properties["c"] == code)
        assert stand == (inside & (numbers == number)).sum()
    assert all(f.properties.get("n", 2) > 1 for f in found)
    assert len({f.id for f in found}) == len(found)
    for feature in found:  # at the place of one of those it stands for
        assert feature.rings[0][0] == tuple(places[feature.id].astype(int))


def test_clusters_agree_along_the_border_of_two_tiles(monkeypatch):
    monkeypatch.setattr(vector, "MOST_FEATURES", 5)
    rng = np.random.default_rng(5)
    places = np.column_stack([rng.uniform(4030, 4160, 300), rng.uniform(0, 900, 300)]).round()
    points = list(shapely.points(places))
    beside = TileAddress(AT.zoom, AT.x + 1, AT.y)
    here, there = (
        {
            (f.id, f.properties.get("n", 1))
            for f in features_of(points, address, kind="point", placed=AT)
            if EXTENT - BUFFER <= f.rings[0][0][0] + shift < EXTENT + BUFFER
        }
        for address, shift in ((AT, 0), (beside, EXTENT))
    )
    assert here
    assert here == there


def test_room_for_a_tile_grows_when_it_must(monkeypatch):
    shapes = [shapely.Point(2000, 2000).buffer(1900 - k, quad_segs=200) for k in range(0, 900, 9)]
    enough = tile_of(shapes)
    monkeypatch.setattr(vector, "_BYTES_A_VERTEX", 0)
    assert tile_of(shapes) == enough
