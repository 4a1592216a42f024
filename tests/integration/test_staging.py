"""Staging: everything is known before anything changes, and nothing is done twice."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import (
    AccessError,
    CatalogError,
    ConflictError,
    FileError,
    GeometryError,
    InputError,
    NotFoundError,
)
from geoapp.i18n import LANGS, word_error
from geoapp.importers import staging as staging_module
from geoapp.importers.wording import word_place, word_problem
from geoapp.reports.problem_content import write_problems
from geoapp.settings import Settings
from tests.building import CELL_M2, LIBRARY, ROOT, on_ground, write_city
from tests.oracles.grid import rectangle

DAY = date(2024, 1, 1)
LATER = date(2024, 6, 1)
NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace.init(write_city(tmp_path / "source"), tmp_path / "ws", settings=Settings())
    yield opened
    opened.close()


def write(path: Path, shapes, **columns) -> Path:
    data = {"BSM": [str(n) for n in range(len(shapes))], "DLBM": ["0101"] * len(shapes)} | columns
    frame = gpd.GeoDataFrame(data, geometry=list(shapes), crs="EPSG:4490")
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path)
    return path


def squares(*places: tuple[int, int]) -> list[shapely.Geometry]:
    return [on_ground(rectangle(x, y, x + 1, y + 1)) for x, y in places]


def add_districts(workspace, tmp_path) -> None:
    shapes = [on_ground(rectangle(0, 0, 4, 4)), on_ground(rectangle(4, 0, 8, 4))]
    data = {"XZQDM": ["439901", "439902"], "XZQMC": ["a", "b"]}
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4490")
    pyogrio.write_dataframe(frame, tmp_path / "districts.gpkg")
    workspace.import_file("district", tmp_path / "districts.gpkg", as_of=DAY)


def seen(workspace) -> tuple[object, ...]:
    """What anybody can see of the landuse layer."""
    snapshot = workspace.store.find_current("landuse")
    return snapshot and snapshot.name, workspace.store.names("landuse")


def files(workspace) -> set[str]:
    return {str(path) for path in workspace.folder.rglob("*") if "register.db" not in path.name}


# --- what is staged changes nothing, and is published as it was shown -------------------------


def test_staging_changes_nothing_that_anybody_sees(workspace, tmp_path):
    before = seen(workspace)
    staged = workspace.stage_import(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY
    )
    assert seen(workspace) == before
    assert staged.publishable
    assert staged.report.snapshot == ""
    assert [one.id for one in workspace.staged_imports()] == [staged.id]


def test_a_staged_import_survives_a_restart_and_needs_the_file_no_more(workspace, tmp_path):
    add_districts(workspace, tmp_path)
    path = write(tmp_path / "a.gpkg", squares((0, 0), (5, 0)))
    staged = workspace.stage_import("landuse", path, as_of=DAY)
    path.unlink()
    workspace.close()
    again = Workspace.open(workspace.folder, settings=Settings())
    [found] = again.staged_imports()
    assert found == staged
    assert found.difference is not None
    assert found.difference.features is not None
    assert len(found.difference.features) == 2
    report = again.publish_import(found.id)
    assert report.snapshot == again.snapshot("landuse").name
    assert report.becomes_current
    assert again.staged_imports() == []
    assert again.snapshot("landuse").manifest.area_m2 == pytest.approx(2 * CELL_M2, abs=1e-3)
    again.close()


def test_importing_gives_what_staging_and_publishing_give(workspace, tmp_path):
    path = write(tmp_path / "a.gpkg", squares((0, 0), (1, 0)))
    name = workspace.publish_import(workspace.stage_import("landuse", path, as_of=DAY).id).snapshot
    assert workspace.import_file("landuse", path, as_of=DAY).snapshot == name


def test_publishing_measures_nothing_again(workspace, tmp_path, monkeypatch):
    from geoapp.overlay import index as index_module
    from geoapp.overlay import selfjoin

    add_districts(workspace, tmp_path)
    staged = workspace.stage_import(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY
    )

    def never(*_arguments, **_options):
        pytest.fail("it was measured when it was staged")

    monkeypatch.setattr(index_module, "measure_flat", never)
    monkeypatch.setattr(selfjoin, "touch_boxes", never)
    workspace.publish_import(staged.id)
    assert workspace.stats("landuse").rows[0].area_m2 == pytest.approx(CELL_M2, abs=1e-3)


def test_a_discarded_import_is_gone(workspace, tmp_path):
    before = files(workspace)
    staged = workspace.stage_import(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY
    )
    workspace.discard_import(staged.id)
    assert files(workspace) - before == {str(workspace.folder / "staging")}
    for id_ in (staged.id, "nothing", "../layers", "landuse-20240101-000000-../../aa"):
        with pytest.raises(NotFoundError):
            workspace.publish_import(id_)
        with pytest.raises(NotFoundError):
            workspace.discard_import(id_)


def test_what_nobody_publishes_is_swept_after_the_stated_time(workspace, tmp_path, monkeypatch):
    path = write(tmp_path / "a.gpkg", squares((0, 0)))
    old = workspace.stage_import("landuse", path, as_of=DAY)
    assert old.expires_at - old.staged_at == staging_module.KEPT_FOR
    monkeypatch.setattr(staging_module, "KEPT_FOR", timedelta(seconds=-1))
    assert workspace.staged_imports() == []
    assert not old.folder.exists()


def test_a_report_that_no_longer_holds_is_not_published(workspace, tmp_path):
    first = workspace.stage_import(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY
    )
    workspace.import_file("landuse", write(tmp_path / "b.gpkg", squares((1, 0))), as_of=DAY)
    before = seen(workspace)
    with pytest.raises(ConflictError) as caught:
        workspace.publish_import(first.id)
    assert caught.value.code == "staged-outdated"
    assert all("{" not in word_error(caught.value, lang) for lang in LANGS)
    assert seen(workspace) == before


def test_what_becomes_current_while_tiles_are_made_is_not_overwritten(workspace, tmp_path):
    first = workspace.stage_import(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY
    )
    other, overtaken = write(tmp_path / "b.gpkg", squares((1, 0))), []

    def progress(stage, _fraction):
        if stage == "index.sharing" and not overtaken:
            overtaken.append(workspace.import_file("landuse", other, as_of=DAY).snapshot)

    with pytest.raises(ConflictError):
        workspace.publish_import(first.id, progress=progress)
    assert [workspace.snapshot("landuse").name] == overtaken
    assert [one.id for one in workspace.staged_imports()] == [first.id]


@pytest.mark.parametrize("role", ["public", "township", "inspector"])
def test_only_who_may_publish_sees_the_desk(workspace, tmp_path, role):
    path = write(tmp_path / "a.gpkg", squares((0, 0)))
    staged = workspace.stage_import("landuse", path, as_of=DAY)
    workspace.principal = Principal("somebody", role)
    for act in (
        lambda: workspace.stage_import("landuse", path),
        lambda: workspace.propose_mapping("landuse", path),
        workspace.staged_imports,
        lambda: workspace.staged_import(staged.id),
        lambda: workspace.publish_import(staged.id),
        lambda: workspace.discard_import(staged.id),
        lambda: workspace.rollback("landuse", "x"),
        workspace.sweep_snapshots,
    ):
        with pytest.raises(AccessError):
            act()


# --- data that is older than what is there ----------------------------------------------------


def test_older_data_is_kept_beside_the_current_one_unless_asked_for(workspace, tmp_path):
    new = workspace.import_file("landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=LATER)
    path = write(tmp_path / "b.gpkg", squares((1, 0)))
    staged = workspace.stage_import("landuse", path, as_of=DAY)
    assert not staged.report.becomes_current
    report = workspace.publish_import(staged.id)
    assert not report.becomes_current
    assert workspace.snapshot("landuse").name == new.snapshot
    assert workspace.snapshot("landuse", as_of=DAY).name == report.snapshot
    asked = workspace.import_file("landuse", path, as_of=DAY, make_current="yes")
    assert asked.becomes_current
    assert workspace.snapshot("landuse").name == report.snapshot == asked.snapshot


def test_new_data_may_be_kept_beside_the_current_one(workspace, tmp_path):
    old = workspace.import_file("landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY)
    path = write(tmp_path / "b.gpkg", squares((1, 0)))
    report = workspace.import_file("landuse", path, as_of=LATER, make_current="no")
    assert workspace.snapshot("landuse").name == old.snapshot
    assert {entry.name for entry in workspace.snapshots("landuse")} == {
        old.snapshot,
        report.snapshot,
    }


# --- rows with errors -------------------------------------------------------------------------


def mixed(tmp_path) -> Path:
    """Six rows: good, no geometry, a point, a wrong number, an empty class, a bow tie."""
    good = squares((0, 0), (1, 0), (2, 0), (3, 0), (6, 0), (7, 0))
    x, y = shapely.get_coordinates(good[5])[0]
    tie = shapely.Polygon([(x, y), (x + 1e-3, y + 1e-3), (x + 1e-3, y), (x, y + 1e-3)])
    shapes = [good[0], None, shapely.Point(x, y), good[3], good[4], tie]
    numbers = ["1", "1", "1", "much", "1", "1"]
    codes = ["0101", "0101", "0101", "0101", "", "0101"]
    return write(tmp_path / "mixed.parquet", shapes, TBMJ=numbers, DLBM=codes)


def test_by_default_any_error_refuses_and_the_report_lists_all(workspace, tmp_path):
    path = mixed(tmp_path)
    staged = workspace.stage_import("landuse", path, as_of=DAY)
    report = staged.report
    assert report.refused
    assert not staged.publishable
    assert report.error_count == 4
    errors = {(p.code, p.row) for p in report.problems if p.severity == "error"}
    assert errors == {
        ("geometry-missing", 2),
        ("geometry-wrong-kind", 3),
        ("field-value-wrong", 4),
        ("field-empty", 5),
    }
    with pytest.raises(CatalogError) as caught:
        workspace.publish_import(staged.id)
    assert caught.value.code == "import-refused"
    for lang in LANGS:
        sentence = word_error(caught.value, lang)
        assert "mixed.parquet" in sentence
        assert " 4 " in sentence
        assert "{" not in sentence
    before = files(workspace)
    with pytest.raises(InputError):
        workspace.import_file("landuse", path, as_of=DAY)
    assert files(workspace) == before
    assert seen(workspace) == (None, [])


def test_one_kind_of_error_is_named_with_its_first_row(workspace, tmp_path):
    path = write(tmp_path / "a.parquet", [*squares((0, 0)), None, None])
    with pytest.raises(GeometryError) as caught:
        workspace.import_file("landuse", path, as_of=DAY)
    assert (caught.value.code, caught.value.facts["row"]) == ("geometry-missing", 2)
    assert caught.value.facts["count"] == 2


def test_rejected_rows_are_written_to_a_file_and_counts_add_up(workspace, tmp_path):
    staged = workspace.stage_import("landuse", mixed(tmp_path), as_of=DAY, on_problem="reject_rows")
    report = staged.report
    assert not report.refused
    assert (report.read_count, report.feature_count, report.rejected_count) == (6, 2, 4)
    assert staged.rejected_file is not None
    rejected = pyogrio.read_dataframe(staged.rejected_file)
    assert rejected["source_row"].tolist() == [2, 3, 4, 5]
    assert rejected["BSM"].tolist() == ["1", "2", "3", "4"]
    assert "much" in rejected["reason_en"][2]
    assert rejected.crs.to_epsg() == 4490
    assert rejected.geometry[0] is None
    assert rejected.geometry[1].geom_type == "Point"
    assert rejected["reason_zh"].str.len().min() > 3
    workspace.publish_import(staged.id)
    stored = workspace.layer("landuse")
    assert sorted(stored["bsm"]) == ["0", "5"]
    manifest = workspace.snapshot("landuse").manifest
    assert manifest.rejected == 4
    assert manifest.problems == report.problem_counts
    assert [repair.row for repair in manifest.repairs] == [6]


def test_accepting_leaves_wrong_values_empty_and_says_so(workspace, tmp_path):
    path = write(
        tmp_path / "a.gpkg", squares((0, 0), (1, 0)), TBMJ=["much", "2500"], DLBM=["0101", ""]
    )
    report = workspace.import_file("landuse", path, as_of=DAY, on_problem="accept")
    assert report.problem_counts["field-value-emptied"] == 1
    assert report.problem_counts["field-empty"] == 1
    stored = workspace.layer("landuse").set_index("bsm")
    assert np.isnan(stored["tbmj"]["0"])
    assert stored["tbmj"]["1"] == 2500
    with pytest.raises(InputError):  # nothing to accept in a row without a geometry
        workspace.import_file("landuse", mixed(tmp_path), as_of=DAY, on_problem="accept")


def test_without_leave_to_repair_invalid_rows_are_errors(workspace, tmp_path):
    path = mixed(tmp_path)
    options = {"on_problem": "reject_rows", "repair": False}
    report = workspace.import_file("landuse", path, as_of=DAY, **options)
    assert (report.feature_count, report.rejected_count, report.repairs) == (1, 5, ())


def test_a_file_of_errors_only_is_refused_even_when_rows_may_be_rejected(workspace, tmp_path):
    path = write(tmp_path / "a.parquet", [None, None])
    staged = workspace.stage_import(
        "landuse", path, as_of=DAY, on_problem="reject_rows", crs="4490"
    )
    assert staged.report.refused


def test_a_row_that_does_not_fit_the_system_is_an_error_of_that_row_only(workspace, tmp_path):
    frame = gpd.GeoDataFrame(
        {"BSM": list("abc"), "DLBM": ["0101"] * 3},
        geometry=squares((0, 0), (1, 0), (2, 0)),
        crs="EPSG:4490",
    ).to_crs(4525)
    frame.geometry = [frame.geometry[0], shapely.box(0, 0, 1, 1), frame.geometry[2]]
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with pytest.raises(GeometryError) as caught:
        workspace.import_file("landuse", tmp_path / "a.gpkg", as_of=DAY)
    assert (caught.value.code, caught.value.facts["row"]) == ("geometry-does-not-fit", 2)
    report = workspace.import_file(
        "landuse", tmp_path / "a.gpkg", as_of=DAY, on_problem="reject_rows"
    )
    assert (report.feature_count, report.rejected_count) == (2, 1)


@pytest.mark.parametrize("how", ["folder", "files", "text"])
def test_a_loose_shapefile_is_staged_whole_and_its_index_made_again(workspace, tmp_path, how):
    folder = tmp_path / "loose"
    folder.mkdir()
    write(folder / "a.shp", squares((0, 0)))
    (folder / "a.shx").unlink()
    source = {"folder": folder, "files": sorted(folder.iterdir()), "text": str(folder)}[how]
    with pytest.raises(FileError):
        workspace.stage_import("landuse", source, as_of=DAY)
    report = workspace.import_file("landuse", source, as_of=DAY, rebuild_index=True)
    assert (report.kind, report.feature_count) == ("shapefile", 1)


@pytest.mark.postgres
def test_a_table_of_a_database_is_staged_without_a_word_of_its_password(workspace, postgres_url):
    import psycopg

    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.Error:
            pytest.skip("no PostGIS on this machine")
        connection.execute(
            "CREATE TABLE parcels (bsm text, dlbm text, geom geometry(Polygon, 4490))"
        )
        [shape] = squares((0, 0))
        connection.execute(
            "INSERT INTO parcels VALUES ('1', '0101', ST_GeomFromText(%s, 4490))", [shape.wkt]
        )
    secret = plain.replace("geoapp@", "geoapp:secret@")
    staged = workspace.stage_import("landuse", f"{secret}?table=public.parcels", as_of=DAY)
    assert (staged.report.kind, staged.report.error_count) == ("postgis", 0)
    assert workspace.publish_import(staged.id).feature_count == 1
    assert "secret" not in staged.report.file
    assert "secret" not in workspace.snapshot("landuse").manifest.model_dump_json()


def test_the_list_of_findings_is_written_as_workbook_and_map(workspace, tmp_path):
    staged = workspace.stage_import("landuse", mixed(tmp_path), as_of=DAY)
    definition = LIBRARY.require("landuse")
    for lang in LANGS:
        for suffix in ("xlsx", "gpkg", "csv"):
            path = tmp_path / f"{lang}.{suffix}"
            write_problems(staged, definition, path, lang, NOW, sample=False)
            assert path.stat().st_size > 0
    sheet = openpyxl.load_workbook(tmp_path / "en.xlsx").worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == 4]
    assert any("much" in str(row) for row in rows)
    drawn = pyogrio.read_dataframe(tmp_path / "en.gpkg")
    assert set(drawn["row"]) == {p.row for p in staged.report.problems if p.row}
    assert drawn.set_index("row").geometry[4].area > 0
    assert drawn.set_index("row").geometry[2] is None


def test_every_finding_of_a_report_can_be_worded(workspace, tmp_path):
    add_districts(workspace, tmp_path)
    overlapping = [on_ground(rectangle(0, 0, 2, 1)), *squares((1, 0), (1, 0), (7, 3))]
    path = write(
        tmp_path / "a.gpkg",
        [shapely.force_3d(shape, 1.0) for shape in overlapping],
        DLBM=["0101k", "0101", "zzz", "1403"],
        BSM=["a", "a", "b", "c"],
        TBMJ=[1.0, 2500.0, 2500.0, 2500.0],
    )
    report = workspace.stage_import("landuse", path, as_of=DAY).report
    assert report.problem_counts == {
        "heights-dropped": 1,
        "key-twice": 1,
        "class-suffix-unknown": 1,
        "class-unknown": 1,
        "class-other-scheme": 1,
        "area-differs": 1,
        "features-overlap": 3,
        "unit-not-filled": 2,
    }
    overlaps = [p for p in report.problems if p.code == "features-overlap"]
    assert {(p.row, p.facts["other"], p.facts["area_m2"]) for p in overlaps} == {
        (2, 1, 2500.0),
        (3, 1, 2500.0),
        (3, 2, 2500.0),
    }
    for problem in report.problems:
        for lang in LANGS:
            assert "{" not in word_problem(problem, lang)
            assert word_place(problem, lang)


# --- fields -----------------------------------------------------------------------------------


def test_a_mapping_is_remembered_for_such_files_and_said(workspace, tmp_path):
    frame = gpd.GeoDataFrame({"KLASSE": ["0101"]}, geometry=squares((0, 0)), crs="EPSG:4490")
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with pytest.raises(CatalogError):
        workspace.import_file("landuse", tmp_path / "a.gpkg", as_of=DAY)
    proposal = workspace.propose_mapping("landuse", tmp_path / "a.gpkg")
    assert proposal.missing_required == ("dlbm",)
    staged = workspace.stage_import(
        "landuse", tmp_path / "a.gpkg", as_of=DAY, mapping={"klasse": "dlbm"}
    )
    assert workspace.propose_mapping("landuse", tmp_path / "a.gpkg").choices[0].how == "none"
    workspace.publish_import(staged.id)
    assert workspace.layer("landuse")["dlbm"].tolist() == ["0101"]
    assert workspace.propose_mapping("landuse", tmp_path / "a.gpkg").choices[0].how == "remembered"
    frame.assign(KLASSE="0103").to_file(tmp_path / "b.gpkg")
    report = workspace.import_file("landuse", tmp_path / "b.gpkg", as_of=LATER)
    assert report.remembered
    assert report.problem_counts["mapping-remembered"] == 1
    assert workspace.layer("landuse")["dlbm"].tolist() == ["0103"]
    assert workspace.snapshot("landuse").manifest.problems == {}  # how it was read is no fault
    with pytest.raises(CatalogError):  # another layer remembers nothing
        workspace.import_file("permanent_farmland", tmp_path / "b.gpkg", as_of=DAY)


# --- what would change ------------------------------------------------------------------------


def test_the_report_says_what_publishing_would_change(workspace, tmp_path):
    add_districts(workspace, tmp_path)
    workspace.import_file(
        "landuse", write(tmp_path / "a.gpkg", squares((0, 0), (1, 0), (5, 0))), as_of=DAY
    )
    path = write(
        tmp_path / "b.gpkg",
        squares((0, 0), (1, 1), (6, 0)),
        BSM=["0", "1", "9"],
        DLBM=["0301", "0101", "0101"],
    )
    difference = workspace.stage_import("landuse", path, as_of=LATER).difference
    assert difference is not None
    found = (difference.added, difference.removed, difference.reshaped, difference.edited)
    assert found == (1, 1, 1, 1)
    east, west = difference.districts
    assert east.gained_m2 == pytest.approx(CELL_M2, abs=1e-3)
    assert east.lost_m2 == pytest.approx(CELL_M2, abs=1e-3)
    assert east.reclassified_m2 == pytest.approx(CELL_M2, abs=1e-3)
    assert west.before_m2 == pytest.approx(west.after_m2, abs=1e-3)
    assert difference.features is not None
    assert sorted(difference.features["change"]) == [
        "added",
        "edited",
        "removed",
        "reshaped",
        "reshaped",
    ]


# --- stops in the middle ----------------------------------------------------------------------


class Stop(Exception):  # noqa: N818
    """What a person's click raises out of the progress report."""


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_a_person_can_stop_at_any_moment_and_nothing_is_left(workspace, tmp_path, after):
    add_districts(workspace, tmp_path)
    workspace.import_file("landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY)
    before, calls = (seen(workspace), files(workspace)), []

    def progress(stage, _fraction):
        calls.append(stage)
        if len(calls) > after:
            raise Stop

    with pytest.raises(Stop):
        workspace.import_file(
            "landuse", write(tmp_path / "b.gpkg", squares((1, 0))), as_of=LATER, progress=progress
        )
    assert seen(workspace) == before[0]
    left = {path for path in files(workspace) - before[1] if "/layers/" not in path}
    assert left <= {str(workspace.folder / "staging")}
    workspace.import_file("landuse", tmp_path / "b.gpkg", as_of=LATER)
    assert workspace.layer("landuse")["dlbm"].tolist() == ["0101"]


@pytest.mark.parametrize("call", range(1, 7))
def test_a_full_disk_at_any_write_is_a_sentence_and_nothing_is_left(
    workspace, tmp_path, monkeypatch, call
):
    workspace.import_file("landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY)
    path = write(tmp_path / "b.gpkg", squares((1, 0)))
    before, calls, original = (seen(workspace), files(workspace)), [], os.fsync

    def full(descriptor):
        calls.append(1)
        if len(calls) == call:
            raise OSError(28, "No space left on device")
        return original(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError) as caught:
        workspace.stage_import("landuse", path, as_of=LATER)
    assert caught.value.code == "file-unwritable"
    monkeypatch.undo()
    assert seen(workspace) == before[0]
    left = [one for one in workspace.staged_imports() if one.id not in before[1]]
    assert all(workspace.publish_import(one.id).snapshot for one in left)  # whole, if it is there
    if not left:
        assert files(workspace) == before[1]


_CHILD = """
import os, signal, sys
from pathlib import Path
from geoapp.bootstrap import Workspace
from geoapp.catalog import snapshot
from geoapp.catalog.storage import SnapshotTable
from geoapp.importers.staging import StagingArea

folder, staged, step = sys.argv[1:]
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)

def before(owner, name):
    setattr(owner, name, die)

def after(owner, name):
    original = getattr(owner, name)
    def run(*a, **k):
        original(*a, **k)
        die()
    setattr(owner, name, run)

workspace = Workspace.open(folder)
store = workspace.store
{"move": lambda: before(Path, "rename"),
 "moved": lambda: after(snapshot.SnapshotStore, "_move"),
 "derive": lambda: setattr(store, "_derive", die),
 "derived": lambda: after(store, "_derive"),
 "record": lambda: before(SnapshotTable, "make_current"),
 "recorded": lambda: after(SnapshotTable, "make_current"),
 "remember": lambda: before(StagingArea, "remove")}[step]()
workspace.publish_import(staged)
"""


@pytest.mark.parametrize(
    "step", ["move", "moved", "derive", "derived", "record", "recorded", "remember"]
)
def test_a_publisher_killed_at_any_step_leaves_the_old_or_the_new_and_can_go_on(
    workspace, tmp_path, step
):
    add_districts(workspace, tmp_path)
    old = workspace.import_file("landuse", write(tmp_path / "a.gpkg", squares((0, 0))), as_of=DAY)
    path = write(tmp_path / "b.gpkg", squares((1, 0), (2, 0)))
    staged = workspace.stage_import("landuse", path, as_of=LATER)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(workspace.folder), staged.id, step],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    current = workspace.snapshot("landuse")
    assert (current.name == old.snapshot) is (step not in {"recorded", "remember"})
    workspace.store.verify(current)
    assert len(current.read()) == current.manifest.feature_count
    [found] = workspace.staged_imports()
    report = workspace.publish_import(found.id)
    assert workspace.snapshot("landuse").name == report.snapshot
    assert len(workspace.layer("landuse")) == 2
    assert len(workspace.snapshots("landuse")) == 2
    assert workspace.staged_imports() == []
    assert workspace.stats("landuse").rows[0].area_m2 == pytest.approx(2 * CELL_M2, abs=1e-3)
