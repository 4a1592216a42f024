"""Running the command line: each command in a process of its own."""

import atexit
import functools
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT, clean_environment

_ALWAYS = {"COLUMNS": "250", "PYTHONUTF8": "1"}


def run_command(
    arguments: Sequence[str], folder: Path, timeout_s: float, environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a folder; with settings of its own it is started anew."""
    if environment:
        return subprocess.run(  # noqa: PLW1510
            [sys.executable, "-m", "geoapp.cli", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=clean_environment(**_ALWAYS, **environment),
            cwd=folder,
            timeout=timeout_s,
        )
    with tempfile.TemporaryDirectory() as streams:
        out, err = Path(streams) / "out", Path(streams) / "err"
        wanted = {
            "arguments": list(arguments), "folder": str(folder), "out": str(out), "err": str(err)
        }  # fmt: skip
        status = _ask(_server(_find_language(arguments)), json.dumps(wanted), timeout_s)
        done = (out.read_text("utf-8"), err.read_text("utf-8"))
    return subprocess.CompletedProcess(list(arguments), status, *done)


def _find_language(arguments: Sequence[str]) -> tuple[str, ...]:
    """Find what settles the language of help and errors: it is known before all else."""
    if "--lang" not in arguments:
        return ()
    at = list(arguments).index("--lang")
    return tuple(arguments[at : at + 2])


@functools.cache
def _server(language: tuple[str, ...]) -> "subprocess.Popen[str]":
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.command_server", *language],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(**_ALWAYS),
        cwd=ROOT,
    )
    atexit.register(server.kill)
    return server


def _ask(server: "subprocess.Popen[str]", line: str, timeout_s: float) -> int:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{line}\n")
    server.stdin.flush()
    child = int(server.stdout.readline())
    with selectors.DefaultSelector() as waiting:
        waiting.register(server.stdout, selectors.EVENT_READ)
        if not waiting.select(timeout_s):
            os.kill(child, signal.SIGKILL)
            server.stdout.readline()
            raise subprocess.TimeoutExpired(line, timeout_s)
    return int(server.stdout.readline())
