"""Versions of a layer: compared, rolled back, retired; and what is known of each layer."""

from datetime import date

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.city import Retention
from geoapp.catalog.storage import SnapshotTable
from geoapp.catalog.storage_mappings import MappingTable
from geoapp.database.engine import open_engine, sqlite_url
from geoapp.database.migration import upgrade
from geoapp.errors import AccessError, ConflictError, NotFoundError
from geoapp.settings import Settings
from tests.building import CELL_M2, on_ground, place, write_city
from tests.oracles.grid import rectangle

RED = "ecological_redline"
DAYS = [date(2024, month, 1) for month in range(1, 8)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request):
    if request.param == "postgres":
        return Settings(database_url=request.getfixturevalue("postgres_url"))
    return Settings()


@pytest.fixture
def workspace(tmp_path, settings):
    opened = Workspace.init(write_city(tmp_path / "source"), tmp_path / "ws", settings=settings)
    add(opened, tmp_path, "district", [(0, 0, 4, 4), (4, 0, 8, 4)], XZQDM=["439901", "439902"], XZQMC=["a", "b"])  # fmt: skip
    yield opened
    opened.close()


def add(workspace, tmp_path, layer, boxes, *, day=DAYS[0], crs=4490, **columns):
    shapes = [on_ground(rectangle(*box)) for box in boxes]
    data = {"MC": [str(n) for n in range(len(boxes))]} | columns
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4490").to_crs(crs)
    pyogrio.write_dataframe(frame, tmp_path / f"{layer}.gpkg")
    return workspace.import_file(layer, tmp_path / f"{layer}.gpkg", as_of=day)


def test_rolling_back_makes_the_earlier_one_current_and_leaves_a_trace(workspace, tmp_path):
    old = add(workspace, tmp_path, RED, [(0, 0, 1, 1)], day=DAYS[0]).snapshot
    new = add(workspace, tmp_path, RED, [(0, 0, 2, 1)], day=DAYS[2]).snapshot
    entry = workspace.rollback(RED, old)
    assert (entry.name, entry.current) == (old, True)
    assert workspace.stats(RED).totals[0].area_m2 == pytest.approx(CELL_M2, abs=1e-3)
    event = workspace.audit.entries(most=1)[0]
    assert (event.action, event.subject) == ("rollback", f"{RED}/{old}")
    assert event.detail == {"before": new}
    assert workspace.rollback(RED, new).name == new


def test_what_was_rolled_back_from_does_not_answer_for_the_days_after_it(workspace, tmp_path):
    old = add(workspace, tmp_path, RED, [(0, 0, 1, 1)], day=DAYS[0]).snapshot
    add(workspace, tmp_path, RED, [(0, 0, 2, 1)], day=DAYS[2])
    workspace.rollback(RED, old)
    assert workspace.snapshot(RED, as_of=DAYS[5]).name == workspace.snapshot(RED).name == old


def test_a_rollback_to_nowhere_changes_nothing(workspace, tmp_path):
    old = add(workspace, tmp_path, RED, [(0, 0, 1, 1)]).snapshot
    new = add(workspace, tmp_path, RED, [(0, 0, 2, 1)]).snapshot
    with pytest.raises(NotFoundError):
        workspace.rollback(RED, "2020-01-01-000000000000")
    with pytest.raises(ConflictError):
        workspace.rollback(RED, new)
    features = workspace.store.require_named(RED, old).folder / "features.parquet"
    content = bytearray(features.read_bytes())
    content[len(content) // 2] ^= 1
    features.write_bytes(content)
    with pytest.raises(ConflictError):
        workspace.rollback(RED, old)
    assert workspace.snapshot(RED).name == new


def test_the_sweep_follows_the_rule_and_spares_what_is_current_or_pinned(workspace, tmp_path):
    names = [
        add(workspace, tmp_path, RED, [(0, 0, k + 1, 1)], day=DAYS[k]).snapshot for k in range(5)
    ]
    assert workspace.sweep_snapshots() == []  # no rule: all are kept
    workspace.city = workspace.city.model_copy(update={"retention": Retention(newest=1)})
    workspace.rollback(RED, names[1])
    workspace.pinned = lambda: {(RED, names[2])}
    shown = workspace.sweep_snapshots()
    assert {sweep.entry.name for sweep in shown} == {names[0], names[3]}
    assert all(sweep.size_bytes > 0 and not sweep.removed for sweep in shown)
    assert len(workspace.snapshots(RED)) == 5
    swept = workspace.sweep_snapshots(dry_run=False)
    assert {sweep.entry.name for sweep in swept if sweep.removed} == {names[0], names[3]}
    assert {entry.name for entry in workspace.snapshots(RED)} == {names[1], names[2], names[4]}
    folders = {path.name for path in (workspace.folder / "layers" / RED).iterdir()}
    assert folders == {names[1], names[2], names[4]}
    assert workspace.snapshot(RED).name == names[1]
    with pytest.raises(NotFoundError):
        workspace.compare_snapshots(RED, names[0], names[1])


def test_a_snapshot_that_became_current_meanwhile_is_not_removed(workspace, tmp_path):
    old = add(workspace, tmp_path, RED, [(0, 0, 1, 1)]).snapshot
    assert workspace.store.retire(RED, old, "x") is False
    assert workspace.store.require_current(RED).name == old


def test_nothing_changed_is_an_empty_difference(workspace, tmp_path):
    name = add(workspace, tmp_path, RED, [(0, 0, 1, 1), (5, 0, 6, 1)], BSM=["a", "b"]).snapshot
    difference = workspace.compare_snapshots(RED, name, name)
    assert difference.empty
    assert difference.unchanged == 2
    assert len(difference.features) == 0
    assert all(d.gained_m2 == d.lost_m2 == d.reclassified_m2 == 0 for d in difference.districts)


def test_the_same_data_by_way_of_another_system_is_no_change(workspace, tmp_path):
    boxes = [(k, 0, k + 1, 3) for k in range(8)]
    old = add(workspace, tmp_path, RED, boxes, BSM=list("abcdefgh")).snapshot
    new = add(workspace, tmp_path, RED, boxes, BSM=list("abcdefgh"), crs=4525).snapshot
    assert old != new
    keyed = workspace.compare_snapshots(RED, old, new)
    assert (keyed.matched_by, keyed.unchanged, keyed.empty) == ("key", 8, True)
    old = add(workspace, tmp_path, RED, boxes).snapshot
    new = add(workspace, tmp_path, RED, boxes, crs=4525).snapshot
    by_shape = workspace.compare_snapshots(RED, old, new)
    assert (by_shape.matched_by, by_shape.unchanged, by_shape.empty) == ("geometry", 8, True)


@pytest.mark.parametrize("moved_m", [0.0005, 0.01])
def test_a_vertex_that_moved_less_than_a_millimetre_did_not_move(workspace, tmp_path, moved_m):
    names = []
    for move in (0.0, moved_m / 50):
        ring = [(0, 0), (0.9, 0), (0.9 + move, 0.9), (0, 0.9), (0, 0)]
        frame = gpd.GeoDataFrame(
            {"BSM": ["a"], "MC": ["a"]}, geometry=place([shapely.Polygon(ring)]), crs="EPSG:4490"
        )
        pyogrio.write_dataframe(frame, tmp_path / "m.gpkg")
        names.append(workspace.import_file(RED, tmp_path / "m.gpkg", as_of=DAYS[0]).snapshot)
    assert workspace.compare_snapshots(RED, *names).reshaped == (1 if moved_m > 0.001 else 0)


def test_points_and_lines_are_compared_by_feature(workspace, tmp_path):
    for layer, shapes in {
        "hamlet": [shapely.Point(x, 1) for x in range(3)],
        "road": [shapely.LineString([(x, 0), (x, 1)]) for x in range(3)],
    }.items():
        names = []
        for kept in ([0, 1], [1, 2]):
            frame = gpd.GeoDataFrame(
                {"MC": [str(k) for k in kept]},
                geometry=place([shapes[k] for k in kept]),
                crs="EPSG:4490",
            )
            pyogrio.write_dataframe(frame, tmp_path / "x.gpkg")
            names.append(workspace.import_file(layer, tmp_path / "x.gpkg", as_of=DAYS[0]).snapshot)
        difference = workspace.compare_snapshots(layer, *names)
        found = (difference.added, difference.removed, difference.unchanged)
        assert found == (1, 1, 1), layer
        assert difference.districts == ()
        assert sorted(difference.features["change"]) == ["added", "removed"]


def test_features_for_the_map_are_capped_largest_first_and_it_is_said(
    workspace, tmp_path, monkeypatch
):
    from geoapp.overlay import difference as module

    monkeypatch.setattr(module, "MOST_SHOWN", 3)
    add(workspace, tmp_path, RED, [(0, 3, 1, 4)])
    name = workspace.snapshot(RED).name
    new = add(workspace, tmp_path, RED, [(0, 0, k, 1) for k in range(1, 6)], day=DAYS[1]).snapshot
    difference = workspace.compare_snapshots(RED, name, new)
    assert difference.omitted == 3
    areas = sorted(difference.features["area_m2"] / CELL_M2)
    assert areas == pytest.approx([3, 4, 5])
    shapes = difference.features
    drawn = {round(a / CELL_M2): g for a, g in zip(shapes["area_m2"], shapes.geometry, strict=True)}
    for size, shape in drawn.items():
        west, _, east, _ = shape.bounds
        assert np.isclose((east - west) / (drawn[5].bounds[2] - drawn[5].bounds[0]), size / 5)


def test_comparing_asks_who_may_see_the_layer(workspace, tmp_path):
    name = add(workspace, tmp_path, RED, [(0, 0, 1, 1)]).snapshot
    workspace.principal = Principal("anybody", "public")
    for act in (
        lambda: workspace.compare_snapshots(RED, name, name),
        lambda: workspace.snapshots(RED),
        lambda: workspace.rollback(RED, name),
    ):
        with pytest.raises(AccessError):
            act()
    assert RED not in {found.layer for found in workspace.quality()}


def test_quality_says_per_layer_and_district_what_is_known(workspace, tmp_path):
    shapes = [on_ground(rectangle(0, 0, 1, 1)), on_ground(rectangle(2, 0, 3, 1))]
    frame = gpd.GeoDataFrame(
        {"MC": ["a", "b"], "MJ": [2500.0, 9.0]}, geometry=shapes, crs="EPSG:4490"
    )
    pyogrio.write_dataframe(frame, tmp_path / "q.gpkg")
    workspace.import_file(RED, tmp_path / "q.gpkg", as_of=DAYS[3], covers=("439901",), scale=10_000)
    quality = {found.layer: found for found in workspace.quality()}
    red = quality[RED]
    assert (red.as_of, red.source, red.scale, red.scale_stated) == (DAYS[3], "q.gpkg", 10_000, True)
    assert red.problems == {"area-differs": 1}
    assert red.checked_by == workspace.principal.name
    east, west = red.districts
    assert (east.coverage, west.coverage) == ("complete", "no_data")
    assert east.net_m2 == pytest.approx(2 * CELL_M2, abs=1e-3)
    assert east.share == pytest.approx(2 / 16)
    assert (west.net_m2, west.share) == (None, None)
    assert quality["landuse"].snapshot == ""
    assert {found.to_json()["layer"] for found in quality.values()} == set(quality)


# --- the register's tables on both databases --------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path):
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else sqlite_url(tmp_path / "r.db")
    opened = open_engine(url)
    upgrade(opened)
    yield opened
    opened.dispose()


def test_the_last_mapping_of_a_kind_of_file_is_remembered_by_layer(engine):
    table = MappingTable(engine)
    assert table.find("landuse", "s" * 64) == {}
    table.save("landuse", "s" * 64, {"A": "dlbm"}, "one")
    table.save("landuse", "s" * 64, {"B": "dlbm", "C": ""}, "two")
    table.save("road", "s" * 64, {"A": "mc"}, "one")
    assert table.find("landuse", "s" * 64) == {"B": "dlbm", "C": ""}
    assert table.find("road", "s" * 64) == {"A": "mc"}


def test_a_snapshot_can_be_recorded_beside_the_current_one(engine):
    table = SnapshotTable(engine)
    day = date(2024, 1, 1)
    table.make_current("landuse", "a", day, "d", 1, "x")
    table.record("landuse", "b", date(2020, 1, 1), "d", 1, "x")
    assert table.find_current("landuse") == "a"
    assert [(e.name, e.current) for e in table.entries("landuse")] == [("b", False), ("a", True)]
    assert table.find_as_of("landuse", date(2021, 1, 1)) == "b"
    table.switch("landuse", "b", "x")
    assert table.find_as_of("landuse", day) == table.find_current("landuse") == "b"
    assert table.remove("landuse", "b", "x") is False
    assert table.remove("landuse", "a", "x") is True
    assert table.names("landuse") == ["b"]
    with pytest.raises(NotFoundError):
        table.switch("landuse", "a", "x")
