"""The sketch: true to shape, no names over one another, none lost without a word."""

import numpy as np
import pytest
import shapely

from geoapp.geometry.boundary_points import number_boundary
from geoapp.reports.check_pictures import sketch_size
from geoapp.reports.check_sketch import NORTH_MM, draw_sketch
from tests.check_results import EXAMPLE, many_points, to_degrees

ZONE = 37


def drawn(plane):
    rings = number_boundary(to_degrees(plane), ZONE)
    return rings, draw_sketch(rings, ZONE, *sketch_size(rings))


def boxes(sketch):
    """Rooms of the labels, somewhat narrower than the drawing reckons with."""
    found = []
    for label in sketch.labels:
        wide, high = len(label.text) * 0.5 * label.size_pt * 0.353, label.size_pt * 0.25
        box = shapely.box(-wide / 2, -high / 2, wide / 2, high / 2)
        turned = shapely.affinity.rotate(box, label.angle_deg)
        found.append(shapely.affinity.translate(turned, label.x_mm, label.y_mm))
    return found


@pytest.mark.parametrize(
    "plane", [EXAMPLE, many_points(), many_points(200)], ids=["4+4", "40", "200"]
)
def test_names_lie_inside_and_never_over_one_another(plane):
    _, sketch = drawn(plane)
    frame = shapely.box(0, 0, sketch.width_mm, sketch.height_mm)
    found = boxes(sketch)
    assert all(frame.covers(box) for box in found)
    tree = shapely.STRtree(found)
    first, second = tree.query(found, predicate="overlaps")
    assert len(first) == 0, [
        (sketch.labels[i].text, sketch.labels[j].text) for i, j in zip(first, second, strict=True)
    ]
    arrow = shapely.box(sketch.width_mm - NORTH_MM[0], 0, sketch.width_mm, NORTH_MM[1])
    assert not any(box.intersects(arrow) for box in found)


@pytest.mark.parametrize("count", [8, 40, 200])
def test_every_point_is_named_or_counted_as_left_out(count):
    rings, sketch = drawn(many_points(count))
    named = [label.text for label in sketch.labels if label.text.startswith("J")]
    assert len(named) + sketch.names_left_out == sum(map(len, rings)) == count
    assert "J1" in named


def test_the_drawing_has_the_shape_of_the_parcel():
    _, sketch = drawn(EXAMPLE)
    paper = shapely.Polygon(sketch.rings[0], [sketch.rings[1]])
    scale = np.sqrt(paper.area / EXAMPLE.area)
    x0, _, _, y1 = EXAMPLE.bounds
    moved = shapely.transform(EXAMPLE, lambda xy: (xy - (x0, y1)) * (scale, -scale))
    x, y = paper.bounds[:2]
    assert shapely.hausdorff_distance(shapely.affinity.translate(moved, x, y), paper) < 0.02


def test_names_of_a_hole_stand_in_the_hole():
    _, sketch = drawn(EXAMPLE)
    ground = shapely.Polygon(sketch.rings[0], [sketch.rings[1]])
    for label in sketch.labels:
        assert not ground.contains(shapely.Point(label.x_mm, label.y_mm)), label
