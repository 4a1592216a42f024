"""Whatever people do in the demolition register, on both databases, a ledger on paper agrees."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import psycopg
import pytest
from hypothesis.stateful import run_state_machine_as_test

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.settings import Settings
from tests.building import write_city
from tests.case_machine import RegisterMachine
from tests.registering import EAST, publish

_STEPS = 25


def _write_city(folder: Path, settings: Settings) -> Path:
    workspace = Workspace.init(write_city(folder / "city"), folder / "ws", settings=settings)
    publish(workspace, "district", [EAST], code=["439901"], name=["东区"])
    workspace.close()
    return workspace.folder


def _open(folder: Path, url: str) -> Workspace:
    principal = Principal("tester", "administrator")
    return Workspace.open(folder, settings=Settings(database_url=url), principal=principal)


@pytest.fixture(params=["sqlite", "postgres"])
def open_empty(request, tmp_path):
    """Give a way to open the city with a register that nobody has written to."""
    if request.param == "sqlite":
        folder = _write_city(tmp_path, Settings())

        def copy() -> tuple[Workspace, Callable[[], None]]:
            file = tmp_path / f"{secrets.token_hex(6)}.db"
            shutil.copy(folder / "register.db", file)
            return _open(folder, f"sqlite:///{file}"), file.unlink

        return copy
    url = request.getfixturevalue("postgres_url")
    server, template = url.rsplit("/", maxsplit=1)
    folder = _write_city(tmp_path, Settings(database_url=url))

    def command(words: str) -> None:
        plain = server.replace("+psycopg", "")
        with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
            connection.execute(words)

    def clone() -> tuple[Workspace, Callable[[], None]]:
        name = f"t{secrets.token_hex(6)}"
        command(f"CREATE DATABASE {name} TEMPLATE {template}")
        return _open(folder, f"{server}/{name}"), lambda: command(f"DROP DATABASE {name}")

    return clone


def test_the_register_is_what_a_ledger_on_paper_says(open_empty):
    machine = type("Machine", (RegisterMachine,), {"open_empty": staticmethod(open_empty)})
    examples = max(hypothesis.settings().max_examples // 3, 10)
    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(max_examples=examples, stateful_step_count=_STEPS),
    )
