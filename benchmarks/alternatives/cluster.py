"""A PostgreSQL cluster of its own on a unix socket, gone when it is stopped."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import psycopg

_SETTINGS: Final = {
    "listen_addresses": "",
    "shared_buffers": "2GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "8GB",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "2",
    # Geometry functions cost more than any planner thinks: go parallel early.
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0.001",
    "min_parallel_table_scan_size": "0",
    "min_parallel_index_scan_size": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "autovacuum": "off",
}
_OWNER: Final = "postgres"
_PATIENCE_S: Final = 30.0


class Cluster:
    """Started when made; its processes are children of this one.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        binaries = find_binaries()
        # The server refuses to run as root; then Debian's own user runs it.
        self._user: dict[str, Any] = (
            {"user": _OWNER, "group": _OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        folder.mkdir()
        if self._user:
            shutil.chown(folder, _OWNER, _OWNER)
        data = folder / "data"
        self._run(
            [
                str(binaries / "initdb"),
                *("-D", str(data), "-U", _OWNER, "-E", "UTF8"),
                *("--locale=C", "--auth=trust", "--no-sync"),
            ]
        ).wait()
        settings = _SETTINGS | {"unix_socket_directories": str(folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._server = self._run([str(binaries / "postgres"), "-D", str(data), *options])

    def connect(self) -> psycopg.Connection:
        """Connect as soon as the server listens.

        Raises:
            psycopg.OperationalError: It does not within half a minute.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return psycopg.connect(
                    host=str(self._folder), user=_OWNER, dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server, whoever is connected."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(_PATIENCE_S)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder.parent / "cluster.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **self._user)


def find_binaries() -> Path:
    """Find the folder of ``initdb`` and ``postgres``, the newest version first.

    Raises:
        FileNotFoundError: There is none.
    """
    beside = shutil.which("initdb")
    if beside is not None:
        return Path(beside).resolve().parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda file: int(file.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("initdb: install PostgreSQL with PostGIS")
    return newest.parent
