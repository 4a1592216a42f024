"""The pieces that the mosaic is made with."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.sample.grid import Grid
from geoapp.sample.growth import components, grow, step_costs
from geoapp.sample.lattice import bend_lattice
from geoapp.sample.rings import trace
from geoapp.sample.scatter import allot, scatter
from geoapp.sample.shares import exact_amounts, exact_counts


def lattice_of(label, seed=1):
    rows, columns = label.shape
    grid = Grid(0.0, 0.0, 100.0, rows, columns)
    strip = np.zeros(label.shape, np.float32)
    return bend_lattice(grid, label, strip, np.random.default_rng(seed))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_regions_of_any_seeds_are_traced_to_a_valid_coverage(seed, count):
    rng = np.random.default_rng(seed)
    shape = (18, 23)
    seeds = np.zeros(shape, np.int32)
    seeds.ravel()[rng.permutation(seeds.size)[:count]] = np.arange(1, count + 1)
    label = grow(seeds, np.ones(shape, bool), step_costs(np.zeros(shape), rng, climb=1))
    assert components(label).max() == count
    polygons = trace(label, lattice_of(label, seed))
    assert len(polygons) == count
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)


def test_a_pinched_region_becomes_a_polygon_with_a_hole():
    label = np.array(
        [
            [1, 1, 1, 1, 1],
            [1, 1, 2, 2, 1],
            [1, 2, 1, 2, 1],
            [1, 2, 2, 1, 1],
            [1, 1, 1, 1, 1],
        ],
        np.int32,
    )
    label[2, 2] = 3
    label[1, 1] = 1
    pieces = components(label)
    polygons = trace(pieces, lattice_of(pieces))
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)


def test_islands_of_water_are_holes():
    label = np.ones((6, 6), np.int32)
    label[2:4, 2:4] = 2
    outer, inner = trace(label, lattice_of(label))
    assert shapely.get_num_interior_rings(outer) == 1
    assert shapely.intersection(outer, inner).area == 0


def test_seeds_are_exact_per_group_and_never_twice():
    rng = np.random.default_rng(5)
    row, column = np.divmod(np.arange(900), 30)
    group = (column > 14).astype(np.int64)
    counts = np.array([100, 7])
    drawn = scatter((row, column), group, rng.random(900), counts, rng)
    assert np.unique(drawn).size == 107
    assert np.bincount(group[drawn]).tolist() == [100, 7]


def test_a_group_of_one_cell_does_not_shift_the_others():
    cells = (np.zeros(40, int), np.arange(40))
    group = np.array([0] * 10 + [1] + [2] * 29)
    counts = np.array([2, 1, 5])
    drawn = scatter(cells, group, np.ones(40), counts, np.random.default_rng(2))
    assert np.bincount(group[drawn]).tolist() == [2, 1, 5]


def test_shares_add_up_and_keep_their_bounds():
    given_ = allot(10, np.array([5.0, 1.0, 1.0]), np.array([1, 1, 1]), np.array([4, 9, 9]))
    assert given_.sum() == 10
    assert given_[0] == 4


@given(st.integers(0, 99), st.integers(30, 90))
def test_exact_counts_are_exact(seed, total):
    rng = np.random.default_rng(seed)
    drawn = exact_counts(total, np.ones(30, int), np.full(30, 3), 1.0, rng)
    assert drawn.sum() == total
    assert drawn.min() >= 1
    assert drawn.max() <= 3


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="cannot be the sum"):
        exact_counts(100, np.ones(3, int), np.full(3, 4), 1.0, np.random.default_rng(1))


def test_exact_amounts_are_exact():
    cents = exact_amounts(100_001, np.array([1.0, 2.0, 3.3, 1e-9]))
    assert cents.sum() == 100_001
    assert cents.min() >= 1
