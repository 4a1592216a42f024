"""Distances to a large feature by the pieces of its border are those to the feature."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.compliance.edges import Edges


def star(seed: int, count: int, x: float) -> shapely.Geometry:
    random = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radii = random.uniform(500, 1000, count)
    return shapely.Polygon(np.column_stack([x + radii * np.cos(angles), radii * np.sin(angles)]))


@given(seed=st.integers(0, 99), count=st.integers(3, 900))
def test_pieces_of_the_border_measure_as_the_whole_does(seed, count):
    shell = star(seed, count, 0.0)
    hole = shapely.Point(0, 0).buffer(200)
    shape = shapely.MultiPolygon([shell.difference(hole), star(seed + 1, 5, 5000.0)])
    random = np.random.default_rng(seed)
    places = random.uniform(-3000, 7000, (20, 2))
    grounds = np.array(
        [
            *shapely.points(places).tolist(),
            shapely.box(-50, -50, 50, 50),
            shapely.box(-9000, -9000, 9000, 9000),
        ]
    )
    grounds = np.array(
        [g if g.geom_type != "Point" else g.buffer(30) for g in grounds], dtype=object
    )
    found = Edges(shape).distances(grounds)
    np.testing.assert_allclose(found, shapely.distance(shape, grounds), atol=1e-9)
