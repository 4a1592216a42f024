"""Work that is killed, disks that are full, clocks that jump: the old state or the new one, whole."""

import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog import storage_audit
from geoapp.keeping.doctor import examine
from geoapp.settings import Settings
from tests.building import write_city
from tests.conftest import clean_environment
from tests.registering import EAST, WEST, publish

PUBLISH = """
import sys
from datetime import date
import shapely
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from tests.building import LIBRARY, frame_of
ws = Workspace.open(sys.argv[1])
frame = frame_of(LIBRARY.require("ecological_redline"), [shapely.box(111.1, 29.1, 111.3, 29.3)], {})
print("ready", flush=True)
for day in range(1, 9):
    provenance = Provenance(date(2025, 2, day), Source(file="f"), sample=False, coverage={})
    print(ws.publish("ecological_redline", frame, provenance).name, flush=True)
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    opened = Workspace.init(write_city(folder / "city"), folder / "ws", settings=Settings())
    publish(opened, "district", [EAST, WEST], code=["439901", "439902"], name=["东", "西"])
    publish(opened, "ecological_redline", [shapely.box(111.1, 29.1, 111.2, 29.2)])
    opened.close()
    return folder / "ws"


@pytest.fixture
def folder(city, tmp_path):
    shutil.copytree(city, tmp_path / "ws")
    return tmp_path / "ws"


def require_whole(folder, acknowledged=()):
    """Whatever happened: no fault, and all that was acknowledged is there."""
    opened = Workspace.open(folder, settings=Settings())
    faults = [one for one in examine(folder, opened.library).symptoms if one.severity == "fault"]
    assert faults == []
    assert set(acknowledged) <= set(opened.store.names("ecological_redline"))
    subjects = [entry.subject.rpartition("/")[2] for entry in opened.audit_entries(most=100)]
    assert set(opened.store.names("ecological_redline")) <= set(subjects)
    assert opened.stats("ecological_redline").totals[0].area_m2 > 0
    opened.close()


def start(folder, *before):
    return subprocess.Popen(
        [*before, sys.executable, "-c", PUBLISH, str(folder)],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_publication_that_is_killed_at_any_moment_is_whole_or_never_was(folder):
    for delay in (0.0, 0.05, 0.2):
        process = start(folder)
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        require_whole(folder, said.split())


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace on this machine")
@pytest.mark.parametrize("call", ["rename", "fsync"])
def test_a_publication_that_is_killed_at_its_kth_call_is_whole_or_never_was(folder, call):
    for number in (1, 3):
        inject = f"inject={call}:signal=KILL:when={number}"
        process = start(folder, "strace", "-f", "-qq", "-e", f"trace={call}", "-e", inject)
        said, noise = process.communicate(timeout=120)
        if "permitted" in noise:
            pytest.skip("no tracing on this machine")
        require_whole(folder, said.split()[1:])


def test_a_full_disk_is_said_and_leaves_the_old_state(folder):
    """Files cannot grow past a limit, as on a disk that is full."""
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
    script = PUBLISH.replace('print("ready"', limited + 'print("ready"')
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        check=False, capture_output=True, text=True, env=clean_environment(), timeout=60,
    )  # fmt: skip
    assert "geoapp.errors" in done.stderr.strip().splitlines()[-1]
    require_whole(folder)


def test_two_processes_on_one_city_lose_nothing(folder):
    processes = [start(folder), start(folder)]
    said = [process.communicate(timeout=120)[0].split()[1:] for process in processes]
    assert [len(names) for names in said] == [8, 8]
    require_whole(folder, said[0])


def test_another_process_that_was_faster_with_the_same_content_is_no_fault(folder, monkeypatch):
    rename, beats = Path.rename, []

    def beaten(self, target):
        if self.name.startswith((".publishing", ".drawn")):
            beats.append(self.name)
            shutil.copytree(self, target)
        return rename(self, target)

    opened = Workspace.open(folder, settings=Settings())
    monkeypatch.setattr(Path, "rename", beaten)
    ring = shapely.box(111.1, 29.1, 111.3, 29.3)
    publish(opened, "ecological_redline", [ring])
    monkeypatch.undo()
    name = opened.store.require_current("ecological_redline").name
    opened.close()
    assert len(beats) == 2
    require_whole(folder, [name])
    assert not list((folder / "layers" / "ecological_redline").glob(".publishing*"))


def test_a_clock_that_jumps_back_breaks_no_chain(folder, monkeypatch):
    opened = Workspace.open(folder, settings=Settings())

    class Back(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=400)

    monkeypatch.setattr(storage_audit, "datetime", Back)
    opened.record("test", "while the clock stood back")
    monkeypatch.undo()
    opened.record("test", "afterwards")
    state = opened.verify_audit()
    assert state.fault is None
    assert len(state.clock_back) == 1
    assert datetime.now(UTC) - opened.audit_entries()[0].moment < timedelta(minutes=1)
    found = examine(folder, opened.library)
    assert [one.code for one in found.symptoms] == ["clock_back"]
    opened.close()
