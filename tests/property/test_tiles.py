"""Laws of tiles: nothing opens between neighbours, tiles agree, pictures keep shares."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.overlay.kinds import Kinds
from geoapp.tiles import building
from geoapp.tiles.apart import take_apart
from geoapp.tiles.building import make_drawn
from geoapp.tiles.burning import burn, halve
from geoapp.tiles.drawn import PictureLevel
from geoapp.tiles.grid import TileAddress, bound_features
from geoapp.tiles.nodes import NODE, PLAIN, find_nodes
from geoapp.tiles.ranking import level_of, rank_vertices
from geoapp.tiles.rules import BUFFER, EXTENT, MAX_ZOOM, TOLERANCE_PX, UNITS_PER_PX
from geoapp.tiles.vector import Labels, encode_tile
from tests.oracles.mvt import decode, signed_area
from tests.tiling import AT, BUFFER_BOX, NONE, in_tile, mosaic

SEEDS = st.integers(0, 10_000)


def drawn_mosaic(seed, cells, vertices, **options):
    rng = np.random.default_rng(seed)
    shapes = mosaic(cells, vertices, rng, **options)
    kinds = Kinds(rng.integers(0, 3, len(shapes)).astype(np.int32), ("a", "b", "c"), "k")
    ground = np.array([in_tile(shape, AT) for shape in shapes], dtype=object)
    return make_drawn(ground, kinds), kinds, shapes


def features_in(drawn, kinds, address, *, keep_all=False):
    content = encode_tile(drawn, Labels(kinds, NONE, NONE), address, "x", keep_all=keep_all)
    return decode(content)[0].features if content else []


def edges_of(ring):
    return zip(ring, ring[1:] + ring[:1], strict=True)


def on_rim(edge):
    """Tell whether an edge runs along the rim at which tiles are cut."""
    (x0, y0), (x1, y1) = edge
    rims = (-BUFFER, EXTENT + BUFFER)
    return (x0 == x1 and x0 in rims) or (y0 == y1 and y0 in rims)


@given(SEEDS, st.integers(1, 12), st.integers(1, 30), st.integers(14, 18))
def test_a_mosaic_fills_its_tile_and_every_border_is_drawn_twice(seed, cells, vertices, zoom):
    drawn, kinds, _ = drawn_mosaic(seed, cells, vertices)
    steps = zoom - AT.zoom
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 1 << steps, 2)
    address = TileAddress(zoom, (AT.x << steps) + int(x), (AT.y << steps) + int(y))
    features = features_in(drawn, kinds, address)
    area = sum(signed_area(ring) for feature in features for ring in feature.rings)
    assert area == pytest.approx(BUFFER_BOX.area, rel=0.001)
    union = shapely.union_all([feature.shape for feature in features])
    assert union.area == pytest.approx(BUFFER_BOX.area, rel=0.001)
    drawn_once = Counter()
    for feature in features:
        for ring in feature.rings:
            for a, b in edges_of(ring):
                if not on_rim((a, b)):
                    drawn_once[a, b] += 1
                    drawn_once[b, a] -= 1
    assert {edge for edge, times in drawn_once.items() if times} == set()


@given(SEEDS, st.integers(4, 24), st.integers(9, 13))
def test_a_mosaic_keeps_its_area_when_its_cells_are_pixels(seed, cells, zoom):
    drawn, kinds, shapes = drawn_mosaic(seed, cells, 12, low=0.0, high=4096.0)
    steps = AT.zoom - zoom
    address = TileAddress(zoom, AT.x >> steps, AT.y >> steps)
    features = features_in(drawn, kinds, address)
    area = sum(signed_area(ring) for feature in features for ring in feature.rings)
    side = EXTENT >> steps
    least = 0.02 if side // cells < 32 else 0.001  # of cells of two pixels some fold over
    assert area == pytest.approx(side * side, rel=least)
    assert len(shapes) >= len(features)


@given(SEEDS, st.integers(1, 8))
def test_two_tiles_agree_along_their_border(seed, cells):
    drawn, kinds, _ = drawn_mosaic(seed, cells, 20, high=9000.0)
    beside = TileAddress(AT.zoom, AT.x + 1, AT.y)
    strip = shapely.box(EXTENT - BUFFER + 2, 0, EXTENT + BUFFER - 2, EXTENT)
    here = {f.id: f.shape & strip for f in features_in(drawn, kinds, AT)}
    there = {
        f.id: shapely.transform(f.shape, lambda xy: xy + np.array([EXTENT, 0])) & strip
        for f in features_in(drawn, kinds, beside)
    }
    for row in here.keys() | there.keys():
        one, other = here.get(row, shapely.Polygon()), there.get(row, shapely.Polygon())
        # the ends of edges that were cut are rounded: nowhere is the difference a unit wide
        assert one.symmetric_difference(other).buffer(-0.6).is_empty


@st.composite
def stars(draw):
    """Ragged polygons with holes, often in several parts, on and off the tile."""
    rng = np.random.default_rng(draw(SEEDS))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        count = int(rng.integers(3, 40))
        turn = np.sort(rng.uniform(0, 2 * np.pi, count))
        reach = rng.uniform(30, 3000) * rng.uniform(0.3, 1, count)
        middle = rng.uniform(-1000, 5000, 2)
        ring = middle + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None]
        shape = shapely.make_valid(shapely.Polygon(ring))
        inner = shapely.affinity.scale(shape, 0.5, 0.5, origin=tuple(middle))
        parts.append(shape - inner if rng.random() < 0.5 else shape)
    joined = shapely.union_all(parts)
    areas = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(areas)


@given(stars())
def test_a_polygon_at_the_largest_zoom_is_what_shapely_cuts(shape):
    address = TileAddress(MAX_ZOOM, AT.x << 4, AT.y << 4)
    ground = np.array([in_tile(shape, address)], dtype=object)
    kinds = Kinds(np.zeros(1, np.int32), ("",), "k")
    drawn = make_drawn(ground, kinds)
    wanted = shape & BUFFER_BOX
    found = shapely.union_all([f.shape for f in features_in(drawn, kinds, address)])
    assert found.symmetric_difference(wanted).area <= 1.5 * wanted.length + 4


# --- borders -------------------------------------------------------------------------------


@st.composite
def ring_sets(draw):
    """Rings over few positions, so that they share borders and cross in every way."""
    points = st.tuples(st.integers(0, 5), st.integers(0, 5))
    rings = draw(st.lists(st.lists(points, min_size=1, max_size=9), min_size=1, max_size=8))
    return [[p for k, p in enumerate(ring) if p != ring[k - 1]] or ring[:1] for ring in rings]


@given(ring_sets(), st.booleans())
def test_nodes_are_where_rings_part(rings, strips):
    placed = np.array([p for ring in rings for p in ring], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, rings)]).astype(np.int64)
    features = np.arange(len(rings) + 1)
    boxes = np.empty((len(rings), 4))
    bound_features(placed, offsets, features, boxes)
    passed = defaultdict(set)
    for ring in rings:
        for k, position in enumerate(ring):
            passed[position].add(frozenset([(ring[k - 1], 0), (ring[(k + 1) % len(ring)], 0)]))
    wanted = [NODE if len(passed[p]) > 1 else PLAIN for ring in rings for p in ring]
    with pytest.MonkeyPatch.context() as patch:
        if strips:
            patch.setattr("geoapp.tiles.nodes._VERTICES_A_STRIP", 3)
        assert find_nodes(placed, offsets, features, boxes).tolist() == wanted


@given(SEEDS, st.integers(3, 300), st.booleans(), st.sampled_from([1, 700, 9001]))
def test_a_ring_is_ranked_alike_from_wherever_and_whichever_way(seed, count, noded, step):
    rng = np.random.default_rng(seed)
    reach = 40 * count if step == 1 else 8  # on a coarse lattice many distances are equal
    ring = np.unique((1 << 20) + step * rng.integers(0, reach, (count, 2)), axis=0)
    ring = ring[rng.permutation(len(ring))].astype(np.int32)
    nodes = {tuple(ring[k]) for k in rng.integers(0, len(ring), 3)} if noded else set()

    def rank(line):
        line = np.ascontiguousarray(line)
        marks = np.array([NODE if tuple(p) in nodes else PLAIN for p in line], dtype=np.uint8)
        rank_vertices(line, np.array([0, len(line)]), marks)
        assert (marks <= MAX_ZOOM).all()
        return {tuple(p): int(level) for p, level in zip(line.tolist(), marks, strict=True)}

    first = rank(ring)
    assert rank(np.roll(ring, int(rng.integers(0, len(ring))), axis=0)[::-1]) == first


@given(SEEDS, st.integers(6, 18))
def test_what_is_left_out_lies_within_the_tolerance(seed, zoom):
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 3000, (400, 2)).cumsum(axis=0)
    steps -= np.linspace(0, 1, 400)[:, None] * (steps[-1] - steps[0])
    ring = (steps + (1 << 28)).astype(np.int32)
    marks = np.full(len(ring), PLAIN, dtype=np.uint8)
    rank_vertices(ring, np.array([0, len(ring)]), marks)
    kept = ring[marks <= zoom]
    tolerance = TOLERANCE_PX * UNITS_PER_PX * 2 ** (MAX_ZOOM - zoom)
    line = shapely.LinearRing(kept) if len(kept) > 2 else shapely.LineString(kept)
    away = shapely.distance(line, shapely.points(ring)).max()
    assert away <= (tolerance if zoom < MAX_ZOOM else 0) + 1e-6


@given(st.floats(0, 1e9))
def test_a_level_is_the_first_at_which_a_distance_is_seen(distance):
    seen = [
        zoom
        for zoom in range(1, MAX_ZOOM)
        if distance > TOLERANCE_PX * UNITS_PER_PX * 2 ** (MAX_ZOOM - zoom)
    ]
    assert level_of(distance) == min([*seen, MAX_ZOOM])


# --- pictures ------------------------------------------------------------------------------


def is_inside(ring, x, y):
    """Count crossings to the west with whole numbers of any length."""
    inside = np.zeros(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in edges_of(ring.tolist()):
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0  # noqa: PLW2901
        crossed = (y0 <= y) & (y < y1)
        inside ^= crossed & ((x1 - x0) * (y - y0) <= (x - x0) * (y1 - y0))
    return inside


@given(SEEDS, st.integers(1, 6), st.integers(3, 9))
def test_the_middle_of_every_pixel_is_burnt_with_what_lies_there(seed, cells, bits):
    drawn, _, shapes = drawn_mosaic(seed, cells, 9, low=0.0, high=300.0)
    pixel = 1 << bits
    boxes = drawn.nodes[: drawn.count]
    west, north = (boxes[:, :2].min(axis=0) // pixel).astype(int) - 1
    east, south = (boxes[:, 2:].max(axis=0) // pixel).astype(int) + 2
    width, height = min(int(east - west), 60), min(int(south - north), 60)
    window = (int(west), int(north), width, height)
    picture = burn(drawn.placed, drawn.rings, drawn.features, boxes, pixel, window)
    x = (west + np.arange(width) + 0.5) * pixel
    y = (north + np.arange(height) + 0.5) * pixel
    wanted = np.zeros((height, width), dtype=np.uint32)
    for k in range(len(shapes)):
        ring = drawn.placed[drawn.rings[k] : drawn.rings[k + 1]].astype(object)
        wanted[is_inside(ring, *np.meshgrid(x.astype(int), y.astype(int)))] = k + 1
    assert (picture == wanted).all()


@given(SEEDS, st.integers(1, 8), st.integers(1, 40), st.integers(1, 40))
def test_halving_keeps_the_share_of_every_class(seed, classes, height, width):
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, classes, 50).astype(np.int32)
    picture = rng.integers(0, 51, (2 * height, 2 * width)).astype(np.uint32)
    smaller = halve(picture, kinds, classes)
    number = np.concatenate([[0], kinds + 1])
    before = np.bincount(number[picture].ravel(), minlength=classes + 1) / 4
    after = np.bincount(number[smaller].ravel(), minlength=classes + 1)
    assert np.abs(after - before).max() <= 1.5
    blocks = picture.reshape(height, 2, width, 2).transpose(0, 2, 1, 3).reshape(height, width, 4)
    assert (blocks == smaller[:, :, None]).any(axis=2).all()


def test_pictures_of_every_zoom_show_the_shares_of_the_ground(monkeypatch):
    monkeypatch.setattr(building, "switch_zoom", lambda _fullest: 13)
    rng = np.random.default_rng(7)
    shapes = mosaic(60, 3, rng, low=-40 * 4096.0, high=40 * 4096.0)
    share = [0.5, 0.3, 0.12, 0.06, 0.015, 0.005]
    numbers = rng.choice(6, len(shapes), p=share).astype(np.int32)
    kinds = Kinds(numbers, tuple("abcdef"), "k")
    drawn = make_drawn(np.array([in_tile(s, AT) for s in shapes], dtype=object), kinds)
    areas = shapely.area(np.array(shapes))
    truth = np.bincount(numbers, areas, minlength=6) / areas.sum()
    for zoom in range(8, 13):
        level: PictureLevel = drawn.pictures[zoom]
        filled = level.rows[level.rows > 0]
        found = np.bincount(numbers[filled - 1], minlength=6) / len(filled)
        assert np.abs(found - truth).max() < 0.01
        if len(filled) > 20_000:  # below, a pixel is more than a hundredth of a small class
            assert np.abs(found / truth - 1)[truth > 0.01].max() < 0.01


def test_taking_apart_keeps_count_of_parts_and_holes():
    box = shapely.box(0, 0, 9, 9)
    shapes = np.array(
        [
            shapely.MultiPolygon([box - shapely.box(1, 1, 2, 2), shapely.box(10, 0, 11, 1)]),
            None,
            box,
        ],
        dtype=object,
    )
    _, rings, holes, features = take_apart(shapes)
    assert holes.tolist() == [0, 1, 0, 0]
    assert features.tolist() == [0, 3, 3, 4]
    assert np.diff(rings).tolist() == [5, 5, 5, 5]
