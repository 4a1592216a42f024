"""A scheduler and workers in processes of their own, and work that they can import."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from geoapp.overlay.scale_out import open_client
from tests.conftest import clean_environment


def double(item: int) -> int:
    time.sleep(0.05)
    return 2 * item


def fail_at_seven(item: int) -> int:
    if item == 7:
        raise ZeroDivisionError
    return item


def time_out_at_seven(item: int) -> int:
    if item == 7:
        raise TimeoutError
    return item


def end_process_at_three(item: int) -> int:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


class Machines:
    """Processes that stand for machines; all are ended when the test ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = free_address()
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._all: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _where: TracebackType | None
    ) -> None:
        for process in self._all:
            process.kill()
        for process in self._all:
            process.wait(30)

    def start_scheduler(self, **environment: str) -> subprocess.Popen[bytes]:
        port = self.address.rpartition(":")[2]
        options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        return self._start("dask_scheduler", options, environment)

    def start_worker(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        options = [self.address, "--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        options += ["--local-directory", str(self.folder / name)]
        options += ["--host", "127.0.0.1", "--death-timeout", "60"]
        self.workers[name] = self._start("dask_worker", options, environment)
        return self.workers[name]

    def await_workers(self, count: int) -> dict[str, str]:
        """Wait until all have come; give the name of each address."""
        with open_client(self.address, 60) as client:
            client.wait_for_workers(count, timeout=60)
            workers = client.scheduler_info(n_workers=-1)["workers"]
            return {address: str(worker["name"]) for address, worker in workers.items()}

    def ask_scheduler(self, question: Callable[..., Any]) -> Any:
        with open_client(self.address, 60) as client:
            return client.run_on_scheduler(question)

    def _start(
        self, program: str, options: Sequence[str], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{program}-{len(self._all)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *options],
                stdout=log,
                stderr=log,
                env=clean_environment(**environment),
                cwd=self.folder,
            )
        self._all.append(process)
        return process


class KillingPool:
    """A cluster of which one worker is killed as soon as it has done something."""

    def __init__(self, cluster: Any, names: dict[str, str], machines: Machines, name: str) -> None:
        self.cluster = cluster
        self.machines = machines
        self.name = name
        self.address = next(address for address, known in names.items() if known == name)
        self.left_when_killed = 0

    def run(self, work: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        for number, result in enumerate(self.cluster.run(work, items)):
            if self.cluster.done[self.address] and not self.left_when_killed:
                self.left_when_killed = len(items) - number - 1
                self.machines.workers[self.name].send_signal(signal.SIGKILL)
            yield result

    def close(self) -> None:
        self.cluster.close()
