"""Many kills, full disks and long readers: what was acknowledged is there, and whole."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date

import pytest
import shapely
import sqlalchemy as sa

from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import GeoAppError
from geoapp.keeping.doctor import examine
from geoapp.settings import Settings
from tests.building import LIBRARY, frame_of, write_city
from tests.conftest import clean_environment
from tests.registering import EAST, WEST, publish

KILLS = int(os.environ.get("GEOAPP_TEST_KILLS") or 30)  # 200 and more by night
RED = "ecological_redline"
SHAPE = shapely.box(111.1, 29.1, 111.2, 29.2)
TOUCHES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink"}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    opened = Workspace.init(write_city(folder / "city"), folder / "ws", settings=Settings())
    publish(opened, "district", [EAST, WEST], code=["439901", "439902"], name=["东", "西"])
    publish(opened, RED, [SHAPE])
    opened.close()
    return folder / "ws"


@pytest.fixture
def folder(city, tmp_path):
    shutil.copytree(city, tmp_path / "ws")
    return tmp_path / "ws"


@pytest.fixture
def workspace(folder):
    opened = Workspace.open(folder, settings=Settings())
    yield opened
    opened.close()


def require_whole(folder):
    opened = Workspace.open(folder, settings=Settings())
    assert [
        one for one in examine(folder, opened.library).symptoms if one.severity == "fault"
    ] == []
    opened.close()


# --- kills ------------------------------------------------------------------------------------


def write_until_killed(folder, out, start):
    """Write words into the audit trail for ever; tell of each when it is done."""
    opened = Workspace.open(folder, settings=Settings())
    number = start
    while True:
        opened.record("test", f"word {number}")
        os.write(out, b"%d\n" % number)
        number += 1


def test_no_audited_word_is_lost_or_torn_however_often_the_writer_is_killed(folder):
    chance, acknowledged = random.Random(11), set()
    for kill in range(KILLS):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write_until_killed(folder, writing, kill * 1_000_000)
            finally:
                os._exit(1)
        os.close(writing)
        first = os.read(reading, 4096)
        time.sleep(chance.random() / 15)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said = first
        while part := os.read(reading, 65536):
            said += part
        os.close(reading)
        acknowledged |= {int(line) for line in said.split(b"\n")[:-1]}
    opened = Workspace.open(folder, settings=Settings())
    kept = {one.subject for one in opened.audit_entries(most=1_000_000) if one.action == "test"}
    assert {f"word {number}" for number in acknowledged} <= kept
    assert len(kept) - len(acknowledged) <= KILLS
    assert len(acknowledged) > KILLS
    assert opened.verify_audit().fault is None
    opened.close()
    require_whole(folder)


def publish_and_die(folder, shape, kth):
    """Publish, and be killed before the k-th thing done to the snapshots in their places."""
    opened, seen, layer = Workspace.open(folder, settings=Settings()), 0, folder / "layers" / RED

    def die(event, arguments):
        nonlocal seen
        if event in TOUCHES:
            named = [os.fspath(one) for one in arguments if isinstance(one, str | os.PathLike)]
            seen += bool(named) and named[-1].startswith(f"{layer}{os.sep}20")
            if seen == kth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die)
    publish_at(opened, shape, date(2025, 5, 1))


def test_a_snapshot_that_is_killed_on_its_way_in_is_whole_when_it_comes_again(folder):
    for kth in range(1, 100):
        shape = shapely.box(111.1, 29.1, 111.2 + kth / 1000, 29.2)
        child = os.fork()
        if child == 0:
            try:
                publish_and_die(folder, shape, kth)
            finally:
                os._exit(0)
        _, ended = os.waitpid(child, 0)
        require_whole(folder)
        opened = Workspace.open(folder, settings=Settings())
        snapshot = publish_at(opened, shape, date(2025, 5, 1))
        opened.store.verify(snapshot)
        assert len(snapshot.read()) == 1
        assert opened.stats(RED).totals[0].area_m2 == pytest.approx(snapshot.manifest.area_m2)
        opened.close()
        if not os.WIFSIGNALED(ended):
            break
    assert 2 < kth < 99


# --- disks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [28, 5, 122, 30], ids=["full", "broken", "quota", "read-only"])
@pytest.mark.parametrize("call", ["fsync", "rename", "replace", "open"])
def test_a_write_that_fails_is_a_sentence_and_leaves_the_old_or_the_new(
    folder, workspace, monkeypatch, call, number
):
    old = workspace.store.names(RED)
    for kth in (1, 2, 4):
        calls, original = [], getattr(os, call)

        def failing(*arguments, _calls=calls, _kth=kth, _original=original, **facts):
            into = str(arguments[0]).startswith(str(folder)) or call == "fsync"
            _calls.append(into)
            if into and sum(_calls) == _kth:
                raise OSError(number, os.strerror(number), "x")
            return _original(*arguments, **facts)

        monkeypatch.setattr(os, call, failing)
        shape = shapely.box(111.1, 29.1, 111.2 + kth / 100 + number / 10_000, 29.2)
        with suppress(GeoAppError):  # anything else is no sentence for people
            publish_at(workspace, shape, date(2025, 1, kth))
        monkeypatch.undo()
        require_whole(folder)
        assert set(old) <= set(workspace.store.names(RED))
        assert workspace.stats(RED).totals[0].area_m2 > 0
    publish_at(workspace, SHAPE, date(2025, 6, 1))


def publish_at(workspace, shape, day):
    provenance = Provenance(day, Source(file="f"), sample=False, coverage={})
    return workspace.publish(RED, frame_of(LIBRARY.require(RED), [shape], {}), provenance)


FILL = """
import resource, signal, sys
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import ConflictError
from geoapp.settings import Settings
ws = Workspace.open(sys.argv[1], settings=Settings())
before = len(ws.audit_entries(most=100000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
done = 0
try:
    while done < 20000:
        ws.record("test", "x" * 200)
        done += 1
except ConflictError as error:
    print(error.code)
assert len(ws.audit_entries(most=100000)) == before + done
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
ws.record("test", "afterwards")
print(done)
"""


def test_a_register_on_a_full_disk_goes_on_being_read_and_takes_up_again(folder):
    """Files cannot grow past a limit, as on a disk without room; then there is room again."""
    most = (folder / "register.db").stat().st_size + 200_000
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(folder), str(most)],
        check=False, capture_output=True, text=True, env=clean_environment(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    code, written = done.stdout.split()
    assert code.startswith("register-")
    opened = Workspace.open(folder, settings=Settings())
    kept = [one for one in opened.audit_entries(most=100_000) if one.action == "test"]
    assert len(kept) == int(written) + 1
    assert opened.verify_audit().fault is None
    opened.close()
    require_whole(folder)


# --- others at the same time ------------------------------------------------------------------


def test_the_log_of_the_register_is_taken_back_when_a_long_reader_leaves(folder, workspace):
    log = folder / "register.db-wal"
    engine = sa.create_engine(f"sqlite:///{folder / 'register.db'}")
    with engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        for number in range(400):
            workspace.record("test", f"{number} {'x' * 200}")
        grown = log.stat().st_size
        assert grown > 4_000_000
    engine.dispose()
    for number in range(400):
        workspace.record("test", f"{number} {'x' * 200}")
    assert log.stat().st_size < 1.5 * grown  # used again from its beginning


def test_the_same_file_from_two_browsers_at_once_is_one_layer(folder):
    people = [Workspace.open(folder, settings=Settings()) for _ in range(2)]
    names, gate = [], threading.Barrier(2)

    def bring(who):
        gate.wait()
        names.append(publish_at(who, shapely.box(111.1, 29.1, 111.3, 29.3), date(2025, 3, 1)).name)

    threads = [threading.Thread(target=bring, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 2
    assert len(set(names)) == 1
    assert people[0].store.names(RED).count(names[0]) == 1
    for who in people:
        who.close()
    require_whole(folder)


def test_readers_never_see_a_torn_or_missing_snapshot_while_others_publish(folder):
    over, seen, wrong = threading.Event(), set(), []

    def read():
        who = Workspace.open(folder, settings=Settings())
        while not over.is_set():
            try:
                current = who.store.require_current(RED)
                who.store.verify(current)
                assert len(current.read()) == current.manifest.feature_count
                seen.add(current.name)
            except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
                wrong.append(error)
        who.close()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    writer = Workspace.open(folder, settings=Settings())
    for number in range(20):
        shape = shapely.box(111.1, 29.1, 111.2 + number / 1000, 29.2)
        publish_at(writer, shape, date(2025, 4, 1 + number))
    over.set()
    for reader in readers:
        reader.join()
    writer.close()
    assert wrong == []
    assert len(seen) > 3
