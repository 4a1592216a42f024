"""A real server of a workspace, as `geoapp serve` starts it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
START_SECONDS: Final = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


@contextmanager
def served(workspace: Path, log: Path, *options: str) -> Iterator[str]:
    """Serve a workspace, as `geoapp serve` does for a person; by default nobody signs in."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(workspace)]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("GEOAPP_")}
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, "serve", "--port", str(port), *(options or ("--no-sign-in",))],
            cwd=ROOT,
            env=settings,
            stdout=out,
            stderr=out,
        )
    try:
        end = time.monotonic() + START_SECONDS
        while not healthy(url):
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield url
        if server.poll() is not None:
            pytest.fail(f"the server left:\n{log.read_text()}")
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
