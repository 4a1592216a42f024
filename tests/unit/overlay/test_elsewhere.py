"""What travels to workers is small, and what they open is the very same or refused."""

import os
import pickle

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoapp.errors import ClusterError, ConflictError
from geoapp.overlay.elsewhere import IndexBatch, open_batch, open_zones
from geoapp.overlay.index import INDEX_FILE, build_index, make_batch, read_index
from geoapp.overlay.portions import Portion, SharingOut
from geoapp.overlay.shelf import fingerprint_zones, write_zones
from geoapp.overlay.zones import build_zones

NOTHING = np.zeros(0, dtype=np.int64)


def write_index(folder, shift=0.0, count=40):
    """Write an index of squares in batches of ten."""
    west = 111 + shift + 0.001 * np.arange(count)
    squares = shapely.box(west, 29, west + 0.0005, 29.0005)
    folder.mkdir(exist_ok=True)
    frame = gpd.GeoDataFrame(geometry=list(squares), crs="EPSG:4490")
    frame.to_parquet(folder / "features.parquet", row_group_size=10)
    build_index(folder / "features.parquet", folder, "EPSG:4546")
    return folder / INDEX_FILE


def squares_as_zones(shift=0.0, count=3):
    west = shift + np.arange(count)
    return build_zones(shapely.box(west, 0, west + 1, 1), np.arange(count), around=True)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def travelled(something):
    return pickle.loads(pickle.dumps(something))  # noqa: S301


def refusal(act):
    with pytest.raises(ClusterError) as caught:
        act()
    return caught.value


def test_batch_arrives_with_its_rows_hidden(tmp_path):
    index = read_index(write_index(tmp_path))
    name = IndexBatch(index, 2, np.array([0, 3])).name()
    found = open_batch(*name)
    plain = open_batch(*IndexBatch(index, 2, NOTHING).name())
    assert same(plain, index.batches[2])
    assert found.area[[0, 3]].tolist() == [0.0, 0.0]
    assert np.isinf(found.bounds[[0, 3]]).all()
    others = [1, 2, *range(4, 10)]
    assert np.array_equal(found.area[others], plain.area[others])
    assert (index.batches[2].area > 0).all()


def test_portion_and_work_travel_without_vertices(tmp_path):
    corners = np.linspace(0, 2 * np.pi, 20_000)
    ring = shapely.Polygon(np.column_stack([111 + np.cos(corners) / 99, 29 + np.sin(corners) / 99]))
    frame = gpd.GeoDataFrame(geometry=[ring], crs="EPSG:4490")
    frame.to_parquet(tmp_path / "features.parquet")
    build_index(tmp_path / "features.parquet", tmp_path, "EPSG:4546")
    index = read_index(tmp_path / INDEX_FILE)
    portion = Portion(index.batches[0], np.zeros(1, np.int32), IndexBatch(index, 0, NOTHING))
    assert len(pickle.dumps(portion)) < 2000
    assert same(travelled(portion).batch, portion.batch)
    zones = build_zones(index.geometries(), np.zeros(1, dtype=np.intp), around=True)
    write_zones(tmp_path / "zones.arrow", zones)
    work = SharingOut(zones, tmp_path / "zones.arrow")
    assert len(pickle.dumps(work)) < 2000
    for one, other in zip(travelled(work)(portion), work(portion), strict=True):
        assert one.tobytes() == other.tobytes()


def test_portion_of_no_file_travels_whole():
    batch = make_batch(np.array([shapely.box(0, 0, 2, 1)], dtype=object))
    portion = travelled(Portion(batch, np.zeros(1, np.int32)))
    assert same(portion.batch, batch)


@pytest.mark.parametrize("name", ["index", "zones"])
def test_file_that_is_not_there_is_named_with_the_machine(tmp_path, name):
    file = str(tmp_path / "absent.arrow")
    error = refusal(
        lambda: open_batch(file, "", 0, NOTHING) if name == "index" else open_zones(file, "")
    )
    assert error.code == "cluster-file-unreadable"
    assert error.facts["file"] == file
    assert error.facts["worker"]
    assert error.facts["reason"] == os.strerror(2)


def test_other_features_under_the_same_path_are_refused(tmp_path):
    name = IndexBatch(read_index(write_index(tmp_path)), 1, NOTHING).name()
    open_batch(*name)
    write_index(tmp_path, shift=1e-7)
    assert refusal(lambda: open_batch(*name)).code == "cluster-file-differs"
    write_index(tmp_path, count=10)
    assert refusal(lambda: open_batch(*name)).code == "cluster-file-differs"
    write_index(tmp_path)
    open_batch(*name)


def test_other_batch_of_the_same_file_is_refused(tmp_path):
    file, _, _, _ = IndexBatch(read_index(write_index(tmp_path)), 1, NOTHING).name()
    wrong = read_index(tmp_path / INDEX_FILE).fingerprint(2)
    assert refusal(lambda: open_batch(file, wrong, 1, NOTHING)).code == "cluster-file-differs"


@pytest.mark.parametrize("kept", [0, 100, 1000])
def test_files_that_are_cut_off_are_refused(tmp_path, kept):
    index = write_index(tmp_path)
    name = IndexBatch(read_index(index), 0, NOTHING).name()
    whole = index.read_bytes()
    index.unlink()
    index.write_bytes(whole[:kept])
    assert refusal(lambda: open_batch(*name)).code == "cluster-file-differs"
    zones, file = squares_as_zones(), tmp_path / "zones.arrow"
    write_zones(file, zones)
    file.write_bytes(file.read_bytes()[:kept])
    check = fingerprint_zones(zones)
    assert refusal(lambda: open_zones(str(file), check)).code == "cluster-file-differs"


def test_zones_that_lie_elsewhere_are_other_zones(tmp_path):
    file = tmp_path / "zones.arrow"
    zones = squares_as_zones()
    write_zones(file, zones)
    found = open_zones(str(file), fingerprint_zones(zones))
    assert same(found[1:], zones[1:])
    assert same(found.lattice, zones.lattice)
    moved = zones._replace(lattice=zones.lattice._replace(west=zones.lattice.west + 1))
    assert fingerprint_zones(moved) != fingerprint_zones(zones)
    assert fingerprint_zones(squares_as_zones(shift=0.5)) != fingerprint_zones(zones)


def test_errors_travel_with_their_facts():
    error = travelled(ConflictError("snapshot-changed", layer="x", snapshot="y"))
    assert type(error) is ConflictError
    assert (error.code, error.facts) == ("snapshot-changed", {"layer": "x", "snapshot": "y"})
