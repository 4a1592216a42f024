"""Backup, restore and the doctor: nothing is lost, and whatever was damaged is named."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa

from geoapp.access.policy import PUBLIC, Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap.restoring import restore_workspace
from geoapp.cases.tip import NewTip
from geoapp.catalog.seal import read_seal
from geoapp.catalog.snapshot import DERIVED
from geoapp.catalog.storage import SnapshotTable
from geoapp.errors import AccessError, ConflictError, FileError, InputError, NotFoundError
from geoapp.i18n import LANGS, read_words, text
from geoapp.keeping.doctor import examine
from geoapp.keeping.record import RECORD, SUMS
from geoapp.keeping.verifying import verify_backup
from geoapp.settings import Settings
from tests.conftest import clean_environment
from tests.integration.test_cli import document, run
from tests.photos import photo
from tests.registering import *  # noqa: F403
from tests.registering import EAST, close, new, publish, to_performing

SERIAL_OK = "same"
PARCEL = shapely.box(111.1, 29.4, 111.101, 29.401)


@pytest.fixture
def lived_in(workspace, desk):
    """A city with data, a case that was closed with a photo, and a stored check."""
    publish(workspace, "ecological_redline", [EAST.buffer(-0.01)])
    close(desk, to_performing(desk, desk.register.open(new())))
    workspace.check(PARCEL, save=True, title="tried")
    (workspace.folder / "templates").mkdir()
    (workspace.folder / "templates" / "own.docx").write_bytes(b"own")
    return workspace


def settings_of(workspace, request):
    """Settings for a second register of the same kind, empty."""
    if not workspace.settings.database_url:
        return Settings()
    import psycopg

    server, _, name = workspace.settings.database_url.rpartition("/")
    plain = server.replace("+psycopg", "")
    with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_r")

    def drop():
        with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}_r WITH (FORCE)")

    request.addfinalizer(drop)
    return Settings(database_url=f"{server}/{name}_r")


def figures(workspace):
    """What a restored city must answer the same: statistics, checks, cases, chains."""
    [check] = workspace.history()
    case = workspace.cases.register.select().cases[0]
    stats = workspace.stats("ecological_redline").to_json()
    return {
        "stats": json.loads(json.dumps(stats)),
        "check": (check.serial, check.verdict, check.made_at),
        "verified": workspace.verify(check.serial).state,
        "case": case,
        "events": workspace.cases.register.events(case.id),
        "state": workspace.cases.register.verify(),
        "photos": [
            workspace.cases.evidence.read(shown.evidence.id)
            for shown in workspace.cases.evidence.select(case.id)
        ],
    }


def test_a_restored_city_answers_as_the_one_that_was_backed_up(lived_in, tmp_path, request):
    before, head = figures(lived_in), lived_in.verify_audit().head
    made = lived_in.backup(tmp_path / "kept")
    assert (made.doubts, made.audit_head) == ((), head)
    backup = tmp_path / "kept" / made.name
    assert verify_backup(backup).faults == ()
    restored = restore_workspace(
        backup, tmp_path / "again", settings=settings_of(lived_in, request)
    )
    again = restored.workspace
    assert figures(again) == before
    assert before["verified"] == SERIAL_OK
    assert again.audit_entries(most=1)[0].action == "restore"
    assert (again.folder / "templates" / "own.docx").read_bytes() == b"own"
    assert (again.folder / "check.key").stat().st_mode & 0o777 == 0o600
    assert restored.examination.healthy, restored.examination.symptoms
    # Numbers that the database gives go on where they stopped.
    assert again.check(PARCEL, save=True).serial != before["check"][0]
    again.close()


def test_a_backup_moves_a_city_from_one_database_to_the_other(lived_in, tmp_path, request):
    before = figures(lived_in)
    made = lived_in.backup(tmp_path / "kept")
    other = Settings()
    if not lived_in.settings.database_url:
        other = Settings(database_url=request.getfixturevalue("postgres_url"))
    restored = restore_workspace(tmp_path / "kept" / made.name, tmp_path / "moved", settings=other)
    assert figures(restored.workspace) == before
    assert restored.workspace.verify_audit().fault is None
    restored.workspace.close()


# --- SQLite is enough from here on ---------------------------------------------------------

ONE = pytest.mark.parametrize("workspace", ["sqlite"], indirect=True)


@pytest.fixture
def kept(lived_in, tmp_path):
    made = lived_in.backup(tmp_path / "kept")
    return tmp_path / "kept" / made.name


def flip(path: Path, at: int = -3) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


@ONE
def test_a_damaged_backup_is_refused_by_the_name_of_its_file(kept, tmp_path):
    places = sorted(p for p in kept.rglob("*") if p.is_file() and p.name != SUMS)
    chosen = [p for p in places if p.name in {"features.parquet", "register.db", "check.key"}]
    chosen += [p for p in places if "attachments" in p.parts]
    assert len(chosen) >= 5
    for number, path in enumerate(chosen):
        broken = tmp_path / f"broken-{number}"
        shutil.copytree(kept, broken)
        victim = broken / path.relative_to(kept)
        if number % 2:
            victim.unlink()
        else:
            flip(victim)
        name = victim.relative_to(broken).as_posix()
        assert [fault.file for fault in verify_backup(broken).faults] == [name]
        with pytest.raises(ConflictError) as caught:
            restore_workspace(broken, tmp_path / "again", settings=Settings())
        assert (caught.value.code, caught.value.facts["file"]) == ("backup-damaged", name)
        assert not (tmp_path / "again").exists()
        assert list(tmp_path.glob(".restoring-*")) == []


@ONE
def test_a_backup_cannot_write_outside_the_place_it_is_restored_to(kept, tmp_path):
    sums = kept / SUMS
    for place in ("files/../../evil", "/etc/evil", ""):
        whole = sums.read_text()
        sums.write_text(whole + f"{'0' * 64}  {place}\n")
        with pytest.raises(ConflictError) as caught:
            restore_workspace(kept, tmp_path / "again", settings=Settings())
        assert caught.value.facts["file"] == SUMS
        sums.write_text(whole)


@ONE
def test_a_place_that_holds_something_is_left_alone(kept, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    with pytest.raises(ConflictError) as caught:
        restore_workspace(kept, tmp_path / "full", settings=Settings())
    assert caught.value.code == "workspace-exists"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    with pytest.raises(NotFoundError):
        restore_workspace(tmp_path / "full", tmp_path / "again", settings=Settings())


@ONE
def test_a_backup_of_a_newer_version_is_refused(kept, tmp_path):
    record = json.loads((kept / RECORD).read_text())
    (kept / RECORD).write_text(json.dumps(record | {"revision": "9999"}))
    with pytest.raises(ConflictError) as caught:
        restore_workspace(kept, tmp_path / "again", settings=Settings())
    assert caught.value.code == "backup-too-new"


@ONE
def test_a_cancelled_backup_or_restore_leaves_nothing(lived_in, kept, tmp_path):
    def cancel(_stage, fraction):
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lived_in.backup(tmp_path / "other", cancel)
    assert list((tmp_path / "other").iterdir()) == []
    with pytest.raises(KeyboardInterrupt):
        restore_workspace(kept, tmp_path / "again", settings=Settings(), progress=cancel)
    assert list(tmp_path.glob(".restoring-*")) == []


@ONE
def test_a_backup_is_refused_inside_the_workspace_and_without_room(lived_in, tmp_path, monkeypatch):
    with pytest.raises(InputError) as caught:
        lived_in.backup(lived_in.folder / "backups")
    assert caught.value.code == "backup-inside"
    usage = type(shutil.disk_usage(tmp_path))(10, 9, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(FileError) as full:
        lived_in.backup(tmp_path / "kept")
    assert full.value.code == "backup-no-room"
    assert list((tmp_path / "kept").iterdir()) == []


@ONE
def test_a_backup_made_while_others_write_is_whole_and_of_one_moment(lived_in, tmp_path):
    stop = threading.Event()

    def write():
        other = Workspace.open(lived_in.folder, settings=Settings())
        number = 0
        while not stop.is_set():
            other.record("test", str(number))
            number += 1
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [lived_in.backup(tmp_path / "kept") for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    for record in made:
        backup = tmp_path / "kept" / record.name
        assert verify_backup(backup).faults == ()
        restored = restore_workspace(
            backup, tmp_path / f"again-{record.name}", settings=Settings()
        ).workspace
        state = restored.verify_audit()
        assert state.fault is None
        assert state.entries == record.rows["audit_entry"] + 1
        restored.close()


@ONE
def test_what_was_damaged_before_is_said_in_the_backup(lived_in, tmp_path):
    folder = lived_in.snapshot("district").folder
    flip(folder / "features.parquet")
    made = lived_in.backup(tmp_path / "kept")
    place = f"layers/district/{folder.name}/features.parquet"
    assert [(doubt.file, doubt.fault) for doubt in made.doubts] == [(place, "changed")]


@ONE
def test_only_administrators_keep_a_city(lived_in, tmp_path):
    planner = lived_in.acting_as(Principal("li", "planner"))
    for act in (
        planner.backup, planner.backups, planner.examine, planner.audit_entries, planner.health,
        planner.verify_audit, planner.audit_table, planner.count_audit, planner.audit_actions,
        lambda: planner.verify_backup("x"),
    ):  # fmt: skip
        with pytest.raises(AccessError):
            act()
    assert list(tmp_path.glob("*backups*")) == []


# --- the doctor ----------------------------------------------------------------------------


def codes(workspace):
    found = examine(workspace.folder, workspace.library)
    return {(one.code, one.subject.split("/")[-1]) for one in found.symptoms}


def alter(workspace, *statements):
    with workspace._engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@ONE
def test_a_healthy_city_has_no_symptoms_and_is_not_changed_by_looking(lived_in):
    before = {
        p: p.stat().st_mtime_ns for p in lived_in.folder.rglob("*") if "register" not in p.name
    }
    assert codes(lived_in) == set()
    after = {
        p: p.stat().st_mtime_ns for p in lived_in.folder.rglob("*") if "register" not in p.name
    }
    assert after == before


@ONE
def test_a_flipped_byte_in_any_file_is_found(lived_in):
    """Every file but texts that people may change, and tables that a question made since:
    those carry checksums of their own and are made again when they are read.
    """
    found_nothing = []
    sealed = {
        snapshot.folder / name
        for snapshot in lived_in.store.current().values()
        for name in read_seal(snapshot.folder)
    }
    assert len(sealed) > 20
    folder = lived_in.folder
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        place = path.relative_to(folder)
        if place.parts[0] in {"templates", "city.toml", "units.csv"} or "register" in path.name:
            continue
        if path.name == "derived.json" or "thumbnails" in place.parts or not path.stat().st_size:
            continue
        if set(place.parts) & set(DERIVED) and path not in sealed:
            continue
        content = path.read_bytes()
        flip(path, len(content) // 2)
        if not codes(lived_in):
            found_nothing.append(place.as_posix())
        path.write_bytes(content)
        path.chmod(0o600)
    assert found_nothing == []


@ONE
@pytest.mark.parametrize("pattern", ["layers/*/*/features.parquet", "layers/*/*/manifest.json", "attachments/[0-9a-f]*", "check.key", "units.csv"])  # fmt: skip
def test_a_missing_file_is_named(lived_in, pattern):
    path = next(p for p in sorted(lived_in.folder.glob(pattern)) if p.is_file())
    path.unlink()
    assert path.name in {subject for _, subject in codes(lived_in)}


@ONE
def test_what_can_be_made_again_is_and_nothing_else(lived_in):
    folder = lived_in.snapshot("ecological_redline").folder
    shutil.rmtree(folder / DERIVED[0])
    flip(next((lived_in.snapshot("district").folder / "tiles").rglob("placed.bin")))
    old = lived_in.folder / "layers" / "district" / ".publishing-1-aaaaaaaa"
    old.mkdir()
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    young = lived_in.folder / "layers" / "district" / ".publishing-2-bbbbbbbb"
    young.mkdir()
    mine = lived_in.folder / ".gitignore"
    mine.write_text("*")
    os.utime(mine, (1, 1))
    found = {code for code, _ in codes(lived_in)}
    assert found == {"index_missing", "derived_changed", "leftover"}
    assert lived_in.examine(repair=True).healthy
    assert (old.exists(), young.exists(), mine.exists()) == (False, True, True)
    assert lived_in.audit_entries(most=1)[0].action == "repair"


@ONE
def test_a_register_and_files_that_do_not_fit_are_found_both_ways(lived_in):
    layers = lived_in.folder / "layers"
    orphan = layers / "district" / "2020-01-01-000000000000"
    orphan.mkdir()
    stray = lived_in.folder / "attachments" / ("a" * 64)
    stray.write_bytes(b"x")
    for path in (orphan, stray):
        os.utime(path, (1, 1))
    SnapshotTable(lived_in._engine).record(
        "village", "2020-01-01-111111111111", lived_in.snapshot("district").manifest.as_of,
        "d" * 64, 1, "x",
    )  # fmt: skip
    found = codes(lived_in)
    assert ("snapshot_orphan", orphan.name) in found
    assert ("file_missing", "features.parquet") in found
    assert ("file_changed", "a" * 64) in found


@ONE
@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("audit_broken", ["DROP TRIGGER audit_entry_no_update", "UPDATE audit_entry SET actor = 'x' WHERE seq = 2"]),
        ("cases_broken", ["DROP TRIGGER case_event_no_update", "UPDATE case_event SET reason = 'x' WHERE seq = 2"]),
        ("case_unequal", ["UPDATE demolition_case SET stage = 'lead'"]),
        ("check_tampered", ["UPDATE saved_check SET verdict = 'no_conflict_found', actor = 'x'"]),
        ("register_older", ["UPDATE alembic_version SET version_num = '0003'"]),
        ("register_newer", ["UPDATE alembic_version SET version_num = '9999'"]),
    ],
)  # fmt: skip
def test_a_change_behind_the_register_is_found(lived_in, code, statements):
    alter(lived_in, *statements)
    found = examine(lived_in.folder, lived_in.library)
    assert code in {one.code for one in found.symptoms}
    assert bool(found.unexamined) == code.startswith("register")


@ONE
def test_secrets_that_others_can_read_are_found(lived_in):
    (lived_in.folder / "check.key").chmod(0o644)
    (lived_in.folder / "register.db").chmod(0o644)
    found = codes(lived_in)
    assert found == {("secret_open", "check.key"), ("secret_open", "register.db")}


@ONE
def test_a_register_file_that_is_broken_is_named_not_raised(lived_in):
    lived_in.close()
    path = lived_in.folder / "register.db"
    for log in lived_in.folder.glob("register.db-*"):
        log.unlink()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\x00" * 4096 * 9
    path.write_bytes(content)
    found = examine(lived_in.folder, lived_in.library)
    assert {one.code for one in found.symptoms} & {"register_damaged", "register_unreadable"}


def test_every_symptom_has_words_and_a_remedy_in_both_languages():
    sources = "\n".join(path.read_text() for path in Path("geoapp/keeping").glob("examine_*.py"))
    words = read_words("en")
    named = {key.removeprefix("doctor.") for key in words if key.startswith("doctor.")}
    symptoms = {key.removesuffix("_do") for key in named if key.endswith("_do")}
    assert len(symptoms) > 20
    for symptom in symptoms - {"city_damaged"}:
        assert f'"{symptom}"' in sources, symptom
        for lang in LANGS:
            facts = dict.fromkeys(("subject", "of", "layer", "reason", "revision", "needed", "seq", "fault", "count", "free", "mode", "wanted"), "?")  # fmt: skip
            assert text(lang, f"doctor.{symptom}", **facts) != ""


# --- faults --------------------------------------------------------------------------------


@ONE
def test_a_backup_that_is_killed_leaves_no_backup_and_the_next_one_works(lived_in, tmp_path):
    into = tmp_path / "kept"
    for delay in (0.9, 1.3, 1.7):
        process = subprocess.Popen(
            [sys.executable, "-m", "geoapp.cli", "--workspace", lived_in.folder, "backup", into],
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for folder in into.glob("[!.]*"):
            assert verify_backup(folder).faults == ()
    made = lived_in.backup(into)
    assert verify_backup(into / made.name).faults == ()


@ONE
def test_a_read_only_city_can_be_looked_at_and_says_why_it_cannot_be_changed(lived_in, tmp_path):
    """In a mount namespace of its own, where root too cannot write."""
    lived_in.close()
    script = tmp_path / "look.py"
    script.write_text(
        "import sys\n"
        "from geoapp.bootstrap import Workspace\n"
        "from geoapp.errors import GeoAppError\n"
        "ws = Workspace.open(sys.argv[1])\n"
        "print(len(ws.layers()) > 0, len(ws.history()), len(ws.stats('district').rows) > 0)\n"
        "try:\n"
        "    ws.record('x', 'y')\n"
        "except GeoAppError as error:\n"
        "    print(error.code)\n"
        "print(ws.examine().symptoms[0].code)\n"
    )
    folder = str(lived_in.folder)
    command = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec {sys.executable} {script} {folder}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command],
        check=False, capture_output=True, text=True, env=clean_environment(), timeout=60,
    )  # fmt: skip
    if "permitted" in done.stderr or "denied" in done.stderr:
        pytest.skip("no mounts on this machine")
    assert done.stdout.split() == ["True", "1", "True", "register-unavailable", "read_only"], (
        done.stderr
    )


# --- command line --------------------------------------------------------------------------


@ONE
def test_the_commands_give_their_documents_and_exit_statuses(lived_in, tmp_path):
    folder = lived_in.folder
    made = document(folder, "backup", tmp_path / "kept")
    backup = Path(made["folder"])
    assert document(folder, "backup", "--verify", backup)["whole"]
    restored = document(folder, "restore", backup, tmp_path / "again")
    assert restored["doctor"]["healthy"]
    assert document(folder, "doctor")["healthy"]
    audit = document(folder, "audit", "-o", tmp_path / "audit.csv")
    assert audit["fault"] is None
    assert "Back up" in (tmp_path / "audit.csv").read_text(encoding="utf-8-sig")
    flip(backup / "register.db")
    assert "register.db" in run(folder, "backup", "--verify", backup, status=1).stdout
    flip(folder / "layers" / "district" / lived_in.snapshot("district").name / "features.parquet")
    assert "features.parquet" in run(folder, "doctor", status=1).stdout


@ONE
@pytest.mark.parametrize("lost", [True, False], ids=["lost", "altered"])
def test_a_photo_of_a_tip_that_is_lost_or_altered_is_found(lived_in, lost):
    content = photo(at=(111.1001, 29.4001))
    tip = NewTip(111.1, 29.4, "A roof went up behind the school.", content, "a.jpg")
    lived_in.acting_as(PUBLIC).tips.send(tip, "10.0.0.1")
    path = lived_in.folder / "attachments" / hashlib.sha256(content).hexdigest()
    assert codes(lived_in) == set()
    if lost:
        path.unlink()
    else:
        path.chmod(0o600)
        path.write_bytes(content[:-1])
    assert codes(lived_in) == {("attachment_missing" if lost else "file_changed", path.name)}
