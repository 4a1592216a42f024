"""What the pages tell the map about the layers of a workspace."""

from pathlib import Path

import pytest

from geoapp import Workspace
from geoapp.overlay.kinds import read_kinds
from geoapp.ui.map_layers import MOST_FEATURES, by_tiles_only, map_layers


@pytest.fixture(scope="module")
def city(sample_workspace: Path) -> Workspace:
    return Workspace.open(sample_workspace)


def test_every_stored_code_leads_to_a_class_of_the_legend(city: Workspace) -> None:
    for layer in map_layers(city, city.layers(), "zh"):
        if not layer.classes:
            continue
        definition, snapshot = city.library.require(layer.id), city.snapshot(layer.id)
        stored = read_kinds(definition, snapshot, layer.class_source)
        assert stored is not None
        listed, derived = {one.code for one in layer.classes}, dict(layer.class_of)
        assert {derived.get(code, code) for code in stored.names} == listed, layer.id


def test_large_layers_never_come_as_features(city: Workspace) -> None:
    drawn = {layer.id: layer for layer in map_layers(city, city.layers(), "zh")}
    assert drawn["landuse"].url == ""
    for name, layer in drawn.items():
        definition, snapshot = city.library.require(name), city.snapshot(name)
        assert bool(layer.url) != by_tiles_only(definition, snapshot)
        assert layer.tiled or layer.url
        if snapshot.manifest.feature_count > MOST_FEATURES:
            assert not layer.url


def test_dates_are_named_newest_first(city: Workspace) -> None:
    for layer in map_layers(city, city.layers(), "en"):
        assert [one.name for one in layer.snapshots] == city.store.names(layer.id)
        assert all(one.name.startswith(one.date) for one in layer.snapshots)
