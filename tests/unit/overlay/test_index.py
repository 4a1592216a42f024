"""The measure index: stale ones are refused, fingerprints, code of the kernels."""

import numpy as np
import pytest
import shapely

from geoapp.geometry.flat import flatten
from geoapp.overlay import compiling
from geoapp.overlay.index import INDEX_FILE, describe, make_batch, open_index
from tests.building import make_store, on_ground, publish
from tests.oracles.grid import rectangle

LAYER = "ecological_redline"


@pytest.fixture
def published(tmp_path):
    shapes = [on_ground(rectangle(0, 0, 2, 2)), on_ground(rectangle(3, 0, 5, 4))]
    return publish(make_store(tmp_path), LAYER, shapes)


def opened(snapshot, *, gauss="EPSG:4546", count=2, area_m2=30_000.0):
    return open_index(snapshot.folder / "measure", gauss, count, area_m2)


def test_index_is_there_as_soon_as_a_layer_is_published(published):
    index = opened(published)
    assert index is not None
    assert sorted(index.areas) == pytest.approx([10_000, 20_000], abs=1e-3)
    assert shapely.area(index.geometries()) == pytest.approx(index.areas, abs=1e-6)
    assert shapely.area(index.geometries(np.array([1]))) == pytest.approx(index.areas[1:], abs=1e-6)


def test_index_of_other_features_or_another_plane_is_not_used(published):
    assert opened(published, count=3) is None
    assert opened(published, area_m2=30_000.5) is None
    assert opened(published, gauss="EPSG:4545") is None
    (published.folder / "measure" / INDEX_FILE).write_bytes(b"")
    assert opened(published) is None


def test_fingerprint_is_of_the_polygon_not_of_where_its_ring_begins():
    ring = [(0, 0), (2, 0), (2, 1), (0, 1)]
    turned = [*ring[2:], *ring[:2]]
    moved = [(0, 0), (2, 0), (2, 1), (0, 1.0000000001)]
    shapes = [shapely.Polygon(points) for points in (ring, turned, ring[::-1], moved)]
    _, _, hashes = describe(flatten(np.array(shapes, dtype=object)))
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


def test_batch_gives_bounds_and_area_and_nothing_for_the_empty():
    batch = make_batch(np.array([shapely.box(1, 2, 4, 6), shapely.Polygon()], dtype=object))
    assert batch.bounds[0].tolist() == [1, 2, 4, 6]
    assert batch.bounds[1, 0] > batch.bounds[1, 2]
    assert batch.area.tolist() == [12.0, 0.0]


def test_compiled_code_is_kept_under_the_content_of_all_kernels(tmp_path, monkeypatch):
    """A change in a kernel that others call must not leave their old code in use."""
    monkeypatch.setattr(compiling, "_SOURCES", tmp_path)
    (tmp_path / "inner.py").write_text("\n@compiled\ndef f(): return 1\n")
    (tmp_path / "other.py").write_text("no kernel")
    first = compiling.cache_folder()
    (tmp_path / "other.py").write_text("still none")
    assert compiling.cache_folder() == first
    (tmp_path / "inner.py").write_text("\n@compiled\ndef f(): return 2\n")
    assert compiling.cache_folder() != first
