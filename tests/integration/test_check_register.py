"""Stored checks on SQLite and PostgreSQL: kept, verified, noticed when changed, checked again."""

import json
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import jsonschema
import pytest
import shapely
import sqlalchemy as sa

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.compliance import storage
from geoapp.database.engine import writing
from geoapp.errors import (
    AccessError,
    ChoiceError,
    ConflictError,
    CrsError,
    FileError,
    GeometryError,
    NotFoundError,
)
from geoapp.i18n import LANGS, word_error
from geoapp.settings import Settings
from tests.building import DAY, LIBRARY, frame_of, write_city
from tests.checking import CONTROLS, squares

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
WHOLE = squares((0, 0, 80, 40))
PARCEL = squares((50, 10, 52, 11))
FARMLAND = squares((51, 5, 60, 20))
OWN_UNIT = "439901"  # all of the ground of these tests


BOTH = pytest.mark.parametrize(
    "settings", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def settings(request):
    postgres = getattr(request, "param", "sqlite") == "postgres"
    return Settings(database_url=request.getfixturevalue("postgres_url") if postgres else "")


def publish(workspace, layer, shapes, as_of=DAY, **columns):
    provenance = Provenance(
        as_of=as_of,
        source=Source(file="test"),
        sample=False,
        coverage={"439901": "complete", "439902": "complete"},
        importer="test",
    )
    frame = frame_of(LIBRARY.require(layer), shapes, columns)
    return workspace.publish(layer, frame, provenance)


@pytest.fixture
def workspace(tmp_path, settings):
    Workspace.init(write_city(tmp_path / "city"), tmp_path / "workspace").close()
    opened = Workspace.open(tmp_path / "workspace", settings=settings)
    publish(opened, "district", [WHOLE], code=["439901"], name=["东区"])
    for layer in CONTROLS:
        publish(opened, layer, [])
    publish(opened, "permanent_farmland", [FARMLAND], dlbm=["0101"])
    publish(opened, "landuse", [WHOLE], dlbm=["1206"])
    publish(opened, "urban_boundary", [WHOLE], ghfqmc=["特别用途区"])
    yield opened
    opened.close()


def require_schema(document):
    name = document["schema"].removeprefix("geoapp.").replace("/", "-")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.validate(json.loads(json.dumps(document)), schema)


def as_person(workspace, name, role, unit=""):
    return Workspace.open(
        workspace.folder,
        settings=workspace.settings,
        principal=Principal(name, role, unit),
    )


def alter(workspace, table, **values):
    with writing(workspace._engine) as connection:
        connection.execute(sa.update(table).values(**values))


@BOTH
def test_a_check_is_stored_found_and_verified(workspace):
    result = workspace.check(PARCEL, save=True, title="一号地块", remedy=True)
    assert result.serial.startswith("XT-")
    stored = workspace.stored_check(result.serial.lower())
    assert stored.result == result
    assert stored.result.to_json("en") == result.to_json("en")
    assert (stored.title, stored.verdict, stored.parcel_count) == ("一号地块", "prohibited", 1)
    found = workspace.verify(result.serial)
    assert (found.state, found.differences) == ("same", ())
    assert found.stored.result == result
    require_schema(found.to_json())
    for lang in LANGS:
        require_schema(result.to_json(lang))
    second = workspace.check(PARCEL, save=True)
    numbers = [int(serial.split("-")[2]) for serial in (result.serial, second.serial)]
    assert numbers == [1, 2]
    listed = workspace.history()
    assert [entry.serial for entry in listed] == [second.serial, result.serial]
    assert workspace.history(verdict="restricted") == []
    assert [event.action for event in workspace.audit.entries(most=2)] == ["check", "check"]


def test_what_is_not_stored_has_no_serial(workspace):
    result = workspace.check(PARCEL)
    assert (result.serial, result.made_at) == ("", None)
    assert workspace.history() == []


@pytest.mark.parametrize(
    "values",
    [
        {"verdict": "no_conflict_found"},
        {"actor": "somebody"},
        {"title": "other"},
        {"sample": True},
        {"digest": "0" * 64},
    ],
)
def test_a_changed_column_is_noticed(workspace, values):
    serial = workspace.check(PARCEL, save=True).serial
    alter(workspace, storage.SAVED, **values)
    assert workspace.verify(serial).state == "tampered"
    with pytest.raises(ConflictError) as caught:
        workspace.stored_check(serial)
    assert caught.value.code == "check-tampered"


@BOTH
def test_a_changed_figure_rule_or_override_is_noticed(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    workspace.override_check(serial, "restricted", "邻地误报")
    assert workspace.verify(serial).state == "same"
    row = workspace._register.require(serial).row
    for table, column, old, new in (
        (storage.SAVED, "result", '"bears":true', '"bears":false'),
        (storage.RULEBOOK, "content", '"effect":"prohibit"', '"effect":"notice"'),
    ):
        text = row["rulebook"] if column == "content" else row[column]
        assert old in text
        alter(workspace, table, **{column: text.replace(old, new, 1)})
        assert workspace.verify(serial).state == "tampered"
        alter(workspace, table, **{column: text})
        assert workspace.verify(serial).state == "same"
    alter(workspace, storage.OVERRIDE, reason="other")
    assert workspace.verify(serial).state == "tampered"


def test_new_data_leaves_the_old_answer_reproducible_and_is_found_by_checking_again(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    other = workspace.check(squares((5, 5, 6, 6)), save=True).serial
    publish(
        workspace, "permanent_farmland", [squares((5, 5, 7, 7))], date(2025, 1, 1), dlbm=["0101"]
    )
    assert workspace.verify(serial).state == "same"
    changed = {entry.serial: entry for entry in workspace.recheck_changed()}
    assert changed.keys() == {serial, other}
    entry = changed[serial]
    assert (entry.before, entry.after) == ("prohibited", "no_conflict_found")
    assert entry.layers == ("permanent_farmland",)
    assert not entry.rules_changed
    assert entry.parcels == (("1", "prohibited", "no_conflict_found"),)
    assert changed[other].after == "prohibited"


def test_nothing_changed_is_nothing_to_tell(workspace):
    workspace.check(PARCEL, save=True)
    publish(workspace, "hamlet", [shapely.Point(110.8, 29.41)])
    assert workspace.recheck_changed() == []


def test_a_snapshot_that_was_changed_or_is_gone_cannot_be_repeated(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    folder = workspace.snapshot("permanent_farmland").folder
    features = folder / "features.parquet"
    content = features.read_bytes()
    features.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    found = workspace.verify(serial)
    assert found.state == "not_reproducible"
    assert found.missing == (f"permanent_farmland/{folder.name}",)
    features.write_bytes(content)
    assert workspace.verify(serial).state == "same"
    shutil.rmtree(folder)
    assert workspace.verify(serial).state == "not_reproducible"


def test_a_stored_answer_that_comes_out_otherwise_is_different(workspace, monkeypatch):
    serial = workspace.check(PARCEL, save=True).serial
    monkeypatch.setattr("geoapp.compliance.judging.MOST_FEATURES", 0)
    found = workspace.verify(serial)
    assert found.state == "different"
    assert found.difference_count > 0
    assert "features" in found.differences[0].where


def test_rules_of_the_workspace_are_stored_with_the_check(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    shipped = workspace.rulebook
    rules = workspace.folder / "rules"
    rules.mkdir()
    text = (
        'rule = [{ id = "permanent-farmland-occupation", layer = "permanent_farmland", '
        'condition = "overlaps", effect = "notice", confidence = "low", '
        'title = { zh = "本地", en = "Local" }, advice = { zh = "-", en = "-" }, '
        'office = { zh = "-", en = "-" }, '
        'legal = [{ title = { zh = "某法", en = "A law" }, since = 2000-01-01 }] }]'
    )
    (rules / "local.toml").write_text(text, encoding="utf-8")
    again = as_person(workspace, workspace.principal.name, "administrator")
    assert again.rulebook.digest != shipped.digest
    assert again.check(PARCEL).verdict == "to_verify"
    assert again.verify(serial).state == "same"
    (entry,) = again.recheck_changed()
    assert (entry.after, entry.rules_changed) == ("to_verify", True)
    again.close()


@BOTH
def test_an_override_stands_beside_the_computed_conclusion(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    stored = workspace.override_check(serial, "to_verify", " 邻地误报 ", parcel="1")
    (override,) = stored.overrides
    assert (override.verdict, override.reason, override.parcel) == ("to_verify", "邻地误报", "1")
    assert override.actor == workspace.principal.name
    assert stored.verdict == stored.result.verdict == "prohibited"
    assert workspace.history()[0].overrides == stored.overrides
    assert json.loads(json.dumps(stored.to_json()))["overrides"][0]["reason"] == "邻地误报"
    for options, error in (
        (("to_verify", "  "), ChoiceError),
        (("legal", "because"), ChoiceError),
    ):
        with pytest.raises(error):
            workspace.override_check(serial, *options)
    with pytest.raises(NotFoundError):
        workspace.override_check(serial, "to_verify", "because", parcel="9")
    with pytest.raises(NotFoundError):
        workspace.override_check("XT-2020-000001-0", "to_verify", "because")


@BOTH
def test_who_may_check_and_see_what(workspace):
    township = as_person(workspace, "township", "township", OWN_UNIT)
    inspector = as_person(workspace, "inspector", "inspector")
    visitor = as_person(workspace, "guest", "public")
    serial = township.check(PARCEL, save=True).serial
    other = inspector.check(PARCEL, save=True).serial
    assert [entry.serial for entry in township.history()] == [serial]
    assert {entry.serial for entry in inspector.history(own=False)} == {serial, other}
    assert inspector.stored_check(serial).actor == "township"
    for refused in (
        lambda: township.stored_check(other),
        lambda: township.override_check(other, "restricted", "x"),
        lambda: township.history(own=False),
        lambda: visitor.check(PARCEL),
        visitor.history,
        lambda: visitor.stored_check(serial),
        visitor.drafts,
        lambda: visitor.check_corridor(shapely.LineString([(110.7, 29.4), (110.8, 29.4)]), 10),
    ):
        with pytest.raises(AccessError) as caught:
            refused()
        for lang in LANGS:
            assert word_error(caught.value, lang)
    public = visitor.verify(serial)
    assert (public.state, public.stored) == ("same", None)
    assert township.verify(other).stored is None
    assert township.verify(serial).stored is not None
    for person in (township, inspector, visitor):
        person.close()


@BOTH
def test_saved_parcels_are_their_owners_own(workspace):
    township = as_person(workspace, "t", "township")
    draft = workspace.save_draft(" 屋场 ", PARCEL, declared_m2=5000.0)
    assert (draft.name, draft.declared_m2) == ("屋场", 5000.0)
    assert draft.geometry.equals_exact(PARCEL, 0)
    assert township.drafts() == []
    moved = workspace.save_draft("屋场", FARMLAND)
    assert (moved.id, moved.declared_m2) == (draft.id, None)
    workspace.save_draft("第二", PARCEL)
    assert [d.name for d in workspace.drafts()] == ["第二", "屋场"]
    with pytest.raises(NotFoundError):
        township.delete_draft("屋场")
    workspace.delete_draft("屋场")
    assert [d.name for d in workspace.drafts()] == ["第二"]
    with pytest.raises(ChoiceError):
        workspace.save_draft(" ", PARCEL)
    with pytest.raises(GeometryError):
        workspace.save_draft("x", shapely.Polygon())
    township.close()


def test_what_is_no_serial_or_unknown_is_said(workspace):
    for serial, code in (
        ("hello", "check-serial-form"),
        ("XT-2026-000123-1", "check-serial-mistyped"),
        ("ZJ-2026-000123-8", "check-unknown"),
    ):
        for ask in (workspace.verify, workspace.stored_check):
            with pytest.raises(NotFoundError) as caught:
                ask(serial)
            assert caught.value.code == code


def test_parcels_come_from_files_with_number_name_and_stated_area(workspace, tmp_path):
    frame = gpd.GeoDataFrame(
        {"DKBH": ["A-1", "A-2"], "DKMC": ["一", None], "declared_m2": [4980.0, "?"]},
        geometry=[PARCEL, squares((5, 5, 6, 6))],
        crs="EPSG:4490",
    )
    geographic, plane = tmp_path / "p.gpkg", tmp_path / "q.gpkg"
    frame.to_file(geographic)
    frame.to_crs("EPSG:4546").to_file(plane)
    result = workspace.check([geographic, plane], balance=True)
    assert [p.row for p in result.parcels] == [1, 2, 3, 4]
    assert [p.id for p in result.parcels] == ["A-1", "A-2"] * 2
    assert [p.crs for p in result.parcels] == ["EPSG:4490"] * 2 + ["EPSG:4546"] * 2
    assert [(p.name, p.declared_m2) for p in result.parcels[:2]] == [("一", 4980.0), ("", None)]
    one, other = result.parcels[0], result.parcels[2]
    assert one.verdict == other.verdict == "prohibited"
    assert one.area_m2 == pytest.approx(other.area_m2, abs=0.01)
    assert sum(share.balanced_m2 for share in one.composition.classes) == 4980.0
    with pytest.raises(FileError):
        workspace.check(tmp_path / "absent.gpkg")
    with pytest.raises(GeometryError):
        workspace.check([42])


def test_a_check_that_is_cancelled_stores_nothing(workspace):
    class StoppedError(Exception):
        pass

    def stop(stage, _fraction):
        if stage == "check.measuring":
            raise StoppedError

    with pytest.raises(StoppedError):
        workspace.check(PARCEL, save=True, progress=stop)
    assert workspace.history() == []


def test_a_corridor_is_checked_with_chainage(workspace):
    west, east = squares((45, 10, 46, 11)), squares((65, 10, 66, 11))
    line = shapely.LineString([shapely.centroid(west), shapely.centroid(east)])
    found = workspace.check_corridor(line, 20.0, name="村道", save=True)
    (stretch,) = [s for s in found.stretches if s.layer == "permanent_farmland"]
    start, end = 5.5 / 20 * found.length_m, 14.5 / 20 * found.length_m
    assert (stretch.begin_m, stretch.end_m) == pytest.approx((start, end), abs=0.2)
    (parcel,) = found.check.parcels
    finding = next(f for f in parcel.findings if f.rule == "permanent-farmland-occupation")
    assert finding.overlap_m2 == pytest.approx(stretch.length_m * 20, rel=0.01)
    assert parcel.area_m2 == pytest.approx(found.length_m * 20, rel=0.001)
    assert parcel.name == "村道"
    assert found.true_length_m == pytest.approx(found.length_m, rel=0.001)
    assert workspace.verify(found.check.serial).state == "same"
    require_schema(found.to_json("en"))
    for wrong, width, error in (
        (line, 0.0, ChoiceError),
        (line, 5000.0, ChoiceError),
        (PARCEL, 10.0, GeometryError),
        (shapely.LineString(), 10.0, GeometryError),
        (shapely.LineString([(110.8, 29.4), (110.8, 29.4)]), 10.0, GeometryError),
        (shapely.LineString([(100.8, 29.4), (100.9, 29.4)]), 10.0, CrsError),
    ):
        with pytest.raises(error):
            workspace.check_corridor(wrong, width)


def test_snapshots_and_rules_of_a_day_are_asked_for_by_the_day(workspace):
    publish(workspace, "permanent_farmland", [], date(2025, 1, 1))
    assert workspace.check(PARCEL).verdict == "no_conflict_found"
    past = workspace.check(PARCEL, on=date(2024, 6, 1), save=True)
    assert past.verdict == "prohibited"
    assert workspace.verify(past.serial).state == "same"
    before = workspace.check(PARCEL, on=date(2023, 1, 1))
    assert before.verdict == "to_verify"
    assert before.snapshots == {}


def test_purposes_are_offered_in_both_languages(workspace):
    purposes = workspace.purposes()
    assert next(iter(purposes)) == "building"
    assert all(title.zh and title.en for title in purposes.values())
    with pytest.raises(ChoiceError):
        workspace.check(PARCEL, purpose="flying")


@BOTH
def test_a_key_that_was_lost_is_not_made_anew(workspace):
    serial = workspace.check(PARCEL, save=True).serial
    key = workspace.folder / "check.key"
    kept = key.read_bytes()
    key.unlink()
    again = as_person(workspace, "planner", "planner")
    with pytest.raises(FileError) as caught:
        again.verify(serial)
    again.close()
    assert caught.value.code == "check-key-lost"
    assert not key.exists()
    key.write_bytes(kept)
    assert workspace.verify(serial).state == "same"
