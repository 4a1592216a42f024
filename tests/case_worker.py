"""People at other machines: processes that work in one demolition register at the same time."""

import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.cases.case import Amounts, CaseEdit, DemolitionReport
from geoapp.cases.evidence import NewEvidence
from geoapp.cases.guard import MoveRequest
from geoapp.errors import ConflictError
from geoapp.settings import Settings
from tests.photos import photo
from tests.registering import TODAY, _at

CENT = Decimal("0.01")
MOVED_ON = date(2026, 3, 3)
Told = tuple[int, int, str]  # case, version after the act, what was done


def open_city(folder: Path, url: str, name: str) -> Workspace:
    """Open the city as an administrator of a name, at the day of the tests."""
    workspace = Workspace.open(
        folder, settings=Settings(database_url=url), principal=Principal(name, "administrator")
    )
    workspace.cases.office = replace(workspace.cases.office, now=lambda: _at(TODAY))
    return workspace


def work_together(folder: Path, url: str, seed: int, cases: Sequence[int], out: Connection) -> None:
    """Edit, move and tear down, each time from what was seen; tell what was done."""
    choose = random.Random(seed)
    workspace = open_city(folder, url, f"clerk {seed}")
    done: list[Told] = []
    refused = 0
    for step in range(12):
        desk = workspace.cases
        case = desk.register.show(choose.choice(cases))
        time.sleep(choose.random() / 50)
        token = f"{seed}-{step}"
        try:
            match choose.randrange(3):
                case 0:
                    after = desk.editor.edit(case.id, case.version, CaseEdit(office=token), token)
                case 1:
                    request = MoveRequest("order_stop", MOVED_ON, token, f"文{token}")
                    after = desk.mover.move(case.id, case.version, request)
                case _:
                    report = DemolitionReport(MOVED_ON, "self", Amounts(0, CENT, 2 * CENT), token)
                    after = desk.editor.demolish(case.id, case.version, report)
        except ConflictError as error:
            assert error.code == "case-changed", error  # noqa: PT017
            refused += 1
            continue
        done.append((case.id, after.version, token))
    workspace.close()
    out.send((done, refused))


def work_until_killed(folder: Path, url: str, seed: int, case: int, out: Connection) -> None:
    """Move with written documents and add photos for ever; tell of each when it is done."""
    choose = random.Random(seed)
    workspace = open_city(folder, url, f"clerk {seed}")
    out.send(("ready", os.getpid(), ""))
    step = 0
    while True:
        step += 1
        seen, token = workspace.cases.register.show(case).version, f"{seed}-{step}"
        if choose.random() < 0.5:
            request = MoveRequest("order_stop", MOVED_ON, token)
            after = workspace.move_case(case, seen, request, write=True)
        else:
            colour = (choose.randrange(256), choose.randrange(256), choose.randrange(256))
            new = NewEvidence(photo(colour=colour), "a.jpg", "scene", token)
            after = workspace.cases.evidence.add(case, new, seen=seen)
        out.send((case, after.version, token))


def add_and_die(folder: Path, url: str, case: int, kth: int, out: Connection) -> None:
    """Add a photo, and be killed before the k-th statement that writes; tell when none was left."""
    workspace = open_city(folder, url, "clerk")
    seen, written = workspace.cases.register.show(case).version, 0

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal written
        written += statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        if written == kth:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(workspace._engine, "before_cursor_execute", die)
    new = NewEvidence(photo(colour=(kth, 0, 0)), "a.jpg", "scene", "a word")
    workspace.cases.evidence.add(case, new, seen=seen)
    out.send(written)
