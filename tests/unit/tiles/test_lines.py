"""Lines in vector tiles: cut but never closed, few where there are very many."""

import gzip

import numpy as np
import pyogrio
import pytest
import shapely

from geoapp.overlay.kinds import Kinds, one_kind
from geoapp.tiles import vector
from geoapp.tiles.building import make_drawn
from geoapp.tiles.drawn import drawn_kind
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.service import open_layer
from geoapp.tiles.vector import Labels, encode_tile
from tests.building import LIBRARY, make_store, place, publish
from tests.oracles.mvt import decode
from tests.tiling import AT, NONE, in_tile, tile_of

ROAD = LIBRARY.require("road")
LAST = TileAddress(MAX_ZOOM, AT.x << 4, AT.y << 4)


def features_of(shapes, address=AT, **options):
    layers = decode(tile_of(shapes, address, kind="line", **options))
    return layers[0].features if layers else []


def test_a_line_comes_back_in_its_direction():
    bend = shapely.LineString([(300, 400), (100, 200), (900, 250)])
    [feature] = features_of([bend])
    assert (feature.id, feature.kind, feature.properties) == (0, 2, {"id": 0})
    assert feature.rings == [[(300, 400), (100, 200), (900, 250)]]


def test_parts_stay_parts_and_nothing_is_joined():
    parts = [[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(500, 500), (600, 600)]]
    [feature] = features_of([shapely.MultiLineString(parts)])
    assert feature.rings == parts


def test_a_loop_ends_where_it_begins():
    corners = [(0, 0), (900, 0), (900, 900), (0, 900), (0, 0)]
    [feature] = features_of([shapely.LineString(corners)])
    assert feature.rings == [corners]


def test_an_open_line_is_not_closed_by_what_is_drawn_of_it():
    hook = [(0, 0), (900, 0), (900, 900), (0, 900)]
    [feature] = features_of([shapely.LineString(hook)])
    assert feature.shape.length == 2700


def test_a_line_through_the_tile_ends_at_its_buffer():
    [feature] = features_of([shapely.LineString([(-9000, 100), (9000, 100)])])
    assert feature.rings == [[(-64, 100), (4160, 100)]]
    [feature] = features_of([shapely.LineString([(2000, 9000), (2000, -9000)])])
    assert feature.rings == [[(2000, 4160), (2000, -64)]]


def test_a_line_that_leaves_and_returns_is_in_pieces():
    line = shapely.LineString([(4000, 0), (5000, 0), (5000, 500), (4000, 500), (4000, 900)])
    [feature] = features_of([line])
    assert feature.rings == [[(4000, 0), (4160, 0)], [(4160, 500), (4000, 500), (4000, 900)]]


@pytest.mark.parametrize(
    "points",
    [
        [(4300, 0), (4300, 4000)],
        [(-500, 2000), (2000, -500)],
        [(-64, -300), (-64, -64)],
        [(-264, 136), (-64, -64), (136, -264)],
    ],
)
def test_what_passes_by_or_only_touches_is_not_in_the_tile(points):
    inside = any(-64 <= x <= 4160 and -64 <= y <= 4160 for x, y in points)
    crosses = shapely.LineString(points).intersection(shapely.box(-64, -64, 4160, 4160)).length
    assert inside or crosses > 0 or features_of([shapely.LineString(points)]) == []
    if inside:
        assert features_of([shapely.LineString(points)]) == []


def test_a_feature_without_a_line_is_nowhere():
    good = in_tile(shapely.LineString([(0, 0), (900, 9)]), AT)
    empty = [None, shapely.LineString(), shapely.MultiLineString(), shapely.MultiLineString([])]
    kinds = one_kind(5)
    drawn = make_drawn(np.array([*empty, good], dtype=object), kinds, "line")
    content = encode_tile(drawn, Labels(kinds, NONE, NONE), AT, "x", keep_all=True)
    assert [feature.id for feature in decode(content)[0].features] == [4]
    for zoom in (MIN_ZOOM, MAX_ZOOM):
        origin = TileAddress(zoom, 0, 0)
        assert encode_tile(drawn, Labels(kinds, NONE, NONE), origin, "x", keep_all=True) == b""


def test_roads_carry_the_code_of_their_class_and_are_never_a_picture(tmp_path):
    lines = [shapely.LineString([(0, n), (40, n)]) for n in range(3)]
    snapshot = publish(make_store(tmp_path), "road", place(lines), dldj=["X", "", "C"])
    layer = open_layer(snapshot, ROAD)
    assert drawn_kind(ROAD) == layer.drawn.kind == "line"
    assert list(layer.picture_zooms) == []
    assert layer.vector_zooms == range(MIN_ZOOM, MAX_ZOOM + 1)
    x, y = (layer.drawn.nodes[-1][:2] // (1 << (30 - 12))).astype(int)
    content = gzip.decompress(layer.vector_tile(TileAddress(12, int(x), int(y))))
    found = {f.id: f.properties.get("c") for f in decode(content)[0].features}
    stored = snapshot.read()["dldj"]
    assert found == {row: code or None for row, code in enumerate(stored)}


def test_gdal_reads_the_same_lines(tmp_path):
    shapes = [
        shapely.LineString([(100, 100), (800, 300), (200, 900)]),
        shapely.MultiLineString([[(1500, 100), (2000, 300)], [(2500, 300), (2600, 700)]]),
        shapely.LineString([(-3000, 3000), (9000, 3500)]),
    ]
    kinds = Kinds(np.array([0, 1, 0], dtype=np.int32), ("G", "S"), "k")
    content = tile_of(shapes, kind="line", kinds=kinds)
    path = tmp_path / "tile.mvt"
    path.write_bytes(content)
    frame = pyogrio.read_dataframe(path, CLIP="NO").set_index("id")
    ours = decode(content)[0].features
    assert len(frame) == len(ours) == 3
    for feature in ours:
        theirs = shapely.transform(frame.geometry[feature.id], lambda xy: xy * [1, -1] + [0, 4096])
        assert frame["c"][feature.id] == feature.properties["c"]
        assert theirs.geom_type.endswith("LineString")
        assert shapely.line_merge(theirs).equals(shapely.line_merge(feature.shape))


# --- small pieces --------------------------------------------------------------------------


def short(x, y, dx=20, dy=0):
    return shapely.LineString([(x, y), (x + dx, y + dy)])


def test_of_small_pieces_of_a_class_in_a_cell_one_is_drawn():
    pieces = [short(2, 4), short(3, 9), short(3, 20), short(40, 4), short(2, 9)]
    kinds = Kinds(np.array([0, 0, 1, 0, 1], dtype=np.int32), ("a", "b"), "k")
    assert [feature.id for feature in features_of(pieces, kinds=kinds)] == [0, 2, 3]


def test_a_line_that_is_no_small_piece_is_drawn_whatever_lies_beside_it():
    pieces = [short(0, n, 32) for n in range(9)] + [short(0, 0, 1, 32)]
    assert len(features_of(pieces)) == 10


def test_of_parts_the_small_ones_are_thinned_too():
    parts = [[(0, 0), (20, 0)], [(0, 9), (20, 9)], [(0, 20), (500, 20)], [(0, 30), (20, 30)]]
    [feature] = features_of([shapely.MultiLineString(parts)])
    assert feature.rings == [parts[0], parts[2]]


def test_at_the_largest_zoom_every_piece_is_drawn():
    pieces = [short(2, 4 + n, 3) for n in range(9)]
    found = features_of(pieces, LAST)
    assert [feature.rings for feature in found] == [[[(2, 4 + n), (5, 4 + n)]] for n in range(9)]


@pytest.mark.parametrize("length", [0.01, 0.4, 3, 15])
def test_what_is_too_short_to_be_seen_is_a_dash_of_a_pixel(length):
    [feature] = features_of([short(2000, 1000, length)])
    assert feature.shape.length == 16
    assert feature.shape.centroid.distance(short(2000, 1000, length)) < 1


def test_a_line_shorter_than_the_grid_is_a_dash_at_the_largest_zoom_too():
    [feature] = features_of([short(2000.1, 1000, 0.1)], LAST)
    assert feature.shape.length == 16


def test_with_very_many_classes_pieces_of_any_class_make_room_for_each_other():
    pieces = [short(2 + n % 3, 4) for n in range(400)]
    kinds = Kinds(np.arange(400, dtype=np.int32), tuple(map(str, range(400))), "k")
    assert len(features_of(pieces, kinds=kinds)) == 1


def test_a_view_of_very_many_roads_stays_small():
    rng = np.random.default_rng(3)
    begins = rng.uniform(0, 1600, (16_500, 2))  # a city a hundred pixels wide
    steps = rng.normal(0, 6, (16_500, 8, 2)).cumsum(axis=1)
    lines = list(shapely.linestrings(begins[:, None] + steps))
    kinds = Kinds(rng.integers(0, 6, len(lines)).astype(np.int32), tuple("GSXYCZ"), "k")
    content = tile_of(lines, TileAddress(9, AT.x >> 5, AT.y >> 5), kind="line", kinds=kinds)
    assert len(gzip.compress(content, 3)) < 250_000
    assert 2000 < len(decode(content)[0].features) < 12_000


# --- simplification ------------------------------------------------------------------------


def test_a_road_that_ends_at_another_still_does_at_every_zoom():
    rng = np.random.default_rng(8)
    through = np.column_stack([np.arange(0, 4001, 20), 2000 + rng.normal(0, 6, 201)]).round()
    junction = through[77]
    side = np.linspace(junction, (1500, 3900), 50).round()
    lines = [shapely.LineString(through), shapely.LineString(side)]
    ground = np.array([in_tile(line, AT) for line in lines], dtype=object)
    kinds = one_kind(2)
    drawn = make_drawn(ground, kinds, "line")
    for zoom in range(9, AT.zoom + 1):
        steps = AT.zoom - zoom
        address = TileAddress(zoom, AT.x >> steps, AT.y >> steps)
        content = encode_tile(drawn, Labels(kinds, NONE, NONE), address, "x", keep_all=True)
        one, other = decode(content)[0].features
        assert other.rings[0][0] in one.rings[0]
        assert len(one.rings[0]) < len(through)


def test_lines_over_the_same_vertices_are_drawn_alike_either_way():
    rng = np.random.default_rng(9)
    points = np.column_stack([np.arange(0, 4001, 10), rng.normal(2000, 9, 401)]).round()
    lines = [shapely.LineString(points), shapely.LineString(points[::-1])]
    for address in (AT, TileAddress(11, AT.x >> 3, AT.y >> 3)):
        one, other = features_of(lines, address, placed=AT)
        assert one.rings[0] == other.rings[0][::-1]
        assert 2 < len(one.rings[0]) < 401


def test_room_for_lines_grows_when_it_must(monkeypatch):
    rng = np.random.default_rng(2)
    shapes = [shapely.LineString(rng.uniform(-500, 4600, (300, 2))) for _ in range(60)]
    shapes += [short(2 + n, 4) for n in range(20)]
    enough = tile_of(shapes, kind="line")
    monkeypatch.setattr(vector, "_BYTES_A_VERTEX", 0)
    assert tile_of(shapes, kind="line") == enough
