"""Statistics by workers in other processes: the same to the bit, whoever of them dies."""

import shutil
import subprocess
import sys
import time
from datetime import date

import distributed
import numpy as np
import pandas as pd
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog import features
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import ClusterError, InvariantError
from geoapp.i18n import LANGS, text
from geoapp.overlay import index
from geoapp.overlay.result import StatsRequest
from geoapp.overlay.scale_out import Cluster
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.workers import THREADS
from geoapp.settings import Settings
from tests.cluster import (
    KillingPool,
    Machines,
    double,
    end_process_at_three,
    fail_at_seven,
    free_address,
    time_out_at_seven,
)
from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.xdist_group("cluster")

RED = "ecological_redline"
QUESTIONS = [
    StatsRequest("landuse", by="district"),
    StatsRequest("landuse", by="township", class_field="dlyj"),
    StatsRequest("landuse", by="village", class_field="dlbm"),
    StatsRequest("landuse", by="village", class_field="dlbm", inside=RED),
    StatsRequest(RED, by="township"),
    StatsRequest(RED, by="village", class_field="lhlx"),
    StatsRequest(RED, by="district", class_field="lhlx", inside="permanent_farmland"),
]


@pytest.fixture(scope="module")
def city(sample_workspace, tmp_path_factory):
    """The sample city in row groups of a few dozens, its redline overlapping itself."""
    folder = tmp_path_factory.mktemp("scale") / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    with pytest.MonkeyPatch.context() as patch:
        for module in (features, index):  # what is stored, and what is measured
            patch.setattr(module, "ROW_GROUP", 50)
        republish(workspace, "landuse", workspace.layer("landuse"))
        for module in (features, index):
            patch.setattr(module, "ROW_GROUP", 4)
        red = workspace.layer(RED)
        moved = red.copy()
        moved.geometry = shapely.transform(
            red.geometry.to_numpy(), lambda xy: xy + np.array([0.004, 0.003]), include_z=False
        )
        republish(workspace, RED, pd.concat([red, moved], ignore_index=True))
    yield workspace
    workspace.close()


def republish(workspace, layer, frame):
    provenance = Provenance(
        as_of=date(2024, 12, 31),
        source=Source(file="again"),
        sample=True,
        coverage={},
        importer="test",
    )
    workspace.publish(layer, frame, provenance)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with Machines(tmp_path_factory.mktemp("machines")) as machines:
        machines.start_scheduler()
        machines.start_worker("one")
        machines.start_worker("two")
        machines.await_workers(2)
        yield machines


@pytest.fixture
def own_machines(tmp_path):
    """Machines of one test only, to be killed."""
    with Machines(tmp_path) as machines:
        machines.start_scheduler()
        yield machines


@pytest.fixture
def cluster(machines):
    cluster = Cluster(machines.address)
    yield cluster
    cluster.close()


def answer(city, request, pool):
    """Answer anew: every table of figures is computed again."""
    for kept in (city.folder / "layers").glob("*/*/measure/v*-*.parquet"):
        if not kept.name.split("-")[1].startswith("overlaps"):
            kept.unlink()
    result = Tabulator(city.city, city.library, city.store, pool).tabulate(request)
    assert len(result.rows) > 1
    return repr(result)  # a float is written so that no other float is written the same


@pytest.mark.parametrize("request_", QUESTIONS, ids=lambda r: f"{r.layer}-{r.by}-{r.inside}")
def test_two_workers_give_the_same_bits_as_threads(city, cluster, request_):
    here = answer(city, request_, THREADS)
    assert not cluster.done
    assert answer(city, request_, cluster) == here
    assert len(cluster.done) == 2
    assert min(cluster.done.values()) > 0


def test_results_in_another_order_would_be_seen(city):
    class Backwards:
        def run(self, work, items):
            return map(work, reversed(items))

        def close(self):
            pass

    request = StatsRequest("landuse", by="village", class_field="dlbm")
    with pytest.raises(InvariantError):
        answer(city, request, Backwards())


def test_overlap_is_part_of_what_is_compared(city):
    result = Tabulator(city.city, city.library, city.store).tabulate(QUESTIONS[5])
    assert result.overlap_m2 > 1.0


def test_worker_killed_in_the_middle_loses_nothing(city, own_machines):
    own_machines.start_worker("one")
    own_machines.start_worker("two")
    names = own_machines.await_workers(2)
    request = StatsRequest("landuse", by="village", class_field="dlbm")
    here = answer(city, request, THREADS)
    pool = KillingPool(Cluster(own_machines.address), names, own_machines, "one")
    try:
        assert answer(city, request, pool) == here
    finally:
        pool.close()
    assert own_machines.workers["one"].wait(10) < 0
    assert pool.left_when_killed > 10
    assert len(pool.cluster.done) == 2
    assert pool.cluster.done.total() > 40


def test_results_that_a_killed_worker_held_are_computed_again(own_machines):
    own_machines.start_worker("one")
    own_machines.start_worker("two")
    names = own_machines.await_workers(2)
    pool = KillingPool(Cluster(own_machines.address), names, own_machines, "two")
    try:
        assert list(pool.run(double, range(60))) == [2 * k for k in range(60)]
    finally:
        pool.close()
    assert pool.left_when_killed > 30
    assert pool.cluster.done[pool.address] < 30


def test_worker_that_comes_later_helps(own_machines):
    own_machines.start_worker("one")
    own_machines.await_workers(1)
    cluster = Cluster(own_machines.address)
    results = cluster.run(double, range(400))
    next(results)
    own_machines.start_worker("two")
    try:
        for _ in results:
            if len(cluster.done) == 2:
                break
    finally:
        results.close()
        cluster.close()
    assert len(cluster.done) == 2


def test_workers_that_all_die_are_missed(own_machines):
    own_machines.start_worker("one")
    own_machines.await_workers(1)
    cluster = Cluster(own_machines.address, patience_s=1)
    results = cluster.run(double, range(100))
    next(results)
    own_machines.workers["one"].kill()
    try:
        require_error("cluster-without-workers", lambda: list(results))
    finally:
        cluster.close()


def test_scheduler_without_workers_is_no_endless_wait(own_machines):
    cluster = Cluster(own_machines.address, connect_s=30, patience_s=1)
    try:
        error = require_error("cluster-without-workers", lambda: list(cluster.run(double, [1, 2])))
    finally:
        cluster.close()
    assert error.facts["address"] == own_machines.address


def test_scheduler_that_is_not_there_is_named():
    address = free_address()
    error = require_error(
        "cluster-unreachable", lambda: list(Cluster(address, connect_s=1).run(double, [1, 2]))
    )
    assert error.facts["address"] == address


def test_loop_that_did_not_start_in_time_is_started_once_more(machines, monkeypatch):
    start, late = distributed.utils.LoopRunner.start, [True]

    def start_late(self):
        assert not (late and late.pop())
        start(self)

    monkeypatch.setattr(distributed.utils.LoopRunner, "start", start_late)
    cluster = Cluster(machines.address)
    assert list(cluster.run(double, [1, 2])) == [2, 4]
    assert not late
    cluster.close()


@pytest.mark.parametrize("address", ["nonsense://x:1", "http://127.0.0.1:1", "tcp://"])
def test_address_that_cannot_be_one_is_named(address):
    require_error(
        "cluster-unreachable", lambda: list(Cluster(address, connect_s=1).run(double, [1, 2]))
    )


def test_scheduler_that_dies_is_told_and_found_again(tmp_path):
    with Machines(tmp_path) as machines:
        first = machines.start_scheduler()
        machines.start_worker("one")
        machines.await_workers(1)
        cluster = Cluster(machines.address, connect_s=2, patience_s=30)
        results = cluster.run(double, range(200))
        next(results)
        first.kill()
        first.wait(30)
        require_error("cluster-lost", lambda: list(results))
        machines.start_scheduler()
        machines.start_worker("two")
        machines.await_workers(1)
        assert list(cluster.run(double, range(5))) == [0, 2, 4, 6, 8]
        cluster.close()


def test_work_that_ends_workers_is_named(tmp_path):
    with Machines(tmp_path) as machines:
        machines.start_scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
        machines.start_worker("one")
        machines.start_worker("two")
        machines.await_workers(2)
        cluster = Cluster(machines.address)
        error = require_error(
            "cluster-worker-killed", lambda: list(cluster.run(end_process_at_three, range(9)))
        )
        cluster.close()
    assert error.facts["worker"].startswith("tcp://127.0.0.1:")


@pytest.mark.parametrize(
    ("work", "kind"), [(fail_at_seven, ZeroDivisionError), (time_out_at_seven, TimeoutError)]
)
def test_error_of_the_work_itself_comes_through_and_the_rest_is_cancelled(
    machines, cluster, work, kind
):
    with pytest.raises(kind):
        list(cluster.run(work, range(1000)))
    require_nothing_left(machines)


def test_work_that_takes_longer_than_the_patience_is_waited_for(machines):
    cluster = Cluster(machines.address, patience_s=0.02)
    assert list(cluster.run(double, range(6))) == [0, 2, 4, 6, 8, 10]
    cluster.close()


def test_caller_who_stops_cancels_the_rest(machines, cluster):
    results = cluster.run(double, range(1000))
    assert [next(results), next(results)] == [0, 2]
    results.close()
    require_nothing_left(machines)


def require_nothing_left(machines):
    for _ in range(100):
        left = machines.ask_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        if left == 0:
            return
        time.sleep(0.1)
    pytest.fail(f"{left} tasks are left")


def test_worker_of_another_version_is_refused(own_machines):
    other = own_machines.folder / "other"
    ignored = shutil.ignore_patterns("vendor", "__pycache__")
    shutil.copytree(ROOT / "geoapp", other / "geoapp", ignore=ignored)
    kernel = other / "geoapp" / "overlay" / "kernel.py"
    kernel.write_text(kernel.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    own_machines.start_worker("one", PYTHONPATH=str(other))
    own_machines.await_workers(1)
    cluster = Cluster(own_machines.address)
    error = require_error("cluster-other-version", lambda: list(cluster.run(abs, [1, 2])))
    cluster.close()
    assert error.facts["found"] != error.facts["wanted"]


def test_only_workers_need_the_program(tmp_path):
    empty = tmp_path / "empty"
    (empty / "geoapp").mkdir(parents=True)
    (empty / "geoapp" / "__init__.py").touch()
    with Machines(tmp_path) as machines:
        machines.start_scheduler(PYTHONPATH=str(empty))
        good = machines.start_worker("good")
        machines.await_workers(1)
        cluster = Cluster(machines.address)
        assert list(cluster.run(abs, [-1, -2])) == [1, 2]
        good.kill()
        machines.start_worker("bad", PYTHONPATH=str(empty))
        error = require_error("cluster-without-us", lambda: list(cluster.run(abs, [1, 2])))
        cluster.close()
    assert "geoapp" in error.facts["reason"]


def test_zones_that_are_on_no_disk_are_not_looked_for_elsewhere(city, monkeypatch):
    class Nobody:
        def run(self, _work, _items):
            pytest.fail("sent away")

        def close(self):
            pass

    request = StatsRequest("landuse", by="village")
    here = answer(city, request, THREADS)
    monkeypatch.setattr("geoapp.overlay.shelf.write_zones", lambda _path, _zones: None)
    for kept in (city.folder / "layers").glob("*/*/measure/zones-*"):
        kept.unlink()
    assert answer(city, request, Nobody()) == here


def test_setting_reaches_the_workers(city, machines):
    settings = Settings(dask_scheduler=machines.address)
    with_workers = Workspace.open(city.folder, settings=settings)
    answer(city, QUESTIONS[2], THREADS)
    before = machines.ask_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    for kept in (city.folder / "layers").glob("*/*/measure/v*-*.parquet"):
        kept.unlink()
    with_workers.stats("landuse", by="village", class_field="dlbm")
    with_workers.close()
    after = machines.ask_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    assert after > before


def test_nobody_loads_dask_without_the_setting(city):
    program = (
        "import sys; from geoapp.bootstrap import Workspace; import geoapp.cli;"
        "Workspace.open(sys.argv[1]).stats('landuse', by='village');"
        "assert not {'dask', 'distributed'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, str(city.folder)]
    subprocess.run(command, check=True, env=clean_environment(), timeout=120)


def test_setting_without_the_extra_is_worded(city, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "geoapp.overlay.scale_out")
    settings = Settings(dask_scheduler="tcp://127.0.0.1:1")
    error = require_error(
        "cluster-not-installed", lambda: Workspace.open(city.folder, settings=settings)
    )
    assert error.facts["module"] == "distributed"


def require_error(code, act):
    with pytest.raises(ClusterError) as caught:
        act()
    assert caught.value.code == code
    for lang in LANGS:
        assert text(lang, f"error.{code}", **caught.value.facts)
    return caught.value
