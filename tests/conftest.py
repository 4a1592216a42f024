"""What all tests share: no network, hypothesis profiles, and the costly things built once."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
_PARCELS = 2000

for _name, _examples in (("dev", 50), ("ci", 200), ("nightly", 5000)):
    hypothesis.settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        derandomize=_name != "nightly",  # whether a change may land is not a matter of luck
        database=None,
        suppress_health_check=[
            hypothesis.HealthCheck.too_slow,
            hypothesis.HealthCheck.function_scoped_fixture,
        ],
    )
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# What starts servers, workers or a browser may meet a machine that stood still for seconds.
# Only these are tried once more, and pytest says which ("RERUN"); pure code never is.
_WITH_OTHER_PROCESSES = frozenset(
    {
        "tests/browser",
        "tests/integration/test_faults.py",
        "tests/integration/test_kills.py",
        "tests/integration/test_scale_out.py",
        "tests/web/guard/test_limits.py",
        "tests/web/guard/test_served.py",
        "tests/web/guard/test_slow_clients.py",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = {ROOT / name for name in _WITH_OTHER_PROCESSES}
    assert all(folder.exists() for folder in folders)
    for item in items:
        if not folders.isdisjoint((item.path, *item.path.parents)):
            item.add_marker(pytest.mark.flaky(reruns=1))


_connect = socket.socket.connect


def _connect_here(self: socket.socket, address: object) -> object:
    """Refuse every address that is not on this machine."""
    host = address[0] if isinstance(address, tuple) else ""
    if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
        message = f"a test reached for the network: {address!r}"
        raise AssertionError(message)
    return _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _connect_here)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GEOAPP_")]:
        monkeypatch.delenv(name)


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run that all workers see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def clean_environment(**more: str) -> dict[str, str]:
    """Give the environment without the settings of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GEOAPP_")}
    return own | {"PYTHONPATH": str(ROOT)} | more


@pytest.fixture(scope="session")
def sample_workspace(shared_folder: Path) -> Path:
    """A small sample city, built once and shared; tests that change it copy it first."""
    folder = shared_folder / "sample"
    with _one_at_a_time(shared_folder):
        if not folder.is_dir():
            command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(folder), "demo"]
            subprocess.run(
                [*command, "--parcels", str(_PARCELS)],
                check=True,
                capture_output=True,
                env=clean_environment(),
                cwd=shared_folder,
                timeout=300,
            )
    return folder


@pytest.fixture(scope="module")
def city(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample city of one file of tests, which it may change."""
    folder = tmp_path_factory.mktemp("own") / "city"
    shutil.copytree(sample_workspace, folder)
    return folder


def _find_postgres() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("postgres") else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: name the account to run it as."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A throw-away PostgreSQL on a free loopback port; gives its URL without a database."""
    binaries = _find_postgres()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL on this machine, and CI must have one")
        pytest.skip("no PostgreSQL on this machine")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="geoapp-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        data, port = folder / "data", _free_port()
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "geoapp", "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            capture_output=True,
            user=user,
            env=environment,
            cwd=folder,
        )
        log = (folder / "log").open("wb")
        server = subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", data, "-p", str(port), "-k", folder),
                *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            ],
            stdout=log,
            stderr=log,
            user=user,
            env=environment,
            cwd=folder,
        )
        try:
            _await_postgres(port, server, folder / "log")
            yield f"postgresql+psycopg://geoapp@127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_postgres(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    for _ in range(150):
        if server.poll() is not None:
            pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=port, user="geoapp", dbname="postgres").close()
            return
        time.sleep(0.1)
    pytest.fail("PostgreSQL did not answer")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new empty database on the throw-away server."""
    import secrets

    import psycopg

    name = f"t{secrets.token_hex(6)}"
    server = postgres_server.replace("+psycopg", "")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    yield f"{postgres_server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
