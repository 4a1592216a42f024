"""The packed tree of boxes, against looking at every box."""

import numpy as np
import pytest

from geoapp.overlay.tree import build_tree, find_boxes, pack_order

SIZES = [0, 1, 7, 8, 9, 63, 64, 65, 512, 513, 600]
NOWHERE = np.array([np.inf, np.inf, -np.inf, -np.inf])


def random_boxes(count, seed, *, side=40) -> np.ndarray:
    """Boxes with integer corners, so that many touch and some are equal."""
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, side, (count, 2)).astype(float)
    return np.hstack([corner, corner + rng.integers(1, 6, (count, 2))])


def packed(boxes) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    ordered = boxes[pack_order(boxes)]
    return ordered, build_tree(ordered)


def share_ground(boxes, box) -> list[int]:
    wide = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    high = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1])
    return np.flatnonzero((wide > 0) & (high > 0)).tolist()


def find(tree, box) -> list[int]:
    found = np.full(1000, -7, dtype=np.int64)
    count = find_boxes(*tree, box, found)
    assert (found[count:] == -7).all()
    return found[:count].tolist()


@pytest.mark.parametrize("count", SIZES)
def test_exactly_the_boxes_that_share_ground_are_found_in_rising_order(count):
    ordered, tree = packed(random_boxes(count, count))
    for box in [*random_boxes(200, count + 1), *ordered[:50]]:
        assert find(tree, box) == share_ground(ordered, box)


@pytest.mark.parametrize("count", SIZES)
def test_a_box_around_everything_finds_all(count):
    _, tree = packed(random_boxes(count, count))
    assert find(tree, np.array([-1e9, -1e9, 1e9, 1e9])) == list(range(count))
    assert find(tree, -NOWHERE) == list(range(count))


@pytest.mark.parametrize("count", SIZES)
def test_a_box_beyond_or_without_extent_finds_nothing(count):
    _, tree = packed(random_boxes(count, count))
    for box in [(46.0, 0.0, 50.0, 50.0), (-5.0, -5.0, 0.0, 50.0), (0.0, 46.0, 50.0, 60.0), NOWHERE]:
        assert find(tree, np.array(box)) == []


@pytest.mark.parametrize("count", [1, 8, 9, 65, 600])
@pytest.mark.parametrize("room", [0, 1, 5])
def test_too_little_room_holds_the_first_and_tells_how_many_there_are(count, room):
    _, tree = packed(random_boxes(count, count))
    found = np.full(room + 1, -7, dtype=np.int64)[:room]
    around = np.array([-1.0, -1.0, 99.0, 99.0])
    assert find_boxes(*tree, around, found) == count
    fits = min(room, count)
    assert found[:fits].tolist() == list(range(fits))
    assert found.base[room] == -7


@pytest.mark.parametrize("count", SIZES)
def test_packing_loses_nothing_and_every_node_bounds_its_children(count):
    boxes = random_boxes(count, 3)
    assert sorted(pack_order(boxes).tolist()) == list(range(count))
    ordered, (nodes, begins) = packed(boxes)
    assert begins[0] == 0
    assert begins[-1] == len(nodes)
    assert nodes[:count].tolist() == ordered.tolist()
    if count:
        assert begins[-1] - begins[-2] == 1
        corners = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
        assert nodes[-1].tolist() == corners


def test_packing_keeps_neighbours_together():
    """Each node of eight leaves among 4096 unit squares is small."""
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(range(64), range(64)))
    shuffled = np.random.default_rng(0).permutation(4096)
    _, (nodes, begins) = packed(np.column_stack([x, y, x + 1, y + 1])[shuffled])
    parents = nodes[begins[1] : begins[2]]
    assert np.prod(parents[:, 2:] - parents[:, :2], axis=1).mean() <= 16


def test_equal_boxes_are_all_found():
    ordered, tree = packed(np.tile([1.0, 1.0, 2.0, 2.0], (600, 1)))
    assert find(tree, np.array([1.5, 1.5, 9.0, 9.0])) == list(range(len(ordered)))
    assert find(tree, np.array([2.0, 1.0, 9.0, 9.0])) == []
