"""Snapshots: whole or not at all, whatever fails and whenever the process dies."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog import snapshot as snapshot_module
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import CatalogError, ConflictError, FileError, GeoAppError
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.shares import Shares
from geoapp.settings import Settings
from tests.building import LIBRARY, ROOT, frame_of, make_store, on_ground, publish, write_city
from tests.oracles.grid import rectangle

LAYER = "ecological_redline"


def shapes(count: int) -> list[shapely.Geometry]:
    return [on_ground(rectangle(3 * n, 0, 3 * n + 2, 2)) for n in range(count)]


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace.init(write_city(tmp_path / "source"), tmp_path / "ws", settings=Settings())
    yield opened
    opened.close()


def provenance(day=date(2024, 1, 1), **more) -> Provenance:
    facts = {"source": Source(file="a.gpkg", sha256="0" * 64, crs="EPSG:4546"), "sample": False, "coverage": {"439901": "complete"}, "importer": "t"}  # fmt: skip
    return Provenance(as_of=day, **(facts | more))


def put(workspace, count, day=date(2024, 1, 1), **more):
    frame = frame_of(LIBRARY.require(LAYER), shapes(count), {"mc": [str(n) for n in range(count)]})
    return workspace.publish(LAYER, frame, provenance(day, **more))


def test_the_stored_file_is_geoparquet_1_1_with_all_that_was_promised(workspace):
    snapshot = put(workspace, 3)
    file = pq.ParquetFile(snapshot.folder / "features.parquet")
    geo = json.loads(file.metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4490}
    assert set(column["covering"]["bbox"]) == {"xmin", "ymin", "xmax", "ymax"}
    group = file.metadata.row_group(0)
    assert {group.column(n).compression for n in range(group.num_columns)} == {"ZSTD"}
    names = file.schema_arrow.names
    assert [rule.name for rule in LIBRARY.require(LAYER).stored_fields] == [
        name for name in names if name not in {"geometry", "bbox"}
    ]


def test_every_field_of_the_manifest_is_filled(workspace):
    snapshot = put(workspace, 3, unmapped_fields=("X",), missing_fields=("mj",))
    manifest = snapshot.manifest
    bounds = shapely.total_bounds(np.array(shapes(3)))
    assert manifest.schema_version == "geoapp.snapshot/1"
    assert manifest.layer == LAYER
    assert manifest.as_of == date(2024, 1, 1)
    assert manifest.feature_count == 3
    assert manifest.area_m2 == pytest.approx(3 * 4 * 2500, abs=1e-3)
    assert manifest.bounds == pytest.approx(tuple(bounds))
    assert (manifest.unmapped_fields, manifest.missing_fields) == (("X",), ("mj",))
    content = (snapshot.folder / "features.parquet").read_bytes()
    assert manifest.digest == hashlib.sha256(content).hexdigest()
    assert snapshot.name.startswith("2024-01-01-")


def test_publishing_the_same_twice_gives_the_same_snapshot(workspace):
    first, second = put(workspace, 2), put(workspace, 2)
    assert first.name == second.name
    assert workspace.store.names(LAYER) == [first.name]
    assert put(workspace, 3).name != first.name
    assert put(workspace, 2).name == first.name
    assert workspace.store.require_current(LAYER).name == first.name


def test_the_order_of_rows_handed_over_does_not_change_the_stored_bytes(workspace):
    definition = LIBRARY.require(LAYER)
    one = frame_of(definition, shapes(4), {"mc": list("abcd")})
    other = one.iloc[::-1].reset_index(drop=True)
    first = workspace.publish(LAYER, one, provenance())
    assert workspace.publish(LAYER, other, provenance()).name == first.name


def test_a_flipped_byte_is_found(workspace):
    snapshot = put(workspace, 3)
    workspace.store.verify(snapshot)
    path = snapshot.folder / "features.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ConflictError):
        workspace.store.verify(snapshot)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff"])
def test_a_damaged_manifest_is_named(workspace, content):
    snapshot = put(workspace, 1)
    (snapshot.folder / "manifest.json").write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        _ = workspace.store.require_current(LAYER).manifest
    assert caught.value.code == "snapshot-damaged"


def test_an_earlier_day_gives_the_snapshot_then_in_force(workspace):
    old, new = put(workspace, 1, date(2020, 1, 1)), put(workspace, 2, date(2024, 1, 1))
    assert workspace.snapshot(LAYER, as_of=date(2023, 5, 5)).name == old.name
    assert workspace.snapshot(LAYER, as_of=date(2024, 1, 1)).name == new.name
    with pytest.raises(GeoAppError):
        workspace.snapshot(LAYER, as_of=date(2019, 12, 31))


STEPS = ["mkdir", "rename", "fsync", "write_features", "write_manifest", "register"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_failure_at_any_step_leaves_the_old_snapshot_current(workspace, monkeypatch, step, call):
    old = put(workspace, 1)
    calls = []

    def failing(original):
        def run(*arguments, **options):
            calls.append(1)
            if len(calls) == call:
                raise OSError(28, "No space left on device")
            return original(*arguments, **options)

        return run

    targets = {
        "mkdir": (Path, "mkdir"),
        "rename": (Path, "rename"),
        "fsync": (os, "fsync"),
        "write_features": (snapshot_module, "write_features"),
        "write_manifest": (snapshot_module, "write_synced"),
    }
    if step == "register":

        def broken(*_arguments, **_options):
            raise ConflictError("register-unavailable", reason="locked")

        monkeypatch.setattr(workspace.store._table, "make_current", broken)
    else:
        owner, name = targets[step]
        monkeypatch.setattr(owner, name, failing(getattr(owner, name)))
    try:
        put(workspace, 2)
    except GeoAppError as error:
        assert isinstance(error, FileError | ConflictError)  # noqa: PT017
        monkeypatch.undo()
        assert workspace.store.require_current(LAYER).name == old.name
    else:
        monkeypatch.undo()
        assert step != "register"
        # Without the folder of key indexes a publication only costs time later.
        assert len(calls) < call or (step, call) == ("mkdir", 3)
    current = workspace.store.require_current(LAYER)
    workspace.store.verify(current)
    leftovers = [
        p for p in (workspace.folder / "layers" / LAYER).iterdir() if p.name.startswith(".")
    ]
    assert leftovers == []
    put(workspace, 2)
    assert len(workspace.layer(LAYER)) == 2


_CHILD = """
import sys
from datetime import date
from tests.integration.test_snapshots import put
from geoapp.bootstrap import Workspace
from geoapp.overlay.warming import warm_up
from geoapp.tiles.warming import warm_tiles
workspace = Workspace.open(sys.argv[1])
warm_up()
warm_tiles()
print("ready", flush=True)
for count in range(2, 400):
    put(workspace, count % 37 + 1, date(2024, 1, 1 + count % 28))
"""


def test_a_process_killed_at_random_moments_never_leaves_a_torn_snapshot(workspace):
    first = put(workspace, 1)
    rng, seen = random.Random(5), {first.name}
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(workspace.folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.0, 0.25))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        current = workspace.store.require_current(LAYER)
        seen.add(current.name)
        workspace.store.verify(current)
        assert len(current.read()) == current.manifest.feature_count
    for folder in (workspace.folder / "layers" / LAYER).iterdir():
        if not folder.name.startswith("."):  # renamed: whole, current or not
            assert (folder / "manifest.json").is_file()
            assert (folder / "features.parquet").is_file()
    assert len(seen) > 1
    put(workspace, 3)


# --- derived tables ------------------------------------------------------------------------


def table_of(value: float) -> Shares:
    return Shares(np.array([0]), np.array([0]), np.array([value]))


def test_deleting_or_damaging_derived_tables_changes_nothing(tmp_path):
    from geoapp.overlay.result import StatsRequest
    from geoapp.overlay.tabulate import Tabulator
    from tests.building import make_city

    store = make_store(tmp_path)
    units = [on_ground(rectangle(0, 0, 3, 4)), on_ground(rectangle(3, 0, 6, 4))]
    publish(store, "district", units, code=["439901", "439902"], name=["a", "b"])
    red = [on_ground(rectangle(1, 1, 5, 3)), on_ground(rectangle(2, 0, 4, 4))]
    snapshot = publish(store, LAYER, red, lhlx=["水源涵养", "水土保持"])
    request = StatsRequest(LAYER, class_field="lhlx")

    def ask():
        return Tabulator(make_city(), LIBRARY, store).tabulate(request)

    expected = ask()
    files = sorted((snapshot.folder / "measure").iterdir())
    assert files
    rng = random.Random(1)
    for path in files:
        original = path.read_bytes()
        for damage in ("gone", "empty", "cut", "noise", "flip", "other"):
            if damage == "gone":
                path.unlink()
            elif damage == "other":
                pq.write_table(
                    pq.read_table(snapshot.folder / "features.parquet", columns=["mc"]), path
                )
            else:
                content = bytearray(original)
                if damage == "flip":  # in the data, not in the header or the footer
                    content[4 + rng.randrange(40)] ^= 0x10
                parts = {
                    "empty": b"",
                    "cut": original[:-9],
                    "noise": rng.randbytes(300),
                    "flip": bytes(content),
                }
                path.write_bytes(parts[damage])
            assert ask() == expected, (path.name, damage)
    for path in (snapshot.folder / "measure").iterdir():
        path.unlink()
    (snapshot.folder / "measure").rmdir()
    assert ask() == expected


def test_threads_that_ask_at_once_compute_once(tmp_path):
    snapshot = publish(make_store(tmp_path), LAYER, shapes(1))
    tables, calls, gate = DerivedTables(), [], threading.Barrier(6)

    def compute():
        calls.append(1)
        time.sleep(0.05)
        return table_of(1.0)

    def ask():
        gate.wait()
        assert tables.shares(snapshot, ("k",), compute).area_m2.tolist() == [1.0]

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_only_the_latest_tables_stay_in_memory(tmp_path):
    snapshot = publish(make_store(tmp_path), LAYER, shapes(1))
    tables = DerivedTables(most_bytes=32)  # two of them
    for n in range(5):
        tables.shares(snapshot, (f"k{n}",), lambda n=n: table_of(float(n)))
    assert len(tables._tables) == 2
    again = tables.shares(snapshot, ("k0",), lambda: pytest.fail("it lies on disk"))
    assert again.area_m2.tolist() == [0.0]


def test_a_changed_class_table_is_not_answered_from_an_old_one(tmp_path):
    """The definition is no snapshot: what was computed from it must not outlive it."""
    from geoapp.catalog.library import Library
    from geoapp.overlay.result import StatsRequest
    from geoapp.overlay.tabulate import Tabulator
    from tests.building import make_city

    store = make_store(tmp_path)
    publish(store, "district", [on_ground(rectangle(0, 0, 6, 4))], code=["439901"], name=["a"])
    parcels = [on_ground(rectangle(0, 0, 3, 3)), on_ground(rectangle(1, 1, 4, 4))]
    publish(store, "landuse", parcels, dlbm=["0101", "0103"])
    definition = LIBRARY.require("landuse")

    def ask(changed):
        library = Library([LIBRARY.require("district"), changed])
        table = Tabulator(make_city(), library, store).tabulate(
            StatsRequest("landuse", class_field="dlyj")
        )
        return {row.class_code: round(row.area_m2 / 2500, 6) for row in table.rows}

    assert ask(definition) == {"01": 14.0}
    values = tuple(
        value.model_copy(update={"parent": "02"}) if value.code == "0103" else value
        for value in definition.classes["landclass"]
    )
    changed = definition.model_copy(update={"classes": definition.classes | {"landclass": values}})
    assert ask(changed) == {"01": 9.0, "02": 9.0}
