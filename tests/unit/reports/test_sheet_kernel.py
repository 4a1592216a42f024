"""Polygons on paper: where they fall, and which pixels they fill."""

from fractions import Fraction

import numpy as np
import pyproj
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.index import make_batch
from geoapp.reports.sheet_frame import lay_out_frame
from geoapp.reports.sheet_kernel import fill
from geoapp.reports.sheet_request import MapSheetRequest
from geoapp.reports.sheet_trace import Tracer
from tests.building import make_city

SIDE = 12
UNITS_PER_PIXEL = 4
ROUNDING_UNITS = 1.0  # half a unit each way in x and in y, and the grid's own error

corner = st.integers(-3 * UNITS_PER_PIXEL, (SIDE + 3) * UNITS_PER_PIXEL)
ring = st.lists(st.tuples(corner, corner), min_size=3, max_size=40)
features = st.lists(st.lists(ring, min_size=1, max_size=3), min_size=1, max_size=3)


def flat(drawn):
    rings = [np.array(each, dtype=np.int32) for feature in drawn for each in feature]
    paper = np.concatenate(rings)
    starts = np.cumsum([0, *(len(each) for each in rings)]).astype(np.int64)
    firsts = np.cumsum([0, *(len(feature) for feature in drawn)]).astype(np.int64)
    return paper, starts, firsts


def inside(rings, x, y):
    """Count crossings to the left of a pixel's middle, exactly; ``None`` on an edge."""
    crossed = 0
    for each in rings:
        for (xa, ya), (xb, yb) in zip(each, [*each[1:], each[0]], strict=True):
            if (ya <= y) == (yb <= y):
                continue
            at = xa + Fraction(y - ya) / (yb - ya) * (xb - xa)
            if at == x:
                return None
            crossed += at < x
    return crossed % 2 == 1


@given(features)
@example([[[(0, 0), (48, 0), (48, 48), (0, 48)], [(8, 8), (8, 40), (40, 40), (40, 8)]]])
@example([[[(k % 2 * 40, k * 2) for k in range(40)]]])
def test_a_pixel_belongs_to_the_last_feature_that_holds_its_middle(drawn):
    picture = np.zeros((SIDE, SIDE), dtype=np.uint8)
    values = np.arange(1, len(drawn) + 1, dtype=np.uint8)
    fill(*flat(drawn), values, 1 / UNITS_PER_PIXEL, picture)
    for row in range(SIDE):
        for column in range(SIDE):
            x, y = ((Fraction(k) + Fraction(1, 2)) * UNITS_PER_PIXEL for k in (column, row))
            held = [inside(feature, x, y) for feature in drawn]
            if None not in held:
                last = max((k + 1 for k, yes in enumerate(held) if yes), default=0)
                assert picture[row, column] == last


@given(
    scale=st.integers(500, 1_000_000),
    east=st.floats(-1.2, 1.2),
    angles=st.lists(st.floats(0, 6.28), min_size=3, max_size=12, unique=True),
    reach=st.floats(0.05, 3),
)
def test_traced_polygons_lie_where_proj_puts_them(scale, east, angles, reach):
    city = make_city()
    request = MapSheetRequest(centre=(111 + east, 29.5), scale=scale)
    frame = lay_out_frame(request, city, (0.0,) * 4)
    west, south, far_east, north = frame.gauss_bounds
    middle = np.array([(west + far_east) / 2, (south + north) / 2])
    radius = reach * (far_east - west) / 2
    corners = [
        middle + radius * np.array([np.cos(angle), np.sin(angle)]) for angle in sorted(angles)
    ]
    plane = shapely.segmentize(shapely.Polygon(corners), max(69.0, radius / 500))
    if plane.area < 1:
        return
    back = pyproj.Transformer.from_crs(city.crs, "EPSG:4490", always_xy=True)
    ground = shapely.transform(plane, lambda xy: np.column_stack(back.transform(*xy.T)))
    batch = make_batch(to_measure_plane(np.array([ground], dtype=object), city.crs))
    tracer = Tracer(frame)
    box = shapely.box(0, 0, *frame.size)
    exact = shapely.transform(plane, frame.to_paper).intersection(box)
    if not len(tracer.find_rows(batch)):
        assert exact.is_empty
        return
    traced = tracer._trace(batch, np.zeros(1, dtype=np.int64), 0)
    shown = shapely.make_valid(traced.polygons()[0]).intersection(box)
    # What differs is a seam along the edges, no wider than the rounding.
    seam = exact.boundary.length + 8
    assert shown.symmetric_difference(exact).area <= ROUNDING_UNITS * seam


def test_vertices_that_fall_together_or_lie_straight_are_left_out():
    city = make_city()
    frame = lay_out_frame(MapSheetRequest(centre=(111, 29.5), scale=100_000), city, (0.0,) * 4)
    west, _, _, north = frame.gauss_bounds
    square = shapely.segmentize(
        shapely.box(west + 2000, north - 4000, west + 4000, north - 2000), 1
    )
    back = pyproj.Transformer.from_crs(city.crs, "EPSG:4490", always_xy=True)
    ground = shapely.transform(square, lambda xy: np.column_stack(back.transform(*xy.T)))
    batch = make_batch(to_measure_plane(np.array([ground], dtype=object), city.crs))
    traced = Tracer(frame)._trace(batch, np.zeros(1, dtype=np.int64), 0)
    assert len(batch.xy) > 8000
    assert len(traced.paper) < 40
    assert shapely.area(traced.polygons()[0]) == 2000.0**2


def test_a_border_shared_by_two_is_one_border():
    city = make_city()
    frame = lay_out_frame(MapSheetRequest(centre=(111, 29.5), scale=10_000), city, (0.0,) * 4)
    west, _, _, north = frame.gauss_bounds
    boxes = [shapely.box(west + x, north - 60, west + x + 50, north - 10) for x in (10, 60)]
    back = pyproj.Transformer.from_crs(city.crs, "EPSG:4490", always_xy=True)
    ground = [
        shapely.transform(b, lambda xy: np.column_stack(back.transform(*xy.T))) for b in boxes
    ]
    batch = make_batch(to_measure_plane(np.array(ground, dtype=object), city.crs))
    traced = Tracer(frame)._trace(batch, np.arange(2), 0)
    assert len(traced.edges()) == 7
