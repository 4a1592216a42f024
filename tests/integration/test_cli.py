"""The command line, run as a person runs it."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import openpyxl
import pyarrow.parquet as pq
import pytest

from geoapp.overlay.index import INDEX_FILE
from tests.building import ROOT, write_city
from tests.commands import run_command
from tests.conftest import clean_environment

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
HOLE = Path(__file__).parents[1] / "data" / "example_hole.txt"
LAYER_IDS = {
    "district",
    "township",
    "village",
    "landuse",
    "road",
    "ecological_redline",
    "permanent_farmland",
    "urban_boundary",
    "scenic_area",
    "nature_reserve",
    "traditional_village",
    "hamlet",
    "demolition",
    "construction_land",
    "fire_station",
}


def run(folder, *arguments, lang="en", status=0, as_json=False, **environment):
    options = ["--workspace", str(folder), "--lang", lang, *(["--json"] if as_json else [])]
    done = run_command([*options, *map(str, arguments)], folder.parent, 120, environment)
    assert done.returncode == status, done.stderr + done.stdout
    return done


def document(folder, *arguments):
    """Run with --json: one document on standard output, as its schema says."""
    out = run(folder, *arguments, as_json=True).stdout
    assert out.count("\n") == 1
    found = json.loads(out)
    name = found["schema"].removeprefix("geoapp.").replace("/", "-")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.validate(found, schema)
    return found


def refused(folder, *arguments):
    """Run what cannot be done: status 2, one sentence in each language, nothing on stdout."""
    words = []
    for lang in ("zh", "en"):
        done = run(folder, *arguments, lang=lang, status=2)
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "Traceback" not in done.stderr
        words.append(done.stderr.strip())
    assert words[0] != words[1]
    return words[1]


def fingerprint(folder):
    """Hash of every file but those that are derived and the register's own side files."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
        and not {"measure", "tiles", "finding", "public"} & set(p.parts)
        and p.name != "derived.json"
        and "register" not in p.name
    }


def test_the_layers_are_listed_all_thirteen(sample_workspace):
    found = document(sample_workspace, "layers")
    assert {layer["id"] for layer in found["layers"]} == LAYER_IDS
    assert found["sample"] is True
    assert "Sample data" in run(sample_workspace, "layers").stdout


def test_measuring_the_example_gives_the_published_area(sample_workspace):
    found = document(sample_workspace, "measure", HOLE)
    [feature] = found["features"]
    assert round(feature["area_m2"], 2) == 7059.68
    assert round(feature["planar_m2"], 3) == 7060.125
    assert "7059.68" in run(sample_workspace, "measure", HOLE).stdout


@pytest.mark.parametrize("by", ["city", "district", "township", "village"])
def test_statistics_close_at_every_level(sample_workspace, by):
    found = document(sample_workspace, "stats", "landuse", "--by", by, "--class", "dlbm")
    rows = sum(row["area_m2"] or 0 for row in found["rows"])
    city = sum(row["area_m2"] or 0 for row in found["city"])
    assert abs(found["closure_m2"]) <= 0.01
    assert rows + found["outside_units_m2"] == pytest.approx(city, abs=0.01)


def test_layers_are_prepared_anew_and_answer_the_same(tmp_path, sample_workspace):
    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder)
    asked = ("stats", "landuse", "--by", "township", "--class", "dlbm")
    before = document(folder, *asked)
    dates = sorted((folder / "layers" / "landuse").glob("*/measure"))
    measure = dates[-1]  # of the current one; "index" prepares no other
    for file in measure.iterdir():
        file.write_bytes(b"nothing")
    assert document(folder, "index", "landuse", "--rebuild")["snapshots"].keys() == {"landuse"}
    assert (measure / INDEX_FILE).stat().st_size > 100_000
    assert document(folder, *asked) == before
    assert "road" in document(folder, "index")["snapshots"]
    assert "roads" in refused(folder, "index", "roads")


def test_statistics_inside_a_layer_and_a_unit(sample_workspace):
    inside = ("--inside", "ecological_redline")
    found = document(
        sample_workspace, "stats", "landuse", *inside, "--by", "township", "--within", "430811"
    )
    assert found["inside"] == "ecological_redline"
    assert all(row["unit_code"].startswith("430811") for row in found["rows"])
    assert {"landuse", "ecological_redline", "units"} == found["snapshots"].keys()


def test_the_sample_holds_the_reported_figures(sample_workspace):
    found = document(sample_workspace, "stats", "demolition", "--by", "city", "--class", "status")
    done = [r["sums"] for r in found["city"] if r["class"] in {"demolished", "rechecked", "closed"}]
    assert sum(sums["households"] for sums in done) == 30_300
    assert sum(sums["floor_area_m2"] for sums in done) == pytest.approx(2_778_000)
    assert document(sample_workspace, "stats", "hamlet", "--by", "city")["city"][0]["count"] == 114


def test_tables_are_written_as_files(sample_workspace, tmp_path):
    files = [tmp_path / f"a.{suffix}" for suffix in ("xlsx", "csv", "parquet")]
    options = [option for file in files for option in ("-o", file)]
    found = document(sample_workspace, "stats", "ecological_redline", *options)
    assert pq.read_table(files[2]).num_rows == len(found["rows"])
    assert openpyxl.load_workbook(files[0]).sheetnames == ["Statistics", "Notes"]
    assert files[1].read_bytes().startswith(b"\xef\xbb\xbf")


def test_of_several_outputs_none_is_written_when_one_cannot_be(sample_workspace, tmp_path):
    refused(
        sample_workspace, "stats", "landuse", "-o", tmp_path / "a.xlsx", "-o", tmp_path / "b.docx"
    )
    assert list(tmp_path.iterdir()) == []


def test_snapshots_are_listed(sample_workspace):
    found = document(sample_workspace, "snapshots", "landuse")
    assert found["current"] in found["names"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["stats", "roads"],
        ["stats", "@app.name"],
        ["stats", "landuse", "--by", "county"],
        ["stats", "landuse", "--class", "colour"],
        ["stats", "landuse", "--inside", "hamlet"],
        ["stats", "landuse", "--inside", "roads"],
        ["stats", "landuse", "--unit", "acre"],
        ["stats", "landuse", "--as-of", "yesterday"],
        ["stats", "landuse", "--as-of", "1999-01-01"],
        ["stats", "landuse", "--within", "999999", "--by", "village"],
        ["stats", "landuse", "-o", "a.docx"],
        ["import", "roads", str(HOLE)],
        ["import", "landuse", "nothing.gpkg"],
        ["import", "landuse", str(ROOT / "pyproject.toml")],
        ["import", "landuse", str(HOLE), "--as-of", "soon"],
        ["measure", "nothing.txt"],
        ["measure", str(HOLE), "--crs", "EPSG:4546"],
        ["measure", str(HOLE), "--crs", "EPSG:2382"],
        ["snapshots", "roads"],
        ["demo", "--parcels", "3"],
        ["demo", "--parcels", "2000000"],
        ["init", "nothing.toml"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_sentence_and_changes_nothing(sample_workspace, arguments):
    before = fingerprint(sample_workspace)
    lang = ("zh", "en")[len(" ".join(arguments)) % 2]  # either; starting Python takes seconds
    done = run(sample_workspace, *arguments, lang=lang, status=2)
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert fingerprint(sample_workspace) == before


def test_a_folder_that_is_no_workspace_is_refused(tmp_path):
    assert "geoapp init" in refused(tmp_path / "none", "layers")
    assert not (tmp_path / "none").exists()


def test_an_unknown_option_or_language_is_bad_input(sample_workspace):
    run(sample_workspace, "layers", "--colour", status=2)
    run(sample_workspace, "layers", lang="fr", status=2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_speaks_the_language_that_was_asked_for(sample_workspace, lang):
    out = run(sample_workspace, "--help", lang=lang).stdout
    assert ("Area statistics" in out) == (lang == "en")
    for command in ("init", "demo", "layers", "measure", "import", "stats", "serve", "snapshots"):
        assert command in out


def test_init_import_and_statistics_of_a_city_of_ones_own(tmp_path):
    city = write_city(tmp_path / "source")
    folder = tmp_path / "ws"
    assert document(folder, "init", city)["city"] == "439900"
    outline = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"XZQDM": "439901", "XZQMC": "E"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[111, 29], [111.1, 29], [111.1, 29.1], [111, 29.1], [111, 29]]
                    ],
                },
            }
        ],
    }
    file = tmp_path / "d.geojson"
    file.write_text(json.dumps(outline))
    dry = document(folder, "import", "district", file, "--dry-run", "--covers", "all")
    assert dry["snapshot"] is None
    done = document(folder, "import", "district", file, "--covers", "all", "--as-of", "2024-05-06")
    assert done["snapshot"].startswith("2024-05-06-")
    found = document(folder, "stats", "district", "--by", "district")
    assert found["rows"][0]["area_m2"] == pytest.approx(done["area_m2"], abs=1e-3)
    refused(folder, "init", city)
    refused(folder, "demo")


def test_demo_never_touches_what_is_not_a_sample(tmp_path):
    folder = tmp_path / "ws"
    run(folder, "init", write_city(tmp_path / "source"))
    before = fingerprint(folder)
    refused(folder, "demo")
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    refused(other, "demo")
    assert fingerprint(folder) == before
    assert [p.name for p in other.iterdir()] == ["letter.txt"]


def test_a_demo_that_is_interrupted_leaves_nothing_behind(tmp_path):
    command = [
        sys.executable,
        "-m",
        "geoapp.cli",
        "--lang",
        "en",
        "--workspace",
        str(tmp_path / "ws"),
        "demo",
        "--parcels",
        "2000",
    ]
    for wait in (3.0,):
        child = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(),
            cwd=tmp_path,
        )
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(wait)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 130, err
        assert "Traceback" not in err.decode()
        assert "Cancelled" in err.decode()
        assert out == b""
        assert list(tmp_path.iterdir()) == []


def test_the_sample_is_the_same_every_time(sample_workspace, tmp_path):
    again = tmp_path / "again"
    built = document(again, "demo", "--parcels", "2000")
    digests = {}
    for folder in (sample_workspace, again):
        found = [json.loads(p.read_text()) for p in (folder / "layers").glob("*/*/manifest.json")]
        assert {one["layer"] for one in found} == LAYER_IDS
        digests[folder] = {(one["layer"], one["as_of"]): one["digest"] for one in found}
    assert digests[sample_workspace] == digests[again]
    assert built["parcels"] == 2000


def test_a_damaged_register_is_one_sentence(sample_workspace, tmp_path):
    folder = tmp_path / "ws"
    shutil.copytree(sample_workspace, folder)
    for side in folder.glob("register.db*"):
        side.unlink()
    (folder / "register.db").write_bytes(os.urandom(5000))
    refused(folder, "layers")


def test_a_map_is_written_as_its_suffix_says(sample_workspace, tmp_path):
    out = tmp_path / "图.png"
    options = ["--layers", "district, township", "--within", "430811", "--portrait", "--dpi", "72"]
    done = run(sample_workspace, "map", "-o", out, *options, as_json=True)
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((SCHEMAS / "map-1.json").read_text()))
    assert out.read_bytes().startswith(b"\x89PNG")
    assert len(out.read_bytes()) == document["bytes"]
    refused = run(sample_workspace, "map", "-o", tmp_path / "map.gif", status=2)
    assert ".pdf .png" in refused.stderr
    refused = run(sample_workspace, "map", "-o", out, "--paper", "A9", lang="zh", status=2)
    assert "paper" in refused.stderr
    assert not (tmp_path / "map.gif").exists()
