"""What the browser draws: never a figure, never a burden."""

import gzip
import json

import pytest
import shapely

from geoapp.tiles.features import overview_features
from tests.building import LIBRARY, make_store, on_ground, publish
from tests.oracles.grid import rectangle


@pytest.mark.parametrize("layer", ["ecological_redline", "hamlet", "demolition", "district"])
def test_an_empty_layer_is_an_empty_collection(tmp_path, layer):
    snapshot = publish(make_store(tmp_path), layer, [])
    content = overview_features(snapshot, LIBRARY.require(layer), "EPSG:4546")
    assert json.loads(gzip.decompress(content)) == {"type": "FeatureCollection", "features": []}


def test_a_tiny_feature_does_not_vanish_and_neighbours_keep_their_border(tmp_path):
    shapes = [
        on_ground(rectangle(0, 0, 1, 1)),
        on_ground(rectangle(1, 0, 20, 20)),
        on_ground(rectangle(0, 1, 1, 20)),
    ]
    snapshot = publish(
        make_store(tmp_path), "district", shapes, code=["1", "2", "3"], name=["a"] * 3
    )
    content = overview_features(snapshot, LIBRARY.require("district"), "EPSG:4546")
    drawn = [
        shapely.geometry.shape(f["geometry"])
        for f in json.loads(gzip.decompress(content))["features"]
    ]
    assert len(drawn) == 3
    assert all(shape.area > 0 for shape in drawn)


def test_missing_values_are_left_out_and_numbers_stay_numbers(tmp_path):
    snapshot = publish(
        make_store(tmp_path),
        "demolition",
        [on_ground(rectangle(0, 0, 1, 1)), on_ground(rectangle(2, 0, 3, 1))],
        case_no=["1", "2"],
        households=[3, float("nan")],
    )
    content = overview_features(snapshot, LIBRARY.require("demolition"), "EPSG:4546")
    one, other = sorted(
        (f["properties"] for f in json.loads(gzip.decompress(content))["features"]),
        key=lambda p: p["case_no"],
    )
    assert one["households"] == 3
    assert "households" not in other
