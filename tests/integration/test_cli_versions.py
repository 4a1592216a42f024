"""Imports and versions on the command line, run as a person runs them."""

import os
import signal
import subprocess
import sys
import time

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.settings import Settings
from tests.building import write_city
from tests.conftest import clean_environment
from tests.integration.test_cli import document, fingerprint, refused, run

BOX = (110.95, 29.40, 110.96, 29.41)


def boxes(*columns: int) -> gpd.GeoDataFrame:
    """Parcels side by side, one for each column."""
    west, south, east, north = BOX
    wide = east - west
    return gpd.GeoDataFrame(
        {
            "bsm": [str(column) for column in columns],
            "DLBM": ["0101"] * len(columns),
            "邻": ["甲"] * len(columns),
        },
        geometry=[
            shapely.box(west + wide * column, south, east + wide * column, north)
            for column in columns
        ],
        crs="EPSG:4490",
    )


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("versions")
    Workspace.init(write_city(folder / "source"), folder / "ws", settings=Settings()).close()
    return folder / "ws"


def write(frame, path):
    pyogrio.write_dataframe(frame, path)
    return path


def test_a_layer_goes_through_two_versions_and_back(city, tmp_path):
    first = document(
        city, "import", "landuse", write(boxes(0, 1, 2), tmp_path / "a.gpkg"),
        "--as-of", "2024-01-01", "--map", "邻=zldwmc", "--scale", "5000",
    )  # fmt: skip
    assert first["fields"]["zldwmc"] == "邻"
    assert first["scale"] == 5000
    bow_tie = boxes(1, 2, 3)
    bow_tie.loc[2, "geometry"] = shapely.Polygon([(110.98, 29.4), (110.99, 29.41), (110.99, 29.4), (110.98, 29.41)])  # fmt: skip
    bow_tie.loc[1, "geometry"] = None
    file = write(bow_tie, tmp_path / "b.gpkg")

    # A file with an error is refused as it is; left out rows go to a file of their own.
    before = fingerprint(city)
    assert "2" in refused(city, "import", "landuse", file, "--as-of", "2025-01-01")
    assert fingerprint(city) == before
    rejected, problems = tmp_path / "rejected.gpkg", tmp_path / "problems.xlsx"
    second = document(
        city, "import", "landuse", file, "--as-of", "2025-01-01", "--on-problem", "reject_rows",
        "--rejected", rejected, "--problems", problems,
    )  # fmt: skip
    assert (second["read_count"], second["feature_count"], second["rejected_count"]) == (3, 2, 1)
    assert second["remembered"]
    assert len(pyogrio.read_dataframe(rejected)) == 1
    assert openpyxl.load_workbook(problems).worksheets

    listed = document(city, "snapshots", "landuse")
    assert listed["names"] == [second["snapshot"], first["snapshot"]]
    assert [entry["current"] for entry in listed["snapshots"]] == [True, False]
    found = document(city, "compare", "landuse", first["snapshot"], second["snapshot"])
    assert (found["features"]["added"], found["features"]["removed"]) == (1, 2)
    back = document(city, "rollback", "landuse", first["snapshot"])
    assert back == {
        "schema": "geoapp.rollback/1",
        "layer": "landuse",
        "before": second["snapshot"],
        "current": first["snapshot"],
    }
    quality = document(city, "quality")
    known = next(layer for layer in quality["layers"] if layer["layer"] == "landuse")
    assert (known["snapshot"], known["scale"], known["scale_stated"]) == (
        first["snapshot"],
        5000,
        True,
    )


def test_what_waits_is_listed_published_and_discarded(city, tmp_path):
    workspace = Workspace.open(city, settings=Settings())
    file = write(boxes(5), tmp_path / "c.gpkg")
    one = workspace.stage_import("construction_land", file)
    two = workspace.stage_import("construction_land", file)
    workspace.close()
    waiting = document(city, "staged")
    assert {entry["id"] for entry in waiting["imports"]} == {one.id, two.id}
    assert one.id in run(city, "staged").stdout  # as a person reads it
    assert document(city, "staged", "--publish", one.id)["snapshot"]
    assert document(city, "staged", "--discard", two.id)["imports"] == []


def test_interrupting_an_import_leaves_everything_as_it_was(city, tmp_path):
    file = write(boxes(*range(3000)).set_geometry(boxes(*[0] * 3000).geometry), tmp_path / "e.gpkg")
    before = fingerprint(city)
    command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(city), "--lang", "en"]
    running = subprocess.Popen(
        [*command, "import", "landuse", str(file), "--as-of", "2026-01-01"],
        env=clean_environment(PYTHONUTF8="1"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    staging = city / "staging"
    end = time.monotonic() + 60
    while not list(staging.glob(".staging-*")) and running.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert fingerprint(city) == before
    assert not list(staging.glob("*"))
