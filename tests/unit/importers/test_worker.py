"""The process that reads foreign files: few formats, little time, little memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from geoapp.errors import FileError
from geoapp.i18n import word_error
from geoapp.importers import sandbox
from geoapp.importers.gdal import DRIVERS
from geoapp.importers.job import Job
from geoapp.importers.vector import read_features
from geoapp.importers.worker import seconds_for
from tests.unit.importers.corpus import HEAD, PARCEL, by_gdal, rows

ROOT = Path(__file__).parents[3]


def asked(code: str) -> str:
    """Run a line in an interpreter that has the worker's environment."""
    environment = os.environ | sandbox._ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_gdal_keeps_only_the_formats_that_are_read():
    left = json.loads(asked("import json, pyogrio; print(json.dumps(pyogrio.list_drivers()))"))
    assert set(left) == set(DRIVERS.values())


def test_gdal_may_not_fetch_anything():
    shown = asked(
        "import pyogrio\n"
        "print(pyogrio.get_gdal_config_option('CPL_VSIL_CURL_ALLOWED_FILENAME'))\n"
        "print(pyogrio.get_gdal_config_option('GDAL_DRIVER_PATH'))"
    )
    assert shown.split() == ["/none", "disable"]


def slow_text(folder: Path) -> Path:
    """A parcel of so many rings that comparing them all takes minutes."""
    body = "".join(
        rows(
            [(37449395 + n % 50, 3e6 + n), (37449396 + n % 50, 3e6 + n), (37449395, 3e6 + n + 1)],
            n,
            1,
        )
        for n in range(1, 4000)
    )
    path = folder / "slow.txt"
    path.write_text(HEAD + PARCEL + body, encoding="utf-8")
    return path


def test_reading_stops_when_its_time_is_over(tmp_path):
    path = slow_text(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    began = time.monotonic()
    with pytest.raises(FileError) as caught:
        sandbox.run(Job("read", (path,), scratch), "slow.txt", seconds=1)
    assert caught.value.code == "reading-stopped"
    assert "slow.txt" in word_error(caught.value, "zh")
    assert time.monotonic() - began < seconds_for(path.stat().st_size, 1) + 5


def test_a_sheet_that_needs_all_memory_is_refused_and_the_app_reads_on(tmp_path):
    sheet = openpyxl.Workbook()
    assert sheet.active is not None
    sheet.active["A1"] = "X"
    sheet.active["XFD1048576"] = 1
    path = tmp_path / "a.xlsx"
    sheet.save(path)
    with pytest.raises(FileError):
        read_features(path)
    source, _ = by_gdal("a.gpkg")(tmp_path)
    assert len(read_features(source).frame) == 1


@pytest.mark.parametrize(
    ("greed", "end"),
    [
        ("bytearray(4 << 30)", "MemoryError"),
        ("open('a', 'wb').truncate(5 << 30)", "OSError: [Errno 27]"),
        ("[os.dup(0) for _ in range(600)]", "OSError: [Errno 24]"),
    ],
    ids=["memory", "disk", "files"],
)
def test_a_child_takes_its_share_and_no_more(tmp_path, greed, end):
    done = held_to_its_share(greed, tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(end)


def test_a_child_that_goes_on_for_ever_is_ended(tmp_path):
    ended = held_to_its_share("all(n == 0 for n in iter(int, 1))", tmp_path).returncode
    assert ended in {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL}  # by the clock or its own


def held_to_its_share(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a line in an interpreter that is limited as a child of the worker is."""
    before = "import os\nfrom geoapp.importers.worker import _limit\n_limit(10, 2)\n"
    return subprocess.run(
        [sys.executable, "-c", before + code],
        check=False, cwd=folder, capture_output=True, text=True, timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_what_no_reader_foresaw_is_a_sentence_too(tmp_path):
    source, _ = by_gdal("a.gpkg")(tmp_path)
    with pytest.raises(FileError) as caught:
        sandbox.run(Job("read", (source,), tmp_path / "gone"), "a.gpkg")
    assert caught.value.code == "file-damaged"
    assert str(tmp_path) not in word_error(caught.value, "en")


def test_a_file_that_went_away_is_missing(tmp_path):
    with pytest.raises(FileError) as caught:
        sandbox.run(Job("read", (tmp_path / "gone.gpkg",), tmp_path), "gone.gpkg")
    assert caught.value.code == "file-missing"


def test_large_files_get_more_time():
    assert seconds_for(0) == 30
    assert seconds_for(400 * 2**20) == 230


def test_a_started_worker_answers_a_small_file_at_once(tmp_path):
    source, _ = by_gdal("a.gpkg")(tmp_path)
    read_features(source)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        read_features(source)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5  # a fifth of that on a machine with nothing else to do


def test_many_threads_may_read_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    source, _ = by_gdal("a.gpkg")(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: len(read_features(source).frame), range(24)))
    assert counts == [1] * 24


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    source, _ = by_gdal("a.gpkg")(tmp_path)
    read_features(source)
    with pytest.raises(FileError):
        read_features(tmp_path / "a.gpkg.missing")
    assert list(folder.iterdir()) == []
