"""Many people, and power cuts: nothing that was acknowledged is lost, and nothing is half done."""

import hashlib
import multiprocessing
import random
import time
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from tests.case_worker import CENT, add_and_die, open_city, work_together, work_until_killed
from tests.registering import *  # noqa: F403
from tests.registering import HOUSE, move, new

WORKERS = 8
KILLS = 5
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.case_worker"])


@pytest.fixture
def place(workspace):
    """Where other processes find the register."""
    url = workspace.settings.database_url or f"sqlite:///{workspace.folder / 'register.db'}"
    return workspace.folder, url


def _start(target, *arguments):
    theirs, ours = PROCESSES.Pipe()
    process = PROCESSES.Process(target=target, args=(*arguments, ours), daemon=True)
    process.start()
    ours.close()
    return process, theirs


def _verified(desk, count: int):
    for number in range(count):
        ground = shapely.transform(HOUSE, lambda xy, n=number: np.add(xy, (n / 100, 0)))
        case = desk.register.open(replace(new(household_keys=()), footprint=ground))
        yield move(desk, case, "verify", case.found_on)


def test_eight_editors_lose_nothing_and_are_told_of_each_other(desk, place):
    cases = [case.id for case in _verified(desk, 2)]
    running = [_start(work_together, *place, seed, cases) for seed in range(WORKERS)]
    told = [theirs.recv() for _, theirs in running]
    for process, _ in running:
        process.join(30)
    done = [act for acts, _ in told for act in acts]
    events = {case: desk.register.events(case) for case in cases}
    kept = {(case, e.version, e.reason) for case in cases for e in events[case]}
    assert set(done) <= kept
    assert len(done) == sum(len(history) for history in events.values()) - 2 * len(cases)
    assert len(done) + sum(refused for _, refused in told) == WORKERS * 12
    assert sum(refused for _, refused in told) > 0
    for case in map(desk.register.show, cases):
        history = events[case.id]
        torn = [event for event in history if event.kind == "demolished"]
        offices = [event.reason for event in history if event.kind == "edited"]
        assert [event.version for event in history] == list(range(1, case.version + 1))
        assert case.demolished.land_area_m2 == CENT * len(torn)
        assert case.demolished.floor_area_m2 == 2 * CENT * len(torn)
        assert case.office == (offices[-1] if offices else "")
    assert sum(group.demolished.land_area_m2 for group in desk.progress.cases("city")) == sum(
        (desk.register.show(case).demolished.land_area_m2 for case in cases), Decimal(0)
    )
    assert desk.register.verify().whole


def test_a_killed_process_leaves_whole_acts_only(desk, place):
    [case] = _verified(desk, 1)
    chance = random.Random(7)
    acknowledged: list[tuple[int, int, str]] = []
    for seed in range(KILLS):
        process, theirs = _start(work_until_killed, *place, seed, case.id)
        theirs.recv()
        acknowledged += [theirs.recv() for _ in range(chance.randrange(1, 4))]
        time.sleep(chance.random() / 20)
        process.kill()
        process.join(30)
        acknowledged += _drain(theirs)
        _require_whole(place, case.id, acknowledged, most_unheard=seed + 1)
    assert len(acknowledged) > KILLS


def test_an_act_that_is_killed_before_any_of_its_statements_never_was(desk, place):
    [case] = _verified(desk, 1)
    before = (case.version, 0)
    for kth in range(1, 20):
        process, theirs = _start(add_and_die, *place, case.id, kth)
        process.join(30)
        [event, *_] = sorted(desk.register.events(case.id), key=lambda one: -one.seq)
        now = desk.register.show(case.id)
        assert event.version == now.version
        assert desk.register.verify().whole
        if theirs.poll(0) and process.exitcode == 0:
            break
        assert (now.version, len(desk.evidence.select(case.id))) == before
    assert (now.version, len(desk.evidence.select(case.id))) == (before[0] + 1, 1)
    assert kth > 3  # it takes several statements
    desk.evidence.read(desk.evidence.select(case.id)[0].evidence.id)


def _drain(theirs):
    found = []
    try:
        while theirs.poll(0):
            found.append(theirs.recv())
    except EOFError:
        pass
    return found


def _require_whole(place, case: int, acknowledged, *, most_unheard: int) -> None:
    city = open_city(*place, "auditor")
    try:
        desk = city.cases
        assert desk.register.verify().whole
        events = desk.register.events(case)
        kept = {(case, event.version, event.reason) for event in events}
        assert set(acknowledged) <= kept
        assert len(events) - 2 - len(acknowledged) <= most_unheard
        papers, pieces = desk.mover.documents(case), desk.evidence.select(case)
        written = [e for e in events if "document_sha256" in e.facts]
        assert [(p.event, p.sha256) for p in papers] == [
            (e.seq, e.facts["document_sha256"]) for e in written
        ]
        assert [p.number.rsplit("〕")[-1] for p in papers] == [
            f"{n}号" for n in range(1, len(papers) + 1)
        ]
        assert [piece.evidence.sha256 for piece in pieces] == [
            event.facts["sha256"] for event in events if event.kind == "evidence"
        ]
        for paper in papers:
            assert desk.mover.read_document(paper)
        for piece in pieces:
            assert desk.evidence.read(piece.evidence.id)
        for file in (city.folder / "attachments").glob("[0-9a-f]*"):
            assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
        with city._engine.connect() as connection:
            rows = connection.scalar(sa.text("SELECT COUNT(*) FROM case_evidence"))
        assert rows == len(pieces)
    finally:
        city.close()
