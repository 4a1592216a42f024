"""Curves of WKB as chords: area and ends, in both byte orders and with heights."""

import struct

import numpy as np
import pytest
import shapely

from geoapp.importers.curves import to_chords

HALF = [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]  # above the chord, clockwise


def arcs(points, order="<", code=8, height=()):
    flat = [value for point in points for value in (*point, *height)]
    return struct.pack(
        f"{order}BII{len(flat)}d", 1 if order == "<" else 0, code, len(points), *flat
    )


def several(code, *parts, order="<"):
    return struct.pack(f"{order}BII", 1 if order == "<" else 0, code, len(parts)) + b"".join(parts)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("code", "height"), [(8, ()), (1008, (5.0,)), (3008, (5.0, 6.0))])
def test_an_arc_keeps_its_ends_and_bulges_to_its_side(order, code, height):
    line = to_chords(arcs(HALF, order, code, height))
    assert line.coords[0] == (0, 0)
    assert line.coords[-1] == (2, 0)
    assert line.bounds == pytest.approx((0, 0, 2, 1), abs=1e-6)
    assert line.length == pytest.approx(np.pi, abs=1e-5)


def test_an_arc_that_runs_left_lies_below():
    line = to_chords(arcs([(0, 0), (1, -1), (2, 0)]))
    assert line.bounds == pytest.approx((0, -1, 2, 0), abs=1e-6)


def test_first_and_last_point_in_one_make_a_circle():
    shape = to_chords(several(10, arcs([(0, 0), (2, 0), (0, 0)])))
    assert shape.area == pytest.approx(np.pi, abs=1e-5)


def test_points_on_one_line_stay_a_line():
    assert to_chords(arcs([(0, 0), (1, 0), (2, 0)])).length == 2


def test_a_compound_curve_joins_arcs_and_lines_and_holes_stay():
    closing = shapely.to_wkb(shapely.LineString([(2, 0), (0, 0)]))
    hole = shapely.to_wkb(shapely.LineString([(0.9, 0.1), (1.1, 0.1), (1, 0.2), (0.9, 0.1)]))
    polygon = several(10, several(9, arcs(HALF), closing), hole)
    shape = to_chords(several(12, polygon, shapely.to_wkb(shapely.box(5, 5, 6, 6))))
    assert shape.geom_type == "MultiPolygon"
    assert shape.is_valid
    assert shape.area == pytest.approx(np.pi / 2 - 0.01 + 1, abs=1e-5)


def test_several_curves_are_several_lines():
    shape = to_chords(several(11, arcs(HALF), shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]))))
    assert (shape.geom_type, len(shape.geoms)) == ("MultiLineString", 2)


@pytest.mark.parametrize(
    "wkb",
    [
        b"",
        b"\x01",
        arcs(HALF)[:-1],
        arcs(HALF[:2]),  # an even number of points is no run of arcs
        struct.pack("<BII", 1, 8, 0xFFFFFFFF),
        several(9, several(9, arcs(HALF))),
        several(12, arcs(HALF)),
        several(10, arcs([(0, 0), (1, 1), (2, 0)])) + b"",  # a ring that does not close
        shapely.to_wkb(shapely.Point(1, 1)),
    ],
)
def test_what_is_no_curve_is_none(wkb):
    shape = to_chords(wkb)
    assert shape is None or shape.is_valid
