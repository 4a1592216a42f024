"""Laws of lines in tiles: no length is lost or made, tiles agree, every cell shows its classes."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.overlay.kinds import Kinds, one_kind
from geoapp.tiles.building import make_drawn
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.nodes import NODE, find_nodes
from geoapp.tiles.rules import (
    BUFFER,
    EXTENT,
    LINE_CELL_PX,
    MAX_ZOOM,
    TOLERANCE_PX,
    UNITS_PER_PX,
)
from geoapp.tiles.vector import Labels, encode_tile
from tests.oracles.mvt import decode
from tests.tiling import AT, BUFFER_BOX, NONE, in_tile

SEEDS = st.integers(0, 10_000)
LAST = TileAddress(MAX_ZOOM, AT.x << 4, AT.y << 4)
CELL = LINE_CELL_PX * UNITS_PER_PX
TOLERANCE = TOLERANCE_PX * UNITS_PER_PX


@st.composite
def walks(draw, low=-3000, high=9000):
    """Lines in one or more parts, on and off the tile, that cross themselves and its rim."""
    rng = np.random.default_rng(draw(SEEDS))
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        step = rng.choice([5, 60, 900])
        start = rng.uniform(low, high, 2)
        points = start + rng.normal(0, step, (int(rng.integers(2, 60)), 2)).cumsum(axis=0)
        points = np.clip(points.round(), low, high)
        if rng.random() < 0.3:  # along rims and corners
            points = (points / BUFFER).round() * BUFFER
        if (points != points[0]).any():
            parts.append(points)
    return shapely.MultiLineString(parts or [[(low, low), (high, high)]])


def features_in(shapes, address, *, placed=None, kinds=None):
    ground = np.array([in_tile(shape, placed or address) for shape in shapes], dtype=object)
    kinds = kinds or one_kind(len(shapes))
    drawn = make_drawn(ground, kinds, "line")
    content = encode_tile(drawn, Labels(kinds, NONE, NONE), address, "x", keep_all=True)
    return decode(content)[0].features if content else []


def length_within(shape, box):
    """Add up the parts of each edge in a box: what is passed twice counts twice."""
    return sum(
        shapely.LineString(pair).intersection(box).length
        for part in shapely.get_parts(shape)
        for pair in pairwise(part.coords)
    )


def crossings(shape, box):
    """Count the edges that an outline may cut: their ends are rounded."""
    return sum(
        shapely.LineString(pair).intersects(box.boundary)
        for part in shapely.get_parts(shape)
        for pair in pairwise(part.coords)
    )


@given(walks())
def test_the_length_in_a_tile_is_that_of_the_line_cut_by_shapely(shape):
    found = features_in([shape], LAST)
    wanted = shape & BUFFER_BOX
    assert {feature.kind for feature in found} <= {2}
    drawn = sum(feature.shape.length for feature in found)
    slack = 3 * crossings(shape, BUFFER_BOX)
    assert abs(drawn - length_within(shape, BUFFER_BOX)) <= slack + 1e-3
    if drawn and wanted.length:
        stretches = [part for part in shapely.get_parts(wanted) if part.length]  # no mere touch
        assert found[0].shape.hausdorff_distance(shapely.union_all(stretches)) <= 2
    for feature in found:
        assert all(len(piece) > 1 for piece in feature.rings)
        assert all(a != b for p in feature.rings for a, b in pairwise(p))
        assert shapely.covers(BUFFER_BOX, feature.shape)


@given(walks(0, 2 * EXTENT))
def test_tiles_together_hold_the_whole_length(shape):
    square = shapely.box(0, 0, EXTENT, EXTENT)
    total, slack = 0.0, 1e-3
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        address = TileAddress(MAX_ZOOM, LAST.x + x, LAST.y + y)
        for feature in features_in([shape], address, placed=LAST):
            total += length_within(feature.shape, square)
        here = shapely.transform(square, lambda xy, at=(x, y): xy + np.array(at) * EXTENT)
        slack += 3 * crossings(shape, here)
    middle = shapely.MultiLineString([[(EXTENT, 0), (EXTENT, 8192)], [(0, EXTENT), (8192, EXTENT)]])
    slack += length_within(shape, middle)  # along the rim of two tiles it belongs to both
    assert abs(total - shape.length) <= slack


@given(walks(), st.integers(9, 17))
def test_what_is_drawn_lies_within_the_tolerance(shape, zoom):
    steps = AT.zoom - zoom
    address = (
        TileAddress(zoom, AT.x >> steps, AT.y >> steps)
        if steps >= 0
        else TileAddress(zoom, AT.x << -steps, AT.y << -steps)
    )
    origin = np.array([AT.x * EXTENT, AT.y * EXTENT]) / 2.0**steps
    origin -= np.array([address.x, address.y]) * EXTENT
    ground = shapely.transform(shape, lambda xy: xy / 2.0**steps + origin)
    small = [p for p in shapely.get_parts(ground) if max(np.ptp(p.coords, axis=0)) < CELL + 2]
    large = [p for p in shapely.get_parts(ground) if max(np.ptp(p.coords, axis=0)) >= CELL + 2]
    found = features_in([shape], address, placed=AT)
    drawn = shapely.union_all([feature.shape for feature in found])
    # each part of the line is drawn, but for those that are very small
    inner = BUFFER_BOX.buffer(-9)
    missing = shapely.union_all(large) & inner if large else shapely.Point()
    assert farthest(missing, drawn) <= TOLERANCE + 2
    # and nothing else is
    near_line = shapely.distance(spots(drawn), ground) <= TOLERANCE + 2
    boxes = shapely.GeometryCollection([shapely.box(*p.bounds) for p in small])
    near_dot = shapely.distance(spots(drawn), boxes) <= 10  # a dot stands in the middle of one
    assert (near_line | near_dot).all()


def spots(lines):
    """Points along lines, one a unit: distances to them need no buffer, which may have holes."""
    if lines.is_empty:
        return np.array([], dtype=object)
    return shapely.points(shapely.get_coordinates(shapely.segmentize(lines, 1.0)))


def farthest(lines, target):
    """How far some of the lines is from a target."""
    return max(shapely.distance(spots(lines), target), default=0.0)


def scattered(rng, count):
    """Pieces of all sizes around the border to the next tile."""
    begins = np.column_stack([rng.uniform(3900, 4300, count), rng.uniform(0, 500, count)])
    reach = rng.choice([3, 15, 30, 200], count)[:, None, None]
    lines = begins[:, None] + reach * rng.uniform(-0.5, 0.5, (count, 4, 2))
    return list(shapely.linestrings(lines.round()))


@given(SEEDS, st.integers(1, 400))
def test_two_tiles_draw_the_same_lines_along_their_border(seed, count):
    rng = np.random.default_rng(seed)
    shapes = scattered(rng, count)
    kinds = Kinds(rng.integers(0, 3, count).astype(np.int32), ("a", "b", "c"), "k")
    beside = TileAddress(AT.zoom, AT.x + 1, AT.y)
    strip = shapely.box(EXTENT - BUFFER + 2, -40, EXTENT + BUFFER - 2, EXTENT)
    here = {f.id: f.shape for f in features_in(shapes, AT, kinds=kinds)}
    there = {
        f.id: shapely.transform(f.shape, lambda xy: xy + np.array([EXTENT, 0]))
        for f in features_in(shapes, beside, placed=AT, kinds=kinds)
    }
    # what one tile draws in the strip is beside what the other draws, cut by no strip: a line
    # that leaves the strip at a flat angle would end far from its twin there
    for one, other in ((here, there), (there, here)):
        for row, shape in one.items():
            drawn = shape & strip
            twin = other.get(row, shapely.LineString())
            assert drawn.length <= 2 if twin.is_empty else (drawn - twin.buffer(2)).is_empty


@given(SEEDS, st.integers(1, 600))
def test_every_cell_shows_each_class_that_it_has_once(seed, count):
    rng = np.random.default_rng(seed)
    middles = rng.integers(100, 400, (count, 2)) * 1.0
    half = rng.integers(0, CELL // 2, (count, 2)) * 1.0  # the middle is the middle exactly
    half[(half == 0).all(axis=1)] = 1
    shapes = list(shapely.linestrings(np.stack([middles - half, middles + half], axis=1)))
    numbers = rng.integers(0, 3, count).astype(np.int32)
    cells = defaultdict(list)
    for row, (x, y) in enumerate(middles.astype(int) // CELL):
        cells[x, y, numbers[row]].append(row)
    kinds = Kinds(numbers, ("a", "b", "c"), "k")
    found = [feature.id for feature in features_in(shapes, AT, kinds=kinds)]
    assert found == sorted(rows[0] for rows in cells.values())
    every = [feature.id for feature in features_in(shapes, LAST, kinds=kinds)]
    assert every == list(range(count))


@given(SEEDS, st.integers(1, 8))
def test_nodes_of_lines_are_their_ends_and_where_they_part(seed, count):
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        points = rng.integers(0, 5, (int(rng.integers(1, 8)), 2)).tolist()
        lines.append([p for k, p in enumerate(points) if k == 0 or p != points[k - 1]])
    placed = np.array([p for line in lines for p in line], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lines)]).astype(np.int64)
    features = np.arange(count + 1)
    boxes = np.array([[*np.min(line, axis=0), *np.max(line, axis=0)] for line in lines], float)
    passed, ends = defaultdict(set), set()
    for line in lines:
        ends |= {tuple(line[0]), tuple(line[-1])}
        for before, at, after in zip(line, line[1:], line[2:], strict=False):
            passed[tuple(at)].add(tuple(sorted([tuple(before), tuple(after)])))
    wanted = [tuple(p) in ends or len(passed[tuple(p)]) > 1 for line in lines for p in line]
    found = find_nodes(placed, offsets, features, boxes, closed=False) == NODE
    assert found.tolist() == wanted
